"""The agency's own pages and its news."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field, Q
from django.http import HttpRequest

from ..models import Page
from ..search import Words
from .filters import StatusFilter
from .lists import holding
from .people import WorkFilter
from .preview_links import SharingAdmin
from .team.admin import TeamAdmin
from .workflow.transitions import PublishableAdmin


@admin.register(Page)
class PageAdmin(SharingAdmin, TeamAdmin, PublishableAdmin):
    list_display = ["name", "state", "place", "position", "news_on", "last_change"]
    list_filter = [StatusFilter, WorkFilter, "place"]
    search_fields = ["name", "slug", "text"]
    fieldsets = [
        ("Page", {"fields": ["name", "slug", "text", "shows_scale"]}),
        ("Where it stands", {"fields": [("place", "position"), "news_on", "language"]}),
    ]

    def formfield_for_dbfield(
        self, db_field: Field, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Return the field of a form, the box for the text high enough for a page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "text":
            field.widget.attrs["rows"] = 25
        return field

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: there are few pages, and no documents to search."""
        return holding(self.search_fields, words)
