"""The transitions of an entry from a draft to the public and on: which there are, and who may make them."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db import models

from ..models import Status
from ..models.about_entry import entry_models
from ..models.base import Person
from ..models.status import Publishable
from ..values.moments import day_in_words, moment_in_words
from ..values.richtext import plain


class WorkflowState(models.TextChoices):
    """Say where an entry stands: its status, and whether a publication is yet to come. The labels follow "It is"."""

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
    source: WorkflowState
    target: Status
    permission: str
    effect: str
    done: str


SEND_TO_REVIEW = Transition(
    "review",
    "Send to review",
    WorkflowState.DRAFT,
    Status.IN_REVIEW,
    "change",
    "{it} waits for somebody who publishes to read it. It can be edited as before.",
    "Sent to review",
)
BACK_TO_DRAFT = Transition(
    "draft",
    "Back to draft",
    WorkflowState.IN_REVIEW,
    Status.DRAFT,
    "change",
    "{it} is a draft again, and waits for nobody.",
    "Back to draft",
)
PUBLISH = Transition(
    "publish",
    "Publish",
    WorkflowState.IN_REVIEW,
    Status.PUBLISHED,
    "publish",
    "{it} becomes public: at its address, in lists, counts, search and exports.",
    "Published",
)
RESCHEDULE = Transition(
    "reschedule",
    "Publish now or on another date",
    WorkflowState.SCHEDULED,
    Status.PUBLISHED,
    "publish",
    "{it} becomes public now, or on another date than was planned.",
    "Published",
)
UNSCHEDULE = Transition(
    "unschedule",
    "Unschedule",
    WorkflowState.SCHEDULED,
    Status.IN_REVIEW,
    "publish",
    "{it} does not become public by itself any more, and is in review again.",
    "Unscheduled",
)
WITHDRAW = Transition(
    "withdraw",
    "Withdraw",
    WorkflowState.PUBLISHED,
    Status.DRAFT,
    "publish",
    "{it} leaves the public site and is a draft again. Until it is published again, its address leads nowhere; "
    "to say that it is no longer part of the catalog, and why, retire it instead.",
    "Withdrawn",
)
RETIRE = Transition(
    "retire",
    "Retire",
    WorkflowState.PUBLISHED,
    Status.RETIRED,
    "publish",
    "{it} leaves all lists, counts, search and exports. Its address stays, and says that it is retired, when and why.",
    "Retired",
)
PUBLISH_AGAIN = Transition(
    "publish-again",
    "Publish again",
    WorkflowState.RETIRED,
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


# What the history says of a publication that is yet to come begins so.
SCHEDULED = "Scheduled for"


# --- Where an entry stands, and where it may go from there


def state(entry: Publishable) -> WorkflowState:
    return WorkflowState.SCHEDULED if entry.is_scheduled else WorkflowState(entry.status)


def label(entry: Publishable) -> str:
    """Return the status of an entry as lists show it: "Draft", "Scheduled"."""
    return "Scheduled" if entry.is_scheduled else str(Status(entry.status).label)


def standing(entry: Any) -> str:
    """Say where an entry stands: "Draft", "Scheduled for March 1, 2027, 9:00 AM"."""
    match state(entry):
        case WorkflowState.SCHEDULED:
            return f"Scheduled for {moment_in_words(entry.published_at)}"
        case WorkflowState.PUBLISHED:
            return f"Published since {day_in_words(entry.published_at)}"
        case WorkflowState.RETIRED:
            reason = plain(entry.retirement_reason)
            return f"Retired on {day_in_words(entry.retired_at)}" + (
                f": {reason}" if reason else ""
            )
    if entry.was_public:
        return f"{label(entry)}; it was public from {day_in_words(entry.published_at)} on"
    return label(entry)


def transitions_from(entry: Publishable) -> list[Transition]:
    """Return the transitions that lead on from where an entry stands, whoever may take them."""
    here = state(entry)
    return [transition for transition in TRANSITIONS if transition.source == here]


def transition_to(entry: Publishable, target: str) -> Transition | None:
    """Return the transition that leads an entry to a status, None where there is none."""
    return next(
        (transition for transition in transitions_from(entry) if transition.target == target), None
    )


def may(user: Person, entry: models.Model | type[models.Model], permission: str) -> bool:
    """Return whether somebody may "view", "change" or "publish" an entry, or entries of a model."""
    return user.has_perm(f"catalog.{permission}_{entry._meta.model_name}")


def may_read(user: Person, entry: models.Model | type[models.Model]) -> bool:
    """Return whether somebody may read an entry, or entries of a model."""
    return may(user, entry, "view") or may(user, entry, "change")


def readable_kinds(user: Person) -> list[str]:
    """Return the kinds of entries that somebody may read, by the fields that name one."""
    return [name for name, model in entry_models().items() if may_read(user, model)]


def permission_for(target: str) -> str:
    """Return the permission of the first transition that leads to a status, from wherever an entry stands."""
    return next(transition.permission for transition in TRANSITIONS if transition.target == target)


def no_way(entry: Publishable, ways: Iterable[Transition]) -> str:
    """Say that none of these transitions leads on from where an entry stands: "It is a draft. …"."""
    *others, last = [str(transition.source.label) for transition in ways]
    sources = f"{', '.join(others)} or {last}" if others else last
    return f"It is {state(entry).label}; this can only be done with what is {sources}."


def no_way_to(entry: Publishable, target: str) -> str:
    """Say that no transition leads an entry to a status."""
    return no_way(entry, [transition for transition in TRANSITIONS if transition.target == target])
