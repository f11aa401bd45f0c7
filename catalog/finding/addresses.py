"""The addresses of the program list: one for each list, and those that leave a filter out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.http import urlencode

from .filters import ProgramFilterSet

MOST_ENCODED = 5_000


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address without it."""

    filter: str
    label: str
    address: str


def address_of(
    filters: ProgramFilterSet, instead: Mapping[str, Sequence[str]] | None = None, page: int = 1
) -> str:
    """Return the query string of the list in its one form, with other values for some filters."""
    asked: dict[str, Sequence[str]] = {
        "q": [filters.words.typed] if filters.words else [],
        **filters.chosen,
        "sort": [filters.order] if filters.order != filters.default_sort else [],
        "page": [str(page)] if page > 1 else [],
        **(instead or {}),
    }
    return "?" + "&".join(encoded(name, *values) for name, values in asked.items() if values)


@lru_cache(maxsize=MOST_ENCODED)
def encoded(name: str, *values: str) -> str:
    """Return the values of a filter as an address has them; a page has a dozen addresses of nearly the same values."""
    return urlencode({name: values}, doseq=True)


def nothing_chosen(filters: ProgramFilterSet) -> dict[str, Sequence[str]]:
    """Return no values for each filter but the words."""
    return dict.fromkeys(filters.chosen, ())


def chips(filters: ProgramFilterSet) -> list[Chip]:
    """Return the active filters, in the order of the page."""
    return [
        Chip(
            filters.filters[name].label,
            f"{value} {label}" if name == "rating" else label,
            address_of(filters, {name: [other for other in values if other != value]}),
        )
        for name, values in filters.chosen.items()
        for value in values
        for label in [filters.filters[name].labels[value]]
    ]
