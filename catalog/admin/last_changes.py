"""The last change of each entry of a list: when, and by whom."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.db.models import OuterRef, QuerySet, Subquery

from ..editorial.versions import histories
from ..history.diff import person
from ..values.moments import day_in_words


def with_last_records(entries: QuerySet) -> QuerySet:
    """Annotate the date and the person of the last record of each history. Only for the entries of one page."""
    found: dict[str, Subquery] = {}
    for place, (history, key) in enumerate(histories(entries.model)):
        last = history.filter(**{key: OuterRef("pk")}).order_by("-history_date", "-history_id")
        found[f"last_date_{place}"] = Subquery(last.values("history_date")[:1])
        found[f"last_user_{place}"] = Subquery(last.values("history_user")[:1])
    return entries.annotate(**found)


def add_last_changes(entries: Iterable[Any]) -> None:
    """Give entries that ``with_last_records`` has annotated their ``last_change``: "June 5, 2026, Ann Example"."""
    last = {entry: last_record(entry) for entry in entries}
    # Nobody is 0, so that a list asks for people as often whoever changed its entries.
    users = {record.user or 0 for record in last.values() if record}
    people = get_user_model()._default_manager.in_bulk(users)
    for entry, record in last.items():
        entry.last_change = "Not recorded"
        if record:
            entry.last_change = (
                f"{day_in_words(record.date)}, {person(people.get(record.user or 0))}"
            )


class LastRecord(NamedTuple):
    """Hold the date of a record of history, and the key of who made it."""

    date: datetime
    user: int | None


def last_record(entry: Any) -> LastRecord | None:
    """Return the last record of all histories of an annotated entry, None where there is none."""
    records = [
        LastRecord(date, getattr(entry, f"last_user_{place}"))
        for place in range(len(histories(type(entry))))
        if (date := getattr(entry, f"last_date_{place}"))
    ]
    return max(records, key=lambda record: record.date, default=None)
