"""How the page of an import shows what its rows change."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

from ...history.diff import Segment, diff_segments
from ...importing.problems import GroupedProblem
from ...models import ImportAction, ImportedRow, TopicArea
from ...resources.ratings import RATING_COLUMNS

PER_PAGE = 100


def page_of(
    items: Sequence[Any] | QuerySet, query: QueryDict, parameter: str = "page"
) -> Page[Any]:
    """Return the page of items that a parameter of the query asks for, the nearest where there is none."""
    return Paginator(items, PER_PAGE).get_page(query.get(parameter))


def grouped_problems(stored: Iterable[Mapping[str, Any]]) -> list[GroupedProblem]:
    """Return the mistakes or warnings that an import has stored."""
    return [GroupedProblem(**problem) for problem in stored]


class ShownChange(NamedTuple):
    """Show what becomes of one cell."""

    column: str
    diff_segments: list[Segment]


class ShownRow(NamedTuple):
    """Show what one row does; ``heading`` says what it does to the entry's rating in a topic area, if it does."""

    number: int
    action: str
    entry: str
    changes: list[ShownChange]
    heading: str = ""
    rating: Sequence[ShownChange] = ()


def shown(rows: Iterable[ImportedRow]) -> list[ShownRow]:
    """Return rows with their changes as the page shows them, and a re-rating as what it is."""
    rows = list(rows)
    slugs = {after for row in rows for column, _, after in row.changes if column == "topic_area"}
    names = dict(TopicArea.objects.filter(slug__in=slugs).values_list("slug", "name"))
    return [shown_row(row, names) for row in rows]


def shown_row(row: ImportedRow, names: dict[str, str]) -> ShownRow:
    """Return a row with what it does to the entry apart from what it does to its rating in a topic area."""
    label = ImportAction(row.action).label
    is_new = row.action == ImportAction.NEW
    ratings = [change for change in row.changes if change[0] in RATING_COLUMNS]
    # A topic area alone is that of a finding.
    places = [change for change in ratings if change[0] == "topic_area" and len(ratings) > 1]
    area = next(iter(places), None)
    if area is None:
        changes = [
            shown_change(change, is_new=is_new or change[0] == "finding") for change in row.changes
        ]
        return ShownRow(row.number, label, row.entry, changes)
    _, before, slug = area
    verb = "Re-rated" if row.action == ImportAction.RE_RATED else "Rating" if before else "Rated"
    return ShownRow(
        row.number,
        label,
        row.entry,
        [shown_change(change, is_new=is_new) for change in row.changes if change not in ratings],
        f"{verb} in {names.get(slug, slug)}",
        [shown_change(change, is_new=not before) for change in ratings if change != area],
    )


def shown_change(change: Sequence[str], *, is_new: bool = False) -> ShownChange:
    """Return what becomes of a cell, as text with the changes marked."""
    column, old, new = change
    return ShownChange(column, [("ins", new)] if is_new else diff_segments(old, new))
