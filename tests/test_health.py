"""What machines ask: whether the site lives, and whether it is ready."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from catalog import health
from catalog.importing.tasks import check_import
from catalog.importing.worker import KEY, SignsOfLife
from catalog.values.signs import leave_sign


@pytest.fixture(autouse=True)
def _asked_anew():
    health.all_are_applied.cache_clear()


@pytest.fixture
def ready(db, settings):
    """Everything that a site needs: files can be written, and a worker lives."""
    settings.MEDIA_ROOT.mkdir()
    leave_sign(KEY, 1)


def said(client, path="/readyz"):
    response = client.get(path)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Cache-Control"] == "no-store"
    return response.status_code, response.content.decode()


def fail(*_):
    raise OperationalError("the server at 10.0.0.7 is gone")


def test_site_that_lives_asks_no_database_to_say_so(client):
    assert said(client, "/healthz") == (200, "ok\n")


def test_site_is_ready(client, ready):
    assert said(client) == (200, "ready\n")


def test_site_is_not_ready_without_its_database(client, ready):
    with connection.execute_wrapper(fail):
        assert said(client) == (503, "database\n")
        assert said(client, "/healthz") == (200, "ok\n")


def test_site_is_not_ready_before_it_is_migrated(client, ready, settings):
    # The tables of the tests were made by no migration.
    settings.MIGRATION_MODULES = {}

    assert said(client) == (503, "migrations\n")


def test_site_is_not_ready_where_no_file_can_be_written(client, ready, settings):
    settings.MEDIA_ROOT.rmdir()

    assert said(client) == (503, "files\n")


def test_site_is_not_ready_without_a_worker(client, ready):
    caches["shared"].clear()

    assert said(client) == (503, "worker\n")


def test_worker_that_ends_takes_its_sign_of_life_away(client, db, settings):
    settings.MEDIA_ROOT.mkdir()
    with SignsOfLife():
        pass

    assert said(client) == (503, "worker\n")


@pytest.mark.parametrize(("minutes", "answer"), [(14, (200, "ready\n")), (16, (503, "queue\n"))])
def test_site_is_not_ready_when_the_queue_stands_still(client, ready, minutes, answer):
    check_import.enqueue(1)
    DBTaskResult.objects.update(enqueued_at=timezone.now() - timedelta(minutes=minutes))

    assert said(client) == answer


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_site_is_not_ready_while_somebody_holds_the_tables(transactional_db, ready, monkeypatch):
    monkeypatch.setattr(health, "DATABASE_MAY_TAKE", 100)
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE catalog_program")
        assert said(Client()) == (503, "database\n")
    finally:
        other.rollback()
        other.close()
