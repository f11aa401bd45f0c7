"""What is there for a while only, or not yet."""

import threading
from contextlib import contextmanager

from django.db import connections, transaction

from .processes import begin_process


@contextmanager
def rolled_back():
    """Leave nothing behind of what is stored within: the examples of a test, the objects of a module."""
    begin_process()  # What was stored before and is gone was seen by no process.
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


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
