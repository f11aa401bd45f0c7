"""Who may rate what, what is worth a second look before a program is rated, and what each rating changed."""

from collections.abc import Iterator
from typing import NamedTuple

from ..models import Program, Rating, ScientificRating
from ..models.base import Person
from ..models.levels import change_since
from ..models.programs import ProgramQuerySet

# A fall by so many levels is worth a second look.
FAR = 2


def may_rate(user: Person, program: Program, action: str = "add") -> bool:
    """Return whether somebody may rate a program ("add"), or correct its ratings ("change").

    Where the public sees the ratings, or is to see them from a set day on, that is to publish them. A program that
    was merged into another one keeps what it has.
    """
    concerns_public = program.was_public or program.is_scheduled
    return (
        program.merged_into_id is None
        and user.has_perm(f"catalog.{action}_rating")
        and (not concerns_public or user.has_perm("catalog.publish_rating"))
    )


def why_not_rated(user: Person, program: Program) -> str:
    """Return why somebody may not rate a program, nor correct its ratings, and what to do; "" for want of any right."""
    if program.merged_into:
        return f"“{program}” was merged into “{program.merged_into}”, and keeps what it has. Rate that one."
    if not user.has_perms(["catalog.add_rating", "catalog.change_rating"]):
        return ""
    return (
        f"Visitors read the ratings of “{program}”, or are to read them: that takes the permission to publish ratings. "
        "Ask somebody who has it."
    )


def programs_user_may_not_rate(user: Person) -> ProgramQuerySet:
    """Return the programs that ``may_rate`` keeps from somebody because the public is concerned."""
    if user.has_perm("catalog.publish_rating"):
        return Program.objects.none()
    # The date is kept by what was public, and set for what is scheduled; anything else has none.
    return Program.objects.filter(published_at__isnull=False)


def compare_ratings(new: Rating, current: Rating) -> Iterator[tuple[str, str]]:
    """Yield the column and what to look at again, where a new rating is much lower or older than the current one."""
    levels = [rating.scientific_rating for rating in (current, new)]
    if ScientificRating.NOT_RATED not in levels and int(levels[1]) - int(levels[0]) >= FAR:
        yield (
            "scientific_rating",
            f"This falls by {int(levels[1]) - int(levels[0])} levels: the current rating is {levels[0]}.",
        )
    known = min(len(new.rated_on), len(current.rated_on))
    if new.rated_on[:known] < current.rated_on[:known]:
        yield "rated_on", f"This is older than the current rating, which is of {current.rated_on}."
    if current.rated_on and not new.rated_on:
        yield "rated_on", f"This has no date; the current rating is of {current.rated_on}."


class RatingStep(NamedTuple):
    """Show a rating of a program in a topic area, and what it changed."""

    rating: Rating
    change: str


def rating_steps(ratings: list[Rating]) -> list[RatingStep]:
    """Say of each rating, newest first, what it changed: as far as the dates tell which came before it."""
    steps = []
    for rating, before in zip(ratings, [*ratings[1:], None], strict=True):
        # Of several past ratings, one without a date may stand anywhere; a single one stands first.
        is_placed = (before or rating).rated_on or not ratings[2:]
        change = (
            change_since(rating.level, before.level) if before else "First rating on record here."
        )
        steps.append(RatingStep(rating, change if is_placed else ""))
    return steps
