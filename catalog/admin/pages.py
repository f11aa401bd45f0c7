"""The agency's own pages and its news."""

from django.contrib import admin
from django.db.models import Q

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

    def found(self, words: Words) -> Q:
        """Find every word in one of the texts: there are few pages, and no documents to search."""
        return holding(self.search_fields, words)
