"""Open proposals that would link to an entry that is merged into another one: they link to that one from then on."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models

from ...models import Proposal
from ...models.about_entry import entry_models
from ...models.base import CatalogModel, Person
from .changes import GONE, ROWS, Changes, Rows, save, version, without_empty
from .merging import still_changed


def lead_on(
    merged: CatalogModel, survivor: CatalogModel, *, user: Person, reason: str
) -> dict[str, list[int]]:
    """Change the links of open proposals for other entries to the survivor; what was approved stays approved.

    Return, by their keys, the keys of what their histories hold of them before and afterwards, for ``lead_back``.
    """
    led = {}
    fields = [name for name, kind in entry_models().items() if leads_to(kind, type(merged))]
    waiting = Proposal.objects.open().of_kinds(fields).select_for_update(of=("self",))
    for proposal in waiting.order_by("pk"):
        model = type(proposal.entry)
        changes = led_on(model, proposal.changes, merged, survivor)
        rows = {
            relation: still_changed(
                {
                    key: led_on(ROWS[model][relation], values, merged, survivor)
                    for key, values in found.items()
                }
            )
            for relation, found in proposal.rows.items()
        }
        if (changes, rows) == (proposal.changes, proposal.rows):
            continue
        before = version(proposal)
        lead(proposal, changes, without_empty(rows), user, reason)
        led[str(proposal.pk)] = [before, version(proposal)]
    return led


def lead_back(led: Mapping[str, Sequence[int]], *, user: Person, reason: str) -> None:
    """Restore what open proposals held before ``lead_on``; those that were changed since stay as they are."""
    waiting = Proposal.objects.open().filter(pk__in=led).select_for_update(of=("self",))
    for proposal in waiting.order_by("pk"):
        before, after = (proposal.history.get(pk=pk) for pk in led[str(proposal.pk)])
        if (proposal.changes, proposal.rows) == (after.changes, after.rows):
            lead(proposal, before.changes, before.rows, user, reason)


def lead(proposal: Proposal, changes: Changes, rows: Rows, user: Person, reason: str) -> None:
    """Store a proposal with what it holds now; what was approved stays approved."""
    was_approved = proposal.approved_digest == proposal.digest
    proposal.changes, proposal.rows = changes, rows
    if was_approved:
        proposal.approved_digest = proposal.digest
    save(proposal, user, reason)


def leads_to(model: type[CatalogModel], other: type[models.Model]) -> bool:
    """Return whether entries of a model, or rows that belong to them, have a relation to another model."""
    parts = (model, *ROWS.get(model, {}).values())
    return any(other in {field.related_model for field in related_fields(part)} for part in parts)


def related_fields(model: type[models.Model]) -> list[Any]:
    """Return the fields of a model by which it leads to others."""
    every = (*model._meta.concrete_fields, *model._meta.many_to_many)
    return [field for field in every if field.is_relation]


def led_on(
    model: type[models.Model], changes: Changes, merged: CatalogModel, survivor: CatalogModel
) -> Changes:
    """Return changes that lead to the survivor, without those that change nothing any more."""
    names = {f.name for f in related_fields(model) if f.related_model is type(merged)}

    def instead(name: str, value: Any) -> Any:
        if name not in names:
            return value
        if isinstance(value, list):
            return sorted({survivor.pk if pk == merged.pk else pk for pk in value})
        return survivor.pk if value == merged.pk else value

    found: dict[str, Any] = {}
    for name, (before, after) in changes.items():
        if name == GONE:
            held = {field: instead(field, value) for field, value in (before or {}).items()}
            found[name] = [held or before, after]
        elif (then := instead(name, before)) != (wanted := instead(name, after)):
            found[name] = [then, wanted]
    return found
