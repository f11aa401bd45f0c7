"""What one save wrote, row by row, and whether that stands still: so that it can be undone."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import models
from django.db.models import Q

from ..history.records import edit_in_words
from ..models.base import CatalogModel

EDITED = (
    "“{}” is no longer as the merge left it. {} To undo the merge, first put that back as it was."
)


class Written[M: CatalogModel](NamedTuple):
    """Hold a row that a merge wrote: as it was before, and as the merge left it."""

    before: M
    left: M


def written[M: CatalogModel](model: type[M], save: object, where: Q) -> list[Written[M]]:
    """Return what one save changed of a model's rows, of those that meet a condition in it. Three queries."""
    saved = model.history.filter(where, history_save=save).order_by("history_id")
    last = dict(saved.values_list("id", "history_id"))
    rows = model.history.filter(id__in=last).order_by("history_id").values_list("id", "history_id")
    # Of each row, the last record before the save's own.
    before = {pk: record for pk, record in rows if record < last[pk]}
    records = model.history.in_bulk([*before.values(), *last.values()])
    return [
        Written(records[before[pk]].instance, records[last[pk]].instance) for pk in sorted(before)
    ]


def edit_since(rows: Sequence[Written[Any]]) -> str:
    """Say which row of a model is no longer as it was left, and who has written it since; "" where all are."""
    if not rows:
        return ""
    model: Any = type(rows[0].left)
    stored = model._default_manager.select_related().in_bulk([row.left.pk for row in rows])
    for row in rows:
        now = stored.get(row.left.pk)
        if now is None or values(now) != values(row.left):
            return EDITED.format(now or row.left, last_edit(row.left))
    return ""


def last_edit(entry: CatalogModel) -> str:
    """Say who wrote a row last, and when."""
    history: Any = type(entry).history
    rows = history.select_related("history_user").filter(id=entry.pk)
    return edit_in_words(rows.order_by("history_id").last())


def values(entry: CatalogModel) -> list[object]:
    return [getattr(entry, field.attname) for field in entry._meta.concrete_fields]


def names_of_fields(model: type[models.Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if not field.primary_key]
