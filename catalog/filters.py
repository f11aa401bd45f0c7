"""The program list's filters: what its address understands, and what each part of it means."""

from typing import Any

import django_filters
from django import forms
from django.http import QueryDict
from django.utils.functional import cached_property

from .models import (
    Outcome,
    Program,
    Rating,
    RelevanceLevel,
    ScientificRating,
    TopicArea,
    TopicExpert,
)
from .models.programs import MAX_AGE, ProgramQuerySet
from .search import search

SORTS = [
    ("match", "Best match"),
    ("rating", "Scientific rating"),
    ("name", "Name"),
    ("reviewed", "Most recently reviewed"),
]


def public_topic_areas() -> list[tuple[str, str]]:
    """The topic areas in which programs are rated; umbrella areas are not among them."""
    areas = TopicArea.objects.published().without_parts()
    return list(areas.values_list("slug", "name"))


def public_experts() -> list[tuple[str, str]]:
    return list(TopicExpert.objects.published().values_list("slug", "name"))


class ProgramFilter(django_filters.FilterSet):
    """Programs by words, topic area, rating and what they are; within one filter OR, between filters AND.

    Values that mean nothing are left out and listed in ``ignored``, so that the rest of an address still works.
    """

    q = django_filters.CharFilter(
        label="Words",
        max_length=200,
        method="by_words",
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    topic = django_filters.MultipleChoiceFilter(
        label="Topic area",
        choices=public_topic_areas,
        method="by_rating_row",
        widget=forms.CheckboxSelectMultiple,
    )
    rating = django_filters.MultipleChoiceFilter(
        label="Scientific rating",
        choices=ScientificRating.choices,
        method="by_rating_row",
        widget=forms.CheckboxSelectMultiple,
    )
    expert = django_filters.MultipleChoiceFilter(
        label="Topic expert",
        choices=public_experts,
        method="by_rating_row",
        widget=forms.MultipleHiddenInput,
    )
    relevance = django_filters.MultipleChoiceFilter(
        label="Child welfare relevance",
        field_name="relevance_level",
        choices=RelevanceLevel.choices,
        distinct=False,
        widget=forms.CheckboxSelectMultiple,
    )
    outcome = django_filters.MultipleChoiceFilter(
        label="Child-welfare outcome",
        choices=Outcome.choices,
        method="by_outcome",
        widget=forms.CheckboxSelectMultiple,
    )
    age = django_filters.NumberFilter(
        label="Child's age",
        min_value=0,
        max_value=MAX_AGE,
        decimal_places=0,
        method="by_age",
        help_text="In years: programs for the child, or for its parents and caregivers.",
    )
    reviewed_since = django_filters.NumberFilter(
        label="Research reviewed since",
        min_value=1900,
        max_value=2099,
        decimal_places=0,
        method="by_review",
        help_text="A year, such as 2022.",
    )
    sort = django_filters.ChoiceFilter(
        label="Sort by", choices=SORTS, empty_label=None, method="by_rating_row"
    )

    class Meta:
        model = Program
        fields: list[str] = []

    def __init__(self, data: QueryDict, queryset: ProgramQuerySet, **kwargs: Any) -> None:
        super().__init__(QueryDict(), queryset, **kwargs)
        self.data = QueryDict(mutable=True)
        self.ignored: list[tuple[str, str]] = []
        for name, field in self.form.fields.items():
            if isinstance(field, forms.ChoiceField):
                choices: Any = field.choices
                field.choices = list(choices)  # asked of the database once, not for each value
            for value in data.getlist(name):
                self._take(name, field, value)
        # Best match means nothing without words, and is the default with them.
        if self.data.get("sort", "match") == "match":
            self.data["sort"] = "match" if self.data.get("q") else "rating"

    def _take(self, name: str, field: forms.Field, value: str) -> None:
        """Keep a value that the field understands; note any other as ignored."""
        several = isinstance(field, forms.MultipleChoiceField)
        value = value.strip()
        if not value:
            return
        try:
            field.clean([value] if several else value)
        except forms.ValidationError:
            self.ignored.append((str(field.label), value))
            return
        if not several:
            self.data[name] = value
        elif value not in self.data.getlist(name):
            self.data.appendlist(name, value)

    @cached_property
    def chosen(self) -> dict[str, Any]:
        """The values that are asked for, by the name of their filter."""
        self.form.is_valid()
        return {
            name: value
            for name, value in self.form.cleaned_data.items()
            if value not in ("", None, [])
        }

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the order is asked for."""
        return bool(self.chosen.keys() - {"sort"})

    def filter_queryset(self, queryset: ProgramQuerySet) -> ProgramQuerySet:
        """Apply every filter, then the order.

        Topic area, rating and expert together ask for one Rating row that satisfies them all: "rated 1 in this
        area", never "rated 1 somewhere, and rated in this area somehow".
        """
        ratings = Rating.objects.published().current()
        rows = {
            "topic": "topic_area__slug__in",
            "rating": "scientific_rating__in",
            "expert": "topic_area__experts__slug__in",
        }
        if asked := {rows[name]: self.chosen[name] for name in rows if name in self.chosen}:
            ratings = ratings.filter(**asked)
            queryset = queryset.rated(ratings)
        queryset = super().filter_queryset(queryset)
        return queryset.sorted_by(self.form.cleaned_data["sort"], ratings)

    def by_rating_row(self, queryset: ProgramQuerySet, name: str, value: Any) -> ProgramQuerySet:
        """Leave the queryset as it is: ``filter_queryset`` applies these together."""
        return queryset

    def by_words(self, queryset: ProgramQuerySet, name: str, value: str) -> ProgramQuerySet:
        return search(queryset, value)

    def by_outcome(self, queryset: ProgramQuerySet, name: str, value: list[str]) -> ProgramQuerySet:
        return queryset.with_outcomes(value)

    def by_age(self, queryset: ProgramQuerySet, name: str, value: Any) -> ProgramQuerySet:
        return queryset.for_child_aged(int(value))

    def by_review(self, queryset: ProgramQuerySet, name: str, value: Any) -> ProgramQuerySet:
        return queryset.filter(research_last_reviewed__gte=str(int(value)))
