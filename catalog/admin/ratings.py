"""Ratings: in the form of their program, and all there ever were."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.http import HttpRequest

from ..models import Program, Rating, ScientificRating, TopicArea
from ..search import Words
from .entries import CatalogAdmin
from .lists import found
from .markdown import MarkdownAdmin


class NumberedLevels:
    """Offers the levels by number and words: "3 Promising Research Evidence"."""

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "scientific_rating":
            kwargs["choices"] = [("", "---------"), *numbered_levels()]
        return super().formfield_for_choice_field(db_field, request, **kwargs)  # type: ignore[misc]


def numbered_levels() -> list[tuple[str, str]]:
    return [(level.value, f"{level.value} {level.label}") for level in ScientificRating]


class RatingInline(NumberedLevels, MarkdownAdmin, admin.StackedInline):
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


class RatedInFilter(admin.SimpleListFilter):
    title = "topic area"
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(TopicArea.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        if queryset.model is Rating:
            return queryset.filter(topic_area__slug=self.value())
        return queryset.rated(Rating.objects.current().filter(topic_area__slug=self.value()))


class LevelFilter(admin.SimpleListFilter):
    title = "scientific rating"
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("none", "Not rated in any area"),
            *numbered_levels(),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if not self.value():
            return queryset
        if self.value() == "none":
            return queryset.without_rating()
        ratings = Rating.objects.current().filter(scientific_rating=self.value())
        if area := request.GET.get(RatedInFilter.parameter_name):  # that rating in that area
            ratings = ratings.filter(topic_area__slug=area)
            return queryset.rated(ratings)
        return queryset.filter(Exists(ratings.filter(program=OuterRef("pk"))))


@admin.register(Rating)
class RatingAdmin(NumberedLevels, CatalogAdmin):
    """All ratings there ever were. A current one can be corrected; a past one is kept as it was."""

    list_display = ["program", "topic_area", "level", "rated_on", "is_current"]
    list_filter = ["is_current", "scientific_rating", "not_rated_reason", RatedInFilter]
    sortable_by = ["program", "level", "rated_on"]
    ordering = ["-pk"]
    list_select_related = ["program", "topic_area"]
    search_fields = ["program__name", "program__slug", "program__acronym", "program__also_known_as"]
    search_help_text = "Words of the program's names; or the beginning of its slug"
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

    def found(self, words: Words) -> Q:
        return Q(program__in=found(Program, words))

    @admin.display(description="rating", ordering="scientific_rating")
    def level(self, rating: Rating) -> str:
        return rating.scientific_rating

    def get_readonly_fields(self, request: HttpRequest, obj: Rating | None = None) -> list[str]:
        return ["program", "topic_area"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_current)

    def has_delete_permission(self, request: HttpRequest, obj: Rating | None = None) -> bool:
        return False
