"""The rules of criteria: what each asks of the studies that take part, and whether that is met.

A level's criteria are read in order. A narrowing rule asks for so many studies that satisfy it and all narrowing rules
before it. What is not recorded is not met; it counts as not recorded where it would be met if all that is not recorded
were favorable.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from django.db.models import TextChoices

from ..models import Criterion, Effect, Rule
from .facts import (
    Known,
    StudyFacts,
    answer,
    every,
    has_benefit,
    has_benefit_for,
    is_controlled,
    is_trial,
    samples,
    some,
)


class CriterionState(TextChoices):
    """Say whether a criterion is met by what is recorded."""

    MET = "met", "Met"
    NOT_MET = "not-met", "Not met"
    NOT_RECORDED = "not-recorded", "Not recorded"


STATES = {
    True: CriterionState.MET,
    False: CriterionState.NOT_MET,
    None: CriterionState.NOT_RECORDED,
}


class CriterionResult(NamedTuple):
    """Hold what is recorded of a criterion: its state, and the keys of the studies that it rests on.

    Of a narrowing rule, ``found`` studies (or separate samples) of ``needed`` ones satisfy it. ``is_consequence`` says
    that nothing is lacking but what the criteria before it lack already.
    """

    criterion: Criterion
    state: CriterionState
    studies: tuple[str, ...] = ()
    found: int | None = None
    needed: int | None = None
    is_consequence: bool = False


# What a narrowing rule asks of each study; that samples do not overlap is asked of all together.
NARROWING: dict[str, Callable[[StudyFacts], Known]] = {
    Rule.TRIALS: is_trial,
    Rule.CONTROLLED: is_controlled,
    Rule.SEPARATE_SAMPLES: lambda study: True,
    Rule.USUAL_CARE: lambda study: answer(study.usual_care),
    Rule.BENEFIT: has_benefit,
    Rule.PEER_REVIEWED: lambda study: answer(study.peer_reviewed),
    Rule.SOUND_MEASURES: lambda study: answer(study.sound_measures),
}


class LevelReading:
    """Reads the criteria of one level, in order, and remembers which studies have met those before."""

    def __init__(self, studies: Sequence[StudyFacts], manual: str) -> None:
        self.studies = sorted(study for study in studies if study.findings)
        self.manual = manual
        self.effects = Counter(f.effect for study in self.studies for f in study.findings)
        self.sample_of = samples(studies)
        self.met: dict[str, Known] = {study.key: True for study in self.studies}
        self.needed = 1
        self.counts_samples = False
        self.before: tuple[int, int] | None = None

    def read(self, criterion: Criterion) -> CriterionResult:
        """Return the result of a criterion, the next of the level."""
        if criterion.rule in NARROWING:
            return self.narrow(criterion)
        known, studies = self.of_the_narrowed(criterion) or self.of_all(criterion)
        is_consequence = known is not True and self.lacks_only_studies(criterion)
        return CriterionResult(criterion, STATES[known], studies, is_consequence=is_consequence)

    def lacks_only_studies(self, criterion: Criterion) -> bool:
        """Return whether a benefit that held is lacking only because the studies before it are."""
        left = [study for study in self.studies if self.met[study.key] is not False]
        months = criterion.months or 0
        shown = [has_benefit_for(study, months) is True for study in left]
        return criterion.rule == Rule.SUSTAINED and (any(shown) or not left)

    def narrow(self, criterion: Criterion) -> CriterionResult:
        """Leave the studies that satisfy a rule too, and return whether they are enough."""
        self.needed = criterion.number or self.needed
        self.counts_samples |= criterion.rule == Rule.SEPARATE_SAMPLES
        satisfies = NARROWING[criterion.rule]
        for study in self.studies:
            self.met[study.key] = every((self.met[study.key], satisfies(study)))
        counted = self.count(self.those(True)), self.count(self.those(True, None))
        found, possible = counted
        known = True if found >= self.needed else None if possible >= self.needed else False
        is_consequence = known is not True and counted == self.before
        self.before = counted
        return CriterionResult(
            criterion, STATES[known], self.those(True), found, self.needed, is_consequence
        )

    def those(self, *answers: Known) -> tuple[str, ...]:
        """Return the keys of the studies that have met all narrowing rules so far, by these answers."""
        return tuple(key for key, met in self.met.items() if met in answers)

    def count(self, keys: Iterable[str]) -> int:
        return len({self.sample_of[key] if self.counts_samples else key for key in keys})

    def of_the_narrowed(self, criterion: Criterion) -> tuple[Known, tuple[str, ...]] | None:
        """Return whether the studies left so far show what a rule asks of them, and which decide it; else None."""
        if criterion.rule == Rule.SUSTAINED:
            months = criterion.months or 0
            held = {
                study.key: every((self.met[study.key], has_benefit_for(study, months)))
                for study in self.studies
            }
            return some(held.values()), keys_of(held, True)
        if criterion.rule == Rule.NO_BENEFIT:
            benefit = {
                study.key: has_benefit(study)
                for study in self.studies
                if self.met[study.key] is True
            }
            if True in benefit.values():
                return False, keys_of(benefit, True)
            if benefit:
                return (None if None in benefit.values() else True), keys_of(benefit, False)
            # Of no study nothing follows, unless one may be such a study.
            return (None if self.may_lack_benefit() else False), ()
        return None

    def may_lack_benefit(self) -> bool:
        """Return whether there is a study that may have met all narrowing rules, and has no recorded benefit."""
        return any(
            self.met[study.key] is None and has_benefit(study) is not True for study in self.studies
        )

    def of_all(self, criterion: Criterion) -> tuple[Known, tuple[str, ...]]:
        """Return whether all findings together, or the program, show what a rule asks, and which studies decide it."""
        benefit, neither, harm = (
            self.effects[e] for e in (Effect.BENEFIT, Effect.NO_EFFECT, Effect.HARM)
        )
        blank = self.effects[""]
        match criterion.rule:
            case Rule.WEIGHT:
                return weighed(
                    benefit >= neither and benefit > harm,
                    benefit + blank >= neither and benefit + blank > harm,
                ), self.with_effect(Effect.BENEFIT)
            case Rule.NO_HARM:
                if harm:
                    return False, self.with_effect(Effect.HARM)
                is_recorded = blank < self.effects.total()
                return (True if is_recorded else None), ()
            case Rule.MORE_HARM:
                return weighed(harm > benefit, harm + blank > benefit), self.with_effect(
                    Effect.HARM
                )
            case _:
                return answer(self.manual), ()

    def with_effect(self, effect: str) -> tuple[str, ...]:
        return tuple(
            study.key
            for study in self.studies
            if any(finding.effect == effect for finding in study.findings)
        )


def weighed(holds: bool, may_hold: bool) -> Known:
    """Return whether something holds by what is recorded, or may hold by what is not."""
    return True if holds else None if may_hold else False


def keys_of(answers: dict[str, Known], wanted: Known) -> tuple[str, ...]:
    return tuple(key for key, known in answers.items() if known is wanted)
