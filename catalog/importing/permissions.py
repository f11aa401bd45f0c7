"""Who may import and export, and who may undo an import."""

from ..models.base import Person
from ..resources import KINDS


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
