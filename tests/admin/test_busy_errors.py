"""Which errors of a database mean that it is busy."""

import sqlite3

import pytest
from django.db import OperationalError
from psycopg import errors

from catalog.values.busy import is_busy_error


def caused_by(cause):
    error = OperationalError("it failed")
    error.__cause__ = cause
    return error


def sqlite_error(code):
    error = sqlite3.OperationalError("it failed")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("cause", "expected"),
    [
        (sqlite_error(sqlite3.SQLITE_BUSY), True),
        (sqlite_error(sqlite3.SQLITE_BUSY_SNAPSHOT), True),
        (sqlite_error(sqlite3.SQLITE_LOCKED_SHAREDCACHE), True),
        (sqlite_error(sqlite3.SQLITE_FULL), False),
        (errors.DeadlockDetected(), True),
        (errors.LockNotAvailable(), True),
        (errors.AdminShutdown(), False),
        (None, False),
    ],
)
def test_only_an_error_that_passes_by_itself_means_a_busy_database(cause, expected):
    assert is_busy_error(caused_by(cause)) is expected
