"""What the admin of all entries has in common: the forms, the search, who may delete."""

from typing import Any, NamedTuple, override

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminFileWidget, AdminTextareaWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Field, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse

from ..search import Words
from .deleting import DeletingAdmin
from .entry_form.conflict_admin import ConflictAdmin
from .entry_form.mistakes import mistakes
from .entry_form.presence import PresenceAdmin
from .entry_form.sections import sections
from .files import ask_for_files_again
from .history.admin import HistoryAdmin
from .import_export import ImportExportAdmin
from .lists import EntryList, EntryPaginator, found, searched
from .markdown import MarkdownAdmin
from .proposals.proposing import ProposingAdmin
from .typed import TypedAdmin

# Texts of a line or two; the other text boxes are for prose.
SHORT_TEXTS = {
    "intensity",
    "duration",
    "scope_note",
    "design_note",
    "limitations",
    "note",
    "delivered_by",
    "group_format",
    "homework",
    "cost",
    "pre_implementation_notes",
    "formal_support_notes",
    "fidelity_measures_notes",
    "implementation_guides_notes",
    "implementation_research_notes",
}


class Tool(NamedTuple):
    """A link on the page of an entry: something that can be done with it, on a page of its own."""

    label: str
    address: str


class TextsAdmin(MarkdownAdmin):
    """Give text boxes the height of what belongs in them."""

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Return the field of a form: a text box as high as its text is long as a rule, and a name for a file."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and isinstance(field.widget, AdminTextareaWidget):
            field.widget.attrs["rows"] = 3 if db_field.name in SHORT_TEXTS else 5
        if field and isinstance(
            field.widget, AdminFileWidget
        ):  # whose name is a legend, and no label
            field.widget.attrs["aria-label"] = field.label
        return field


class EntryAdmin(TextsAdmin, TypedAdmin, PresenceAdmin, ConflictAdmin, DeletingAdmin, HistoryAdmin):
    """Give all entries what they have in common; fast at a hundred thousand of them."""

    paginator = EntryPaginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    list_per_page = 50
    save_on_top = True

    def get_view_on_site_url(self, obj: Model | None = None) -> str | None:
        """Return an entry's public address, None where it has none."""
        return obj.get_absolute_url() if obj and hasattr(obj, "get_absolute_url") else None

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        """Return what somebody may do with an entry besides editing it."""
        return []

    @override
    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        """Show the form with what somebody may do with the entry besides, and with its mistakes in one list."""
        context["tools"] = self.tools(request, obj) if obj else []
        form, inlines = context["adminform"], context["inline_admin_formsets"]
        context["sections"] = sections(form, inlines)
        if context["errors"]:
            ask_for_files_again(form.form)
            context["mistakes"] = mistakes(form.form, inlines)
        if obj and self.has_delete_permission(request):
            context["why_kept"] = self.why_kept(obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def why_only_read(self, request: HttpRequest, entry: Any) -> str:
        """Return why somebody who changes entries cannot change this one, and what to do instead; "" if unknown."""
        return ""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show the form, or save what was sent; say why it cannot be changed. Raises PermissionDenied."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except PermissionDenied:
            entry = self.get_object(request, unquote(object_id)) if object_id else None
            may = entry and self.has_change_permission(request)
            raise PermissionDenied(self.why_only_read(request, entry) if may else "") from None

    @admin.display(description="last change")
    def last_change(self, entry: Any) -> str:
        """Say when an entry was last changed and by whom, as ``EntryList`` finds it."""
        return str(entry.last_change)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[EntryList]:
        """Return the kind of list that all entries have."""
        return EntryList

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Find what ``found`` says; everything if nothing was typed, and nothing if no word was."""
        return searched(queryset, search_term, self.found), False

    def found(self, words: Words) -> Q:
        """Return the condition that an entry is what the words look for."""
        return Q(pk__in=found(self.model, words))


class CatalogAdmin(EntryAdmin, ImportExportAdmin):
    """Import and export the catalog's entries, as well as edit them."""


class LinkedAdmin(ProposingAdmin, CatalogAdmin):
    """Keep entries that topic areas link to: without one, areas would change behind their history's back."""

    deletes = "Delete the selected {} that nothing links to"

    def why_kept(self, entry: Any) -> str:
        """Return why an entry that topic areas link to is kept."""
        if area := next(iter(entry.topic_areas.all()), None):
            return f"The topic area “{area}” links to it: take it out there first."
        return super().why_kept(entry)

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return entries with the topic areas that link to them."""
        return super().with_keepers(entries).prefetch_related("topic_areas")
