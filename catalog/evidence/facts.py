"""What is recorded of the studies of a program, and what follows of each: yes, no, or not recorded."""

from collections.abc import Iterable
from typing import NamedTuple

from ..models import Availability, Comparison, Effect, StudyDesign

# None: not recorded.
type Known = bool | None
ANSWERS = {Availability.YES.value: True, Availability.NO.value: False}


class FindingFacts(NamedTuple):
    """A finding that counts in the topic area."""

    effect: str
    sustained_months: int | None = None


class StudyFacts(NamedTuple):
    """A study of the program, by its reference's key, with its findings that count in the topic area.

    One without such findings takes no part, but may still show that two others have the same sample.
    """

    key: str
    design: str = ""
    comparison: str = ""
    peer_reviewed: str = Availability.NOT_KNOWN
    usual_care: str = Availability.NOT_KNOWN
    sound_measures: str = Availability.NOT_KNOWN
    same_sample_as: str = ""
    findings: tuple[FindingFacts, ...] = ()


def every(answers: Iterable[Known]) -> Known:
    """Return whether all hold: no if one does not, else not recorded if one is not."""
    known = set(answers)
    return False if False in known else None if None in known else True


def some(answers: Iterable[Known]) -> Known:
    """Return whether one holds: yes if one does, else not recorded if one is not."""
    known = set(answers)
    return True if True in known else None if None in known else False


def answer(code: str) -> Known:
    """Return the truth value of "yes", "no" or "not-known"."""
    return ANSWERS.get(code)


def is_trial(study: StudyFacts) -> Known:
    """Return whether a study is a randomized controlled trial."""
    return study.design == StudyDesign.RCT if study.design else None


def is_controlled(study: StudyFacts) -> Known:
    """Return whether a study is a trial, or a quasi-experiment with a comparison."""
    if study.design == StudyDesign.QUASI_EXPERIMENT:
        return study.comparison != Comparison.NO_COMPARISON if study.comparison else None
    return is_trial(study)


def has_effect(finding: FindingFacts, effect: str) -> Known:
    """Return whether a finding is one of this effect."""
    return finding.effect == effect if finding.effect else None


def has_benefit(study: StudyFacts) -> Known:
    """Return whether a finding of the study is one of benefit."""
    return some(has_effect(finding, Effect.BENEFIT) for finding in study.findings)


def has_benefit_for(study: StudyFacts, months: int) -> Known:
    """Return whether a finding of the study is one of benefit that held for so many months or more."""
    return some(
        every((has_effect(finding, Effect.BENEFIT), held_for(finding, months)))
        for finding in study.findings
    )


def held_for(finding: FindingFacts, months: int) -> Known:
    held = finding.sustained_months
    return None if held is None else held >= months


def samples(studies: Iterable[StudyFacts]) -> dict[str, str]:
    """Return for each study a name of its sample, which it shares with all studies of the same people."""
    sample: dict[str, str] = {}
    for study in studies:
        sample.setdefault(study.key, study.key)
        if study.same_sample_as:
            joined = {sample.setdefault(study.same_sample_as, study.same_sample_as)}
            joined.add(sample[study.key])
            sample |= {key: min(joined) for key, name in sample.items() if name in joined}
    return sample
