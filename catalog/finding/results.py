"""The order in which the program list shows what its filters let pass."""

from collections.abc import Iterator, Sequence
from itertools import product

from .filters import ProgramFilterSet
from .program_sets import (
    ANY,
    LEVELS,
    CatalogSnapshot,
    NamesHolding,
    Ordered,
    ProgramSet,
    intersection,
    union,
)

# Programs that hold some of the words follow where fewer hold all; and so many of them.
FEW, MOST_FOLLOWING = 5, 20

# Programs that come before others, by the levels of the ratings that count for them, the best first.
type Tier = Sequence[ProgramSet]


def ordered(filters: ProgramFilterSet, most: int) -> Ordered:
    """Return the first programs in the order asked for; every order ends in clearinghouse order."""
    return Ordered(filters.queryset, sets_in_order(filters), filters.count, most)


def sets_in_order(filters: ProgramFilterSet) -> Iterator[ProgramSet]:
    """Yield disjoint sets, the first ones first; each stands in the order of names."""
    programs = filters.qs
    if filters.order == "name":
        yield programs
        return
    for tier in tiers(filters):
        for at_level in tier:
            if here := programs & at_level:
                yield here
                programs &= ~here
        if not programs:
            return


def tiers(filters: ProgramFilterSet) -> Iterator[Tier]:
    """Yield what comes first, and of it what is rated best; each may hold those before it, the last holds all."""
    levels = rated_at(filters)
    if filters.order == "match":
        yield from best_matches(filters, levels)
    if filters.order == "reviewed":
        for programs in filters.queryset.by_review(filters.qs):
            yield at_levels(programs, levels)
    yield at_levels(filters.queryset.everything, levels)


def rated_at(filters: ProgramFilterSet) -> Sequence[ProgramSet]:
    """Return the programs with the ratings that are asked for, by their levels."""
    rated = filters.filters["rating"]
    return [rated.passing([level]) for level in filters.chosen["rating"] or LEVELS]


def at_levels(programs: ProgramSet, levels: Sequence[ProgramSet]) -> Tier:
    return [*(programs & level for level in levels), programs]


def best_matches(filters: ProgramFilterSet, levels: Sequence[ProgramSet]) -> Iterator[Tier]:
    """Yield what matches words best: an exact name, names, names with one of a topic area, texts.

    In each whole words come before beginnings. What is needed only by later pages is not asked for.
    """
    found, snapshot = filters.found, filters.queryset
    if not found.words.terms:
        return
    ways = [found.whole, found.begun]
    for programs in [found.exactly, *(intersection(way.programs) for way in ways)]:
        yield at_levels(programs, levels)
    for way in ways:
        tier = placed(way, snapshot)
        yield at_levels(union(tier), levels) if "rated" in filters.sets else tier
    for programs in snapshot.find_in_texts(found.words):
        yield at_levels(programs, levels)


def placed(way: NamesHolding, snapshot: CatalogSnapshot) -> Tier:
    """Return the programs that hold all terms together with the name of one topic area, by their rating there."""
    by_area = {
        slug: intersection(
            snapshot.everything if slug in areas else programs
            for programs, areas in zip(way.programs, way.areas, strict=True)
        )
        for slug in set[str]().union(*way.areas)
    }
    return [
        union(programs & snapshot.rated[slug, level] for slug, programs in by_area.items())
        for level in LEVELS
    ]


def holding_half(filters: ProgramFilterSet) -> list[int]:
    """Return the first programs that hold at least half of the words, where few hold them all: most words first.

    They pass all other filters, and are no part of the list. One query where there are any to look for.
    """
    words, snapshot = filters.found.words, filters.queryset
    if not words.terms[1:] or filters.count >= FEW:
        return []
    least = (len(words.terms) + 1) // 2
    programs = filters.passing_others("q") & ~filters.qs & ~filters.found.excluded
    levels = rated_at(filters)
    sets = []
    for holding in snapshot.holding_some(words)[: len(words.terms) - least + 1]:
        for at_level in at_levels(programs & holding, levels):
            sets.append(programs & at_level)
            programs &= ~at_level
    return Ordered(snapshot, sets, sum(map(int.bit_count, sets)), MOST_FOLLOWING)[:]


def areas_asked_for(filters: ProgramFilterSet, ids: Sequence[int]) -> dict[int, str]:
    """Return for each of the programs the topic area, by its slug, in which it has the rating that is asked for.

    Of several it is the one with the best level, and then the first by name. None where no filter asks for ratings.
    """
    snapshot, chosen = filters.queryset, filters.chosen
    if "rated" not in filters.sets:
        return {}
    areas = filters.filters["topic"].areas(chosen["topic"], chosen["expert"])
    if areas == [ANY]:
        areas = [area.slug for area in snapshot.rated_areas]
    here = snapshot.set_of(ids)
    places = {pk: 1 << at for pk in ids if (at := snapshot.positions.at(pk)) is not None}
    found: dict[int, str] = {}
    for level, area in product(chosen["rating"] or LEVELS, areas):
        if some := here & snapshot.rated[area, level]:
            found |= {pk: area for pk, place in places.items() if some & place and pk not in found}
    return found
