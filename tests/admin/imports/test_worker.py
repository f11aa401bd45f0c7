"""Large files: the worker's part, and what the page says of how it stands."""

import re
from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from catalog.admin.work import progress_in_words, time_in_words
from catalog.importing import jobs
from catalog.importing.progress import PATIENCE, Progress, progress_of
from catalog.models import Import, ImportStatus, Program

from ...factories import ProgramFactory
from .record_page import buttons, headline, said
from .uploading import (
    at_work,
    confirmed,
    entries,
    post,
    record_of,
    show,
    upload,
    url,
    with_the_worker,
    work,
)

pytestmark = pytest.mark.django_db


@with_the_worker
def test_large_file_is_checked_and_imported_by_the_worker(editor_client, by_the_worker):
    record = upload(editor_client, "name\nNew\n")
    waiting = show(editor_client, record)
    work()
    record.refresh_from_db()
    preview = show(editor_client, record)
    post(editor_client, record)
    record.refresh_from_db()
    waiting_again = show(editor_client, record)
    before = Program.objects.count()
    work()

    assert [headline(page) for page in (waiting, preview, waiting_again)] == [
        "Being checked",
        "Nothing is written yet: this is what would happen",
        "Being imported",
    ]
    assert [page.get("Refresh") for page in (waiting, preview, waiting_again)] == ["3", None, "3"]
    for page in (waiting, waiting_again):
        assert "Waiting for the worker (<code>manage.py db_worker</code>)" in page.content.decode()
    assert (before, Program.objects.count()) == (0, 1)
    assert headline(show(editor_client, record)) == "Imported"


@pytest.mark.parametrize(
    ("progress", "sentence", "offers"),
    [
        ({"done": 500}, "500 of 2,000 rows", []),
        ({"done": 0, "started": None}, "Waiting for the worker", ["Cancel and delete the file"]),
        (
            {"done": 500, "started": 100.0, "seen": PATIENCE + 1},
            "The worker seems to have stopped. Nothing was written.",
            ["Run it again", "Cancel and delete the file"],
        ),
        (
            {"done": 0, "started": None, "seen": PATIENCE + 1},
            "No worker has begun. Nothing was written.",
            ["Run it again", "Cancel and delete the file"],
        ),
        (
            None,
            "No worker has begun. Nothing was written.",
            ["Run it again", "Cancel and delete the file"],
        ),
    ],
    ids=["working", "waiting", "stopped", "nobody began", "nothing known"],
)
def test_page_says_how_the_work_stands(editor_client, editor, progress, sentence, offers):
    record = record_of(0, user=editor, status="checking", total=2_000)
    if progress:
        at_work(record, **progress)

    page = show(editor_client, record)

    assert sentence in page.content.decode()
    assert buttons(page) == offers
    assert (page.get("Refresh") is None) == ("Run it again" in offers)


def test_page_need_not_ask_again(editor_client, editor):
    record = record_of(0, user=editor, status="checking", total=2_000)
    at_work(record, 500)

    assert show(editor_client, record).get("Refresh") == "3"
    assert show(editor_client, record, "?still").get("Refresh") is None


def test_confirmed_import_is_cancelled_unless_somebody_works_on_it(editor_client, editor):
    record = record_of(1, user=editor, status="confirmed")
    at_work(record, 0)

    refused = post(editor_client, record, "cancel")
    assert said(refused) == [
        "This import cannot be cancelled. This import’s status is “being imported”."
    ]
    at_work(record, 0, started=100.0, seen=PATIENCE + 1)
    assert buttons(show(editor_client, record)) == ["Run it again", "Cancel and delete the file"]
    post(editor_client, record, "cancel")

    assert Import.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("checking", "Nothing was written."),
        ("confirmed", "Nothing was imported."),
        ("undoing", "Nothing was undone."),
    ],
)
def test_page_says_what_a_stopped_worker_has_not_done(status, sentence, editor_client, editor):
    record = record_of(0, user=editor, status=status, finished_at=timezone.now())

    html = show(editor_client, record).content.decode()

    assert re.findall(r"Nothing was \w+\.", html) == [sentence]


def test_import_of_a_killed_command_is_checked_again_before_it_is_imported(editor_client, editor):
    """Weeks later: what others have edited since is not written over in nobody's name."""
    ProgramFactory(name="A", acronym="O")
    content = ContentFile(b"name,acronym\nA,X\n", name="spring.csv")
    record = jobs.receive("programs", content, user=None)
    month = timezone.now() - timedelta(days=30)
    Import.objects.update(status=ImportStatus.CONFIRMED, created_at=month)
    before = entries()

    post(editor_client, record, "run_again")

    editor_client.get(url("import", "changelist"))
    record.refresh_from_db()
    assert (record.status, record.user, entries()) == (ImportStatus.READY, editor, before)
    post(editor_client, record)
    assert Program.objects.get().acronym == "X"
    assert Program.history.first().history_user == editor


def test_undo_is_only_gone_on_with_by_somebody_who_may_undo(editor_client, importer_client):
    record = confirmed(importer_client, "name\nNew\n")
    Import.objects.update(status=ImportStatus.UNDOING)
    at_work(record, 0, seen=PATIENCE + 1)

    page = show(importer_client, record)
    response = post(importer_client, record, "run_again")

    assert buttons(page) == []
    assert said(response)[-1] == "Only those who may undo imports can go on with undoing one."
    record.refresh_from_db()
    assert (record.status, Program.objects.count()) == (ImportStatus.UNDOING, 1)
    post(editor_client, record, "run_again")
    record.refresh_from_db()
    assert (record.status, Program.objects.count()) == (ImportStatus.UNDONE, 0)


def test_progress_is_told_in_words():
    progress = Progress(12_000, 100.0, 106.32)

    assert progress_in_words(progress, 50_000) == (
        "12,000 of 50,000 rows, 1,899 a second, about 20 seconds left"
    )
    assert progress_in_words(progress, 0) == "12,000 rows, 1,899 a second"
    assert progress_in_words(Progress(0, 100.0, 100.0), 50_000) == "0 of 50,000 rows"
    assert [time_in_words(seconds) for seconds in (0, 9.9, 44, 120, 600)] == [
        "a few seconds left",
        "a few seconds left",
        "about 40 seconds left",
        "about 2 minutes left",
        "about 10 minutes left",
    ]


@with_the_worker
def test_import_of_a_stopped_worker_is_run_again(editor_client, by_the_worker):
    record = upload(editor_client, "name\nNew\n")
    at_work(record, 0, started=200.0, seen=PATIENCE + 1)

    response = post(editor_client, record, "run_again")

    assert response["Location"] == record.get_absolute_url()
    assert "Waiting for the worker" in show(editor_client, record).content.decode()
    work()
    record.refresh_from_db()
    assert record.status == ImportStatus.READY


def test_import_that_is_worked_on_is_not_run_again(editor_client, editor):
    record = record_of(0, user=editor, status="checking")
    at_work(record, 0)
    before = progress_of(record)

    response = post(editor_client, record, "run_again")

    assert said(response) == ["There is nothing to run again: this import is being worked on."]
    assert progress_of(record) == before


def test_finished_import_is_not_run_again(editor_client):
    record = confirmed(editor_client, "name\nNew\n")

    response = post(editor_client, record, "run_again")

    assert (
        said(response)[-1] == "There is nothing to run again. This import’s status is “imported”."
    )
    assert Program.history.count() == 1


@with_the_worker
def test_upload_that_was_cancelled_does_not_come_back(editor_client, by_the_worker, uploads):
    record = upload(editor_client, "name\nNew\n")
    post(editor_client, record, "cancel")

    work()

    assert Import.objects.count() == 0
    assert uploads() == []
