"""Confirmations that are none, and data that changed since the preview."""

import pytest
from django.contrib.admin.models import LogEntry

from catalog.importing.applying import MAY_NOT
from catalog.importing.tasks import apply_import
from catalog.models import Import, ImportStatus, Program, Rating, TopicArea

from ...conftest import StrictClient
from ...factories import ProgramFactory
from ...importing.loading import stored
from .record_page import buttons, headline, said, table
from .uploading import confirmed, entries, post, record_of, show, upload

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_only_who_uploaded_a_file_confirms_or_cancels_it(editor_client, importer_client):
    record = upload(importer_client, "name\nNew\n")

    page = show(editor_client, record)
    answers = [post(editor_client, record, action) for action in ("confirm", "cancel")]

    assert buttons(page) == []
    assert "Only importer can confirm or cancel this import." in page.content.decode()
    assert [said(answer)[-1] for answer in answers] == [
        "Only importer, who uploaded the file, can confirm this import.",
        "Only importer, who uploaded the file, can cancel this import.",
    ]
    assert Program.objects.count() == 0
    post(importer_client, record)
    assert Program.objects.get().history.get().history_user == record.user


def test_second_confirmation_says_that_it_is_imported(editor_client):
    record = confirmed(editor_client, "name\nNew\n")
    after_first = stored()

    response = post(editor_client, record)

    assert said(response)[-1] == "There is nothing to confirm. This import’s status is “imported”."
    assert stored() == after_first


def test_file_with_mistakes_is_not_confirmed(editor_client):
    record = upload(editor_client, "name,child_age_min\nA,x\nB,7\n")

    response = post(editor_client, record)

    assert said(response) == [
        "There is nothing to confirm. This import’s status is “has mistakes”."
    ]
    assert Program.objects.count() == 0


def test_confirmation_of_another_preview_is_refused(editor_client):
    """The page of the first preview is still open in another window."""
    program = ProgramFactory(name="A", acronym="O")
    record = upload(editor_client, "name,acronym\nA,X\n")
    program.acronym = "E"
    program.save()
    post(editor_client, record)
    before = stored()

    response = post(editor_client, record)

    assert said(response)[-1] == (
        "The preview has changed since you saw it. Look at it again before you confirm it."
    )
    assert stored() == before


def test_confirmation_without_its_file_says_so(editor_client, uploads):
    record = upload(editor_client, "name\nNew\n")
    for file in uploads():
        file.unlink()

    response = post(editor_client, record)

    assert said(response) == ["Nothing was imported. See below why, and what the file does now."]
    [[_, _, _, message]] = table(show(editor_client, record), "mistakes")
    assert message == "The file is no longer there."
    assert Program.objects.count() == 0


def test_confirmation_without_the_forms_token_is_refused(editor):
    client = StrictClient(enforce_csrf_checks=True)
    client.force_login(editor)
    record = record_of(0, user=editor)

    for action in ("confirm", "cancel", "run_again", "undo"):
        assert post(client, record, action).status_code == 403


# --- Data that changed between preview and confirmation


@pytest.fixture
def failed_confirmation(editor_client, neighbours):
    """The record of an import that was confirmed when two of its rows no longer held."""
    record = upload(
        editor_client, "name,topic_area,scientific_rating\nNew,,\nOther,area,3\nThird,area,2\n"
    )
    TopicArea.objects.update(slug="renamed", name="Renamed", abbreviation="")
    post(editor_client, record)
    return record


def test_failed_confirmation_lists_what_no_longer_holds(failed_confirmation, editor_client):
    message = "area is the former slug of renamed; write renamed."

    page = show(editor_client, failed_confirmation)

    assert table(page, "mistakes") == [["Rows 3 and 4", "topic_area", "area", message]]
    assert headline(page) == "2 mistakes to fix: nothing was imported"


def test_failed_confirmation_writes_nothing_and_claims_nothing(failed_confirmation):
    assert list(Program.objects.values_list("name", flat=True)) == ["A"]
    assert Rating.objects.count() == 0
    assert Program.history.count() == 1
    assert LogEntry.objects.count() == 0


def test_confirmation_does_not_overwrite_edits_made_since_the_preview(editor_client):
    """The preview said O → X: nobody has agreed to lose the E that came between."""
    program = ProgramFactory(name="A", acronym="O")
    record = upload(editor_client, "name,acronym\nA,X\n")
    program.acronym = "E"
    program.save()
    before = entries()

    response = post(editor_client, record)
    page = show(editor_client, record)

    assert entries() == before
    assert said(response) == ["Nothing was imported. See below why, and what the file does now."]
    assert "has itself been changed since the preview" in page.content.decode()
    assert table(page, "changes") == [["2", "A", "Changed", "acronym: E → X"]]
    assert "Confirm import" in buttons(page)


@pytest.mark.parametrize("loss", ["permissions", "account", "deleted"])
def test_worker_imports_nothing_for_somebody_who_may_no_longer(loss, editor_client, editor):
    record = upload(editor_client, "name\nNew\n")
    Import.objects.update(status=ImportStatus.CONFIRMED)
    if loss == "permissions":
        editor.user_permissions.clear()
    elif loss == "account":
        type(editor).objects.update(is_active=False)
    else:
        editor.delete()

    apply_import.call(record.pk)

    record.refresh_from_db()
    assert record.status == ImportStatus.READY
    assert record.notices == [MAY_NOT.format(kind="programs")]
    assert Program.objects.count() == 0
