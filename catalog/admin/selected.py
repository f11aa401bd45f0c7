"""What the actions of a list share: how many entries they take together, how many of them they name, and counts."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

# So many entries are dealt with together, and so many of them are named.
MOST_SELECTED, MOST_NAMED = 1_000, 20
TOO_MANY = "More than {:,} entries are selected. Narrow the list with its filters, or select fewer."


class Named[Entry](NamedTuple):
    """Name the first few of some entries, and count them; ``more`` are not named."""

    entries: Sequence[Entry]
    total: int
    more: int

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Self:
        """Return entries, of which the first few are to be named."""
        return cls(entries[:MOST_NAMED], len(entries), max(0, len(entries) - MOST_NAMED))


def selected_keys(request: HttpRequest, entries: QuerySet) -> list[int] | None:
    """Return the keys of the entries that are selected in a list; say so and return None where they are too many."""
    keys = list(entries.order_by().values_list("pk", flat=True)[: MOST_SELECTED + 1])
    if len(keys) <= MOST_SELECTED:
        return keys
    messages.error(request, TOO_MANY.format(MOST_SELECTED))
    return None


def counted(model: type[Model], count: int) -> str:
    """Return "1 program", "1,200 programs"."""
    opts = model._meta
    return f"{count:,} {ngettext(str(opts.verbose_name), str(opts.verbose_name_plural), count)}"
