"""What the database holds when the tests begin, and how it comes back to that after a test that commits.

Django's flush takes twenty times as long: PostgreSQL makes each table anew, and what migrations and signals have
stored is stored once more, row by row.
"""

import sqlite3
from contextlib import closing, contextmanager

from django.db import connection, transaction

# The schema of PostgreSQL that holds a copy of each table that is not empty at the beginning.
SCHEMA = "beginning"


@contextmanager
def kept_beginning():
    """Keep what is stored; give the function that brings it back."""
    if connection.vendor == "sqlite":
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as kept:
            connection.connection.backup(kept)
            yield lambda: bring_back_sqlite(kept)
    else:
        with connection.cursor() as cursor:
            kept = filled_tables(cursor)
            cursor.execute(f"CREATE SCHEMA {SCHEMA}")
            for name in kept:
                cursor.execute(f"CREATE TABLE {SCHEMA}.{name} AS TABLE {name}")
        yield lambda: bring_back_postgresql(kept)


def bring_back_sqlite(kept):
    connection.ensure_connection()
    kept.backup(connection.connection)


def bring_back_postgresql(kept):
    """Write the rows of each table anew, behind the back of triggers and foreign keys: a superuser may."""
    with transaction.atomic(), connection.cursor() as cursor:
        deletions = [f"DELETE FROM {name}" for name in filled_tables(cursor)]  # noqa: S608
        insertions = [f"INSERT INTO {name} TABLE {SCHEMA}.{name}" for name in kept]
        cursor.execute(
            "; ".join(["SET LOCAL session_replication_role = replica", *deletions, *insertions])
        )


def filled_tables(cursor):
    names = connection.introspection.table_names(cursor)
    cursor.execute(
        " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (TABLE {name})" for name in names)
    )
    return [name for (name,) in cursor.fetchall()]
