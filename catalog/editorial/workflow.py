"""The way of an entry from a draft to the public and on: which steps there are, who may take them, what hinders one."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.text import capfirst

from ..history.bulk_writer import BulkWriter
from ..history.diff import person
from ..models import Program, Rating, Status, Study, TopicArea
from ..models.status import DATED_BY_STATUS
from ..values.fields import tidy
from ..values.moments import day_in_words, moment_in_words
from ..values.richtext import plain


class State(models.TextChoices):
    """Where an entry stands: its status, and whether a publication is yet to come. The labels follow "It is"."""

    DRAFT = "draft", "a draft"
    IN_REVIEW = "in-review", "in review"
    SCHEDULED = "scheduled", "scheduled"
    PUBLISHED = "published", "published"
    RETIRED = "retired", "retired"


class Transition(NamedTuple):
    """A way from where an entry stands to a status.

    ``permission`` is the action on the entry's model that it takes, ``effect`` says in a sentence what it does (with
    "It" or "Each" put in), ``done`` is what the history says of it.
    """

    name: str
    label: str
    source: State
    target: Status
    permission: str
    effect: str
    done: str


SEND_TO_REVIEW = Transition(
    "review",
    "Send to review",
    State.DRAFT,
    Status.IN_REVIEW,
    "change",
    "{it} waits for somebody who publishes to read it. It can be edited as before.",
    "Sent to review",
)
BACK_TO_DRAFT = Transition(
    "draft",
    "Back to draft",
    State.IN_REVIEW,
    Status.DRAFT,
    "change",
    "{it} is a draft again, and waits for nobody.",
    "Back to draft",
)
PUBLISH = Transition(
    "publish",
    "Publish",
    State.IN_REVIEW,
    Status.PUBLISHED,
    "publish",
    "{it} becomes public: at its address, in lists, counts, search and exports.",
    "Published",
)
RESCHEDULE = Transition(
    "reschedule",
    "Publish now or on another date",
    State.SCHEDULED,
    Status.PUBLISHED,
    "publish",
    "{it} becomes public now, or on another date than was planned.",
    "Published",
)
UNSCHEDULE = Transition(
    "unschedule",
    "Unschedule",
    State.SCHEDULED,
    Status.IN_REVIEW,
    "publish",
    "{it} does not become public by itself any more, and is in review again.",
    "Unscheduled",
)
WITHDRAW = Transition(
    "withdraw",
    "Withdraw",
    State.PUBLISHED,
    Status.DRAFT,
    "publish",
    "{it} leaves the public site and is a draft again. Until it is published again, its address leads nowhere; "
    "to say that it is no longer part of the catalog, and why, retire it instead.",
    "Withdrawn",
)
RETIRE = Transition(
    "retire",
    "Retire",
    State.PUBLISHED,
    Status.RETIRED,
    "publish",
    "{it} leaves all lists, counts, search and exports. Its address stays, and says that it is retired, when and why.",
    "Retired",
)
PUBLISH_AGAIN = Transition(
    "publish-again",
    "Publish again",
    State.RETIRED,
    Status.PUBLISHED,
    "publish",
    "{it} is no longer retired, and becomes public again. The day on which it was first public stays.",
    "Published again",
)
TRANSITIONS = (
    SEND_TO_REVIEW,
    BACK_TO_DRAFT,
    PUBLISH,
    RESCHEDULE,
    UNSCHEDULE,
    WITHDRAW,
    RETIRE,
    PUBLISH_AGAIN,
)


class Blocker(NamedTuple):
    """What stands in the way of a step, and the place to mend it: a field's name, "ratings", or "" for none."""

    sentence: str
    place: str = ""


NO_DESCRIPTION = Blocker("It has no description, which visitors read first.", "description")
NOT_RATED = Blocker("It has no current rating in any topic area.", "ratings")
NO_DEFINITION = Blocker("It has no definition.", "definition")
NO_CRITERIA = Blocker(
    "It does not say what research must examine for a program “in order to be rated”.",
    "rating_criteria",
)
MERGED = Blocker(
    "It was merged into another program, which took its place; it cannot be taken up again."
)
NO_REASON = "Say why it is retired: visitors who come to its address read it."
NOT_AHEAD = "A date of publication lies in the future; publish it now, or choose a later date."
MAY_NOT = "Your account may not do this."
GONE = "It has been deleted."


class Hindered(Exception):
    """A step was not taken; ``sentences`` say why."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


# --- Where an entry stands, and where it may go from there


def state(entry: Any) -> State:
    return State.SCHEDULED if entry.is_scheduled else State(entry.status)


def label(entry: Any) -> str:
    """Return the status of an entry as lists show it: "Draft", "Scheduled"."""
    return "Scheduled" if entry.is_scheduled else str(Status(entry.status).label)


def standing(entry: Any) -> str:
    """Say where an entry stands: "Draft", "Scheduled for March 1, 2027, 9:00 AM"."""
    match state(entry):
        case State.SCHEDULED:
            return f"Scheduled for {moment_in_words(entry.published_at)}"
        case State.PUBLISHED:
            return f"Published since {day_in_words(entry.published_at)}"
        case State.RETIRED:
            reason = plain(entry.retirement_reason)
            return f"Retired on {day_in_words(entry.retired_at)}" + (
                f": {reason}" if reason else ""
            )
    if entry.was_public:
        return f"{label(entry)}; it was public from {day_in_words(entry.published_at)} on"
    return label(entry)


def transitions(entry: Any) -> list[Transition]:
    """Return the steps that lead on from where an entry stands, whoever may take them."""
    here = state(entry)
    return [transition for transition in TRANSITIONS if transition.source == here]


def transition_to(entry: Any, target: str) -> Transition | None:
    """Return the step that leads an entry to a status, None where there is none."""
    return next(
        (transition for transition in transitions(entry) if transition.target == target), None
    )


def may(user: Any, entry: Any, permission: str) -> bool:
    """Whether somebody may "change" or "publish" an entry, or entries of a model."""
    return user.has_perm(f"catalog.{permission}_{entry._meta.model_name}")


def permission_for(target: str) -> str:
    """Return what it takes at the least to give an entry a status, wherever it stands."""
    return next(transition.permission for transition in TRANSITIONS if transition.target == target)


def no_way(entry: Any, ways: Iterable[Transition]) -> str:
    """Say that none of these steps leads on from where an entry stands: "It is a draft. …"."""
    *others, last = [str(transition.source.label) for transition in ways]
    sources = f"{', '.join(others)} or {last}" if others else last
    return f"It is {state(entry).label}; this can only be done with what is {sources}."


def no_way_to(entry: Any, target: str) -> str:
    """Say that no step leads an entry to a status."""
    return no_way(entry, [transition for transition in TRANSITIONS if transition.target == target])


# --- What hinders a step


class Facts:
    """What the rules ask about entries of one model beside their own fields, in a query or two for all of them.

    ``areas`` are the topic areas that programs are rated in now, ``umbrellas`` the areas that have parts, and
    ``programs`` counts the public programs that are rated in an area.
    """

    def __init__(self, entries: Sequence[Any]) -> None:
        self.areas: dict[int, list[TopicArea]] = defaultdict(list)
        self.umbrellas: set[int | None] = set()
        self.programs: dict[int, int] = {}
        pks = [entry.pk for entry in entries]
        if not pks:
            return
        ratings = Rating.objects.current()
        if isinstance(entries[0], Program):
            placed = ratings.filter(program__in=pks).select_related("topic_area")
            shown = [f"topic_area__{name}" for name in ("name", "status", "published_at")]
            for rating in placed.only("program_id", *shown).in_topic_area_order():
                self.areas[rating.program_id].append(rating.topic_area)
        else:
            parts = TopicArea.objects.filter(parent__in=pks).order_by()
            self.umbrellas = set(parts.values_list("parent_id", flat=True))
            counted = ratings.published().filter(topic_area__in=pks).order_by()
            self.programs = dict(
                counted.values("topic_area").annotate(n=Count("pk")).values_list("topic_area", "n")
            )

    def lacking(self, entry: Any) -> list[Blocker]:
        """Return what an entry lacks to be published."""
        return lacking(
            entry, is_rated=entry.pk in self.areas, is_umbrella=entry.pk in self.umbrellas
        )


def blockers(entry: Any, target: str, facts: Facts | None = None) -> list[Blocker]:
    """Return what stands in the way of giving an entry a status; ``facts`` spares a query where they are known."""
    facts = facts or Facts([entry])
    found = []
    if getattr(entry, "merged_into_id", None) and target != Status.RETIRED:
        found.append(MERGED)
    if target == Status.PUBLISHED:
        found += facts.lacking(entry)
    return found + mistakes(entry)


def lacking(entry: Any, *, is_rated: bool, is_umbrella: bool) -> list[Blocker]:
    """Return what an entry lacks to be published; ``is_rated`` is asked of programs, ``is_umbrella`` of areas."""
    if isinstance(entry, Program):
        wanted = {NO_DESCRIPTION: bool(entry.description.strip()), NOT_RATED: is_rated}
    else:
        wanted = {
            NO_DEFINITION: bool(entry.definition.strip()),
            NO_CRITERIA: is_umbrella or bool(entry.rating_criteria.strip()),
        }
    return [blocker for blocker, is_there in wanted.items() if not is_there]


def mistakes(entry: Any) -> list[Blocker]:
    """Return what is wrong with an entry's own fields, so that it could not be saved."""
    relations = {field.name for field in entry._meta.concrete_fields if field.is_relation}
    try:
        entry.clean_fields(exclude=relations)
    except ValidationError as error:
        return [
            Blocker(f"{capfirst(entry._meta.get_field(name).verbose_name)}: {' '.join(said)}", name)
            for name, said in error.message_dict.items()
        ]
    return []


def remarks(entry: Any, target: str, facts: Facts | None = None) -> list[str]:
    """Return what to know before giving an entry a status; it does not stand in the way."""
    facts = facts or Facts([entry])
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


def blockers_for(entry: Any, transition: Transition, *, user: Any, facts: Facts) -> list[Blocker]:
    """Return what keeps somebody from taking a step with an entry as it stands."""
    if transition.source != state(entry):
        return [Blocker(no_way(entry, [transition]))]
    if not may(user, entry, transition.permission):
        return [Blocker(MAY_NOT)]
    return blockers(entry, transition.target, facts)


def why_not(
    entry: Any,
    transition: Transition,
    *,
    user: Any,
    facts: Facts,
    reason: str,
    public_from: datetime | None,
) -> list[str]:
    """Return why somebody cannot take a step with an entry for this reason and from this moment, in sentences."""
    hindered = blockers_for(entry, transition, user=user, facts=facts)
    if hindered:
        return [blocker.sentence for blocker in hindered]
    if transition.target == Status.RETIRED and not says_something(reason):
        return [NO_REASON]
    if public_from and (sentence := wrong_moment(entry, public_from)):
        return [sentence]
    return []


def says_something(text: str) -> bool:
    """Whether there is a letter or a digit in a text, and not only what nobody sees."""
    return any(map(str.isalnum, text))


def wrong_moment(entry: Any, public_from: datetime) -> str:
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


# --- Taking a step


def version(entry: Any) -> str:
    """Return what changes with every change of an entry or, of a program, of its ratings and studies."""
    return versions(type(entry), [entry.pk])[entry.pk]


def versions(model: Any, pks: Collection[int]) -> dict[int, str]:
    """Return the ``version`` of entries by primary key: the keys of the last rows of history, as "12.0.7"."""
    lasts = [
        dict(history.filter(**{f"{key}__in": pks}).order_by().values_list(key, Max("history_id")))
        for history, key in histories(model)
    ]
    return {pk: ".".join(str(last.get(pk, 0)) for last in lasts) for pk in pks}


def histories(model: Any) -> list[tuple[Any, str]]:
    """Return the histories that tell of an entry of a model, each with the field that names the entry."""
    parts: tuple[Any, ...] = (Rating, Study) if model is Program else ()
    return [(model.history, "id"), *((part.history, "program_id") for part in parts)]


def changed_meanwhile(model: Any, seen: str, now: str) -> str:
    """Say to somebody who decided on one version who has written what made it another."""
    who, what = "Somebody", "saved this entry"
    # What was seen comes from a form, and may be shorter.
    parts = zip(histories(model), seen.split("."), now.split("."), strict=False)
    for (history, key), before, last in parts:
        if before == last:
            continue
        change = history.select_related("history_user").filter(pk=last).first()
        if change and change.history_user:
            who = person(change.history_user)
        if key != "id":
            what = f"changed its {history.model.instance_type._meta.verbose_name_plural}"
        break
    return f"{who} has {what} since you opened the page."


def apply_transition(
    entry: Any,
    target: str,
    *,
    user: Any,
    reason: str = "",
    public_from: datetime | None = None,
    seen: str | None = None,
) -> Any:
    """Give an entry a status, in the name of ``user``; return it as it is stored then.

    ``reason`` is kept in the history and, of a retired entry, public. ``public_from`` is the moment from which it is to
    be public, None for now. ``seen`` is the version that ``user`` decided on, None for any. Raises Hindered.
    """
    model = type(entry)
    reason = tidy(reason)
    with transaction.atomic():
        locked = model._default_manager.select_for_update().filter(pk=entry.pk).first()
        if locked is None:
            raise Hindered(GONE)
        last = version(locked)
        if seen is not None and seen != last:
            raise Hindered(changed_meanwhile(model, seen, last))
        transition = transition_to(locked, target)
        if transition is None:
            raise Hindered(no_way_to(locked, target))
        sentences = why_not(
            locked,
            transition,
            user=user,
            facts=Facts([locked]),
            reason=reason,
            public_from=public_from,
        )
        if sentences:
            raise Hindered(*sentences)
        set_status(locked, transition, reason, public_from)
        try:
            locked.full_clean()
        except ValidationError as error:
            raise Hindered(*in_sentences(error)) from None
        locked._history_user = user
        locked._change_reason = in_history(transition, reason, public_from)
        locked.save()
    return locked


class Taken(NamedTuple):
    """What became of entries: those with which a step was taken, and the others, each with why it was not."""

    done: list[Any]
    left: list[tuple[Any, list[str]]]
    gone: int


def take_all(
    model: Any,
    transition: Transition,
    seen: Mapping[int, str],
    *,
    user: Any,
    reason: str = "",
    public_from: datetime | None = None,
) -> Taken:
    """Take a step with many entries of a model at once, those that can; each gets a history entry of its own.

    ``seen`` are the versions, by primary key, that ``user`` decided on; the rest is as for ``apply_transition``.
    """
    reason = tidy(reason)
    done, left = [], []
    with transaction.atomic():
        entries = model._default_manager.select_for_update().filter(pk__in=seen).order_by("pk")
        entries = list(entries)
        now, facts = versions(model, list(seen)), Facts(entries)
        for entry in entries:
            if now[entry.pk] != seen[entry.pk]:
                said = changed_meanwhile(model, seen[entry.pk], now[entry.pk])
                left.append((entry, [said]))
                continue
            sentences = why_not(
                entry, transition, user=user, facts=facts, reason=reason, public_from=public_from
            )
            if sentences:
                left.append((entry, sentences))
            else:
                set_status(entry, transition, reason, public_from)
                entry.date_status()
                done.append(entry)
        # Their fields are checked, and but for the status they are as they were.
        writer = BulkWriter(
            user=user, reason=in_history(transition, reason, public_from), record=None
        )
        writer.change(done, ["status", *DATED_BY_STATUS])
    return Taken(done, left, len(seen) - len(entries))


def set_status(
    entry: Any, transition: Transition, reason: str, public_from: datetime | None
) -> None:
    """Give an entry the status of a step; ``date_status`` does the rest."""
    entry.status = transition.target
    if not entry.was_public:
        entry.published_at = public_from
    if transition.target == Status.RETIRED:
        entry.retirement_reason = reason


def in_history(transition: Transition, reason: str, public_from: datetime | None) -> str:
    """Return what the history says of a step: "Scheduled for March 1, 2027, 9:00 AM: the law's first day"."""
    done = f"Scheduled for {moment_in_words(public_from)}" if public_from else transition.done
    return f"{done}: {reason}" if reason else done


def in_sentences(error: ValidationError) -> list[str]:
    """Return what a model has against an entry, with the fields' names."""
    return [
        " ".join(said)
        if name == NON_FIELD_ERRORS
        else f"{name.replace('_', ' ')}: {' '.join(said)}"
        for name, said in error.message_dict.items()
    ]
