"""Exports that the worker makes: asked for at a list, followed on a page of their own, and downloaded."""

from pathlib import Path

import pytest
from django.core.cache import caches

from catalog.importing import jobs
from catalog.importing.exports import make
from catalog.importing.progress import progress_reporter
from catalog.models import Export, ExportStatus, Program
from catalog.resources import read

from ..conftest import catalog_permissions
from ..factories import ProgramFactory, UserFactory
from .imports.uploading import url, with_the_worker, work
from .pages import address, column, listed, said, submit, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(autouse=True)
def _large(settings):
    """Every export of more than one entry is work for the worker."""
    settings.EXPORT_ENTRIES_IN_REQUEST = {"csv": 1, "xlsx": 1}


def names_in(response, tmp_path):
    path = tmp_path / "export"
    path.write_bytes(response.getvalue())
    sheet = read("programs", path)
    return [row[sheet.header.index("name")] for _, row in sheet]


def asked(user, *names, **options):
    """Return an export of programs with these names, as the worker is sent it."""
    keys = [ProgramFactory(name=name).pk for name in names]
    record, _ = jobs.request_export("programs", "csv", keys, user=user, **options)
    return record


def made(user, *names):
    record = asked(user, *names)
    make(record)
    record.refresh_from_db()
    assert record.status == ExportStatus.DONE
    return record


@with_the_worker
@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_large_export_is_asked_for_made_and_downloaded(extension, editor_client, tmp_path):
    for name in ("Beta", "alpha", "Gamma"):
        ProgramFactory(name=name, status="draft")
    ProgramFactory(name="Public")
    page = f"{url('program', 'export')}?status__exact=draft&format={extension}"

    question = text_of(editor_client.get(page))
    assert "The list has 3 programs." in question
    assert not Export.objects.exists()
    answer = editor_client.post(page)
    record = Export.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, record.get_absolute_url())
    waiting = editor_client.get(record.get_absolute_url())
    assert "Waiting for the worker" in text_of(waiting)
    assert waiting["Refresh"] == "3"
    work()

    ready = editor_client.get(record.get_absolute_url())
    assert "Refresh" not in ready
    assert 'href="/admin/catalog/program/?status__exact=draft"' in ready.content.decode()
    file = editor_client.get(address("file", record))
    assert file["Content-Disposition"] == f'attachment; filename="{record.file_name}"'
    assert names_in(file, tmp_path) == ["alpha", "Beta", "Gamma"]
    record.refresh_from_db()
    assert (record.total, record.keys) == (3, [])
    path = Path(record.file.path)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_selection_that_is_large_is_made_by_the_worker(editor_client, editor):
    programs = ProgramFactory.create_batch(3)
    wanted = {programs[0].pk, programs[2].pk}

    answer = editor_client.post(
        url("program", "changelist"),
        {"_selected_action": list(wanted), "action": "export_xlsx", "select_across": "0"},
    )

    record = Export.objects.get()
    assert answer["Location"] == record.get_absolute_url()
    assert (record.kind, record.format, record.user) == ("programs", "xlsx", editor)
    assert set(record.keys) == wanted


def test_one_export_at_a_time(editor_client, editor):
    first = asked(editor, "A", "B")

    answer = editor_client.post(url("program", "export"))

    assert answer["Location"] == first.get_absolute_url()
    assert said(answer) == ["One export at a time: this one is still being made."]
    assert Export.objects.get() == first


def test_page_shows_how_far_the_export_is_until_its_worker_stops(editor_client, editor):
    record = asked(editor, "A", "B")
    progress_reporter(record)(1)

    working = editor_client.get(record.get_absolute_url())
    still = editor_client.get(record.get_absolute_url() + "?still")
    caches["shared"].clear()
    stopped = editor_client.get(record.get_absolute_url())

    assert '<progress value="1" max="2"' in working.content.decode()
    assert "1 of 2 entries" in text_of(working)
    assert [("Refresh" in page) for page in (working, still, stopped)] == [True, False, False]
    assert "No worker has begun. There is no file yet." in text_of(stopped)


def test_page_says_why_there_is_no_file(editor_client, editor):
    record = asked(editor, "A")
    Export.objects.update(status=ExportStatus.FAILED, problem="B3 is too long.")

    assert "B3 is too long." in text_of(editor_client.get(record.get_absolute_url()))
    answer = editor_client.get(address("file", record))
    assert (answer["Location"], said(answer)) == (
        record.get_absolute_url(),
        ["There is no such file."],
    )


def test_only_who_asked_for_it_sees_an_export(client, editor):
    record = made(editor, "A")
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    assert listed(client.get(address("changelist", Export))) == []
    assert client.get(record.get_absolute_url()).status_code == 404
    assert client.get(address("file", record)).status_code == 404
    client.post(address("delete", record), {"post": "yes"})
    assert Export.objects.get() == record


@pytest.mark.parametrize(("actions", "status"), [(["view"], 403), (["export"], 200)])
def test_export_takes_its_permission_to_the_end(actions, status, editor_client, editor):
    record = made(editor, "A")
    editor.user_permissions.set(catalog_permissions(*actions))

    answers = [
        editor_client.get(page)
        for page in (
            address("changelist", Export),
            record.get_absolute_url(),
            address("file", record),
        )
    ]

    assert [answer.status_code for answer in answers] == [status] * 3
    b"".join(answers[-1])  # an open file is closed when it is read


def test_list_names_ones_own_exports(editor_client, editor):
    record = made(editor, "A", "B")

    shown = editor_client.get(address("changelist", Export))

    assert column(shown, "file_name") == [record.file_name]
    assert column(shown, "status") == ["Ready to download"]
    assert column(shown, "total") == ["2"]


@pytest.mark.parametrize("way", ["page", "list"])
def test_deleted_export_leaves_no_file(
    way, editor_client, editor, django_capture_on_commit_callbacks
):
    record = made(editor, "A")
    path = Path(record.file.path)
    assert path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        if way == "page":
            submit(editor_client, address("delete", record))
        else:
            editor_client.post(
                address("changelist", Export),
                {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"},
            )

    assert not Export.objects.exists()
    assert not path.exists()
    assert Program.objects.count() == 1
