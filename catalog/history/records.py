"""Records of the histories of many models, in one order, and which of them one save has made."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import models

from ..models import PROGRAM_ROWS, Program, Rating
from ..models.base import CatalogModel
from ..models.history import CatalogRecord
from ..values.moments import moment_in_words
from .diff import person

VERBS = {"+": "added", "~": "changed", "-": "deleted"}


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


def parts_of(model: type[CatalogModel]) -> tuple[type[CatalogModel], ...]:
    """Return the models whose histories belong to that of an entry of a model: of a program its ratings and rows."""
    return (Rating, *PROGRAM_ROWS.values()) if model is Program else ()


def woven_records(
    model: type[CatalogModel], pks: Collection[int], parts: Iterable[type[CatalogModel]]
) -> dict[int, list[Record]]:
    """Return the records of entries by their keys, newest first, with those of what ever belonged to each."""
    found: dict[int, list[Record]] = {pk: [] for pk in pks}
    for record in records_of(model, model.history.filter(id__in=pks)):
        found[record.id].append(record)
    for part in parts:
        owners: dict[int, set[int]] = defaultdict(set)
        ever = part.history.filter(program_id__in=pks).order_by()
        for key, program in ever.values_list("id", "program_id"):
            owners[key].add(program)
        for record in records_of(part, part.history.filter(id__in=ever.values("id"))):
            for program in owners[record.id]:
                found[program].append(record)
    return {pk: newest_first(records) for pk, records in found.items()}


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


def edit_in_words(edit: CatalogRecord | None) -> str:
    """Say who has done what to an entry and when, by a row of its history; None where there is none left."""
    if edit is None:
        return "It has been deleted."
    who = person(edit.history_user)
    when = moment_in_words(edit.history_date)
    reason = f" ({edit.history_change_reason})" if edit.history_change_reason else ""
    return f"{who} {VERBS[edit.history_type]} it on {when}{reason}."
