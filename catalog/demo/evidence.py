"""Ratings that are made up."""

from collections.abc import Iterator, Sequence
from datetime import date

from ..models import (
    Availability,
    NotRatedReason,
    Program,
    Rating,
    ScientificRating,
    TopicArea,
    TopicExpert,
)
from ..values.raters import Rater
from .chance import FIRST_DAY
from .source import ExampleSource

# Two ratings further apart than this have different dates, even where only the year is known.
LONGER_THAN_A_YEAR = 400

LEVELS = {
    ScientificRating.NOT_RATED: 45,
    ScientificRating.PROMISING: 30,
    ScientificRating.SUPPORTED: 12,
    ScientificRating.WELL_SUPPORTED: 6,
    ScientificRating.FAILS_TO_DEMONSTRATE_EFFECT: 5,
    ScientificRating.CONCERNING: 2,
}
REASONS = {
    NotRatedReason.NO_ELIGIBLE_STUDY: 40,
    NotRatedReason.NO_CONTROL_GROUP: 25,
    NotRatedReason.NOT_PEER_REVIEWED: 15,
    NotRatedReason.MEASURES: 5,
    NotRatedReason.OUTSIDE_OUTCOMES: 5,
    NotRatedReason.NOT_STATED: 10,
}
LEVELS_WITH_MANUAL = {"1", "2", "3"}
# Of a hundred programs of these levels.
WITHOUT_MANUAL = 3
# Of a hundred ratings, of how many is recorded who gave them; of a hundred of these raters, how many are not public.
WITH_RATERS, NOT_PUBLIC = 60, 20
CONFLICTS = {
    "None declared.": 70,
    "One rater had worked with a developer of the program, and took no part in the final decision.": 10,
    "": 20,
}
AREAS_OF_A_PROGRAM = {1: 35, 2: 36, 3: 18, 4: 11}


def make_ratings(
    source: ExampleSource, program: Program, areas: Sequence[TopicArea]
) -> list[Rating]:
    """Return a program's ratings in one to four areas, some with the rating that it had there before."""
    chance = source.chance
    number = min(chance.one_of(AREAS_OF_A_PROGRAM), len(areas))
    if chance.happens(2):  # written down, and not rated anywhere yet
        return []
    return [
        rating
        for area in chance.sample(areas, number)
        for rating in make_ratings_in(source, program, area)
    ]


def give_manual(source: ExampleSource, program: Program, ratings: Sequence[Rating]) -> None:
    """Give a program a manual where its ratings ask for one; few are rated so and lack it."""
    asking = any(
        rating.is_current and rating.scientific_rating in LEVELS_WITH_MANUAL for rating in ratings
    )
    if asking and not source.chance.happens(WITHOUT_MANUAL):
        program.manual_available = Availability.YES


def give_raters(source: ExampleSource, rating: Rating, experts: Sequence[TopicExpert]) -> None:
    """Record of most ratings who gave them, experts of the topic area among them, and what they declared."""
    chance, writer = source.chance, source.writer
    if not chance.happens(WITH_RATERS):
        return
    other = f"{writer.any_word('first_name')} {writer.any_word('surname')}"
    rater = Rater(other, is_public=not chance.happens(NOT_PUBLIC))
    rating.raters = (*(expert.slug for expert in experts if chance.happens(50)), str(rater))
    rating.conflict_statement = chance.one_of(CONFLICTS)


def make_ratings_in(source: ExampleSource, program: Program, area: TopicArea) -> Iterator[Rating]:
    """Yield a program's ratings in one area: perhaps a former one, and the current one."""
    chance, loaded = source.chance, FIRST_DAY
    if program.loaded_on:
        loaded = date(int(program.loaded_on[:4]), 1, 1).toordinal()
    rated = chance.day(loaded)
    if rated - loaded > LONGER_THAN_A_YEAR and chance.happens(15):
        former = chance.day(loaded, rated - LONGER_THAN_A_YEAR)
        yield make_rating(source, program, area, former, is_current=False)
    yield make_rating(source, program, area, rated, is_current=True)


def make_rating(
    source: ExampleSource, program: Program, area: TopicArea, day: int, *, is_current: bool
) -> Rating:
    """Return a rating of this day, not yet saved."""
    chance = source.chance
    level = chance.one_of(LEVELS)
    reason = chance.one_of(REASONS) if level == ScientificRating.NOT_RATED else ""
    return Rating(
        program=program,
        topic_area=area,
        scientific_rating=level,
        not_rated_reason=reason,
        rationale=source.writer.sentence("rationale") if chance.happens(30) else "",
        rated_on=chance.partial_date(day) if chance.happens(90) or not is_current else "",
        is_current=is_current,
    )
