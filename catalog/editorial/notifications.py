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
    keys = {pk for pk in people if pk} - {by.pk if by else None}
    readers = readers_of(about).filter(pk__in=keys)
    limit = Notification._meta.get_field("subject").max_length
    Notification.objects.bulk_create(
        Notification(
            recipient_id=pk,
            kind=kind,
            subject=subject[:limit],
            words=words,
            address=address,
            by_id=by.pk if by else None,
        )
        for pk in readers.order_by("pk").values_list("pk", flat=True)
    )


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
    """Return for each of some entries of one model who has changed it by hand, steps apart. Two queries.

    Of a proposal that was published it is its author, and not who published it.
    """
    found: dict[int, set[int]] = defaultdict(set)
    if entries:
        pks, name = [entry.pk for entry in entries], entry_field(type(entries[0]))
        records = type(entries[0]).history.filter(
            id__in=pks, history_import=None, history_user__isnull=False
        )
        by_hand = records.exclude(is_step()).order_by().values_list("id", "history_user")
        proposals = Proposal.objects.filter(
            state=ProposalState.PUBLISHED, author__isnull=False, **{f"{name}__in": pks}
        )
        proposed = proposals.order_by().values_list(name, "author")
        for pk, user in (*by_hand.distinct(), *proposed.distinct()):
            found[pk].add(user)
    return [found[entry.pk] for entry in entries]


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
