"""Addresses at which colleagues without an account see an entry before it is published."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ..editorial.proposals.changes import open_proposal
from ..models.base import Slugged
from ..values.site_url import full_url
from .entries import EntryAdmin, Tool
from .lists import KEY

DAYS = {1: "1 day", 7: "1 week", 14: "2 weeks", 30: "30 days"}


class PreviewForm(forms.Form):
    days = forms.TypedChoiceField(
        label="Open for", choices=list(DAYS.items()), coerce=int, initial=14
    )


class SharingAdmin(EntryAdmin):
    """Show entries before they are public: who may change one may share it, and end that."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of the previews."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_previews"
        view = self.admin_site.admin_view(self.previews)
        return [path("<path:object_id>/previews/", view, name=name), *super().get_urls()]

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        """Return what can be done with an entry, with sharing it for those who may."""
        tools = super().tools(request, entry)
        if self.may_share(request, entry):
            tools.append(Tool("Share a preview", self.previews_address(request, entry)))
        return tools

    def previews_address(self, request: HttpRequest, entry: Slugged) -> str:
        """Return the address of the page on which an entry is shared."""
        return self.on_from_here(request, self.address("previews", entry.pk))

    def may_share(self, request: HttpRequest, entry: Slugged) -> bool:
        """Return whether there is something to share, and somebody may.

        What is public or retired has an address of its own, but for what is proposed to it.
        """
        may_change = self.has_change_permission(request, entry)
        return may_change and (self.is_to_come(entry) or open_proposal(entry) is not None)

    def is_to_come(self, entry: Any) -> bool:
        """Return whether an entry may become public, and is not."""
        return not entry.is_published and not entry.is_retired

    @method_decorator(never_cache)
    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def previews(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the addresses that an entry was given; make another one, or close one."""
        entry: Any = self.get_object(request, unquote(object_id))
        if entry is None:
            raise Http404
        if not self.has_change_permission(request, entry):
            raise PermissionDenied
        form = PreviewForm(request.POST if "days" in request.POST else None)
        if "revoke" in request.POST:
            self.revoke(request, entry)
            return HttpResponseRedirect(self.previews_address(request, entry))
        if form.is_valid() and self.may_share(request, entry):
            self.share(request, entry, form.cleaned_data["days"])
            return HttpResponseRedirect(self.previews_address(request, entry))
        links = entry.preview_links.select_related("created_by")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "title": "Share a preview",
            "subtitle": str(entry),
            "entry": entry,
            "form": form,
            "status": getattr(entry, "get_status_display", str)(),
            "may_share": self.may_share(request, entry),
            "links": [(link, full_url(request, link.get_absolute_url())) for link in links],
        }
        return TemplateResponse(request, "admin/catalog/previews.html", context)

    def share(self, request: HttpRequest, entry: Any, days: int) -> None:
        """Make an address that shows an entry for so many days."""
        now = timezone.now()
        entry.preview_links.create(
            created_by_id=request.user.pk, created_at=now, expires_at=now + timedelta(days=days)
        )
        self.log_change(request, entry, f"Shared a preview for {DAYS[days]}.")
        messages.success(request, "The address below shows the entry to anybody who has it.")

    def revoke(self, request: HttpRequest, entry: Any) -> None:
        """Close the address that the request names."""
        links = entry.preview_links.filter(revoked_at__isnull=True)
        key = request.POST["revoke"]
        if KEY.fullmatch(key) and links.filter(pk=key).update(revoked_at=timezone.now()):
            self.log_change(request, entry, "Closed a preview.")
            messages.success(request, "The address is closed: it shows nothing any more.")
        else:
            messages.info(request, "That address was closed before.")
