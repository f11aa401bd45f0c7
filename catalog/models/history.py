"""What the history keeps of every change: who, when, why, in which save and by which import."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from simple_history.manager import HistoryManager
from simple_history.models import HistoricalRecords

from ..values.fields import MOST_OF_LONG_TEXT, LimitedTextField
from .imports import Import

_save: ContextVar[uuid.UUID | None] = ContextVar("save", default=None)


@contextmanager
def one_save() -> Iterator[None]:
    """Record everything inside as one save, as for a request; inside another one, as part of that."""
    if _save.get():
        yield
        return
    token = _save.set(uuid.uuid4())
    try:
        yield
    finally:
        _save.reset(token)


def current_save() -> uuid.UUID:
    """Return the id of the save that is going on, or else that of a new one."""
    return _save.get() or uuid.uuid4()


class CatalogRecord(models.Model):
    """Add to a record of history the save that it is part of, and the import that made or undid it."""

    history_save = models.UUIDField(default=current_save, editable=False)
    history_import = models.ForeignKey(
        Import, on_delete=models.SET_NULL, null=True, related_name="+", editable=False
    )

    # What django-simple-history, which carries no types, gives to each record besides.
    history_date: datetime
    history_type: str
    history_user: AbstractUser | None
    history_user_id: int | None
    history_change_reason: str | None
    instance: Any
    instance_type: Any

    class Meta:
        abstract = True


class RecordManager(HistoryManager):
    """Manager of a history, of one class: simple_history asks for a new class at each look at ``history``."""

    @classmethod
    @cache
    def from_queryset(
        cls, queryset_class: type[models.QuerySet], class_name: str | None = None
    ) -> type[models.Manager]:
        made: type[models.Manager] = super().from_queryset(queryset_class, class_name)
        return made


def history(**kwargs: object) -> HistoricalRecords:
    """Return the history of a model, to be one of its attributes; ``kwargs`` are those of HistoricalRecords."""
    return HistoricalRecords(
        bases=[CatalogRecord],
        history_manager=RecordManager,
        history_id_field=models.BigAutoField(),
        history_change_reason_field=LimitedTextField(max_length=MOST_OF_LONG_TEXT, null=True),
        **kwargs,
    )
