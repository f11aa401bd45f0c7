"""What a transition requires of an entry and of whoever makes it, and what stands in its way."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db.models import Count
from django.utils import timezone
from django.utils.text import capfirst

from ..models import Page, Program, Rating, Status, TopicArea
from ..models.base import Person
from ..models.status import Publishable
from ..values.moments import day_in_words
from .transitions import BACK_TO_DRAFT, SEND_TO_REVIEW, Transition, may, no_way, state


class Blocker(NamedTuple):
    """Name what stands in the way of a transition, and where it is fixed: a field's name, "ratings", or "" for none."""

    sentence: str
    place: str = ""


NO_DESCRIPTION = Blocker("It has no description, which visitors read first.", "description")
NOT_RATED = Blocker("It has no current rating in any topic area.", "ratings")
NO_DEFINITION = Blocker("It has no definition.", "definition")
NO_CRITERIA = Blocker(
    "It does not say what research must examine for a program “in order to be rated”.",
    "rating_criteria",
)
NO_TEXT = Blocker("It has no text.", "text")
# So begins what a starting text leaves to the agency.
GAP = "[fill in"
HAS_GAPS = Blocker(f"It has places left that begin with “{GAP}”.", "text")
MERGED = Blocker(
    "It was merged into another program, which took its place. Undo the merge to take it up again."
)
NO_REASON = "Say why it is retired: visitors who come to its address read it."
WHY_BACK = "Say why it goes back: whoever wrote it reads that."
NOT_AHEAD = "A date of publication lies in the future; publish it now, or choose a later date."
MAY_NOT = "Your account may not do this."
GONE = "It has been deleted."


class RelatedFacts:
    """Read what the rules ask about entries of one model beside their own fields, in a query or two for all of them.

    ``areas`` are the topic areas that programs are rated in now, ``umbrellas`` the areas that have parts, and
    ``programs`` counts the public programs that are rated in an area. ``senders`` are who sent entries to review.
    """

    def __init__(self, entries: Sequence[Publishable]) -> None:
        self.areas: dict[int, list[TopicArea]] = defaultdict(list)
        self.umbrellas: set[int | None] = set()
        self.programs: dict[int, int] = {}
        self.senders: dict[int, int | None] = {}
        pks = [entry.pk for entry in entries]
        if not pks:
            return
        if in_review := [entry.pk for entry in entries if entry.status == Status.IN_REVIEW]:
            history: Any = type(entries[0]).history
            sent = history.filter(
                id__in=in_review, history_change_reason__startswith=SEND_TO_REVIEW.done
            )
            self.senders = dict(sent.order_by("pk").values_list("id", "history_user"))
        ratings = Rating.objects.current()
        if isinstance(entries[0], Program):
            placed = ratings.filter(program__in=pks).select_related("topic_area")
            shown = [f"topic_area__{name}" for name in ("name", "status", "published_at")]
            for rating in placed.only("program_id", *shown).in_topic_area_order():
                self.areas[rating.program_id].append(rating.topic_area)
        elif isinstance(entries[0], TopicArea):
            parts = TopicArea.objects.filter(parent__in=pks).order_by()
            self.umbrellas = set(parts.values_list("parent_id", flat=True))
            counted = ratings.published().filter(topic_area__in=pks).order_by()
            self.programs = dict(
                counted.values("topic_area").annotate(n=Count("pk")).values_list("topic_area", "n")
            )

    def lacking(self, entry: Publishable) -> list[Blocker]:
        """Return the blockers of what an entry lacks to be published."""
        return lacking(
            entry, is_rated=entry.pk in self.areas, is_umbrella=entry.pk in self.umbrellas
        )


def blockers(entry: Publishable, target: str, facts: RelatedFacts | None = None) -> list[Blocker]:
    """Return the blockers of giving an entry a status; ``facts`` spares a query where they are known."""
    facts = facts or RelatedFacts([entry])
    found = []
    if getattr(entry, "merged_into_id", None) and target != Status.RETIRED:
        found.append(MERGED)
    if target == Status.PUBLISHED:
        found += facts.lacking(entry)
    return found + mistakes(entry)


def lacking(entry: Publishable, *, is_rated: bool, is_umbrella: bool) -> list[Blocker]:
    """Return the blockers of an entry's publication; ``is_rated`` is asked of programs, ``is_umbrella`` of areas."""
    wanted: dict[Blocker, bool] = {}
    if isinstance(entry, Program):
        wanted = {NO_DESCRIPTION: bool(entry.description.strip()), NOT_RATED: is_rated}
    elif isinstance(entry, TopicArea):
        wanted = {
            NO_DEFINITION: bool(entry.definition.strip()),
            NO_CRITERIA: is_umbrella or bool(entry.rating_criteria.strip()),
        }
    elif isinstance(entry, Page):
        wanted = {NO_TEXT: bool(entry.text.strip()), HAS_GAPS: GAP not in entry.text.lower()}
    return [blocker for blocker, is_there in wanted.items() if not is_there]


def mistakes(entry: Any) -> list[Blocker]:
    """Return the blockers in an entry's own fields, with which it could not be saved."""
    relations = {field.name for field in entry._meta.concrete_fields if field.is_relation}
    try:
        entry.clean_fields(exclude=relations)
    except ValidationError as error:
        return [
            Blocker(f"{capfirst(entry._meta.get_field(name).verbose_name)}: {' '.join(said)}", name)
            for name, said in error.message_dict.items()
        ]
    return []


def remarks(entry: Publishable, target: str, facts: RelatedFacts | None = None) -> list[str]:
    """Return the remarks to read before giving an entry a status; they do not stand in the way."""
    facts = facts or RelatedFacts([entry])
    if target == Status.IN_REVIEW:
        lack = facts.lacking(entry)
        return [f"Before it can be published: {blocker.sentence}" for blocker in lack]
    if target == Status.PUBLISHED:
        return [
            f"It is rated in “{area}”, which is retired: the rating does not show."
            if area.is_retired
            else f"It is rated in “{area}”, which is not public: the rating shows when that area does."
            for area in facts.areas.get(entry.pk, ())
            if not area.is_published
        ]
    count = facts.programs.get(entry.pk, 0)
    if not count:
        return []
    if count == 1:
        return ["1 public program is rated in it, and loses its place there."]
    return [f"{count:,} public programs are rated in it, and lose their place there."]


def blockers_for(
    entry: Publishable, transition: Transition, *, user: Person, facts: RelatedFacts
) -> list[Blocker]:
    """Return the blockers that keep somebody from a transition of an entry as it stands."""
    if transition.source != state(entry):
        return [Blocker(no_way(entry, [transition]))]
    if not may(user, entry, transition.permission):
        return [Blocker(MAY_NOT)]
    return blockers(entry, transition.target, facts)


def why_not(
    entry: Publishable,
    transition: Transition,
    *,
    user: Person,
    facts: RelatedFacts,
    reason: str,
    public_from: datetime | None,
) -> list[str]:
    """Return why somebody cannot make a transition of an entry for this reason and from this moment, in sentences."""
    found = blockers_for(entry, transition, user=user, facts=facts)
    if found:
        return [blocker.sentence for blocker in found]
    if transition.target == Status.RETIRED and not says_something(reason):
        return [NO_REASON]
    if transition is BACK_TO_DRAFT and not reason and facts.senders.get(entry.pk) != user.pk:
        return [WHY_BACK]
    if public_from and (sentence := wrong_moment(entry, public_from)):
        return [sentence]
    return []


def says_something(text: str) -> bool:
    """Return whether there is a letter or a digit in a text, and not only what nobody sees."""
    return any(map(str.isalnum, text))


def wrong_moment(entry: Publishable, public_from: datetime) -> str:
    """Say why an entry cannot be scheduled for a moment; "" where it can."""
    if entry.was_public:
        return never_again(entry)
    if public_from <= timezone.now():
        return NOT_AHEAD
    return ""


def never_again(entry: Any) -> str:
    """Say of what was public once that it cannot be scheduled."""
    return (
        f"It was public from {day_in_words(entry.published_at)} on, so it cannot be scheduled; "
        "publish it when it is ready."
    )
