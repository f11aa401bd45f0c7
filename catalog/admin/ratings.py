"""Ratings: in the form of their program, and all there ever were."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from ..models import Rating
from .entries import CatalogAdmin
from .filters import CurrentFilter, LackFilter, RatedInFilter, numbered_levels


class NumberedLevels:
    """Offers the levels by number and words: "3 Promising Research Evidence"."""

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "scientific_rating":
            kwargs["choices"] = [("", "---------"), *numbered_levels()]
        return super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[misc]


class RatingInline(NumberedLevels, admin.StackedInline):
    """The ratings of a program. What is recorded stands; a new one retires the one before it."""

    model = Rating
    extra = 0
    fields = [
        ("topic_area", "is_current"),
        ("scientific_rating", "not_rated_reason"),
        ("rated_on", "scale_edition"),
        "rationale",
    ]
    readonly_fields = ["is_current"]
    autocomplete_fields = ["topic_area"]
    show_change_link = True
    verbose_name = "rating"
    verbose_name_plural = (
        "ratings (to re-rate, add one: the one before it is kept as a past rating)"
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        ratings: Any = super().get_queryset(request)
        return ratings.select_related("program", "topic_area").newest_first()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Rating)
class RatingAdmin(NumberedLevels, CatalogAdmin):
    """All ratings there ever were. A current one can be corrected; a past one is kept as it was."""

    list_display = ["program", "topic_area", "level", "rated_on", "is_current"]
    list_filter = [
        CurrentFilter,
        LackFilter,
        "scientific_rating",
        "not_rated_reason",
        RatedInFilter,
    ]
    list_select_related = ["program", "topic_area"]
    search_fields = ["program__name", "program__slug", "program__acronym"]
    autocomplete_fields = ["program", "topic_area"]
    fieldsets = [
        (
            None,
            {
                "description": "To re-rate, add a new rating: the one before it is kept. "
                "Change this one only to correct a slip.",
                "fields": [
                    ("program", "topic_area"),
                    ("scientific_rating", "not_rated_reason"),
                    ("rated_on", "scale_edition"),
                    "rationale",
                ],
            },
        )
    ]

    @admin.display(description="rating", ordering="scientific_rating")
    def level(self, rating: Rating) -> str:
        return rating.scientific_rating

    def get_readonly_fields(self, request: HttpRequest, obj: Rating | None = None) -> list[str]:
        return ["program", "topic_area"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def has_delete_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        return False
