"""Undoing an import: who may, what the page asks first, and what it says afterwards."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import ImportStatus

from ...factories import ProgramFactory
from .record_page import buttons, headline, said, table
from .uploading import confirmed, post, record_of, show

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_undoing_takes_a_permission_of_its_own(editor_client, importer_client):
    record = confirmed(importer_client, "name\nNew\n")
    address = reverse("admin:catalog_import_undo", args=[record.pk])

    without = [importer_client.get(address), post(importer_client, record, "undo")]

    assert [response.status_code for response in without] == [403, 403]
    assert address not in show(importer_client, record).content.decode()
    assert address in show(editor_client, record).content.decode()
    assert editor_client.get(address).status_code == 200
    record.refresh_from_db()
    assert record.status == ImportStatus.DONE


def test_undoing_is_asked_about_first(editor_client):
    ProgramFactory(name="Old")
    record = confirmed(editor_client, "name,acronym\nOld,O\nNew,N\nNewer,\n")

    page = editor_client.get(reverse("admin:catalog_import_undo", args=[record.pk]))

    found = re.findall(r"<b>([\d,]+)</b> ([\w-]+)", page.content.decode())
    assert found == [("2", "new"), ("1", "changed"), ("0", "re-rated")]
    assert buttons(page) == ["Undo the import"]
    record.refresh_from_db()
    assert record.status == ImportStatus.DONE


def test_undone_import_says_so_and_is_not_undone_twice(editor_client):
    record = confirmed(editor_client, "name\nNew\n")

    first = post(editor_client, record, "undo")
    page = show(editor_client, record)
    again = editor_client.get(reverse("admin:catalog_import_undo", args=[record.pk]))
    second = post(editor_client, record, "undo")

    assert first["Location"] == record.get_absolute_url()
    assert headline(page) == "Undone: this import no longer holds"
    assert again["Location"] == record.get_absolute_url()
    nothing = "There is nothing to undo. This import’s status is “undone”."
    assert said(second)[-2:] == [nothing, nothing]


def test_undone_import_names_what_was_left_and_why(editor_client, editor):
    kept = [{"entry": "<b>Calm", "why": "Kim has edited it since."}]
    record = record_of(1, user=editor, status="undone", kept=kept, finished_at=timezone.now())

    assert table(show(editor_client, record), "kept") == [["<b>Calm", "Kim has edited it since."]]


def test_what_an_undo_left_is_on_pages_of_a_hundred(editor_client, editor):
    kept = [{"entry": f"Program {n}", "why": "It has been deleted."} for n in range(101)]
    record = record_of(0, user=editor, status="undone", kept=kept, finished_at=timezone.now())

    last = show(editor_client, record, "?kept_page=2")

    assert table(last, "kept") == [["Program 100", "It has been deleted."]]
    assert "What was left as it is: 101 to 101 of 101" in last.content.decode()
    assert 'href="?#kept" aria-label="Page 1"' in last.content.decode()


@pytest.mark.parametrize(
    ("retired", "sentences"),
    [
        (0, ["Everything that it had changed is as it was before."]),
        (1, ["1 entry was public already, and so retired"]),
        (2, ["2 entries were public already, and so retired"]),
    ],
)
def test_undone_import_says_whether_all_is_as_before(retired, sentences, editor_client, editor):
    record = record_of(0, user=editor, status="undone", retired=retired, finished_at=timezone.now())

    html = show(editor_client, record).content.decode()

    wanted = r"Everything that it had changed is as it was before\.|\d+ entr.* and so retired"
    assert re.findall(wanted, html) == sentences
