"""The program list as one writes it first, to compare with: django-filter, icontains, and a count for each value.

It is written with care, and without a thought for size: joins with distinct(), words looked for in every text
with OR, the Paginator's own count, and one count for each value of each facet. It keeps the visibility rules
and fetches the ratings of the page's programs in one query. In one thing it answers another question: topic
area and rating together may be satisfied by two ratings of a program.
"""

from datetime import date

import django_filters
from django.core.paginator import Paginator
from django.db.models import F, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Lower
from django.shortcuts import render

from catalog.models import (
    DeliverySetting,
    Outcome,
    Program,
    Rating,
    RelevanceLevel,
    ScientificRating,
    Status,
    TopicArea,
)

TEXTS = (
    "name",
    "acronym",
    "also_known_as",
    "description",
    "target_population",
    "goals",
    "ratings__topic_area__name",
    "studies__reference__title",
)
AGES = [(str(age), str(age)) for age in range(26)]
YEARS = [(str(year), str(year)) for year in range(2006, date.today().year + 1)]

public_ratings = Rating.objects.filter(is_current=True, topic_area__status=Status.PUBLISHED)


def topic_areas(request):
    return TopicArea.objects.filter(status=Status.PUBLISHED, children__isnull=True)


class ProgramFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="by_words")
    topic = django_filters.ModelMultipleChoiceFilter(
        queryset=topic_areas, to_field_name="slug", method="by_topic"
    )
    rating = django_filters.MultipleChoiceFilter(
        choices=ScientificRating.choices, method="by_rating"
    )
    relevance = django_filters.MultipleChoiceFilter(
        choices=RelevanceLevel.choices, field_name="relevance_level"
    )
    outcome = django_filters.MultipleChoiceFilter(choices=Outcome.choices, method="by_code")
    setting = django_filters.MultipleChoiceFilter(choices=DeliverySetting.choices, method="by_code")
    age = django_filters.ChoiceFilter(choices=AGES, method="by_age")
    reviewed_since = django_filters.ChoiceFilter(
        choices=YEARS, field_name="research_last_reviewed", lookup_expr="gte"
    )

    class Meta:
        model = Program
        fields = []

    def by_words(self, queryset, name, value):
        everywhere = Q()
        for word in value.replace('"', " ").split():
            somewhere = Q()
            for text in TEXTS:
                somewhere |= Q(**{f"{text}__icontains": word})
            everywhere &= somewhere
        # In one filter(): one for each word would join all ratings and studies once more.
        return queryset.filter(everywhere).distinct()

    def by_topic(self, queryset, name, value):
        if not value:
            return queryset
        return queryset.filter(ratings__is_current=True, ratings__topic_area__in=value).distinct()

    def by_rating(self, queryset, name, value):
        return queryset.filter(
            ratings__is_current=True,
            ratings__topic_area__status=Status.PUBLISHED,
            ratings__scientific_rating__in=value,
        ).distinct()

    def by_code(self, queryset, name, value):
        field = {"outcome": "outcomes", "setting": "delivery_settings"}[name]
        holds = Q()
        for code in value:
            holds |= Q(**{f"{field}__contains": f"|{code}|"})
        return queryset.filter(holds)

    def by_age(self, queryset, name, value):
        child = Q(child_age_min__lte=value, child_age_max__gte=value)
        of_caregiver = Q(caregiver_child_age_min__lte=value, caregiver_child_age_max__gte=value)
        return queryset.filter(child | of_caregiver)


def facet_choices():
    """Return the values that each facet offers, with their labels."""
    return {
        "topic": [(area, area.name) for area in topic_areas(None)],
        "rating": ScientificRating.choices,
        "relevance": RelevanceLevel.choices,
        "outcome": Outcome.choices,
        "setting": DeliverySetting.choices,
        "age": AGES,
        "reviewed_since": YEARS,
    }


def facet_counts(data, programs):
    """Count, for each value of each facet, the programs that have it and pass all other filters."""
    counts = {}
    for name, choices in facet_choices().items():
        others = data.copy()
        others.pop(name, None)
        filters = ProgramFilter(others, programs)
        facet = filters.filters[name]
        takes_several = isinstance(facet, django_filters.MultipleChoiceFilter)
        counts[name] = [
            (label, facet.filter(filters.qs, [value] if takes_several else value).count())
            for value, label in choices
        ]
    return counts


def program_list(request):
    programs = Program.objects.filter(status=Status.PUBLISHED)
    found = ProgramFilter(request.GET, programs).qs
    best = public_ratings.filter(program=OuterRef("pk")).order_by("scientific_rating")
    listed = (
        found.annotate(best=Subquery(best.values("scientific_rating")[:1]))
        .order_by(F("best").asc(nulls_last=True), Lower("name"), "pk")
        .prefetch_related(
            Prefetch(
                "ratings", public_ratings.select_related("topic_area"), to_attr="shown_ratings"
            )
        )
    )
    page = Paginator(listed, 20).get_page(request.GET.get("page"))
    context = {
        "q": request.GET.get("q", ""),
        "page": page,
        "facets": facet_counts(request.GET, programs),
    }
    return render(request, "benchmarks/naive.html", context)
