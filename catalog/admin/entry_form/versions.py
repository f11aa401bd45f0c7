"""Versions of an entry, by the key of their record in the history."""

import re
from typing import Any

from django import forms
from django.db.models import OuterRef, QuerySet, Subquery


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
