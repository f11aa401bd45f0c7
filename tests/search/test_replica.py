"""A site may read a copy of the database that follows it: there, too, no write is missed."""

import time
from contextlib import closing

import pytest
from django.db import connection

from catalog.models import Program
from catalog.search import change_log, upkeep
from catalog.search.change_log import ChangeLog

from ..databases import standby_of
from ..factories import ProgramFactory, TopicAreaFactory

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no copy that follows"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def standby():
    with standby_of(connection.settings_dict["PORT"]) as port:
        copy = connection.copy()
        copy.settings_dict = {**connection.settings_dict, "PORT": port}
        yield copy
        copy.close()


def follow(standby):
    """Wait until the copy has all that was committed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        (until,) = cursor.fetchone()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with standby.cursor() as cursor:
            cursor.execute("SELECT pg_last_wal_replay_lsn() >= %s::pg_lsn", [until])
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    pytest.fail("The copy does not follow.")


def test_transaction_that_was_open_while_the_copy_was_read_is_not_lost(standby, monkeypatch):
    first, second = ProgramFactory(), ProgramFactory()
    writer = connection.copy()
    writer.set_autocommit(False)
    follow(standby)
    log = ChangeLog()
    with closing(writer), monkeypatch.context() as patch:
        patch.setattr(change_log, "connection", standby)
        start = log.read().position

        with writer.cursor() as cursor:
            cursor.execute("UPDATE catalog_program SET goals = 'a' WHERE id = %s", [first.pk])
        Program.objects.filter(pk=second.pk).update(goals="b")
        follow(standby)
        log.read()
        log.read()
        assert log.touched[start:] == [second.pk]

        writer.commit()
        follow(standby)
        log.read()
        log.read()

    assert log.touched[start:] == [second.pk, first.pk]
    # Who reads the database itself knows the same version.
    assert log.whole == change_log.versions().log.whole


def test_copy_leaves_to_the_database_what_became_public_by_itself():
    area = TopicAreaFactory(name="Before")
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {upkeep.TOPIC_AREAS.table} WHERE id = {area.pk}")  # noqa: S608
        cursor.execute("SET default_transaction_read_only = on")
        try:
            assert upkeep.catch_up() is False
        finally:
            cursor.execute("RESET default_transaction_read_only")

    assert upkeep.catch_up() is True
    assert upkeep.stale(upkeep.TOPIC_AREAS, connection) == set()
