"""Topic experts."""

from collections.abc import Collection, Sequence

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from ..models import Rating, TopicExpert
from .people import WorkFilter
from .preview_links import SharingAdmin
from .team.admin import TeamAdmin
from .workflow.duplicates import ExpertForm
from .workflow.linked_unmerging import LinkedUnmergingAdmin

RATED = "Ratings name this person among those who gave them, and ratings are facts that are kept."


@admin.register(TopicExpert)
class TopicExpertAdmin(SharingAdmin, TeamAdmin, LinkedUnmergingAdmin):
    form = ExpertForm
    thing = "person"
    list_display = ["name", "credentials", "organization", "areas", "last_change"]
    list_filter = [WorkFilter]
    search_fields = ["name", "slug", "organization"]
    prepopulated_fields = {"slug": ["name"]}
    fields = [
        ("name", "credentials"),
        "slug",
        ("position", "organization"),
        "biography",
        "website",
        "source",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the experts with their topic areas."""
        return super().get_queryset(request).prefetch_related("topic_areas")

    def referred(self, pks: Collection[int]) -> dict[int, str]:
        """Return why experts are kept: ratings name them, too, among those who gave them."""
        return super().referred(pks) | dict.fromkeys(Rating.objects.experts_named(pks), RATED)

    def is_to_come(self, entry: object) -> bool:
        """Return that no expert is to come: one without a public topic area has no page, and nothing says when."""
        return False

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: TopicExpert | None = None
    ) -> dict[str, Sequence[str]]:
        """Let a slug follow the name only until it is an address."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    @admin.display(description="topic areas")
    def areas(self, expert: TopicExpert) -> str:
        """Return the topic areas of an expert, separated by commas."""
        return ", ".join(area.abbreviation or area.name for area in expert.topic_areas.all())
