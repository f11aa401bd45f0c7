"""Records of the histories of many models, in one order, and which of them one save has made."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import models

from ..models.base import CatalogModel


class Record(NamedTuple):
    """A record of history, without what the entry held then; ``pk`` is the record's own, ``id`` the entry's."""

    model: type[CatalogModel]
    pk: int
    id: int
    when: datetime
    user: int | None
    source: int | None
    save: UUID
    reason: str
    kind: str


def records_of(model: type[CatalogModel], found: models.QuerySet) -> Iterator[Record]:
    """Yield the records of a model's history in a queryset, in no order."""
    rows = found.order_by().values_list(
        "history_id",
        "id",
        "history_date",
        "history_user_id",
        "history_import_id",
        "history_save",
        "history_change_reason",
        "history_type",
    )
    for pk, entry, when, user, source, save, reason, kind in rows:
        yield Record(model, pk, entry, when, user, source, save, reason or "", kind)


def newest_first(records: Iterable[Record]) -> list[Record]:
    """Return records of several histories by time, then by key, the newest first."""
    return sorted(records, key=lambda record: (record.when, record.pk), reverse=True)


def predecessors(records: Sequence[Record]) -> dict[Record, Record]:
    """Return the record of the same entry before each record, of records that come newest first."""
    found: dict[Record, Record] = {}
    last: dict[tuple[type[CatalogModel], int], Record] = {}
    for record in reversed(records):
        entry = (record.model, record.id)
        if entry in last:
            found[record] = last[entry]
        last[entry] = record
    return found


def saves(records: Iterable[Record]) -> list[list[Record]]:
    """Return records, which come newest first, with those that one save has made together.

    How an entry was before its first recorded change is nobody's, and a thing of its own.
    """
    found: dict[tuple[UUID, int | None], list[Record]] = {}
    for record in records:
        found.setdefault((record.save, record.user), []).append(record)
    return list(found.values())
