"""How far an import is: a sign of life that can be lost, and never stops or fails anything."""

import pickle
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.urls import reverse

from catalog.importing import jobs
from catalog.importing.progress import (
    Progress,
    progress_key,
    progress_of,
    progress_reporter,
    queue_progress,
    store_progress,
)
from catalog.models import Import, ImportStatus, Program

from .loading import load

pytestmark = pytest.mark.django_db


@pytest.fixture
def record(editor):
    file = ContentFile(b"name\nNew\n", name="spring.csv")
    return jobs.receive("programs", file, user=editor)


@pytest.fixture
def broken_cache(settings, tmp_path):
    """A shared cache whose folder cannot be made, as a file is in its place."""
    place = tmp_path / "in-the-way"
    place.write_text("No folder.")
    shared = {**settings.CACHES["shared"], "LOCATION": str(place / "shared")}
    settings.CACHES = {**settings.CACHES, "shared": shared}


class Former(NamedTuple):
    """A class that a later version has no more."""

    done: int


def test_progress_is_kept_until_it_is_asked_for(record):
    assert progress_of(record) is None

    queue_progress(record)
    waiting = progress_of(record)
    progress_reporter(record)(1_000)
    working = progress_of(record)

    assert (waiting.done, waiting.started_at, waiting.is_alive) == (0, None, True)
    assert (working.done, working.is_alive) == (1_000, True)
    assert waiting.seen_at <= working.started_at <= working.seen_at <= time.time()


def test_what_the_cache_holds_knows_no_class_of_ours(record):
    store_progress(record, Progress(7, 1.0, 2.0))

    value = caches["shared"].get(progress_key(record))

    assert value == {"done": 7, "started_at": 1.0, "seen_at": 2.0}
    assert b"catalog" not in pickle.dumps(value)


@pytest.mark.parametrize(
    "value",
    [
        Former(7),
        (7, 1.0, 2.0),
        {},
        {"done": 7, "started_at": 1.0},
        {"done": "7", "started_at": 1.0, "seen_at": 2.0},
        {"done": 7, "started_at": "1.0", "seen_at": 2.0},
        {"done": 7, "started_at": 1.0, "seen_at": None},
        "7",
        7,
    ],
    ids=repr,
)
def test_value_of_another_shape_is_as_none(value, record):
    caches["shared"].set(progress_key(record), value)

    assert progress_of(record) is None


def test_value_of_a_class_that_is_gone_is_as_none(record, monkeypatch, editor_client):
    Import.objects.update(status=ImportStatus.CONFIRMED)
    caches["shared"].set(progress_key(record), Former(7))
    # As after a deploy that renames it.
    monkeypatch.delitem(globals(), "Former")

    assert progress_of(record) is None
    page = editor_client.get(reverse("admin:catalog_import_change", args=[record.pk]))
    assert "Run it again" in page.content.decode()

    queue_progress(record)
    assert progress_of(record).is_alive


def test_file_of_the_cache_that_is_damaged_is_as_none(record, settings):
    queue_progress(record)
    [file] = Path(settings.CACHES["shared"]["LOCATION"]).iterdir()
    file.write_bytes(b"\x00" * 40)

    assert progress_of(record) is None


def test_import_and_its_pages_do_without_a_cache(broken_cache, record, editor_client, caplog):
    with pytest.raises(OSError, match="in-the-way"):
        caches["shared"].set("x", 1)

    jobs.check_soon(record)
    jobs.confirm(record)
    assert (record.status, Program.objects.count()) == (ImportStatus.DONE, 1)
    jobs.request_undo(record, record.user)
    page = editor_client.get(reverse("admin:catalog_import_changelist"))

    assert "spring.csv" in page.content.decode()
    assert (record.status, Program.objects.count()) == (ImportStatus.UNDONE, 0)
    assert "could not be written" in caplog.text


@pytest.mark.parametrize("status", [ImportStatus.CONFIRMED, ImportStatus.CHECKING])
def test_page_of_a_worked_on_import_does_without_a_cache(
    status, broken_cache, record, editor_client
):
    Import.objects.update(status=status)

    page = editor_client.get(record.get_absolute_url())

    assert "Run it again" in page.content.decode()


def test_progress_is_told_as_the_rows_are_done(db, monkeypatch):
    monkeypatch.setattr("catalog.importing.importer.BATCH", 2)
    seen = []

    load("programs", "name\nA\nB\nC\n", progress=seen.append)

    assert seen == [2, 3]
