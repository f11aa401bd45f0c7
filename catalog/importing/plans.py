"""What the rows of a file do: the plan of each, as the preview shows it, and the result of all."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from ..models import Finding, ImportAction, Rating
from ..models.base import CatalogModel
from .problems import Problem

# A change of a long text is shown with this much around it, and no more than this of it.
AROUND, MOST_SHOWN = 40, 600


class CellChange(NamedTuple):
    """Show what an import does to one cell."""

    column: str
    before: str
    after: str

    def shown(self) -> list[str]:
        """Return column, before and after; of long texts only where they differ, with a little around it."""
        if max(len(self.before), len(self.after)) <= MOST_SHOWN:
            return list(self)
        start = common(self.before, self.after)
        end = common(self.before[start:][::-1], self.after[start:][::-1])
        return [self.column, *(excerpt(text, start, len(text) - end) for text in self[1:])]


def common(first: str, second: str) -> int:
    """Return the number of characters that two texts have in common at their beginning."""
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def excerpt(text: str, start: int, end: int) -> str:
    """Return text[start:end] with a little of what is around it."""
    first, last = max(start - AROUND, 0), min(end + AROUND, len(text), start + MOST_SHOWN)
    return f"{'…' * (first > 0)}{text[first:last]}{'…' * (last < len(text))}"


class Planned(NamedTuple):
    """Say what a row does: one of ``ImportAction``, to which entry, cell by cell."""

    number: int
    action: str
    entry: str
    changes: Sequence[CellChange]


@dataclass
class Plan[Entry: CatalogModel]:
    """Plan one row: ``action`` is None where the row is wrong.

    ``entry`` is what is to be stored, ``original`` what is stored, None for a new one.
    ``related`` holds the relations that change. ``rating`` is written besides the entry; a new one takes the place of
    the ``replaced`` one. So are the ``findings`` that a study has by its role.
    """

    number: int
    entry: Entry
    original: Entry | None
    action: ImportAction | None
    changes: list[CellChange] = field(default_factory=list)
    related: dict[str, list[int]] = field(default_factory=dict)
    rating: Rating | None = None
    replaced: Rating | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def does_something(self) -> bool:
        return self.action not in {None, ImportAction.UNCHANGED}

    @cached_property
    def planned(self) -> Planned:
        """Return the plan as the preview shows it, once it is final."""
        return Planned(self.number, str(self.action), str(self.entry), self.changes)


class ImportResult:
    """Count what an import did or, in a dry run, would do.

    ``problems`` and ``warnings`` are in the order of the file; of very many, not all are kept, but all are counted.
    ``rows`` are the rows that do something, where nobody else has asked for them.
    """

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.warnings: list[Problem] = []
        self.problem_count = self.warning_count = 0
        self.rows: list[Planned] = []
        self.actions: Counter[ImportAction] = Counter()
        self.fingerprint = hashlib.sha256()

    @property
    def counts(self) -> dict[str, int]:
        """Return the numbers of rows that are new, changed, re-rated and unchanged."""
        return {action.value: self.actions[action] for action in ImportAction}

    @property
    def written(self) -> int:
        """Return the number of rows that do something."""
        return self.actions.total() - self.actions[ImportAction.UNCHANGED]

    @property
    def plan(self) -> str:
        """Return a fingerprint of what every row does: alike for two runs that would do the same."""
        return self.fingerprint.hexdigest()

    @classmethod
    def of_failure(cls, message: str) -> "ImportResult":
        """Return the result of a file that could not even be read."""
        result = cls()
        result.problems, result.problem_count = [Problem(None, "", "", message)], 1
        return result
