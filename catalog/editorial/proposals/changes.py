"""What a proposal holds, and who needs one.

What is live changes only by somebody who may publish. Everybody else's changes wait in the entry's one open proposal.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, Max, OuterRef

from ...history.diff import fields_of, related_keys, state_of, stored
from ...models import PROGRAM_ROWS, NotificationKind, Program, ProgramRow, Proposal, ProposalState
from ...models.about_entry import entry_field
from ...models.base import CatalogModel, Person
from ..conflicts import comparable
from ..notifications import tell_workers, workers
from ..transitions import may

# By field: what stood there, and what is to stand there.
Changes = Mapping[str, Any]
# By relation and key, the changes of rows.
Rows = Mapping[str, Mapping[str, Changes]]

# The rows that belong to an entry, by the relation that leads to them.
ROWS: dict[type[CatalogModel], dict[str, type[ProgramRow]]] = {Program: PROGRAM_ROWS}
# In the place of a field: the row is to go.
GONE = "DELETE"
# A key that begins so is that of a new row.
NEW = "+"
# On an entry that was fetched ``with_liveness``: whether it is live.
KNOWN_LIVE = "is_known_live"
CHANGED_SINCE = "It was changed after it was approved: it waits to be approved again, and is no longer scheduled."


# --- Who needs one ---------------------------------------------------------------------------------------------------


def is_live(entry: CatalogModel) -> bool:
    """Return whether visitors see what an entry says, or will without anybody's doing."""
    known: bool | None = getattr(entry, KNOWN_LIVE, None)
    if known is not None:
        return known
    entries: Any = type(entry)._default_manager
    return bool(entries.live().filter(pk=entry.pk).exists())


def with_liveness(entries: models.QuerySet) -> models.QuerySet:
    """Return entries with what ``is_live`` asks, so that many are asked as quickly as one."""
    everything: Any = entries.model._default_manager
    live = everything.live().filter(pk=OuterRef("pk")).order_by()
    return entries.annotate(**{KNOWN_LIVE: Exists(live)})


def may_change_live(user: Person, entry: CatalogModel | type[CatalogModel]) -> bool:
    """Return whether somebody may change what is live of a kind; rows are a part of their program."""
    belongs_to = Program if issubclass(entry._meta.model, ProgramRow) else entry
    return may(user, belongs_to, "publish")


def must_propose(user: Person, entry: CatalogModel) -> bool:
    """Return whether what somebody changes in an entry has to wait for approval."""
    return not may_change_live(user, entry) and is_live(entry)


def is_closed(entry: CatalogModel) -> bool:
    """Return whether an entry takes no changes any more: a program that was merged into another one."""
    return getattr(entry, "merged_into_id", None) is not None


def open_proposal(entry: CatalogModel) -> Proposal | None:
    """Return the one proposal for an entry that may still be published."""
    return Proposal.objects.open().of(entry).first()


# --- What it holds ---------------------------------------------------------------------------------------------------


def as_json(value: object) -> object:
    """Return a comparable value as JSON keeps it; ``comparable`` makes it one again."""
    if isinstance(value, frozenset):
        return sorted(value)
    return list(value) if isinstance(value, tuple) else value


def values_of(entry: CatalogModel) -> dict[str, object]:
    """Return the comparable values of a stored entry, by field."""
    state = state_of(entry)
    return {field.name: comparable(field, state[field.name]) for field in fields_of(type(entry))}


def renewed(changes: Changes, live: Mapping[str, object], sent: Mapping[str, object]) -> Changes:
    """Return changes with what was sent in their place; what is to stay as it is live is no change.

    A field that was proposed before keeps what stood there then: by that, a later change of it is noticed. Whoever puts
    that back takes the proposal of this field back, whatever is live meanwhile.
    """
    kept = {name: change for name, change in changes.items() if name not in sent}
    for name, value in sent.items():
        before = changes[name][0] if name in changes else as_json(live[name])
        if value != live[name] and as_json(value) != before:
            kept[name] = [before, as_json(value)]
    return kept


def field_of(entry: models.Model, name: str) -> Any:
    """Return a field of an entry, or of a record of its history."""
    return getattr(entry, "instance_type", type(entry))._meta.get_field(name)


def patched[E: models.Model](entry: E, changes: Changes) -> E:
    """Give an entry in memory what changes would put into it, but relations to many; return it."""
    for name, (_, after) in changes.items():
        field = field_of(entry, name)
        if not field.many_to_many:
            setattr(entry, field.attname, comparable(field, after))
    return entry


def related(entry: models.Model, changes: Changes) -> dict[str, list[int]]:
    """Return the relations to many that changes would give an entry, as primary keys."""
    return {
        name: after for name, (_, after) in changes.items() if field_of(entry, name).many_to_many
    }


def as_it_stands(row: CatalogModel) -> dict[str, object]:
    """Return the values of a stored row, as JSON."""
    return {name: as_json(value) for name, value in values_of(row).items()}


def lost_targets(model: type[models.Model], proposed: Iterable[Changes]) -> dict[str, Set[int]]:
    """Return the keys of what is deleted, by the relation that changes would lead there. A query for each relation."""
    keys: dict[str, set[int]] = defaultdict(set)
    for changes in proposed:
        for name, (_, after) in changes.items():
            if name != GONE and model._meta.get_field(name).is_relation:
                keys[name] |= related_keys(frozenset(after) if isinstance(after, list) else after)
    fields: dict[str, Any] = {name: model._meta.get_field(name) for name in keys}
    lost = {
        name: keys[name] - stored(field.related_model, keys[name]) for name, field in fields.items()
    }
    return {name: gone for name, gone in lost.items() if gone}


def new_rows(rows: Mapping[str, Changes]) -> list[Changes]:
    """Return the changes that make new rows, of those of one relation."""
    return [changes for key, changes in rows.items() if key.startswith(NEW)]


def without_empty(rows: Rows) -> dict[str, Mapping[str, Changes]]:
    """Return the changes of rows without the relations of which no row is changed."""
    return {relation: found for relation, found in rows.items() if found}


# --- Keeping it ------------------------------------------------------------------------------------------------------


def save(proposal: Proposal, user: Person | None, reason: str) -> Proposal:
    """Store a proposal, with who did what in its history."""
    proposal._history_user, proposal._change_reason = user, reason  # type: ignore[attr-defined]
    proposal.save()
    return proposal


def version(proposal: Proposal) -> int:
    """Return the key of the last record of a proposal, 0 of one that is not stored. Who saves one holds its lock."""
    history: Any = Proposal.history
    return history.filter(id=proposal.pk).aggregate(last=Max("pk"))["last"] or 0


def held_at(entry: CatalogModel, version: int) -> tuple[Changes, Rows]:
    """Return the changes of fields and of rows that a proposal for an entry held in a version; none in no such one."""
    history: Any = Proposal.history
    record = history.filter(**{entry_field(type(entry)): entry.pk}, pk=version).first()
    return (record.changes, record.rows) if record else ({}, {})


@transaction.atomic
def propose(
    entry: CatalogModel,
    sent: Mapping[str, object],
    rows: Rows,
    *,
    user: Person,
    reason: str = "",
) -> Proposal | None:
    """Keep what was sent as the entry's open proposal; return it, None where nothing would be changed.

    ``sent`` are comparable values by field, ``rows`` all changes of rows, by the relations that somebody may change.
    ``reason`` is kept in the proposal's history. An approval ends where something else is proposed than was approved.
    """
    proposal = Proposal.objects.open().of(entry).select_for_update().first()
    is_new = proposal is None
    if proposal is None:
        base = type(entry).history.filter(id=entry.pk).order_by("-history_id").values_list("pk")
        proposal = Proposal(
            **{entry_field(type(entry)): entry},
            author_id=user.pk,
            base=next((pk for (pk,) in base[:1]), None),
        )
    before = proposal.changes, proposal.rows
    stored: Any = type(entry)._default_manager.get(pk=entry.pk)
    proposal.changes = renewed(proposal.changes, values_of(stored), sent)
    proposal.rows = without_empty({**proposal.rows, **rows})
    if before == (proposal.changes, proposal.rows):
        return None if is_new else proposal
    if proposal.state in {ProposalState.SUBMITTED, ProposalState.APPROVED}:
        # Somebody else is to read what was changed now.
        if proposal.publish_at:
            kind, people = NotificationKind.NOT_PUBLISHED, workers(proposal)
            tell_workers(proposal, kind, people, words=CHANGED_SINCE, by=user)
        proposal.state, proposal.submitted_by_id = ProposalState.SUBMITTED, user.pk
        proposal.end_approval()
    done = "Proposed" if is_new else "Changed"
    return save(proposal, user, f"{done}: {reason}" if reason else done)
