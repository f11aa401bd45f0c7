"""What is there for a while only, or not yet."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.db import connection, connections, transaction

from .processes import begin_process


@contextmanager
def rolled_back():
    """Leave nothing behind of what is stored within: the examples of a test, the objects of a module."""
    begin_process()  # What was stored before and is gone was seen by no process.
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def stored_once(build):
    """Return a fixture of what ``build`` stores, made once for all tests of a module.

    Each of these tests finds it in place, those that do not ask for it too.
    """

    @pytest.fixture(scope="module")
    def stored(django_db_setup, django_db_blocker):
        with django_db_blocker.unblock(), rolled_back():
            yield build()

    return stored


@contextmanager
def committed_later(write):
    """Let somebody else write; give the function that has them commit, as they do at the end of the block at last."""
    written, go_on = threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            write()
            written.set()
            go_on.wait(30)
        connections.close_all()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    written.wait(10)

    def commit():
        go_on.set()
        slow.join()

    try:
        yield commit
    finally:
        commit()


def wait_for_one_who_waits():
    """Wait until another connection waits for a lock. Only PostgreSQL tells."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
        "AND pid <> pg_backend_pid()"
    )
    with connection.cursor() as cursor:
        for _ in range(500):
            # A transaction sees what it was told first, until it lets go of it.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")
