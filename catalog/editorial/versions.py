"""The version of an entry with all that belongs to it, by which a decision knows what it was made on."""

from collections.abc import Collection

from django.db.models import Count, Manager

from ..history.diff import person
from ..history.records import parts_of
from ..models.base import CatalogModel


def version(entry: CatalogModel) -> str:
    """Return a version that changes with every change of an entry or, of a program, of its ratings and studies."""
    return versions(type(entry), [entry.pk])[entry.pk]


def versions(model: type[CatalogModel], pks: Collection[int]) -> dict[int, str]:
    """Return the ``version`` of entries by primary key: how many rows each history has, as "12.0.7.2".

    Rows are only ever added to a history. Their greatest key would not do: of two transactions at once the one that
    took the lower key may commit last.
    """
    counts = []
    for history, key in histories(model):
        rows = history.filter(**{f"{key}__in": pks}).order_by().values(key)
        counts.append(dict(rows.annotate(rows=Count("pk")).values_list(key, "rows")))
    return {pk: ".".join(str(count.get(pk, 0)) for count in counts) for pk in pks}


def histories(model: type[CatalogModel]) -> list[tuple[Manager, str]]:
    """Return the histories that tell of an entry of a model, each with the field that names the entry."""
    return [(model.history, "id"), *((part.history, "program_id") for part in parts_of(model))]


def changed_meanwhile(entry: CatalogModel, seen: str, now: str) -> str:
    """Return a sentence for somebody who decided on one version: who has written what made it another."""
    who, what = "Somebody", "saved this entry"
    # What was seen comes from a form, and may be shorter.
    parts = zip(histories(type(entry)), seen.split("."), now.split("."), strict=False)
    for (history, key), before, last in parts:
        if before == last:
            continue
        changes = history.select_related("history_user").filter(**{key: entry.pk})
        change = changes.order_by("history_id").last()
        if change and change.history_user:
            who = person(change.history_user)
        if key != "id":
            what = f"changed its {history.model.instance_type._meta.verbose_name_plural}"
        break
    return f"{who} has {what} since you opened the page."
