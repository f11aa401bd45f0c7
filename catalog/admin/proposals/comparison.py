"""What a proposal would change, beside what is live: field by field, with the words marked."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from ...editorial.conflicts import comparable
from ...editorial.proposals.changes import GONE, NEW, Changes, values_of
from ...editorial.proposals.merging import Dispute, all_disputes, stored_rows
from ...history.diff import Names, Segment, label_of, segments_of, shown
from ...models import Proposal


class ProposedField(NamedTuple):
    """Show a field: what is live, what would become of it, and what somebody has to choose, if that is so."""

    label: str
    live: str
    diff_segments: list[Segment]
    dispute: Dispute | None = None


class ProposedPart(NamedTuple):
    """Name the entry itself ("") or a row of it, with the fields that would change.

    ``is_gone`` is true of a row that would be removed.
    """

    title: str
    fields: list[ProposedField]
    is_gone: bool = False


def compared(proposal: Proposal) -> list[ProposedPart]:
    """Return what a proposal would change in its entry and in the rows that belong to it."""
    disputes = (
        {dispute.key: dispute for dispute in all_disputes(proposal)} if proposal.is_open else {}
    )
    entry = proposal.entry
    parts = [ProposedPart("", fields(entry, proposal.changes, values_of(entry), disputes))]
    stored = stored_rows(proposal)
    for relation, rows in proposal.rows.items():
        for key, changes in rows.items():
            parts += row(
                proposal, stored[relation].get(key), f"{relation}.{key}.", changes, disputes
            )
    return [part for part in parts if part.fields or part.is_gone]


def row(
    proposal: Proposal, stored: Any, key: str, changes: Changes, disputes: Mapping[str, Dispute]
) -> Iterator[ProposedPart]:
    """Yield what would become of a row; nothing where it is gone meanwhile."""
    relation, row_key, _ = key.split(".")
    manager = getattr(proposal.entry, relation)
    name = manager.model._meta.verbose_name
    if row_key.startswith(NEW):
        blank = manager.model(**{manager.field.name: proposal.entry})
        live = {
            field: comparable(manager.model._meta.get_field(field), before)
            for field, (before, _) in changes.items()
        }
        yield ProposedPart(f"New {name}", fields(blank, changes, live, {}))
    elif stored and GONE in changes:
        dispute = disputes.get(f"{key}{GONE}")
        asked = [ProposedField("It was changed meanwhile", "", [], dispute)] if dispute else []
        yield ProposedPart(f"{name.capitalize()}: {stored}", asked, is_gone=True)
    elif stored:
        found = fields(stored, changes, values_of(stored), disputes, key)
        yield ProposedPart(f"{name.capitalize()}: {stored}", found)


def fields(
    entry: Any,
    changes: Changes,
    live: Mapping[str, object],
    disputes: Mapping[str, Dispute],
    prefix: str = "",
) -> list[ProposedField]:
    """Return the fields of an entry or a row that would change, in the order of the model."""
    model = type(entry)
    found = [
        (field, live[field.name], comparable(field, changes[field.name][1]))
        for field in (*model._meta.concrete_fields, *model._meta.many_to_many)
        if field.name in changes
    ]
    names = Names((field, value) for field, *values in found for value in values)
    return [
        ProposedField(
            label_of(field),
            shown(field, before, names),
            segments_of(field, before, after, names),
            disputes.get(f"{prefix}{field.name}"),
        )
        for field, before, after in found
        if before != after
    ]
