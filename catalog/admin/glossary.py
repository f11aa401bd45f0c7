"""The terms of the glossary."""

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from ..models import Term
from .entries import EntryAdmin


@admin.register(Term)
class TermAdmin(EntryAdmin):
    list_display = ["name", "definition"]
    search_fields = ["name", "slug", "definition"]
    fields = ["name", "slug", "definition"]

    def found(self, text: str) -> Q:
        """Find a part of any text: the glossary is short, and has no document to search."""
        return Q(name__icontains=text) | Q(slug__icontains=text) | Q(definition__icontains=text)

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> list[str]:
        """The templates ask for a term by its slug, which therefore stays."""
        return ["slug"] if obj else []
