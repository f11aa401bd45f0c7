"""The terms of the glossary."""

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from ..editorial.proposals.changes import may_change_live
from ..models import Term
from ..search import Words
from .lists import holding
from .people import WorkFilter
from .proposals.proposing import ProposingAdmin
from .team.admin import TeamAdmin


@admin.register(Term)
class TermAdmin(ProposingAdmin, TeamAdmin):
    list_display = ["name", "definition"]
    list_filter = [WorkFilter]
    search_fields = ["name", "slug", "definition"]
    fields = ["name", "slug", "definition"]

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: the glossary is short, and has no documents to search."""
        return holding(self.search_fields, words)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may add a term, which visitors read at once."""
        return super().has_add_permission(request) and may_change_live(request.user, Term)

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> list[str]:
        """Return the slug of what is stored: the templates ask for a term by it, and it therefore stays."""
        return ["slug"] if obj else []
