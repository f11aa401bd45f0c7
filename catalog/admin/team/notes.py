"""The notes of an entry: a dated log on a page of its own, which visitors never see."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from ...editorial.requirements import says_something
from ...models import StaffNote
from ...models.about_entry import ENTRY_FIELDS, entry_field
from ..busy import is_refused, keep_typed, show_refusal
from ..entries import EntryAdmin, Tool
from ..typed import forget_typed

PER_PAGE = 30
BLANK = "Write what there is to note."


class NoteForm(forms.ModelForm):
    """Write a note, or correct it."""

    class Meta:
        model = StaffNote
        fields = ["kind", "written_on", "text"]
        widgets = {
            "written_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "text": forms.Textarea(attrs={"rows": 5, "cols": 80}),
        }
        error_messages = {
            "text": {"required": BLANK},
            "written_on": {"invalid": "Write a date as 2027-03-01."},
        }

    def clean_text(self) -> str:
        """Return the text, and refuse one that says nothing."""
        text: str = self.cleaned_data["text"]
        if not says_something(text):
            raise forms.ValidationError(BLANK)
        return text


class NotedAdmin(EntryAdmin):
    """Keep notes on entries: whoever may view an entry reads them, and whoever may change it writes them."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of the notes."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_notes"
        view = self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(self.notes))
        return [path("<path:object_id>/notes/", view, name=name), *super().get_urls()]

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        """Return what can be done with an entry, with its notes and how many there are."""
        number = StaffNote.objects.of(entry).count()
        label = "Notes" if not number else "1 note" if number == 1 else f"{number:,} notes"
        address = self.on_from_here(request, self.address("notes", entry.pk))
        return [*super().tools(request, entry), Tool(label, address)]

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Return what goes with entries; the notes on them do, whoever wrote them."""
        listed, counts, needed, protected = super().get_deleted_objects(objs, request)
        return listed, counts, needed - {StaffNote._meta.verbose_name}, protected

    @keep_typed
    def notes(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the notes on an entry, the latest first; add one for whoever may change the entry."""
        entry: Any = self.get_object(request, unquote(object_id))
        if entry is None:
            raise Http404
        may_write = self.has_change_permission(request, entry)
        if not (may_write or self.has_view_permission(request, entry)):
            raise PermissionDenied
        if request.method == "POST" and not may_write:
            raise PermissionDenied
        here = self.on_from_here(request, self.address("notes", entry.pk))
        note = StaffNote(**{entry_field(self.model): entry}, author_id=request.user.pk)
        form = NoteForm(request.POST if request.method == "POST" else None, instance=note)
        form.label_suffix = ""
        show_refusal(request, form, "Add the note")
        if form.is_bound and not is_refused(request) and form.is_valid():
            form.save()
            messages.success(request, "The note is kept. Only staff read it.")
            return forget_typed(request, HttpResponseRedirect(here))
        found = StaffNote.objects.of(entry).select_related("author", *ENTRY_FIELDS)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "title": "Notes",
            "subtitle": str(entry),
            "entry": entry,
            "form": form if may_write else None,
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "back": self.on_from_here(request, self.address("change", entry.pk)),
        }
        return TemplateResponse(request, "admin/catalog/notes.html", context)
