"""Topic areas."""

from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.widgets import AdminFileWidget
from django.db.models import FileField, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from ..expressions import NameKey
from ..models import Rating, TopicArea
from ..models.status import is_public
from ..models.topic_areas import count_by_area
from .entries import PublishableAdmin
from .filters import StatusFilter


class Upload(NamedTuple):
    """An uploaded file as the file widget's template shows it."""

    name: str
    url: str

    def __str__(self) -> str:
        return self.name


class UploadedSummaryInput(AdminFileWidget):
    """Links to the address that serves the summary; its folder is private, and no address leads there."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(
            name, value, {**(attrs or {}), "aria-label": "Summary document"}
        )
        if context["widget"]["is_initial"]:
            address = reverse("catalog:topic_area_summary", args=[value.instance.slug])
            context["widget"]["value"] = Upload(str(value), address)
        return context


@admin.register(TopicArea)
class TopicAreaAdmin(PublishableAdmin):
    formfield_overrides = {FileField: {"widget": UploadedSummaryInput}}
    list_display = [
        "area_name",
        "abbreviation",
        "status",
        "year_added",
        "program_count",
        "public_count",
    ]
    list_filter = [StatusFilter, "year_added"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug", "abbreviation"]
    autocomplete_fields = ["parent", "experts", "further_reading"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "name",
                    "slug",
                    ("abbreviation", "parent"),
                    ("status", "published_at", "retired_at"),
                ]
            },
        ),
        ("Definition", {"fields": ["definition"]}),
        (
            "Criteria",
            {
                "description": "They stand on the page under these labels. Leave them blank in an umbrella area.",
                "fields": [
                    "target_population",
                    "services_types",
                    "delivered_by",
                    "inclusion_criteria",
                    "rating_criteria",
                ],
            },
        ),
        ("Topic expert", {"fields": ["experts", "year_added"]}),
        ("For further reading", {"fields": ["further_reading", "summary_document"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Count the programs only where the list shows them."""
        areas = super().get_queryset(request)
        if (
            request.resolver_match
            and request.resolver_match.url_name != "catalog_topicarea_changelist"
        ):
            return areas
        current = Rating.objects.current()
        return areas.annotate(
            rated=count_by_area(current),
            rated_public=count_by_area(current.filter(is_public("program__"))),
        )

    @admin.display(description="name", ordering=NameKey("name"))
    def area_name(self, area: TopicArea) -> str:
        return area.name

    @admin.display(description="programs", ordering="rated")
    def program_count(self, area: Any) -> int:
        return area.rated

    @admin.display(description="public", ordering="rated_public")
    def public_count(self, area: Any) -> int:
        return area.rated_public
