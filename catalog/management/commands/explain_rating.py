"""Say which level of the rating scale the recorded studies of a program meet in a topic area, and why."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.evidence import CriterionResult, CriterionState
from catalog.evidence.ratings import Evidence, Scale, read_area
from catalog.models import Program, Rating, TopicArea
from catalog.resources.lookups import ADDS_NONE, AreaLookup, Lookup, ProgramLookup


class Command(BaseCommand):
    help = (
        "Say which level of the rating scale the recorded studies of a program meet in a topic area, and how each "
        "criterion stands. It explains a rating, and changes nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("program", help="Its slug or name.")
        parser.add_argument("topic_area", help="Its slug, name or abbreviation.")

    def handle(self, *args: object, program: str, topic_area: str, **options: Any) -> None:
        its: Any = find(ProgramLookup(), program)
        area: Any = find(AreaLookup(), topic_area)
        keys = dict(its.studies.values_list("reference_id", "reference__key"))
        for line in lines(read_stored(its, area), {str(pk): key for pk, key in keys.items()}):
            self.stdout.write(line)


def find(lookup: Lookup, text: str) -> Any:
    """Return the entry that an argument names. Raises CommandError."""
    try:
        return lookup.find(text)
    except ValueError as error:
        raise CommandError(f"“{text}”: {str(error).removesuffix(ADDS_NONE)}") from None


def read_stored(program: Program, area: TopicArea) -> Evidence:
    """Return a program's recorded evidence in a topic area, by the edition of its current rating there."""
    ratings = Rating.objects.current().filter(program=program, topic_area=area)
    rating = ratings.first() or Rating(topic_area=area)
    findings = program.findings.filter(topic_area=area)
    return read_area(Scale.stored(), rating, program, program.studies.all(), findings)


def lines(evidence: Evidence, keys: dict[str, str]) -> Iterator[str]:
    """Yield the lines of the answer; ``keys`` are those of the references by what the evidence calls them."""
    yield f"Recorded studies meet {evidence.met_in_words}"
    if not evidence.checklist:
        yield evidence.why_none
        return
    for level in evidence.checklist.levels:
        yield f"Level {level.level}"
        for result in level.results:
            studies = ", ".join(sorted(keys[key] for key in result.studies))
            yield f"  {result.criterion.code}: {state_in_words(result, studies)}"


def state_in_words(result: CriterionResult, studies: str) -> str:
    """Return how a criterion stands: "met by bride-2007", "not met, 1 of 2 (bride-2007)"."""
    words = str(result.state.label).lower()
    if result.state == CriterionState.MET:
        return f"{words} by {studies}" if studies else words
    count = f", {result.found} of {result.needed}" if result.needed else ""
    return f"{words}{count}" + (f" ({studies})" if studies else "")
