"""The worker that stays: it outlives its database's absence, and takes up what another one left."""

import signal
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django_tasks_db.models import DBTaskResult

from catalog.importing import jobs, tasks
from catalog.importing.progress import PATIENCE, Progress, store_progress
from catalog.importing.worker import MOST_WORKERS, is_worker_alive, resume_interrupted
from catalog.models import Export, Import, ImportStatus

from ...databases import find_postgresql, restart, throwaway_postgresql
from ...factories import UserFactory
from .processes import (
    IS_POSTGRESQL,
    SECONDS,
    WORKER,
    another_database,
    killed,
    names,
    process,
    ready,
    receive,
    wait_for,
)


@contextmanager
def worker():
    """Let a worker work beside the test; it ends as a service that is stopped."""
    running = process("db_worker", "--interval=0.1", "--verbosity=0")
    try:
        yield running
    finally:
        running.send_signal(signal.SIGTERM)
        output, _ = running.communicate(timeout=SECONDS)
    assert running.returncode == 0, output


def has_status(record, status):
    return lambda: Import.objects.get(pk=record.pk).status == status


def forget_progress(record):
    """Let the last sign of life of an import's worker be too old."""
    then = time.time() - PATIENCE - 1
    store_progress(record, Progress(1, then, then))


@pytest.fixture
def large(settings):
    """Every import is work for the worker."""
    settings.IMPORT_ROWS_IN_REQUEST = 0


def test_worker_tells_that_it_lives_until_it_ends(site):
    with worker():
        wait_for(is_worker_alive)

    assert not is_worker_alive()


def test_worker_that_is_told_to_stop_finishes_its_task_first(site, ann, large):
    record = ready(["p-0,New"], ann, columns="slug,name")
    jobs.confirm(record)
    dying = ("INSERT INTO .catalog_program.", 1)

    running = process("db_worker", "--interval=0.1", "--verbosity=0", dying=dying, of="SIGTERM")
    output, _ = running.communicate(timeout=SECONDS)

    assert running.returncode == 0, output
    assert has_status(record, ImportStatus.DONE)()


# To delete a session takes a second, at the moment of committing it.
SLOW_COMMIT = """
    CREATE FUNCTION take_a_second() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN PERFORM pg_sleep(1); RETURN NULL; END';
    CREATE CONSTRAINT TRIGGER slow AFTER DELETE ON django_session DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION take_a_second();
    INSERT INTO django_session VALUES ('old', '', '2020-01-01');
"""
COMMITTING = """
    SELECT EXISTS (SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND query = 'COMMIT')
"""


def is_committing():
    """Return whether somebody commits just now."""
    with connection.cursor() as cursor:
        cursor.execute(COMMITTING)
        return cursor.fetchone()[0]


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has no commit that takes long")
def test_worker_that_is_told_to_stop_breaks_off_no_commit(site):
    with connection.cursor() as cursor:
        cursor.execute(SLOW_COMMIT)
    running = process("db_worker", "--interval=0.1", "--verbosity=0")
    wait_for(is_committing)
    running.send_signal(signal.SIGTERM)

    output, _ = running.communicate(timeout=SECONDS)

    assert (running.returncode, output) == (0, "")
    assert not Session.objects.exists()


@pytest.fixture
def server(transactional_db, _private_files):
    """A migrated database on a server that nothing else uses; give the folder of its files."""
    with throwaway_postgresql(find_postgresql()) as url:
        port = urlsplit(url).port
        with another_database("clearinghouse", HOST="127.0.0.1", PORT=port, USER="postgres"):
            call_command("migrate", verbosity=0)
            with connection.cursor() as cursor:
                cursor.execute("SHOW data_directory")
                yield Path(cursor.fetchone()[0])


@pytest.mark.thorough
@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite's database is never away")
def test_worker_outlives_restarts_of_the_database(server, large):
    ann = UserFactory(username="ann", is_staff=True, is_superuser=True)
    with worker():
        wait_for(is_worker_alive)
        for number, mode in enumerate(("fast", "immediate")):
            restart(server, mode)
            connection.close()
            record = receive([f"p-{number},New"], ann, columns="slug,name")
            jobs.check_soon(record)

            wait_for(has_status(record, ImportStatus.READY))


def test_import_whose_worker_was_killed_is_taken_up_by_the_next(site, ann, large):
    record = ready(["p-0,New"], ann, columns="slug,name")
    jobs.confirm(record)
    killed(*WORKER, dying=("INSERT INTO .catalog_program.", 1))
    assert has_status(record, ImportStatus.CONFIRMED)()

    with worker():
        wait_for(is_worker_alive)
        assert has_status(record, ImportStatus.CONFIRMED)()
        forget_progress(record)
        wait_for(has_status(record, ImportStatus.DONE))

    assert names() == {"New"}


def waiting(site, ann):
    """Return an import and its task, as a worker leaves them that dies."""
    record = ready(["p-0,New"], ann, columns="slug,name")
    jobs.confirm(record)
    task = DBTaskResult.objects.latest("enqueued_at")
    task.claim("one")
    return record, task


@pytest.mark.parametrize("workers", [1, MOST_WORKERS - 1, MOST_WORKERS])
def test_import_that_has_ended_three_workers_waits_for_a_person(site, ann, large, workers):
    record, task = waiting(site, ann)
    DBTaskResult.objects.filter(pk=task.pk).update(worker_ids=["one"] * workers)
    forget_progress(record)

    resume_interrupted()

    task.refresh_from_db()
    assert task.status == ("READY" if workers < MOST_WORKERS else "RUNNING")


def test_export_whose_worker_died_is_taken_up_and_no_import_for_it(site, ann, large):
    record, imported = waiting(site, ann)
    Export.objects.create(pk=record.pk, user=ann, kind="programs", format="csv", keys=[1], total=1)
    tasks.make_export.enqueue(record.pk)
    exported = DBTaskResult.objects.latest("enqueued_at")
    exported.claim("one")

    resume_interrupted()

    states = [DBTaskResult.objects.get(pk=task.pk).status for task in (imported, exported)]
    assert states == ["RUNNING", "READY"]


def test_import_that_somebody_works_on_is_left_to_them(site, ann, large):
    record, task = waiting(site, ann)
    now = time.time()
    store_progress(record, Progress(1, now, now))

    resume_interrupted()

    task.refresh_from_db()
    assert task.status == "RUNNING"


def test_import_that_waits_for_its_first_worker_is_not_sent_twice(site, ann, large):
    record = ready(["p-0,New"], ann, columns="slug,name")
    jobs.confirm(record)
    caches["shared"].clear()

    resume_interrupted()

    assert DBTaskResult.objects.count() == 1
    assert DBTaskResult.objects.get().worker_ids == []
