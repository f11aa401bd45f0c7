"""The order in which the program list shows what its filters let pass."""

from collections.abc import Iterator

from .filters import ProgramFilterSet
from .program_sets import LEVELS, Ordered, ProgramSet


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
