"""The record of an import: its pages, the list of all of them, its file, and when they go."""

from datetime import timedelta

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from catalog.importing import jobs
from catalog.models import Import, ImportedRow, ImportStatus, Program

from ...factories import UserFactory
from .record_page import said, table
from .uploading import GONE, confirmed, post, record_of, show, upload, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_twenty_thousand_rows_are_on_pages_of_a_hundred(editor_client, editor):
    record = record_of(20_000, user=editor)

    first, last = (show(editor_client, record, query) for query in ("", "?page=200"))

    assert [row[0] for row in table(first, "changes")] == [str(n) for n in range(2, 102)]
    assert [row[0] for row in table(last, "changes")] == [str(n) for n in range(19_902, 20_002)]
    assert "Rows that change something: 19,901 to 20,000 of 20,000" in last.content.decode()
    assert 'href="?page=199#changes" aria-label="Page 199"' in last.content.decode()
    assert len(first.content) < 250_000


def test_page_costs_the_same_for_many_rows_and_for_few(editor_client, editor):
    costs = []
    for rows in (1, 1_000):
        record = record_of(rows, user=editor)
        show(editor_client, record)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            show(editor_client, record)
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_list_costs_the_same_for_one_import_and_for_ten(editor_client, editor):
    costs = []
    for number in (1, 9):
        for _ in range(number):
            record_of(1, user=editor)
        editor_client.get(url("import", "changelist"))
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(url("import", "changelist"))
        costs.append(len(queries))

    assert costs[0] == costs[1]


# --- The record of an import


def test_list_holds_who_brought_in_what_newest_first(editor_client, importer_client):
    confirmed(editor_client, "name\nNew\n", name="first.csv")
    upload(importer_client, "name,child_age_min\nA,x\n", name="second.csv")

    [newest, oldest] = table(editor_client.get(url("import", "changelist")), "result_list")

    assert newest[:5] == [
        "second.csv",
        "programs",
        "Has mistakes",
        "1 mistake",
        "importer",
    ]
    assert oldest[:5] == [
        "first.csv",
        "programs",
        "Imported",
        "1 new",
        "editor",
    ]


def test_records_are_neither_added_nor_edited_nor_deleted(editor_client):
    record = confirmed(editor_client, "name\nNew\n")
    before = Import.objects.values().get()

    answers = [
        editor_client.get(url("import", "add")).status_code,
        editor_client.post(reverse("admin:catalog_import_delete", args=[record.pk])).status_code,
    ]
    editor_client.post(record.get_absolute_url(), {"status": "ready"})
    editor_client.post(
        url("import", "changelist"), {"action": "delete_selected", "_selected_action": record.pk}
    )

    assert answers == [403, 403]
    assert Import.objects.values().get() == before


def test_file_comes_back_as_it_came_to_be_saved(editor_client):
    content = b"name\n<script>alert(1)</script>\n"
    record = upload(editor_client, content, name="páge.html")

    response = editor_client.get(reverse("admin:catalog_import_file", args=[record.pk]))

    assert b"".join(response) == content
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''p%C3%A1ge.html"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_file_that_is_gone_is_missed_in_words(editor_client, uploads):
    record = upload(editor_client, "name\nNew\n")
    for file in uploads():
        file.unlink()

    for page in ("file", "mistakes"):
        response = editor_client.get(reverse(f"admin:catalog_import_{page}", args=[record.pk]))
        assert said(response)[-1] == "There is no such file any more."


def test_unknown_import_is_not_found(editor_client):
    for page in ("change", "file", "mistakes", "undo"):
        for pk in ("1", "x", "9" * 40):
            address = reverse(f"admin:catalog_import_{page}", args=[pk])
            assert editor_client.get(address).status_code == 404


@pytest.mark.parametrize("action", ["confirm", "cancel", "run_again"])
def test_what_an_import_does_is_sent_and_never_linked_to(action, editor_client):
    record = upload(editor_client, "name\nNew\n")

    answer = editor_client.get(reverse(f"admin:catalog_import_{action}", args=[record.pk]))

    assert answer.status_code == 405
    assert Import.objects.get().status == ImportStatus.READY


# --- Cancelling, and previews that nobody confirms


def test_cancelled_upload_leaves_no_file_and_no_rows(
    editor_client, uploads, django_capture_on_commit_callbacks
):
    record = upload(editor_client, "name,child_age_min\nA,x\nB,7\n")
    assert len(uploads()) == 2
    assert ImportedRow.objects.count() == 1

    with django_capture_on_commit_callbacks(execute=True):
        response = post(editor_client, record, "cancel")

    assert response["Location"] == url("program")
    assert said(response) == ["Cancelled. Nothing was imported, and the file is not kept."]
    assert (Import.objects.count(), ImportedRow.objects.count(), uploads()) == (0, 0, [])


@pytest.mark.parametrize("action", ["confirm", "cancel", "run_again", "undo"])
def test_nothing_is_done_with_a_cancelled_upload(action, editor_client):
    record = upload(editor_client, "name\nNew\n")
    post(editor_client, record, "cancel")

    response = post(editor_client, record, action)

    assert response["Location"] == url("import", "changelist")
    assert said(response)[-1] == GONE
    assert Program.objects.count() == 0


def test_imported_file_cannot_be_cancelled(editor_client, uploads):
    record = confirmed(editor_client, "name\nNew\n")

    response = post(editor_client, record, "cancel")

    assert said(response)[-1] == (
        "This import cannot be cancelled. This import’s status is “imported”."
    )
    assert (Import.objects.count(), len(uploads())) == (1, 1)


def test_abandoned_uploads_are_cleaned_away_by_the_next_one(
    editor_client, uploads, django_capture_on_commit_callbacks
):
    waiting, wrong, done = (
        upload(editor_client, "name\nNew\n"),
        upload(editor_client, "name,child_age_min\nA,x\n"),
        confirmed(editor_client, "name\nOther\n"),
    )
    Import.objects.update(created_at=timezone.now() - timedelta(days=3))

    with django_capture_on_commit_callbacks(execute=True):
        new = upload(editor_client, "name\nThird\n")

    assert set(Import.objects.values_list("pk", flat=True)) == {done.pk, new.pk}
    assert len(uploads()) == 2
    assert not {waiting.pk, wrong.pk} & set(ImportedRow.objects.values_list("record", flat=True))


@pytest.mark.parametrize("address", ["import", "list"])
def test_abandoned_uploads_are_cleaned_away_when_somebody_looks(address, editor_client):
    upload(editor_client, "name\nNew\n")
    Import.objects.update(created_at=timezone.now() - timedelta(days=3))

    editor_client.get(url("import", "changelist") if address == "list" else url("program"))

    assert Import.objects.count() == 0


def test_import_that_is_confirmed_while_it_is_cleaned_away_stays(editor_client, uploads):
    record = upload(editor_client, "name\nNew\n")
    stale = Import.objects.get()
    post(editor_client, record)

    jobs.withdraw(stale, ImportStatus.unconfirmed())

    assert (Import.objects.get().status, len(uploads())) == (ImportStatus.DONE, 1)


def test_file_of_a_record_that_cannot_be_kept_is_deleted(uploads):
    unknown = UserFactory.build()

    with pytest.raises(ValueError, match="unsaved related object"):
        jobs.receive("programs", ContentFile(b"name\nNew\n", name="spring.csv"), user=unknown)

    assert uploads() == []


def test_file_stays_until_its_record_is_gone(
    editor_client, uploads, django_capture_on_commit_callbacks
):
    record = upload(editor_client, "name\nNew\n")

    with django_capture_on_commit_callbacks(execute=True):
        record.delete()
        assert len(uploads()) == 1

    assert uploads() == []
