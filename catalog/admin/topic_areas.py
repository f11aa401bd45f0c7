"""Topic areas."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, FileField, Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.http import HttpRequest
from django.urls import reverse

from ..models import Program, Rating, TopicArea
from ..models.status import is_public
from ..models.topic_areas import count_programs
from ..search import Words
from ..values.expressions import NameKey
from .files import UploadedFileInput
from .filters import StatusFilter
from .people import WorkFilter
from .preview_links import SharingAdmin
from .team.admin import TeamAdmin
from .topic_area_form import TopicAreaForm
from .workflow.rate_choices import RatedTopicAreaAdmin
from .workflow.transitions import PublishableCatalogAdmin


class UploadedSummaryInput(UploadedFileInput):
    """Input of the summary document, with a link to the address that serves it."""

    def address_of(self, file: FieldFile) -> str:
        area: Any = file.instance
        return reverse("catalog:topic_area_summary", args=[area.slug])


@admin.register(TopicArea)
class TopicAreaAdmin(RatedTopicAreaAdmin, SharingAdmin, TeamAdmin, PublishableCatalogAdmin):
    form = TopicAreaForm
    formfield_overrides = {
        FileField: {"widget": UploadedSummaryInput({"aria-label": "Summary document"})}
    }
    list_display = [
        "area_name",
        "abbreviation",
        "state",
        "year_added",
        "program_count",
        "public_count",
        "last_change",
    ]
    list_filter = [StatusFilter, WorkFilter, "year_added"]
    list_select_related = ["parent"]
    search_fields = ["name", "slug", "abbreviation"]
    autocomplete_fields = ["parent", "experts", "further_reading", "related_areas"]
    fieldsets = [
        (
            "Names",
            {
                "fields": [
                    "name",
                    "slug",
                    ("abbreviation", "parent"),
                ]
            },
        ),
        ("Definition", {"fields": ["definition", "cautionary_notes", "why_chosen"]}),
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
        (
            "For further reading",
            {"fields": ["further_reading", "related_areas", "summary_document", "source"]},
        ),
    ]

    def why_kept(self, entry: Any) -> str:
        """Return why an area that another one names as related is kept."""
        if area := next(iter(entry.related_from.all()), None):
            return f"The topic area “{area}” names it as related: take it out there first."
        return super().why_kept(entry)

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return areas with those that name them as related."""
        return super().with_keepers(entries).prefetch_related("related_from")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Count the programs only where the list shows them."""
        areas = super().get_queryset(request)
        if (
            request.resolver_match
            and request.resolver_match.url_name != "catalog_topicarea_changelist"
        ):
            return areas
        return areas.annotate(rated=count_programs(Rating.objects.current()))

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """Count the public programs by those that are not: they are few, and one query counts them for all areas."""
        areas = super().get_changelist_instance(request)
        hidden = Rating.objects.current().filter(program__in=Program.objects.exclude(is_public()))
        own, of_parts = (
            hidden.order_by().values_list(area).annotate(Count("program", distinct=True))
            for area in ("topic_area", "topic_area__parent")
        )
        counts = dict(own.union(of_parts).order_by())
        for area in areas.result_list:
            area.rated_public = area.rated - counts.get(area.pk, 0)
        return areas

    def found(self, words: Words) -> Q:
        """Find areas by name, abbreviation or slug. They are few, and only public ones have a search document."""
        names = TopicArea.objects.values_list("pk", "name", "abbreviation")
        named = [pk for pk, *texts in names if words.all_are_in(" ".join(texts))]
        return Q(pk__in=named) | Q(slug__startswith=words.typed.lower())

    @admin.display(description="name", ordering=NameKey("name"))
    def area_name(self, area: TopicArea) -> str:
        """Return the name, by which the list is ordered without accents and case."""
        return area.name

    @admin.display(description="programs", ordering="rated")
    def program_count(self, area: Any) -> int:
        """Return how many programs are rated in an area or its parts, as ``get_queryset`` counts them."""
        return area.rated

    @admin.display(description="public")
    def public_count(self, area: Any) -> int:
        """Return how many of these are public, as ``get_changelist_instance`` counts them."""
        return area.rated_public
