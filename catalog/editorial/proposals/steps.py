"""The steps of a proposal from a draft to the public: which there are, and who may take them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from ...history.diff import person
from ...models import NotificationKind, Proposal, ProposalState
from ...models.base import Person
from ...models.proposals import OPEN
from ...values.fields import tidy
from ...values.moments import moment_in_words
from ..notifications import tell_workers, workers
from ..requirements import NOT_AHEAD
from ..transitions import may
from ..workflow import Hindered
from .changes import is_closed, open_proposal, save
from .merging import Disputed, locked_entry, put_in, seen_of, settle


class Step(NamedTuple):
    """Name a step of a proposal, from which states it leads to which.

    ``permission`` is the action on the entry's model that it takes; ``done`` is what its history says.
    """

    name: str
    label: str
    sources: tuple[ProposalState, ...]
    target: ProposalState
    permission: str
    done: str


SUBMIT = Step(
    "submit",
    "Submit",
    (ProposalState.DRAFT, ProposalState.SENT_BACK),
    ProposalState.SUBMITTED,
    "change",
    "Submitted",
)
APPROVE = Step(
    "approve", "Approve", (ProposalState.SUBMITTED,), ProposalState.APPROVED, "publish", "Approved"
)
PUBLISH = Step(
    "publish", "Publish", (ProposalState.APPROVED,), ProposalState.PUBLISHED, "publish", "Published"
)
SCHEDULE = Step(
    "schedule",
    "Publish later",
    (ProposalState.APPROVED,),
    ProposalState.APPROVED,
    "publish",
    "Scheduled",
)
UNSCHEDULE = Step(
    "unschedule",
    "Unschedule",
    (ProposalState.APPROVED,),
    ProposalState.APPROVED,
    "publish",
    "Unscheduled",
)
SEND_BACK = Step(
    "send-back",
    "Send back",
    (ProposalState.SUBMITTED, ProposalState.APPROVED),
    ProposalState.SENT_BACK,
    "publish",
    "Sent back",
)
DISCARD = Step("discard", "Discard", OPEN, ProposalState.DISCARDED, "change", "Discarded")
TAKE_UP = Step(
    "take-up",
    "Take up again",
    (ProposalState.DISCARDED,),
    ProposalState.DRAFT,
    "change",
    "Taken up again",
)
STEPS = {
    step.name: step
    for step in (
        SUBMIT,
        APPROVE,
        PUBLISH,
        SCHEDULE,
        UNSCHEDULE,
        SEND_BACK,
        DISCARD,
        TAKE_UP,
    )
}

# What those who worked on a proposal are told of it.
TOLD = {
    SEND_BACK: NotificationKind.SENT_BACK,
    APPROVE: NotificationKind.APPROVED,
    PUBLISH: NotificationKind.PUBLISHED,
    DISCARD: NotificationKind.DISCARDED,
}

NOTHING = "It changes nothing that is live."
NO_NOTE = "Say what is new for visitors, or that the change is minor."
NO_REASON = "Say why: the writer reads it."
OWN = "You have submitted it yourself: somebody else approves it."
ANOTHER = "There is another open proposal for this entry."
TWO_MOMENTS = "You gave a date: press “Publish later”, or leave the date blank."
CHANGED = "It, or what is live, has changed since you opened the page. Look at it once more."
MERGED = "The program was merged into another one: discard this, or propose the change there."


def steps_from(proposal: Proposal, user: Person) -> list[Step]:
    """Return the steps that somebody may take with a proposal as it stands."""
    return [step for step in STEPS.values() if not why_not_by(proposal, step, user)]


def is_own(proposal: Proposal, user: Person) -> bool:
    """Return whether somebody has submitted a proposal, and may therefore not approve it."""
    return proposal.submitted_by_id == user.pk and not settings.AUTHORS_MAY_APPROVE


class Said(NamedTuple):
    """Hold what somebody says to a step: ``reason`` to colleagues, ``note`` or that it ``is_minor`` to visitors.

    ``moment`` is from when on it is to be public.
    """

    reason: str = ""
    note: str = ""
    is_minor: bool = False
    moment: datetime | None = None


SILENT = Said()


@transaction.atomic
def take(
    proposal: Proposal,
    step: Step,
    said: Said = SILENT,
    *,
    user: Person,
    seen: str | None = None,
    choices: Mapping[str, str] | None = None,
) -> Proposal:
    """Take a step with a proposal, in the name of ``user``; return it as it is stored then.

    ``seen`` is what ``user`` decided on (``seen_of``), None for any. ``choices`` says by the key of each dispute whose
    value is published: "theirs" for what is live, "mine" for what is proposed. Raises Hindered, and Disputed where
    somebody has to choose.
    """
    said = said._replace(reason=tidy(said.reason), note=tidy(said.note))
    if step is PUBLISH:
        # The entry first, as its form does: else each could wait for the other.
        locked_entry(proposal)
    locked = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if seen is not None and seen != seen_of(locked):
        raise Hindered(CHANGED)
    if sentence := why_not(locked, step, said, user):
        raise Hindered(sentence)
    people = workers(locked)
    if step is SUBMIT:
        locked.change_note, locked.is_minor = said.note, said.is_minor
        locked.submitted_by_id = user.pk
    elif step is APPROVE:
        locked.approved_by_id, locked.approved_digest = user.pk, locked.digest
    elif step is PUBLISH:
        publish(locked, user, choices or {})
        locked.published_at = timezone.now()
    elif step not in {SCHEDULE, UNSCHEDULE}:
        locked.end_approval()
    locked.publish_at = said.moment if step is SCHEDULE else None
    locked.scheduled_by_id = user.pk if step is SCHEDULE else None
    locked.state = step.target
    if step in TOLD:
        tell_workers(locked, TOLD[step], people, words=said.reason, by=user)
    return save(locked, user, done(step, said))


def done(step: Step, said: Said) -> str:
    """Return what the history says of a step: "Sent back: Whose sleep?"."""
    what = step.done
    if step is SCHEDULE and said.moment:
        what += f" for {moment_in_words(said.moment)}"
    return f"{what}: {said.reason}" if said.reason else what


def publish(proposal: Proposal, user: Person, choices: Mapping[str, str]) -> None:
    """Put what was approved into the entry. Raises Hindered and Disputed."""
    entry = locked_entry(proposal)
    if left := settle(proposal, choices):
        raise Disputed(left)
    if not (proposal.changes or proposal.rows):
        raise Hindered(NOTHING)
    if proposal.digest != proposal.approved_digest:
        # To leave a field as it is live is another decision, and whoever takes it approves the rest.
        if is_own(proposal, user):
            raise Hindered(OWN)
        proposal.approved_by_id, proposal.approved_digest = user.pk, proposal.digest
    put_in(proposal, entry, user)


def why_not_by(proposal: Proposal, step: Step, user: Person) -> str:
    """Return in a sentence why somebody may not take a step with a proposal as it stands, "" where they may."""
    if proposal.state not in step.sources:
        return f"It is {proposal.get_state_display().lower()}, so this cannot be done with it."
    if not may(user, proposal.entry, step.permission):
        return "Your account may not do this."
    if step is not DISCARD and is_closed(proposal.entry):
        return MERGED
    if step is APPROVE and is_own(proposal, user):
        return OWN
    if step is UNSCHEDULE and proposal.publish_at is None:
        return "It is not scheduled."
    return ""


def why_not(proposal: Proposal, step: Step, said: Said, user: Person) -> str:
    """Return in a sentence why a step cannot be taken, "" where it can."""
    if sentence := why_not_by(proposal, step, user):
        return sentence
    if step in {SUBMIT, APPROVE} and not (proposal.changes or proposal.rows):
        return NOTHING
    if step is SUBMIT and not (said.note or said.is_minor):
        return NO_NOTE
    if step is SEND_BACK and not said.reason:
        return NO_REASON
    if step is PUBLISH and said.moment:
        return TWO_MOMENTS
    if step is SCHEDULE and (said.moment is None or said.moment <= timezone.now()):
        return NOT_AHEAD
    if step is TAKE_UP and open_proposal(proposal.entry):
        return ANOTHER
    return ""


def why_sent_back(proposal: Proposal) -> str:
    """Return who has sent a proposal back, and why: "Sent back by Bob: Whose sleep?"; "" unless it stands so."""
    history: Any = Proposal.history
    records = history.filter(id=proposal.pk, history_change_reason__startswith=SEND_BACK.done)
    record = records.select_related("history_user").order_by("-pk").first()
    if proposal.state != ProposalState.SENT_BACK or record is None:
        return ""
    reason = record.history_change_reason.removeprefix(f"{SEND_BACK.done}: ")
    return f"{SEND_BACK.done} by {person(record.history_user)}: {reason}"
