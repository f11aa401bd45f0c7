"""Records of the histories of many models, in one order, and which of them one save has made."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import models

ONE_SAVE = timedelta(seconds=1)


class Record(NamedTuple):
    """A record of history, without what the entry held then; ``pk`` is the record's own, ``id`` the entry's."""

    model: Any
    pk: int
    id: int
    when: datetime
    user: int | None
    source: int | None
    reason: str
    kind: str


def records_of(model: Any, found: models.QuerySet) -> Iterator[Record]:
    """Yield the records of a model's history in a queryset, in no order."""
    columns = ("history_id", "id", "history_date", "history_user_id", "history_import_id")
    rows = found.order_by().values_list(*columns, "history_change_reason", "history_type")
    for pk, entry, when, user, source, reason, kind in rows:
        yield Record(model, pk, entry, when, user, source, reason or "", kind)


def newest_first(records: Iterable[Record]) -> list[Record]:
    """Return records of several histories by time, then by key, the newest first."""
    return sorted(records, key=lambda record: (record.when, record.pk), reverse=True)


def predecessors(records: Sequence[Record]) -> dict[Record, Record]:
    """Return the record of the same entry before each record, of records that come newest first."""
    found: dict[Record, Record] = {}
    last: dict[tuple[Any, int], Record] = {}
    for record in reversed(records):
        entry = (record.model, record.id)
        if entry in last:
            found[record] = last[entry]
        last[entry] = record
    return found


def saves(records: Iterable[Record]) -> list[list[Record]]:
    """Return records, newest first, with those that one save has made together."""
    found: list[list[Record]] = []
    for record in records:
        if found and is_one_save(found[-1][0], record):
            found[-1].append(record)
        else:
            found.append([record])
    return found


def is_one_save(last: Record, record: Record) -> bool:
    """Whether two records come from one save: by the same person and import, at the same time."""
    if (last.user, last.source) != (record.user, record.source):
        return False
    if record.source:
        # An import that is undone at once is two things all the same.
        return last.reason == record.reason
    return last.when - record.when <= ONE_SAVE
