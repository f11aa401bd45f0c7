"""Telling people what others did with their work: who is told, and of what."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q

from ..models import Notification, NotificationKind, Proposal, ProposalState
from ..models.about_entry import entry_field
from ..models.base import CatalogModel, Person
from ..values.site_url import admin_path
from .transitions import SCHEDULED, TRANSITIONS

# So many entries are named in one notification.
MOST_NAMED = 10
# What an entry's history says of a proposal that was put into it begins so.
PROPOSED = "Proposed by"


def tell(
    people: Iterable[int | None],
    kind: NotificationKind,
    *,
    about: type[models.Model],
    subject: str,
    address: str,
    words: str = "",
    by: Person | None = None,
) -> None:
    """Tell people, by their keys, what ``by`` did; but ``by`` themselves, and who may not read such entries any more.

    ``about`` is the model of the entries.
    """
    told = (
        Notification(
            recipient_id=pk,
            kind=kind,
            subject=subject,
            words=words,
            address=address,
            by_id=by.pk if by else None,
        )
        for pk in sorted({pk for pk in people if pk})
    )
    deliver(told, about=about)


def deliver(notifications: Iterable[Notification], *, about: type[models.Model]) -> None:
    """Store notifications about entries of a model, one for each recipient. Two queries.

    Nobody is told of what they did themselves, nor who may not read such entries any more.
    """
    found = {each.recipient_id: each for each in notifications if each.recipient_id != each.by_id}
    readers = readers_of(about).filter(pk__in=found)
    limit = Notification._meta.get_field("subject").max_length
    told = [found[pk] for pk in readers.order_by("pk").values_list("pk", flat=True)]
    for notification in told:
        notification.subject = notification.subject[:limit]
    Notification.objects.bulk_create(told)


def readers_of(model: type[models.Model]) -> models.QuerySet[User]:
    """Return the staff who sign in and may read entries of a model."""
    name = model._meta.model_name
    may_view, may_change = (
        User.objects.with_perm(f"catalog.{action}_{name}") for action in ("view", "change")
    )
    return (may_view | may_change).filter(is_staff=True)


def tell_workers(
    proposal: Proposal,
    kind: NotificationKind,
    people: Iterable[int | None],
    *,
    words: str = "",
    by: Person | None,
) -> None:
    """Tell people what became of a proposal that they have worked on."""
    tell(
        people,
        kind,
        about=type(proposal.entry),
        subject=f"the proposal for “{proposal.entry}”",
        address=proposal.get_absolute_url(),
        words=words,
        by=by,
    )


def workers(proposal: Proposal) -> set[int | None]:
    """Return the keys of those who have written, submitted, approved or scheduled a proposal."""
    return {
        proposal.author_id,
        proposal.submitted_by_id,
        proposal.approved_by_id,
        proposal.scheduled_by_id,
    }


def tell_writers(
    entries: Sequence[CatalogModel], kind: NotificationKind, *, words: str = "", by: Person
) -> None:
    """Tell everybody who wrote some of these entries of one model; each once, of all that they wrote."""
    written = defaultdict(list)
    for entry, writers in zip(entries, writers_of(entries), strict=True):
        for writer in writers:
            written[writer].append(entry)
    for writer, theirs in written.items():
        tell_of(theirs, [writer], kind, words=words, by=by)


def tell_of(
    entries: Sequence[CatalogModel],
    people: Iterable[int],
    kind: NotificationKind,
    *,
    words: str = "",
    by: Person,
) -> None:
    """Tell people of some entries of one model, in one notification that leads to the first of them."""
    tell(
        people,
        kind,
        about=type(entries[0]),
        subject=named(entries),
        address=admin_path(entries[0], "change", entries[0].pk),
        words=words,
        by=by,
    )


def writers_of(entries: Sequence[CatalogModel]) -> list[set[int]]:
    """Return for each of some entries of one model who has changed it by hand. Two queries."""
    found: dict[int, set[int]] = defaultdict(set)
    if entries:
        for pk, user in written_by_hand(type(entries[0]), [entry.pk for entry in entries]):
            found[pk].add(user)
    return [found[entry.pk] for entry in entries]


def written_by_hand(
    model: type[CatalogModel], pks: Iterable[int] | models.QuerySet
) -> set[tuple[int, int]]:
    """Return which of these entries of a model were changed by whom, steps apart: the keys of both. Two queries.

    Of a proposal that was published it is its author, and not who published it.
    """
    records = model.history.filter(
        id__in=pks, history_import=None, history_user__isnull=False
    ).exclude(is_step())
    name = entry_field(model)
    proposals = Proposal.objects.filter(
        state=ProposalState.PUBLISHED, author__isnull=False, **{f"{name}__in": pks}
    )
    by_hand = records.order_by().values_list("id", "history_user")
    return {*by_hand.distinct(), *proposals.order_by().values_list(name, "author").distinct()}


def is_step() -> Q:
    """Return the condition that a record of history is a step, which is not its person's writing.

    It is a transition, which changes nothing but the status, or the publication of a proposal.
    """
    done = {transition.done for transition in TRANSITIONS} | {SCHEDULED, PROPOSED}
    return reduce(or_, (Q(history_change_reason__startswith=each) for each in sorted(done)))


def named(entries: Sequence[CatalogModel]) -> str:
    """Return the names of entries, the first few of many: "“Calm Corner”, “Rest” and 2 more"."""
    first = ", ".join(f"“{entry}”" for entry in entries[:MOST_NAMED])
    more = len(entries) - MOST_NAMED
    return f"{first} and {more:,} more" if more > 0 else first
