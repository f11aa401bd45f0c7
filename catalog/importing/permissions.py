"""Who may import and export, who may undo an import, and who may change what visitors read."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..editorial.proposals.changes import may_change_live
from ..models import Program, ProgramRow, Rating
from ..models.base import CatalogModel, Person
from ..resources import KINDS
from .plans import Plan

LIVE = (
    "Visitors read this, and your account may not publish. "
    "Propose the change in the entry’s form, or ask somebody who may."
)


def may_import(user: Person, kind: str) -> bool:
    """Return whether somebody may import files of a kind: that adds and changes, so it takes those permissions too."""
    opts = KINDS[kind]._meta.model._meta
    actions = ("import", "add", "change")
    return user.has_perms([f"{opts.app_label}.{action}_{opts.model_name}" for action in actions])


def may_export(user: Person, kind: str) -> bool:
    """Return whether somebody may export entries of a kind."""
    opts = KINDS[kind]._meta.model._meta
    return user.has_perm(f"{opts.app_label}.export_{opts.model_name}")


def may_undo(user: Person | None) -> bool:
    """Return whether somebody may undo imports, and with that whatever they did: publishing and rating too."""
    return user is not None and user.has_perm("catalog.undo_import")


def plans_beyond[Entry: CatalogModel](
    user: Person | None, model: type[Entry], plans: Sequence[Plan[Entry]]
) -> Iterator[Plan[Entry]]:
    """Yield the plans that change what is live, if somebody may not. One query; ratings have a rule of their own."""
    if user is None or model is Rating or may_change_live(user, model):
        return
    is_row = issubclass(model, ProgramRow)
    changing = [
        plan
        for plan in plans
        if plan.does_something
        # A new row is a change of its program; where a row only rates, the entry is the one that is stored.
        and (is_row or (plan.original and changes_entry(plan)))
    ]
    keys = {p.number: p.entry.program_id if is_row else p.entry.pk for p in changing}  # type: ignore[attr-defined]
    entries: Any = Program if is_row else model
    live = set(entries.objects.live().filter(pk__in=keys.values()).values_list("pk", flat=True))
    yield from (plan for plan in changing if keys[plan.number] in live)


def changes_entry(plan: Plan) -> bool:
    """Return whether a plan changes its stored entry, or what that is related to; not where it only rates it."""
    return plan.entry is not plan.original or bool(plan.related or plan.rows or plan.removed)
