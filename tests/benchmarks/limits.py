"""The limits: the rows of a file written without one check, as fast as Django and as fast as the database can.

Both write what an import writes of new programs: the programs, their ratings, and the history of each.
"""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import batched, count
from uuid import uuid4

from django.db import connection, models, transaction
from django.utils import timezone

from catalog import search
from catalog.models import Program, Rating, Status, TopicArea
from catalog.search.upkeep import triggers
from catalog.values.fields import ListField

BATCH = 1_000


@contextmanager
def without_search() -> Iterator[Callable[[], None]]:
    """Write in one transaction, without search documents and without the catalog's version."""
    on = {"sqlite": "", "postgresql": " ON {0}"}[connection.vendor]
    with transaction.atomic():
        with connection.cursor() as cursor:
            for name, table, _ in triggers(connection):
                cursor.execute(f"DROP TRIGGER {name}{on.format(table)}")
        yield lambda: None


@contextmanager
def with_search() -> Iterator[Callable[[], None]]:
    """Write in one transaction, with search documents made after each thousand programs."""
    with transaction.atomic(), search.deferred() as write:
        yield write


def bulk_create(path, user, searching):
    """Write the rows of a file by ``bulk_create``; ``searching`` is one of the two above."""
    with searching() as index:
        for programs, ratings in batches(path):
            made = Program.objects.bulk_create([Program(**values) for values in programs])
            rated = Rating.objects.bulk_create(
                [
                    Rating(program=program, **values)
                    for program, values in zip(made, ratings, strict=True)
                ]
            )
            for model, entries in ((Program, made), (Rating, rated)):
                model.history.bulk_history_create(entries, batch_size=BATCH, default_user=user)
            index()


def copy(path, user, searching):
    """Write the rows of a file by COPY, on SQLite by ``executemany``."""
    pks = count(1)
    history = {
        "history_date": timezone.now(),
        "history_type": "+",
        "history_user_id": user.pk,
        "history_change_reason": None,
        "history_import_id": None,
        "history_save": uuid4(),
    }
    with searching() as index:
        for programs, ratings in batches(path):
            for program, rating in zip(programs, ratings, strict=True):
                program["id"] = rating["id"] = rating["program_id"] = next(pks)
                rating |= {"rationale": "", "scale_edition_id": None, "is_current": True}
            for model, rows in ((Program, programs), (Rating, ratings)):
                prepared = [prepare(model, row) for row in rows]
                insert(model, prepared)
                past = model.history.model
                others = prepare(past, history)
                insert(past, [{**row, **others} for row in prepared])
            index()


def batches(path):
    """Yield, a thousand rows at a time, the values of programs and those of their ratings."""
    areas = dict(TopicArea.objects.values_list("slug", "pk"))
    now = timezone.now()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for rows in batched(csv.DictReader(file), BATCH, strict=False):
            programs, ratings = [], []
            for row in rows:
                ratings.append(
                    {
                        "topic_area_id": areas[row.pop("topic_area")],
                        **{
                            name: row.pop(name)
                            for name in ("scientific_rating", "rated_on", "not_rated_reason")
                        },
                    }
                )
                program = {name: value(PROGRAM_FIELDS[name], text) for name, text in row.items()}
                program["published_at"] = now if row["status"] == Status.PUBLISHED else None
                program["retired_at"] = now if row["status"] == Status.RETIRED else None
                program["retirement_reason"] = ""
                programs.append(program)
            yield programs, ratings


PROGRAM_FIELDS = {field.name: field for field in Program._meta.concrete_fields}


def value(field, text):
    """Return what a cell stands for; nothing is checked."""
    if isinstance(field, ListField):
        return tuple(text.split("|")) if text else ()
    if isinstance(field, models.IntegerField):
        return int(text) if text else None
    return text == "yes" if isinstance(field, models.BooleanField) else text


def prepare(model, row):
    """Return values as the database takes them."""
    return {
        field.column: field.get_db_prep_save(row[field.attname], connection)
        for field in model._meta.concrete_fields
        if field.attname in row
    }


def insert(model, rows):
    quote = connection.ops.quote_name
    table, columns = quote(model._meta.db_table), ", ".join(map(quote, rows[0]))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as out:
                for row in rows:
                    out.write_row(tuple(row.values()))
        else:
            places = ", ".join(["%s"] * len(rows[0]))
            sql = f"INSERT INTO {table} ({columns}) VALUES ({places})"  # noqa: S608
            cursor.executemany(sql, [tuple(row.values()) for row in rows])
