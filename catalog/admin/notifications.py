"""The page of what somebody was told, and whether they want it by mail."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from ..models import MailPreference, Notification
from ..models.notifications import NotificationQuerySet

PER_PAGE = 50


class MailForm(forms.Form):
    is_wanted = forms.BooleanField(
        label="Mail me what is new here", label_suffix="", required=False
    )


@admin.register(Notification)
class NotificationAdmin(admin.ModelAdmin):
    """Show somebody their own notifications, and nobody else's."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: what happens makes them."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        """Return False: they stay as they are."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        """Return False: they go by themselves, after a year."""
        return False

    def has_view_permission(self, request: HttpRequest, obj: Notification | None = None) -> bool:
        """Return whether a notification is somebody's own."""
        return obj is None or obj.recipient_id == request.user.pk

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody works with the catalog, and is told of it."""
        return request.user.has_module_perms("catalog")

    def get_queryset(self, request: HttpRequest) -> NotificationQuerySet:
        """Return somebody's own notifications."""
        return Notification.objects.filter(recipient=request.user.pk)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show what somebody was told; keep that it is read, or whether it is to be mailed."""
        if request.method == "POST":
            if "read" in request.POST:
                self.read_all(request)
            else:
                self.prefer(request)
            return HttpResponseRedirect(request.path)
        notifications = self.get_queryset(request).select_related("by")
        page = Paginator(notifications, PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Notifications",
            "page": page,
            "has_unread": notifications.unread().exists(),
            "form": MailForm(initial={"is_wanted": self.wants_mail(request)}),
            "sends_mail": settings.SENDS_MAIL,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/catalog/notifications.html", context)

    @method_decorator(require_safe)
    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Lead to what a notification is about; it is read then."""
        found = self.get_object(request, unquote(object_id or ""))
        if found is None:
            raise Http404
        if found.read_at is None:
            self.get_queryset(request).filter(pk=found.pk).update(read_at=timezone.now())
        return HttpResponseRedirect(found.address)

    def read_all(self, request: HttpRequest) -> None:
        """Keep that somebody has read all that they were told."""
        self.get_queryset(request).unread().update(read_at=timezone.now())
        messages.success(request, "All of it is marked as read.")

    def wants_mail(self, request: HttpRequest) -> bool:
        """Return whether somebody wants what they are told by mail."""
        preferences = MailPreference.objects.filter(user=request.user.pk)
        return preferences.values_list("is_wanted", flat=True).first() is not False

    def prefer(self, request: HttpRequest) -> None:
        """Keep whether somebody wants what they are told by mail."""
        is_wanted = "is_wanted" in request.POST
        user: Any = request.user
        MailPreference.objects.update_or_create(user=user, defaults={"is_wanted": is_wanted})
        said = "You get mail from now on." if is_wanted else "You get no more mail."
        messages.success(request, said)
