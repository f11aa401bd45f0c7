"""The order in which the program list shows what its filters let pass."""

from collections.abc import Iterator, Sequence
from itertools import product

from .filters import ProgramFilterSet
from .program_sets import ANY, LEVELS, Ordered, ProgramSet


def ordered(filters: ProgramFilterSet, most: int) -> Ordered:
    """Return the first programs in the order asked for; every order ends in clearinghouse order."""
    return Ordered(filters.queryset, sets_in_order(filters), filters.count, most)


def sets_in_order(filters: ProgramFilterSet) -> Iterator[ProgramSet]:
    """Yield disjoint sets, the first ones first; each stands in the order of names."""
    programs = filters.qs
    if filters.order == "name":
        yield programs
        return
    rated = filters.filters["rating"]
    levels = [rated.passing([level]) for level in filters.chosen["rating"] or LEVELS]
    for first in leading_sets(filters):
        here = programs & first
        programs &= ~first
        for level in [*levels, here]:
            if at_level := here & level:
                yield at_level
                here &= ~level
        if not programs:
            return


def leading_sets(filters: ProgramFilterSet) -> Iterator[ProgramSet]:
    """Yield what comes before the rating: sets that may hold those before them, at last all programs."""
    snapshot = filters.queryset
    if filters.order == "match":
        yield filters.found.named
        # Asked for only as far as the page goes: the first one seldom needs more than names.
        yield snapshot.find_by_weight(filters.found.words, 2)
        yield snapshot.find_by_weight(filters.found.words, 3)
    if filters.order == "reviewed":
        yield from snapshot.by_review(filters.qs)
    yield snapshot.everything


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
