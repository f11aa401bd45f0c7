"""What a level asks for, in the words of a sentence."""

from collections.abc import Iterable

from django.utils.text import get_text_list

from ..models import Criterion, Rule
from .rules import CriterionResult, CriterionState

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
ASKED = {
    Rule.TRIALS: "{number} randomized trial{s} that count{verb}",
    Rule.CONTROLLED: "{number} controlled stud{ies} that count{verb}",
    Rule.SEPARATE_SAMPLES: "samples that do not overlap",
    Rule.USUAL_CARE: "research in usual care",
    Rule.BENEFIT: "a benefit on the outcomes of the area",
    Rule.PEER_REVIEWED: "published, peer-reviewed research",
    Rule.SOUND_MEASURES: "reliable and valid measures",
    Rule.SUSTAINED: "a benefit that held for {months} or more after the end",
    Rule.NO_BENEFIT: "trials none of which found a benefit",
    Rule.MANUAL: "a manual",
    Rule.WEIGHT: "findings that on the whole speak for it",
    Rule.NO_HARM: "findings without any harm",
    Rule.MORE_HARM: "more findings of harm than of benefit",
}


def asked_in_words(criterion: Criterion) -> str:
    """Return what a criterion asks for, to follow "asks for": "two randomized trials that count"."""
    number, months = criterion.number or 0, criterion.months or 0
    one = number == 1
    return ASKED[Rule(criterion.rule)].format(
        number=number_in_words(number),
        s="" if one else "s",
        ies="y" if one else "ies",
        verb="s" if one else "",
        months=f"{number_in_words(months)} month{'' if months == 1 else 's'}",
    )


def number_in_words(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)


def lacking_in_words(level: str, results: Iterable[CriterionResult]) -> str:
    """Say what a level asks for and the record does not show; "" where it shows all of it."""
    lacking = [r for r in results if r.state != CriterionState.MET and not r.is_consequence]
    parts = []
    for state, words in (
        (CriterionState.NOT_MET, "which the record does not show"),
        (CriterionState.NOT_RECORDED, "of which nothing is recorded"),
    ):
        asked = [asked_in_words(result.criterion) for result in lacking if result.state == state]
        if asked:
            parts.append(f"for {get_text_list(asked, 'and')}, {words}")
    return f"Level {level} asks {', and '.join(parts)}." if parts else ""
