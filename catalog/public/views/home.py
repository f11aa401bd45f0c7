"""The first page: what the site is for, how many programs have which rating, its topics, and what is new."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ...finding.areas import Area
from ...finding.program_sets import ANY, CatalogSnapshot
from ...models import Program, Rating, ScientificRating, TopicArea
from ...models.levels import change_since
from ..caching import PublicRequest

MOST_NEW = 5


class ListedArea(NamedTuple):
    """A topic area with its number of programs."""

    area: Area
    program_count: int


class AreaGroup(NamedTuple):
    """The parts of an umbrella area; without one, the areas that stand alone."""

    umbrella: Area | None
    areas: Sequence[ListedArea]


class Rerating(NamedTuple):
    """A rating that followed another one, with what it changed."""

    rating: Rating
    change: str


@require_safe
def home(request: PublicRequest) -> HttpResponse:
    """Show the search box, the numbers of programs by rating, the topic areas, and what is new. Two queries."""
    catalog = request.catalog
    new = Program.objects.published().order_by("-published_at", "-pk")
    context = {
        "program_count": len(catalog.ids),
        "levels": [
            (level, catalog.rated_in([ANY], [level]).bit_count()) for level in ScientificRating
        ],
        "area_groups": area_groups(catalog),
        "new_programs": new.only("name", "slug", "published_at")[:MOST_NEW],
        "reratings": latest_reratings(),
    }
    return render(request, "public/home.html", context)


def area_groups(catalog: CatalogSnapshot) -> list[AreaGroup]:
    """Return the umbrella areas with their parts in the order of names, and then the areas that stand alone."""
    umbrellas = [area for area in catalog.areas.values() if area.is_umbrella]
    alone = [area.slug for area in catalog.rated_areas if area.slug not in catalog.parts]
    groups = [*((umbrella, umbrella.parts) for umbrella in umbrellas), (None, alone)]
    return [
        AreaGroup(umbrella, [listed(catalog, slug) for slug in slugs])
        for umbrella, slugs in groups
        if slugs
    ]


def listed(catalog: CatalogSnapshot, slug: str) -> ListedArea:
    """Return a public topic area with its number of public programs."""
    return ListedArea(catalog.areas[slug], catalog.rated_in([slug]).bit_count())


def latest_reratings() -> list[Rerating]:
    """Return the latest public ratings that followed another one. One query."""
    # Asked of each rating in turn, so that the index of the dates is read no further than to the last one shown.
    public = (
        Exists(kind.objects.published().filter(pk=OuterRef(name)))
        for name, kind in (("program", Program), ("topic_area", TopicArea))
    )
    ratings: Any = Rating.objects.rerated().filter(*public).select_related("program", "topic_area")
    return [
        Rerating(rating, change_since(rating.level, ScientificRating(rating.before)))
        for rating in ratings[:MOST_NEW]
    ]
