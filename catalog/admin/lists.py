"""The lists of entries: what they count, in which order they stand, and what a search in them finds.

All of it takes about as long at a hundred thousand programs as at a hundred.
"""

import re
from collections.abc import Callable, Iterable
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.paginator import Paginator
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.http import HttpRequest
from django.utils.functional import cached_property

from ..models import Program, Reference, TopicExpert
from ..search import Words, as_stored, parse
from ..search.documents import EXPERTS, PROGRAMS, REFERENCES, Index
from ..search.upkeep import engine
from ..values.fields import DOI_PREFIX
from ..values.names import without_marks
from .last_changes import add_last_changes, with_last_records

# A hundred pages. Who looks for something beyond them searches, filters or turns the order round.
MOST_COUNTED = 5_000
# The primary keys are 64-bit integers.
KEY = re.compile(r"[0-9]{1,18}")


class MoreThan(int):
    """Hold a count that ended before the entries did, and say so wherever it is shown."""

    def __str__(self) -> str:
        return f"more than {int(self):,}"


class EntryPaginator(Paginator):
    """Count entries no further than MOST_COUNTED; the pages end there."""

    @cached_property
    def count(self) -> int:
        """Return how many entries there are, as far as they are counted."""
        entries: Any = self.object_list
        counted = entries.order_by().values("pk")[: MOST_COUNTED + 1].count()
        return MoreThan(MOST_COUNTED) if counted > MOST_COUNTED else counted


class EntryList(ChangeList):
    """List entries in orders that an index can give, and read no more rows than are shown."""

    def get_ordering(self, request: HttpRequest, queryset: QuerySet) -> list[Any]:
        """Let the primary keys, which tell alike entries apart, run in the direction of the column asked for."""
        asked = self.params.get(ORDER_VAR, "")
        if not asked:
            return list(self._get_default_ordering())  # type: ignore[attr-defined]
        ordering = super().get_ordering(request, queryset.order_by())
        is_descending = asked.rpartition(".")[2].startswith("-")
        return ordering if is_descending else ["pk" if c == "-pk" else c for c in ordering]

    def get_results(self, request: HttpRequest) -> None:
        """Find the primary keys of the page first: to sort whole entries takes many times as long."""
        super().get_results(request)
        keys = list(self.result_list.values_list("pk", flat=True))
        entries = self.apply_select_related(self.root_queryset).filter(pk__in=keys)
        self.result_list = entries.order_by(*self.queryset.query.order_by)
        if "last_change" in self.list_display:
            self.result_list = with_last_records(self.result_list)
            add_last_changes(self.result_list)


# --- What a request may ask for --------------------------------------------------------------------------------------


def refuse_regular_expressions(request: HttpRequest) -> None:
    """Refuse lookups by regular expression in addresses: a database raises an error for one that is wrong.

    Raises DisallowedModelAdminLookup, which is answered with 400.
    """
    if any("regex" in name for name in request.GET):
        raise DisallowedModelAdminLookup("Regular expressions are not looked up.")


def drop_impossible_keys(request: HttpRequest) -> None:
    """Leave out of what is selected in a list what no primary key can be; the database would refuse the query."""
    selected = request.POST.getlist(ACTION_CHECKBOX_NAME)
    possible = [key for key in selected if KEY.fullmatch(key)]
    if possible != selected:
        sent = request.POST.copy()
        sent.setlist(ACTION_CHECKBOX_NAME, possible)
        request.POST = sent  # type: ignore[assignment]


# --- Search ----------------------------------------------------------------------------------------------------------

# The documents that are searched, in their column of names, and the fields whose beginnings are found as well.
SEARCHED: dict[type[Model], tuple[Index, list[str]]] = {
    Program: (PROGRAMS, ["slug"]),
    Reference: (REFERENCES, ["key", "doi"]),
    TopicExpert: (EXPERTS, ["slug"]),
}


def found(model: type[Model], words: Words) -> RawSQL:
    """Return the primary keys of the entries, of any status, whose names hold all words.

    Words are compared as in the public search: by their stems, without accents and case; the last may be unfinished.
    What begins with the text by its slug, key or DOI is found too.
    """
    index, fields = SEARCHED[model]
    text = DOI_PREFIX.sub("", words.typed).lower()
    begun = Q()
    for field in fields:
        # PostgreSQL has no index for the beginning of a DOI.
        if field != "doi" or text.startswith("10."):
            begun |= Q(**{f"{field}__startswith": text})
    entries = model._default_manager.filter(begun).order_by().values("pk")
    beginning, values = entries.query.sql_with_params()
    (stored,) = as_stored([words])
    named, params = engine(connection).matching(index, stored, index.columns[:1])
    return RawSQL(f"{named} UNION {beginning}", [*params, *values])  # noqa: S611


def searched(queryset: QuerySet, typed: str, condition: Callable[[Words], Q]) -> QuerySet:
    """Return what a condition says of the words that were typed; everything if nothing was, nothing if no word was.

    A word with a dash before it leaves out what the word alone would find.
    """
    words = parse(typed)
    if not words:
        return queryset.none() if without_marks(typed).strip("\0 ") else queryset
    for term in words.excluded:
        alone = Words((term,), typed=term.typed[1:].strip('"'))
        queryset = queryset.exclude(condition(alone))
    if words.excluded:
        words = Words(words.terms, typed=" ".join(term.typed for term in words.terms))
    return queryset.filter(condition(words)) if words else queryset


def holding(fields: Iterable[str], words: Words) -> Q:
    """Return the condition that every word stands in one of the fields, which have no documents to search.

    A regular expression and not ``icontains``, which on SQLite takes É and é for different letters.
    """
    found = Q()
    for word in map(re.escape, words.typed.split()):
        found &= reduce(or_, (Q(**{f"{field}__iregex": word}) for field in fields))
    return found
