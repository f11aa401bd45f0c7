"""Telling people what others did with their work: who is told, and of what."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.urls import reverse

from ..models import Notification, NotificationKind, Proposal
from ..models.base import CatalogModel, Person
from .transitions import SCHEDULED, TRANSITIONS

# So many entries are named in one notification.
MOST_NAMED = 10


def tell(
    people: Iterable[int | None],
    kind: NotificationKind,
    *,
    subject: str,
    address: str,
    words: str = "",
    by: Person | None = None,
) -> None:
    """Tell people, by their keys, what ``by`` did; but ``by`` themselves, and who does not sign in any more."""
    deliver(
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


def deliver(notifications: Iterable[Notification]) -> None:
    """Store notifications, one for each recipient. Two queries.

    Nobody is told of what they did themselves, nor who does not sign in any more.
    """
    found = {each.recipient_id: each for each in notifications if each.recipient_id != each.by_id}
    active = get_user_model().objects.filter(pk__in=found, is_active=True, is_staff=True)
    limit = Notification._meta.get_field("subject").max_length
    told = [found[pk] for pk in active.order_by("pk").values_list("pk", flat=True)]
    for notification in told:
        notification.subject = notification.subject[:limit]
    Notification.objects.bulk_create(told)


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
    opts = entries[0]._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[entries[0].pk])
    tell(people, kind, subject=named(entries), address=address, words=words, by=by)


def writers_of(entries: Sequence[CatalogModel]) -> list[set[int]]:
    """Return for each of some entries of one model who has changed it by hand, steps apart. One query."""
    found: dict[int, set[int]] = defaultdict(set)
    if entries:
        written = written_by_hand(type(entries[0]), [entry.pk for entry in entries])
        for pk, user in written.values_list("id", "history_user"):
            found[pk].add(user)
    return [found[entry.pk] for entry in entries]


def written_by_hand(model: type[CatalogModel], pks: Iterable[int] | QuerySet) -> QuerySet:
    """Return the records of what people have changed in entries by hand, one for each of both; steps apart."""
    records = model.history.filter(
        id__in=pks, history_import=None, history_user__isnull=False
    ).exclude(is_step())
    return records.order_by().values("id", "history_user").distinct()


def is_step() -> Q:
    """Return the condition that a record of history is a transition's, which changes nothing but the status."""
    done = {transition.done for transition in TRANSITIONS} | {SCHEDULED}
    return reduce(or_, (Q(history_change_reason__startswith=each) for each in sorted(done)))


def named(entries: Sequence[CatalogModel]) -> str:
    """Return the names of entries, the first few of many: "“Calm Corner”, “Rest” and 2 more"."""
    first = ", ".join(f"“{entry}”" for entry in entries[:MOST_NAMED])
    more = len(entries) - MOST_NAMED
    return f"{first} and {more:,} more" if more > 0 else first
