"""What an import has to say: mistakes and warnings with their places in the file."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from itertools import islice
from typing import NamedTuple

# A file in which more is wrong than this is of another kind; the rest is counted, and not kept.
MOST_PROBLEMS = 50_000
# Of many entries, so many are named.
MOST_NAMED = 5
# So many rows are named where one thing is wrong in many of them.
MOST_ROWS_NAMED = 10


class Problem(NamedTuple):
    """Name something in a file that must be fixed, or (as a warning) looked at."""

    # As the spreadsheet counts: the header is row 1; None means the file as a whole.
    row: int | None
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        return str(
            GroupedProblem(self.column, self.value, self.message, [self.row] if self.row else [], 1)
        )


class Problems:
    """Gathers the first problem of each cell, which says it best. Not all are kept, but all are counted."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.count = 0
        # By row, the columns that have one; of a row as a whole there may be several.
        self.places: dict[int | None, list[str | tuple[str, str]]] = {}

    def add(self, problem: Problem) -> None:
        places = self.places.setdefault(problem.row, [])
        place = problem.column or (problem.value, problem.message)
        if place in places:
            return
        places.append(place)
        self.count += 1
        if len(self.kept) < MOST_PROBLEMS:
            self.kept.append(problem)

    def __bool__(self) -> bool:
        return bool(self.count)

    def has(self, row: int, column: str) -> bool:
        """Return whether a cell has a problem."""
        return column in self.places.get(row, ())


def shortened(value: str, length: int = 80) -> str:
    return value if len(value) <= length else f"{value[:length]}…"


def first_few(names: Collection[str]) -> str:
    """Return the first of these names in one text, and how many more there are."""
    named = ", ".join(islice(names, MOST_NAMED))
    more = len(names) - MOST_NAMED
    return f"{named} and {more:,} more" if more > 0 else named


def same_entry(first: int) -> str:
    """Say that a row is about the entry of an earlier one."""
    return f"Row {first} is about the same entry. Keep one of the two."


@dataclass
class GroupedProblem:
    """Name the same problem of all the rows that have it; ``rows`` holds the first few of their numbers."""

    column: str
    value: str
    message: str
    rows: list[int]
    count: int

    @property
    def where(self) -> str:
        """Return the rows in words: "Rows 2, 5 and 120 more"; "" for the file as a whole."""
        if not self.rows:
            return ""
        numbers = [f"{number:,}" for number in self.rows]
        if self.count > len(self.rows):
            numbers.append(f"{self.count - len(self.rows):,} more")
        if len(numbers) == 1:
            return f"Row {numbers[0]}"
        return f"Rows {', '.join(numbers[:-1])} and {numbers[-1]}"

    def __str__(self) -> str:
        place = [self.where, self.column, f"“{shortened(self.value)}”" if self.value else ""]
        start = ", ".join(filter(None, place))
        return f"{start}: {self.message}" if start else self.message

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def grouped(problems: Iterable[Problem]) -> list[GroupedProblem]:
    """Return each thing that is wrong once, in the order of the first row that has it."""
    groups: dict[tuple[str, str, str], GroupedProblem] = {}
    for row, column, value, message in problems:
        group = groups.setdefault(
            (column, value, message), GroupedProblem(column, value, message, [], 0)
        )
        group.count += 1
        if row and len(group.rows) < MOST_ROWS_NAMED:
            group.rows.append(row)
    return list(groups.values())
