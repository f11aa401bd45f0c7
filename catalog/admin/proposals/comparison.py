"""What a proposal would change, beside what is live: field by field, with the words marked."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from ...editorial.conflicts import comparable
from ...editorial.proposals.changes import GONE, NEW, Changes, values_of
from ...editorial.proposals.merging import Dispute, all_disputes, stored_rows
from ...history.diff import Names, Segment, label_of, segments_of, shown
from ...models import Proposal


class Became(NamedTuple):
    """Name a field with what is live and what would become of it, and what somebody has to choose, if that is so."""

    field: Any
    before: object
    after: object
    dispute: Dispute | None


class ProposedField(NamedTuple):
    """Show a field: what is live, what would become of it, and what somebody has to choose."""

    label: str
    live: str
    diff_segments: list[Segment]
    dispute: Dispute | None = None


class ProposedPart(NamedTuple):
    """Name the entry itself ("") or a row of it, with the fields that would change.

    ``removal`` is what there is to choose about a row that would go, and ``is_gone`` is true of it.
    """

    title: str
    fields: list[ProposedField]
    is_gone: bool = False
    removal: Dispute | None = None


class Start(NamedTuple):
    """Tell when the entry was saved from which a proposal started, and whether it has been saved again since."""

    when: datetime
    has_changed: bool


def start_of(proposal: Proposal) -> Start | None:
    """Return from which save of its entry a proposal started, None where no record tells that. One query."""
    if proposal.base is None:
        return None
    history: Any = type(proposal.entry).history
    since = history.filter(id=proposal.entry_key, history_id__gte=proposal.base)
    records = list(since.order_by("history_id").values_list("history_id", "history_date")[:2])
    if not records or records[0][0] != proposal.base:
        return None
    return Start(records[0][1], len(records) > 1)


def compared(proposal: Proposal) -> list[ProposedPart]:
    """Return what a proposal would change in its entry and in the rows that belong to it."""
    disputes = {d.key: d for d in all_disputes(proposal)} if proposal.is_open else {}
    entry = proposal.entry
    changed = [("", list(became(entry, proposal.changes, values_of(entry), disputes)))]
    removed = []
    stored = stored_rows(proposal)
    for relation, rows in proposal.rows.items():
        manager = getattr(entry, relation)
        name = manager.model._meta.verbose_name
        for key, changes in rows.items():
            row = stored[relation].get(key)
            prefix = f"{relation}.{key}."
            if key.startswith(NEW):
                blank = manager.model()
                new = became(blank, changes, values_of(blank), {})
                changed.append((f"New {name}", list(new)))
            elif row and GONE in changes:
                title = f"{name.capitalize()}: {row}"
                removed.append(ProposedPart(title, [], True, disputes.get(f"{prefix}{GONE}")))
            elif row:
                found = became(row, changes, values_of(row), disputes, prefix)
                changed.append((f"{name.capitalize()}: {row}", list(found)))
    # The names of all that is named, in a query or two.
    values = ((one.field, value) for _, found in changed for one in found for value in one[1:3])
    names = Names(values)
    parts = [
        ProposedPart(title, [proposed_field(one, names) for one in found])
        for title, found in changed
    ]
    return [part for part in parts if part.fields] + removed


def became(
    entry: Any,
    changes: Changes,
    live: Mapping[str, object],
    disputes: Mapping[str, Dispute],
    prefix: str = "",
) -> Iterator[Became]:
    """Yield the fields of an entry or a row that would change, in the order of the model."""
    for field in (*entry._meta.concrete_fields, *entry._meta.many_to_many):
        if field.name in changes:
            after = comparable(field, changes[field.name][1])
            if after != live[field.name]:
                dispute = disputes.get(f"{prefix}{field.name}")
                yield Became(field, live[field.name], after, dispute)


def proposed_field(one: Became, names: Names) -> ProposedField:
    """Return a field as the page shows it."""
    live = shown(one.field, one.before, names)
    marked = segments_of(one.field, one.before, one.after, names)
    return ProposedField(label_of(one.field), live, marked, one.dispute)
