"""The search documents, which are made while the next rows are planned."""

import sqlite3
import threading
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from catalog import search
from catalog.history.bulk_writer import Meanwhile
from catalog.models import Program, TopicArea

from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory
from .processes import IS_POSTGRESQL, SECONDS, together


def test_error_of_the_second_thread_is_raised_whatever_else_went_wrong(site):
    def fail():
        with own.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")

    own = connections["default"]

    def go_on():
        with transaction.atomic(), Meanwhile(fail) as meanwhile:
            meanwhile.start()
            meanwhile.executor.shutdown()
            # PostgreSQL says of this that the transaction is aborted.
            Program.objects.get()

    def end():
        with transaction.atomic(), Meanwhile(fail) as meanwhile:
            meanwhile.start()

    for plan in (go_on, end):
        with pytest.raises(DatabaseError, match="nowhere"):
            plan()
    assert Program.objects.count() == 0


@pytest.mark.skipif(IS_POSTGRESQL, reason="PostgreSQL calls nothing in this process")
def test_search_documents_are_made_without_python(site):
    """A function in Python would wait for the other thread, which waits for the database."""
    with sqlite3.connect(":memory:") as bare:
        ours = functions(connection) - functions(bare)
    bare.close()
    used = set()

    def note(action, _, name, *__):
        if action == sqlite3.SQLITE_FUNCTION:
            used.add(name)
        return sqlite3.SQLITE_OK

    with transaction.atomic(), search.deferred() as index:
        ProgramFactory()
        connection.connection.set_authorizer(note)
        index()
        connection.connection.set_authorizer(None)

    assert "regexp" in ours
    assert {"group_concat", "substr"} <= used
    assert used & ours == set()


def functions(database):
    cursor = database.cursor()
    return {name for (name,) in cursor.execute("SELECT name FROM pragma_function_list").fetchall()}


def test_reader_does_not_wait_for_a_writer_when_a_moment_comes(site, client):
    """An area that became public by itself is found by its name once the writer is done; all else shows at once."""
    area = TopicAreaFactory(name="Launch area")
    program = RatingFactory(program__name="Placed", topic_area=area).program
    moment = timezone.now() + timedelta(seconds=1)
    TopicArea.objects.filter(pk=area.pk).update(published_at=moment)
    is_writing, may_commit = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            Program.objects.filter(pk=program.pk).update(goals="Others.")
            TopicArea.objects.filter(pk=area.pk).update(definition="Another one.")
            is_writing.set()
            may_commit.wait(SECONDS)

    def read():
        is_writing.wait(SECONDS)
        time.sleep(max(0, (moment - timezone.now()).total_seconds()) + 0.01)
        try:
            return [client.get(address).content for address in ("/topics/", "/programs/?q=launch")]
        finally:
            may_commit.set()

    _, (areas, found) = together(write, read)
    afterwards = client.get("/programs/?q=launch").content

    assert b"Launch area" in areas
    assert (b"Placed" in found, b"Placed" in afterwards) == (False, True)
