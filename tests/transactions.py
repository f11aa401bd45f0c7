"""What is there for a while only, or not yet."""

import threading
from contextlib import contextmanager

import pytest
from django.db import connections, transaction

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
