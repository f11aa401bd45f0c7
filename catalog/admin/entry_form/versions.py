"""Versions of an entry, by the key of their record in the history."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery

from ...editorial.conflicts import SavedMeanwhile
from ...editorial.proposals.changes import GONE, Changes


class Proposed(NamedTuple):
    """Name what is proposed to an entry: now, when this person was told of it last, and when they opened the form.

    ``events`` is what others have done to the proposal since then. Of rows it holds the changes by their key.
    """

    now: Changes = {}
    told: Changes = {}
    opened: Changes = {}
    events: Sequence[SavedMeanwhile] = ()

    def of_row(self, key: str) -> "Proposed":
        """Return what is proposed to one of the rows."""
        now, told, opened = (fields_of_row(key, rows) for rows in self[:3])
        return Proposed(now, told, opened)


UNPROPOSED = Proposed()


def fields_of_row(key: str, rows: Mapping[str, Changes]) -> Changes:
    """Return what is proposed to the fields of a row; nothing, where it is to go."""
    return {name: change for name, change in rows.get(key, {}).items() if name != GONE}


class VersionField(forms.IntegerField):
    """Carry the latest version that the person at the form has been told of, by its key in the history."""

    widget = forms.HiddenInput

    def has_changed(self, initial: object, data: object) -> bool:
        """Return False: it is no part of the entry."""
        return False


def with_version(entries: QuerySet) -> QuerySet:
    """Annotate ``latest_version``, so that many forms ask for it together."""
    history: Any = entries.model.history
    versions = history.filter(id=OuterRef("pk")).order_by("-history_id")
    return entries.annotate(latest_version=Subquery(versions.values("history_id")[:1]))


def number(text: object) -> int:
    """Return the key of a version as a number; 0, which none has, for anything else."""
    digits = str(text)
    return int(digits) if re.fullmatch(r"[0-9]{1,18}", digits) else 0
