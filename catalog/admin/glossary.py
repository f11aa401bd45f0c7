"""The terms of the glossary."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest, HttpResponse

from ..editorial.proposals.changes import may_change_live
from ..models import Term
from ..search import Words
from .lists import holding
from .people import WorkFilter
from .proposals.proposing import ProposingAdmin
from .team.admin import TeamAdmin

NOT_YET = "Visitors read a new term once somebody who may publish has made it public."


@admin.register(Term)
class TermAdmin(ProposingAdmin, TeamAdmin):
    list_display = ["name", "definition", "is_public", "last_change"]
    list_filter = ["is_public", WorkFilter]
    search_fields = ["name", "slug", "definition"]
    fields = ["name", "slug", "definition", "is_public"]

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: the glossary is short, and has no documents to search."""
        return holding(self.search_fields, words)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        """Return the fields; whether a new term is public is asked of who may publish."""
        fields = super().get_fields(request, obj)
        return fields if obj or publishes(request) else [f for f in fields if f != "is_public"]

    def get_readonly_fields(self, request: HttpRequest, obj: Term | None = None) -> list[str]:
        """Return the slug of what is stored: the templates ask for a term by it, and it therefore stays."""
        kept = [] if publishes(request) else ["is_public"]
        return ["slug", *kept] if obj else []

    def get_view_on_site_url(self, obj: Model | None = None) -> str | None:
        """Return a term's place in the glossary, None where it is not public."""
        is_public = isinstance(obj, Term) and obj.is_public
        return super().get_view_on_site_url(obj) if is_public else None

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, and say what becomes of a new term."""
        if context["original"] is None and not publishes(request):
            context["about_saving"] = NOT_YET
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Term, form: Any, change: bool) -> None:
        """Save a term; one that is added without the permission to publish is not public."""
        if not change and not publishes(request):
            obj.is_public = False
        super().save_model(request, obj, form, change)


def publishes(request: HttpRequest) -> bool:
    """Return whether somebody may change what visitors read of the glossary."""
    return may_change_live(request.user, Term)
