"""The criteria of all levels as the recorded studies meet them, and the level that follows."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple, Self

from ..models import Criterion
from .facts import StudyFacts
from .rules import CriterionResult, CriterionState, LevelReading
from .wording import lacking_in_words

# The best of the first three that is met; where none is, what speaks against the program, the graver first.
ORDER = ("1", "2", "3", "5", "4")


class LevelResult(NamedTuple):
    """Hold the results of a level's criteria, in order."""

    level: str
    results: tuple[CriterionResult, ...]

    @property
    def is_met(self) -> bool:
        """Return whether all criteria of the level are met."""
        return all(result.state == CriterionState.MET for result in self.results)

    @property
    def lacking(self) -> str:
        """Say in a sentence what the level asks for and the record does not show; "" where it is met."""
        return lacking_in_words(self.level, self.results)


class Checklist(NamedTuple):
    """Hold the levels of an edition that have criteria, each with what is recorded of them."""

    levels: tuple[LevelResult, ...]

    @classmethod
    def read(
        cls, criteria: Iterable[Criterion], studies: Sequence[StudyFacts], manual: str
    ) -> Self:
        """Return the checklist of criteria, which come by level and position."""
        levels = []
        for level, of_level in groupby(criteria, key=lambda criterion: criterion.level):
            reading = LevelReading(studies, manual)
            levels.append(LevelResult(level, tuple(map(reading.read, of_level))))
        return cls(tuple(levels))

    @property
    def level(self) -> str:
        """Return the level whose criteria the recorded studies meet, "" where they meet those of none."""
        met = {result.level for result in self.levels if result.is_met}
        return next((level for level in ORDER if level in met), "")

    def of_level(self, level: str) -> LevelResult | None:
        """Return the criteria of a level, None where the edition has none for it."""
        return next((result for result in self.levels if result.level == level), None)


def read_evidence(
    criteria: Iterable[Criterion], studies: Sequence[StudyFacts], manual: str
) -> Checklist | None:
    """Return the checklist of an edition's criteria for these studies; None where no finding counts in the topic area.

    Nothing recorded says nothing about the research. ``manual`` is "yes", "no" or "not-known".
    """
    if not any(study.findings for study in studies):
        return None
    return Checklist.read(criteria, studies, manual)
