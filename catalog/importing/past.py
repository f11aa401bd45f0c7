"""What the history says of entries that an import has written: how they were before, and who changed them since."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Case, F, Q, When

from ..models import Import, ImportStatus
from ..models.base import CatalogModel

# A row of a history, of a class that django-simple-history makes; or None.
HistoryRow = Any


class Past(NamedTuple):
    """Hold the rows of an entry's history that an undo asks for, None where there is none.

    ``before`` is the last one before the import, ``edit`` the last one by anybody since, except for imports that were
    undone and have put the entry back; ``left`` is the primary key of the import's own last one.
    """

    before: HistoryRow
    left: int
    edit: HistoryRow


def history_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """Return the history of a model."""
    return model.history.all()  # type: ignore[attr-defined]


def pasts(model: type[CatalogModel], pks: Collection[int], by: Import) -> dict[int, Past]:
    """Return the past of entries that an import has written, by their primary keys.

    Its rows are in the order in which they were written: the import's bear the time when it began, so that those
    of its undo are later than when it was done.
    """
    history = history_of(model)
    before: dict[int, int] = {}
    left: dict[int, int] = {}
    edits: dict[int, dict[int | None, int]] = defaultdict(dict)
    rows = history.filter(id__in=pks).order_by("history_id")
    taken_back = Q(
        history_import__status=ImportStatus.UNDONE,
        history_date__gt=F("history_import__finished_at"),
    )
    columns = ("id", "history_id", "history_import_id", "is_back")
    for pk, row, record, is_back in rows.annotate(
        is_back=Case(When(taken_back, then=True), default=False)
    ).values_list(*columns):
        if record == by.pk:
            left[pk] = row
        elif pk not in left:
            before[pk] = row
        elif is_back:
            edits[pk].pop(record, None)
        else:
            edits[pk][record] = row
    last = {pk: max(rows.values()) for pk, rows in edits.items() if rows}
    found = history.select_related("history_user").in_bulk({*before.values(), *last.values()})
    return {
        pk: Past(found.get(before.get(pk)), row, found.get(last.get(pk)))
        for pk, row in left.items()
    }


def name_of(model: type[CatalogModel], past: Past) -> str:
    """Return the name of an entry that is deleted, by its history; its owners may be deleted too."""
    row = past.edit or past.before or history_of(model).get(pk=past.left)
    entry = row.instance
    for field in entry._meta.concrete_fields:
        if field.many_to_one and (pk := getattr(entry, field.attname)):
            history = history_of(field.related_model).filter(id=pk).order_by("-history_id")
            if (owner := history.first()) and not owner.instance_type.objects.filter(pk=pk):
                setattr(entry, field.name, owner.instance)
    return str(entry)


def locked(model: type[CatalogModel], pks: Iterable[int]) -> dict[int, Any]:
    """Return entries, with what their names are made of, by primary key; nobody else changes them meanwhile."""
    entries = model._default_manager.select_related().select_for_update(of=("self",))
    return {entry.pk: entry for entry in entries.filter(pk__in=list(pks)).order_by("pk")}


def fields_of(model: type[CatalogModel]) -> list[str]:
    """Return the fields that an undo puts back: no files, which no import changes."""
    return [
        field.name
        for field in model._meta.concrete_fields
        if not field.primary_key and not isinstance(field, models.FileField)
    ]
