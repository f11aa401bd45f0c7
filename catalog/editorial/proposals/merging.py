"""Putting a proposal into its entry, as it stands meanwhile: where both changed the same, somebody chooses."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import models

from ...history.diff import label_of, person
from ...models import PROGRAM_ROWS, ProgramRow, Proposal
from ...models.about_entry import entry_field
from ...models.base import CatalogModel, Person
from ..conflicts import ThreeWay, comparable
from ..notifications import PROPOSED
from ..workflow import Hindered, in_sentences
from .changes import (
    GONE,
    NEW,
    ROWS,
    Changes,
    as_it_stands,
    as_json,
    lost_targets,
    new_rows,
    patched,
    related,
    values_of,
    version,
    without_empty,
)


class Dispute(NamedTuple):
    """A field that was changed since it was proposed to be changed, and to something else.

    ``key`` is its name or, in a row, "studies.17.summary".
    """

    key: str
    field: models.Field
    three: ThreeWay

    @property
    def label(self) -> str:
        return label_of(self.field)


class Disputed(Exception):
    """Says where somebody has to choose between what is live and what is proposed, in ``disputes``."""

    def __init__(self, disputes: list[Dispute]) -> None:
        super().__init__(disputes)
        self.disputes = disputes


def disputes(changes: Changes, entry: CatalogModel, prefix: str = "") -> Iterator[Dispute]:
    """Yield where an entry as it is stored now and its changes differ about what stood there before."""
    live = values_of(entry)
    for name, values in changes.items():
        field: Any = entry._meta.get_field(name)
        before, after = (comparable(field, value) for value in values)
        three = ThreeWay(before, live[name], after)
        if three.is_open:
            yield Dispute(f"{prefix}{name}", field, three)


def stored_rows(proposal: Proposal) -> dict[str, dict[str, Any]]:
    """Return the stored rows that a proposal changes, by relation and key."""
    entry = proposal.entry
    found = {}
    for relation, rows in proposal.rows.items():
        keys = [key for key in rows if not key.startswith(NEW)]
        stored = getattr(entry, relation).filter(pk__in=keys).order_by("pk")
        found[relation] = {
            str(row.pk): row for row in stored.select_related(*named_by(stored.model))
        }
    return found


def named_by(model: type[models.Model]) -> list[str]:
    """Return the foreign keys of a row, by which people call it."""
    return [field.name for field in model._meta.concrete_fields if field.is_relation]


def all_disputes(proposal: Proposal) -> Iterator[Dispute]:
    """Yield where the entry, or a row of it, was changed since the proposal said what it is to become."""
    yield from disputes(proposal.changes, proposal.entry)
    for relation, rows in stored_rows(proposal).items():
        for key, row in rows.items():
            changes = proposal.rows[relation][key]
            prefix = f"{relation}.{key}."
            if GONE not in changes:
                yield from disputes(changes, row, prefix)
            elif changes[GONE][0] != (now := as_it_stands(row)):
                field: Any = row._meta.pk
                yield Dispute(f"{prefix}{GONE}", field, ThreeWay(changes[GONE][0], now, None))


def seen_of(proposal: Proposal) -> str:
    """Return what a decision about a proposal is made on: its version, and what is live where that is disputed."""
    found = [(d.key, as_json(d.three.theirs)) for d in all_disputes(proposal)]
    digest = hashlib.sha256(json.dumps(found).encode()).hexdigest()
    return f"{version(proposal)}-{digest[:16]}"


def settle(proposal: Proposal, choices: Mapping[str, str]) -> list[Dispute]:
    """Take what was chosen into a proposal; return the disputes about which nothing was.

    What is to stay as it is live is proposed no more, and the rest is proposed in the face of what is live now.
    """
    left = []
    for dispute in list(all_disputes(proposal)):
        changes, name = changes_at(proposal, dispute.key)
        match choices.get(dispute.key):
            case "theirs":
                del changes[name]
            case "mine":
                changes[name] = [as_json(dispute.three.theirs), as_json(dispute.three.mine)]
            case _:
                left.append(dispute)
    proposal.rows = without_empty(
        {relation: still_changed(rows) for relation, rows in proposal.rows.items()}
    )
    return left


def still_changed(rows: Mapping[str, Changes]) -> dict[str, Changes]:
    """Return the rows of a relation that are new, or of which something is changed."""
    return {key: changes for key, changes in rows.items() if changes or key.startswith(NEW)}


def changes_at(proposal: Proposal, key: str) -> tuple[dict[str, Any], str]:
    """Return the changes in which a dispute's field stands, and its name there."""
    relation, _, rest = key.partition(".")
    if not rest:
        return proposal.changes, key
    row, _, name = rest.partition(".")
    return proposal.rows[relation][row], name


def proposed_rows[R: ProgramRow](
    proposal: Proposal, relation: str, stored: Iterable[R]
) -> Iterator[R]:
    """Yield the rows of a program as they would be, in memory: those that stay, changed or not, and new ones."""
    rows = proposal.rows.get(relation, {})
    for row in stored:
        changes = rows.get(str(row.pk), {})
        if GONE not in changes:
            yield patched(row, changes)
    model: Any = PROGRAM_ROWS[relation]
    for changes in new_rows(rows):
        yield patched(model(program=proposal.program), changes)


# --- Storing it ------------------------------------------------------------------------------------------------------


def check_targets(entry: CatalogModel, changes: Changes) -> None:
    """Raise Hindered where an entry would lead to something that is deleted."""
    model = type(entry)
    if lost := lost_targets(model, [changes]):
        fields = (*model._meta.concrete_fields, *model._meta.many_to_many)
        names = ", ".join(label_of(field) for field in fields if field.name in lost)
        raise Hindered(f"{names}: what is proposed was deleted. Open the form and save it again.")


def locked_entry(proposal: Proposal) -> CatalogModel:
    """Return the entry of a proposal, and keep others from saving it or its rows until the transaction ends."""
    model = type(proposal.entry)
    entry = model._default_manager.select_for_update(no_key=True).get(pk=proposal.entry.pk)
    setattr(proposal, entry_field(model), entry)
    for relation in ROWS.get(model, {}):
        list(getattr(entry, relation).order_by("pk").select_for_update().values_list("pk"))
    return entry


def put_in(proposal: Proposal, entry: CatalogModel, user: Person) -> None:
    """Give an entry and its rows what is proposed, as one ordinary save of each. Raises Hindered."""
    reason = in_history(proposal)
    check_targets(entry, proposal.changes)
    store(patched(entry, proposal.changes), user, reason)
    for name, keys in related(entry, proposal.changes).items():
        getattr(entry, name).set(keys)
    for row, changes in rows_to_store(proposal, entry):
        if GONE in changes:
            row._history_user, row._change_reason = user, reason
            row.delete()
        else:
            check_targets(row, changes)
            store(patched(row, changes), user, reason)


def rows_to_store(proposal: Proposal, entry: CatalogModel) -> Iterator[tuple[Any, Changes]]:
    """Yield the rows to be changed or deleted, and new ones, each with its changes; those that go come first.

    Raises Hindered where a row is gone that was to be changed.
    """
    stored = stored_rows(proposal)
    for relation, rows in proposal.rows.items():
        for key, changes in sorted(rows.items(), key=lambda item: GONE not in item[1]):
            row = stored[relation].get(key)
            if key.startswith(NEW):
                manager = getattr(entry, relation)
                row = manager.model(**{manager.field.name: entry})
            elif row is None and GONE in changes:
                continue
            elif row is None:
                name = ROWS[type(entry)][relation]._meta.verbose_name
                raise Hindered(
                    f"A {name} that it changes was removed. Open the form and save it again."
                )
            yield row, changes


def store(entry: CatalogModel, user: Person, reason: str) -> None:
    """Save an entry with who did it and why. Raises Hindered where its model is against it."""
    try:
        entry.full_clean()
    except ValidationError as error:
        raise Hindered(*in_sentences(error)) from None
    entry._history_user, entry._change_reason = user, reason
    entry.save()


def in_history(proposal: Proposal) -> str:
    """Return what the entry's history says of a proposal: "Proposed by Ann, approved by Bob: New contact."."""
    approver: Any = proposal.approved_by
    by_author = approver is not None and approver.pk == proposal.author_id
    approved = "the author" if by_author else person(approver)
    note = f": {proposal.change_note}" if proposal.change_note else ""
    return f"{PROPOSED} {person(proposal.author)}, approved by {approved}{note}"
