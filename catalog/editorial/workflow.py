"""Changing the status of entries, one or many: checked under lock, with a history entry for each."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from ..history.bulk_writer import BulkWriter
from ..models import NotificationKind, Status
from ..models.base import Person
from ..models.status import DATED_BY_STATUS, Publishable
from ..values.fields import tidy
from ..values.moments import moment_in_words
from .notifications import tell_writers
from .requirements import GONE, RelatedFacts, why_not
from .transitions import (
    BACK_TO_DRAFT,
    PUBLISH,
    PUBLISH_AGAIN,
    RETIRE,
    SCHEDULED,
    WITHDRAW,
    Transition,
    no_way_to,
    transition_to,
)
from .versions import changed_meanwhile, version, versions

# What the writers of an entry are told of it.
TOLD = {
    BACK_TO_DRAFT: NotificationKind.SENT_BACK,
    PUBLISH: NotificationKind.PUBLISHED,
    PUBLISH_AGAIN: NotificationKind.PUBLISHED,
    WITHDRAW: NotificationKind.WITHDRAWN,
    RETIRE: NotificationKind.RETIRED,
}


class Hindered(Exception):
    """Says why a transition was not made, in ``sentences``."""

    def __init__(self, *sentences: str) -> None:
        super().__init__(*sentences)
        self.sentences = sentences


def apply_transition[E: Publishable](
    entry: E,
    target: str,
    *,
    user: Person,
    reason: str = "",
    public_from: datetime | None = None,
    seen: str | None = None,
) -> E:
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
            raise Hindered(changed_meanwhile(locked, seen, last))
        transition = transition_to(locked, target)
        if transition is None:
            raise Hindered(no_way_to(locked, target))
        sentences = why_not(
            locked,
            transition,
            user=user,
            facts=RelatedFacts([locked]),
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
        tell_of(transition, [locked], reason, user)
    return locked


class Taken(NamedTuple):
    """Divide entries into those whose status was changed and the others, each with why it was not."""

    done: list[Publishable]
    left: list[tuple[Publishable, list[str]]]
    gone: int


def apply_to_all(
    model: type[Publishable],
    transition: Transition,
    seen: Mapping[int, str],
    *,
    user: Person,
    reason: str = "",
    public_from: datetime | None = None,
) -> Taken:
    """Make a transition of many entries of a model at once, those that can; each gets a history entry of its own.

    ``seen`` are the versions, by primary key, that ``user`` decided on; the rest is as for ``apply_transition``.
    """
    reason = tidy(reason)
    done, left = [], []
    with transaction.atomic():
        locked = model._default_manager.select_for_update().filter(pk__in=seen).order_by("pk")
        entries = list(locked)
        now, facts = versions(model, list(seen)), RelatedFacts(entries)
        for entry in entries:
            if now[entry.pk] != seen[entry.pk]:
                said = changed_meanwhile(entry, seen[entry.pk], now[entry.pk])
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
        tell_of(transition, done, reason, user)
    return Taken(done, left, len(seen) - len(entries))


def tell_of(
    transition: Transition, entries: Sequence[Publishable], reason: str, user: Person
) -> None:
    """Tell the writers of entries what was decided about them."""
    if transition in TOLD:
        tell_writers(entries, TOLD[transition], words=reason, by=user)


def set_status(
    entry: Publishable, transition: Transition, reason: str, public_from: datetime | None
) -> None:
    """Give an entry the status that a transition leads to; ``date_status`` does the rest."""
    entry.status = transition.target
    if not entry.was_public:
        entry.published_at = public_from
    if transition.target == Status.RETIRED:
        entry.retirement_reason = reason


def in_history(transition: Transition, reason: str, public_from: datetime | None) -> str:
    """Return what the history says of a transition: "Scheduled for March 1, 2027, 9:00 AM: the law's first day"."""
    done = f"{SCHEDULED} {moment_in_words(public_from)}" if public_from else transition.done
    return f"{done}: {reason}" if reason else done


def in_sentences(error: ValidationError) -> list[str]:
    """Return the errors of a model's validation as sentences, with the fields' names."""
    return [
        " ".join(said)
        if name == NON_FIELD_ERRORS
        else f"{name.replace('_', ' ')}: {' '.join(said)}"
        for name, said in error.message_dict.items()
    ]
