"""How the page of an import shows what its rows change."""

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from django.core.paginator import Page, Paginator
from django.http import QueryDict

from ..models import ImportAction, ImportedRow, TopicArea
from ..resources import Finding
from ..resources.ratings import RATING_COLUMNS

PER_PAGE = 100
# In texts that have less in common than this, marked words would only be in the way.
ALIKE = 0.5
# To compare two texts word by word takes as many steps as they have pairs of equal words, or more; beyond, minutes.
MOST_PAIRS = 1_000_000
# A word with the space before it: what is added at the end of a text leaves its last word as it was.
WORDS = re.compile(r"\s*\S+|\s+\Z")

# A stretch of text: "del" for what goes, "ins" for what comes, "" for what is there before and after.
Piece = tuple[str, str]


class PageLink(NamedTuple):
    """A page of a long list by its number; without an address it is this page, or stands for several."""

    label: str
    address: str


class Part(NamedTuple):
    """A page of many things, and the way to the others."""

    page: Page
    links: list[PageLink]

    @property
    def caption(self) -> str:
        """Which of how many: "1 to 100 of 20,000"."""
        first, last = self.page.start_index(), self.page.end_index()
        total = self.page.paginator.count
        return f"{first:,} to {last:,} of {total:,}" if self.links else f"{total:,}"


def part(items: Any, query: QueryDict, name: str, per_page: int = PER_PAGE) -> Part:
    """Return the page of items that the parameter ``name`` of the query asks for, the nearest where there is none."""
    paginator = Paginator(items, per_page)
    page = paginator.get_page(query.get(name))
    links = []
    if paginator.num_pages > 1:
        for number in paginator.get_elided_page_range(page.number):
            others = query.copy()
            others[name] = str(number)
            is_link = number not in {page.number, Paginator.ELLIPSIS}
            links.append(PageLink(str(number), f"?{others.urlencode()}" if is_link else ""))
    return Part(page, links)


def findings(found: Sequence[dict[str, Any]]) -> list[Finding]:
    """Return mistakes or warnings as they were before they were stored."""
    return [Finding(**finding) for finding in found]


class ShownChange(NamedTuple):
    """What becomes of one cell."""

    column: str
    pieces: list[Piece]


class ShownRow(NamedTuple):
    """What one row does; ``heading`` says what it does to the entry's rating in a topic area, if it does."""

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
    area = next((change for change in ratings if change[0] == "topic_area"), None)
    if area is None:
        changes = [shown_change(change, is_new=is_new) for change in row.changes]
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
    column, old, new = change
    return ShownChange(column, [("ins", new)] if is_new else pieces(old, new))


def pieces(before: str, after: str) -> list[Piece]:
    """Return what becomes of a text: word by word where much of it stays, else the one and then the other."""
    # A space before the first word too, which so stays the same when another one comes before it.
    old, new = WORDS.findall(f" {before}"), WORDS.findall(f" {after}")
    there = Counter(old)
    if sum(there[word] for word in new) > MOST_PAIRS:
        return replaced(before, after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return replaced(before, after)
    (kind, first), *others = marked(old, new, matcher)
    return [(kind, first[1:]), *others]


def replaced(before: str, after: str) -> list[Piece]:
    """Return a text that goes, and the one that takes its place."""
    return [("del", before or "(blank)"), ("", " → "), ("ins", after or "(blank)")]


def marked(old: list[str], new: list[str], matcher: Any) -> Iterator[Piece]:
    """Yield the words that stay, go and come, in reading order."""
    for operation, start, end, new_start, new_end in matcher.get_opcodes():
        if operation == "equal":
            yield "", "".join(old[start:end])
            continue
        if end > start:
            yield "del", "".join(old[start:end])
        if new_end > new_start:
            yield "ins", "".join(new[new_start:new_end])
