"""The lists of what is kept beside entries, as far as somebody may read those entries."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ..editorial.transitions import readable_kinds
from ..models.about_entry import ENTRY_FIELDS, AboutEntry


class AboutEntryAdmin(admin.ModelAdmin):
    """List what is about the entries that somebody may read. It is made at its entry."""

    list_select_related = [*ENTRY_FIELDS, "author"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: it is made at its entry."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody reads entries of any kind."""
        return bool(readable_kinds(request.user))

    def has_view_permission(self, request: HttpRequest, obj: AboutEntry | None = None) -> bool:
        """Return whether somebody reads entries of the kind that it is about, or of any."""
        names = readable_kinds(request.user)
        return bool(names) if obj is None else any(getattr(obj, f"{name}_id") for name in names)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the rows about entries that somebody may read."""
        everything: Any = super().get_queryset(request)
        found: QuerySet = everything.of_kinds(readable_kinds(request.user))
        return found
