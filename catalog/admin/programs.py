"""Programs."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from ..models import NOT_PROVIDED, Program, Rating
from ..values.expressions import NameKey
from .contacts import ContactInline, RelatedProgramInline
from .fact_checks import FactCheckingAdmin
from .filters import (
    CompletenessFilter,
    LevelFilter,
    ProgramStatusFilter,
    RatedInFilter,
    ReviewFilter,
)
from .people import WorkFilter
from .preview_links import SharingAdmin
from .ratings import RatingInline
from .registries import ExternalRatingInline
from .studies import FindingInline, StudyInline
from .team.admin import TeamAdmin
from .workflow.rating import RatedProgramAdmin
from .workflow.transitions import PublishableCatalogAdmin
from .workflow.unmerging import UnmergingAdmin


@admin.register(Program)
class ProgramAdmin(
    RatedProgramAdmin,
    UnmergingAdmin,
    FactCheckingAdmin,
    SharingAdmin,
    TeamAdmin,
    PublishableCatalogAdmin,
):
    list_display = [
        "program_name",
        "state",
        "current_ratings",
        "research_last_reviewed",
        "last_change",
    ]
    list_filter = [
        RatedInFilter,
        ProgramStatusFilter,
        LevelFilter,
        ReviewFilter,
        CompletenessFilter,
        WorkFilter,
        "relevance_level",
        "is_nonresponder",
    ]
    search_fields = ["name", "slug", "acronym", "also_known_as"]
    search_help_text = (
        "Words of the name, of other names or the acronym; or the beginning of the slug"
    )
    inlines = [
        RatingInline,
        StudyInline,
        FindingInline,
        ExternalRatingInline,
        ContactInline,
        RelatedProgramInline,
    ]
    fieldsets = [
        (
            "Names",
            {
                "fields": [
                    "name",
                    "slug",
                    ("acronym", "also_known_as"),
                ]
            },
        ),
        ("About the program", {"fields": ["description", "scope_note", "target_population"]}),
        (
            "Whom it serves",
            {
                "description": "Ages in years, 0 to 25. Leave them blank where the program does not state them.",
                "fields": [
                    ("child_age_min", "child_age_max"),
                    ("caregiver_child_age_min", "caregiver_child_age_max"),
                    "relevance_level",
                    "outcomes",
                ],
            },
        ),
        ("What it does", {"fields": ["goals", "essential_components"]}),
        ("Delivery", {"fields": ["delivery_settings", "intensity", "duration", "languages"]}),
        (
            "Manual and training",
            {
                "fields": [
                    "manual_available",
                    "manual_notes",
                    "training_available",
                    "training_notes",
                ]
            },
        ),
        (
            "Services and what it takes",
            {
                "classes": ["collapse"],
                "fields": [
                    "child_services",
                    "caregiver_services",
                    "group_format",
                    "homework",
                    "resources_needed",
                    "provider_qualifications",
                    "cost",
                    "cost_year",
                    "adverse_effects",
                ],
            },
        ),
        (
            "Implementation",
            {
                "description": "What an agency gets that wants to introduce the program.",
                "classes": ["collapse"],
                "fields": [
                    "logic_model",
                    "logic_model_url",
                    "logic_model_file",
                    "pre_implementation",
                    "pre_implementation_notes",
                    "formal_support",
                    "formal_support_notes",
                    "fidelity_measures",
                    "fidelity_measures_notes",
                    "implementation_guides",
                    "implementation_guides_notes",
                    "implementation_research",
                    "implementation_research_notes",
                ],
            },
        ),
        (
            "Dates of the record, and its source",
            {
                "description": "As exactly as they are known, and no more: 2024, 2024-06 or 2024-06-15.",
                "fields": [
                    ("research_last_reviewed", "content_last_reviewed", "loaded_on"),
                    "source",
                ],
            },
        ),
        (
            "Main contact",
            {
                "description": "Public. Blank means that nobody has asked. What was not given, say below. Other "
                "contacts, such as for training, have rows of their own at the end of this form.",
                "fields": [
                    "is_nonresponder",
                    "website",
                    ("contact_name", "contact_organization"),
                    ("contact_email", "contact_phone"),
                ],
            },
        ),
        (
            NOT_PROVIDED,
            {
                "description": "The public page says so where the field would stand.",
                "classes": ["collapse"],
                "fields": ["not_provided"],
            },
        ),
    ]

    def get_inlines(
        self, request: HttpRequest, obj: Program | None
    ) -> list[type[InlineModelAdmin]]:
        """Return the rows' forms; a new program has no ratings yet."""
        return [inline for inline in self.inlines if obj or inline is not RatingInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the programs with their current ratings, as ``listed_ratings``."""
        current = Rating.objects.current().select_related("topic_area").in_topic_area_order()
        return (
            super()
            .get_queryset(request)
            .prefetch_related(Prefetch("ratings", current, to_attr="listed_ratings"))
        )

    @admin.display(description="name", ordering=NameKey("name"))
    def program_name(self, program: Program) -> str:
        """Return the name, by which the list is ordered without accents and case."""
        return program.name

    @admin.display(description="ratings")
    def current_ratings(self, program: Any) -> str:
        """Return the current ratings of a program, as ``get_queryset`` adds them."""
        return ", ".join(
            f"{rating.scientific_rating} in {rating.topic_area.abbreviation or rating.topic_area.name}"
            for rating in program.listed_ratings
        )
