"""Objects that are there for a while only."""

from contextlib import contextmanager

from django.db import transaction

from .processes import begin_process


@contextmanager
def rolled_back():
    """Leave nothing behind of what is stored within: the examples of a test, the objects of a module."""
    begin_process()  # What was stored before and is gone was seen by no process.
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
