"""Questions to the database that have one value as their answer, so that one query asks many."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

# SQL that gives one value, and its parameters.
type Question = tuple[str, Sequence[Any]]


def values_of(questions: Iterable[Question]) -> Sequence[Any]:
    """Return the answer to each question. One query."""
    questions = list(questions)
    with connection.cursor() as cursor:
        sql = f"SELECT {', '.join(sql for sql, _ in questions)}"
        cursor.execute(sql, [value for _, values in questions for value in values])
        return cursor.fetchone()
