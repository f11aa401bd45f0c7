"""Those who gave ratings: the topic experts among them, and what that says of the topic-expert rule."""

import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from ..values.names import match_key
from ..values.raters import raters_of
from .experts import TopicExpert

SLUG = re.compile(r"[-a-z0-9_]+\Z", re.ASCII | re.IGNORECASE)
UNKNOWN_SLUG = "“{}” is no topic expert’s slug. Write a slug that there is, or a name as people write it: “Jane Doe”."
WITHHELD = "Not everybody who rated it is named in public."


class NamedRater(NamedTuple):
    """Show somebody who gave a rating; ``address`` is that of a public page, or ""."""

    name: str
    is_public: bool
    expert: TopicExpert | None = None
    address: str = ""

    def is_one_of(self, experts: Iterable[TopicExpert]) -> bool:
        """Return whether this is one of some experts, also where only the name was recorded."""
        if self.expert:
            return self.expert in experts
        names = {match_key(name) for expert in experts for name in (expert.name, str(expert))}
        return match_key(self.name) in names


def slugs_in(columns: Iterable[tuple[str, ...]]) -> set[str]:
    """Return what may be the slug of a topic expert in the raters' columns of ratings."""
    return {r.who for column in columns for r in raters_of(column) if SLUG.match(r.who)}


def is_meant_as_slug(who: str) -> bool:
    """Return whether a text can only be a slug: nobody writes a name without a capital letter and a space."""
    return SLUG.match(who) is not None and who == who.lower()


def unknown_slugs(columns: Iterable[tuple[str, ...]]) -> set[str]:
    """Return the slugs in the raters' columns of ratings that stand for no topic expert. Four queries at most."""
    slugs = set(filter(is_meant_as_slug, slugs_in(columns)))
    return slugs - TopicExpert.objects.by_slugs(slugs).keys() if slugs else slugs


def named_raters(columns: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], list[NamedRater]]:
    """Return those whom the raters' columns of ratings name, by column. Five queries at most, none for names alone."""
    slugs = slugs_in(columns)
    experts = TopicExpert.objects.by_slugs(slugs) if slugs else {}
    pks = {expert.pk for expert in experts.values()}
    shown = (
        TopicExpert.objects.published().filter(pk__in=pks) if pks else TopicExpert.objects.none()
    )
    public = set(shown.order_by().values_list("pk", flat=True))

    def named(who: str, is_public: bool) -> NamedRater:
        if not (expert := experts.get(who)):
            return NamedRater(who, is_public)
        address = expert.get_absolute_url() if expert.pk in public else ""
        return NamedRater(str(expert), is_public, expert, address)

    return {column: [named(*rater) for rater in raters_of(column)] for column in columns}


class Involvement(NamedTuple):
    """Say whether the topic expert took part in rating a program, and how that is known."""

    answer: str
    reason: str


def expert_involvement(
    year_added: int | None, earliest_rated: str, undated: bool, loaded_on: str
) -> Involvement:
    """Say whether the topic expert took part in rating a program by the topic-expert rule.

    year_added is the topic area's; earliest_rated the earliest known date of a rating in it ("" if none), which
    need not be the first; undated whether the area holds a rating of the program without a date, which may be
    earlier; loaded_on the program's own date.
    """
    if not year_added:
        return Involvement(
            "Not recorded", "The year in which the topic area was added is not recorded."
        )
    loaded, rated = (int(day[:4]) if day else None for day in (loaded_on, earliest_rated))
    the_year = f"{year_added}, the year in which the topic area was added"
    if loaded == year_added:
        return Involvement("Yes", f"Loaded in {the_year}.")
    if rated == year_added:
        return Involvement("Yes", f"The earliest rating recorded here is of {the_year}.")
    if not loaded:
        return Involvement("Not recorded", "The program's load date is not recorded.")
    if loaded > year_added:
        return Involvement(
            "No", f"Loaded in {loaded}, after the topic area was added in {year_added}."
        )
    if rated and not undated:
        return Involvement(
            "No",
            f"Loaded in {loaded}, before the topic area was added in {year_added}, and the earliest rating "
            f"recorded here is of {rated}.",
        )
    return Involvement(
        "Not recorded",
        f"Loaded in {loaded}, before the topic area was added in {year_added}; whether it was placed here at "
        "the launch is not recorded.",
    )


def recorded_involvement(
    by_rule: Involvement, raters: Collection[NamedRater], experts: Collection[TopicExpert]
) -> Involvement:
    """Return whether a topic expert took part: as the ratings of a program in the area record, else by the rule.

    That others are recorded speaks against nobody: the rule is about the launch, and its ratings may be older. Where
    some raters are not public, a No might be wrong, and anything but the same answer for all would tell who they are.
    """
    if names := [r.name for r in raters if r.is_public and r.is_one_of(experts)]:
        people = "; ".join(dict.fromkeys(names))
        return Involvement("Yes", f"Recorded among those who rated it: {people}.")
    if by_rule.answer == "No" and not all(rater.is_public for rater in raters):
        return Involvement("Not stated", f"{by_rule.reason} {WITHHELD}")
    return by_rule
