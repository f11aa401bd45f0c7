"""A database that somebody else keeps locked, and what the pages say of it."""

import sqlite3
from contextlib import contextmanager

from django.db import connection

from .pages import notes

IS_POSTGRESQL = connection.vendor == "postgresql"
SENTENCE = "The database is busy; nothing was saved. Press {} again in a moment."


class Writer:
    """Another connection, which lets others read and nobody write."""

    def __init__(self):
        if IS_POSTGRESQL:
            self.connection = connection.copy()
            self.connection.set_autocommit(False)
            tables = ", ".join(f'"{name}"' for name in connection.introspection.table_names())
            with self.connection.cursor() as cursor:
                cursor.execute(f"LOCK TABLE {tables} IN EXCLUSIVE MODE")
            # Not sooner: the database's own upkeep may hold a table for a moment while a test prepares.
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '1ms'")
        else:
            name = connection.settings_dict["NAME"]
            self.connection = sqlite3.connect(name, isolation_level=None)
            self.connection.execute("BEGIN IMMEDIATE")

    def let_go(self):
        self.connection.rollback()
        self.connection.close()
        if IS_POSTGRESQL:
            with connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")


@contextmanager
def locked():
    writer = Writer()
    try:
        yield
    finally:
        writer.let_go()


def is_told(response, button="Save"):
    sentence = SENTENCE.format(button)
    return (
        response.status_code == 503
        and response["Retry-After"] == "10"
        and any(note.startswith(sentence) for note in notes(response))
    )
