"""The worker's tasks, and what is left of imports that fail."""

from pathlib import Path

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from catalog.importing import jobs, tasks
from catalog.importing.checking import check
from catalog.importing.jobs import request_undo
from catalog.models import Import, ImportStatus

from ...factories import ProgramFactory
from .processes import differences, everything, files, names, ready, receive, work

# --- The worker


def test_worker_checks_applies_and_undoes(site, ann, settings):
    settings.IMPORT_ROWS_IN_REQUEST = 0
    record = receive(["p-0,New"], ann, columns="slug,name")
    seen = []
    for send in (jobs.check_soon, jobs.confirm, lambda r: request_undo(r, ann)):
        send(record)
        before = Import.objects.get(pk=record.pk).status
        work()
        record.refresh_from_db()
        seen.append((before, record.status, names()))

    assert seen == [
        (ImportStatus.CHECKING, ImportStatus.READY, set()),
        (ImportStatus.CONFIRMED, ImportStatus.DONE, {"New"}),
        (ImportStatus.UNDOING, ImportStatus.UNDONE, set()),
    ]


def test_worker_does_nothing_for_an_import_that_is_withdrawn(site, ann, settings):
    settings.IMPORT_ROWS_IN_REQUEST = 0
    record = receive(["p-0,New"], ann, columns="slug,name")
    jobs.check_soon(record)
    record.delete()
    before = everything()

    work()

    assert differences(before, everything()) == set()
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"
    assert files() == []


@pytest.mark.parametrize("row", ["p-0,New", "p-0,"], ids=["right", "wrong"])
def test_import_that_is_withdrawn_while_it_is_checked_leaves_nothing(row, site, ann):
    record = receive([row], ann, columns="slug,name")
    uploaded = files()
    before = everything("catalog_import", "sqlite_sequence")

    def withdraw(execute, sql, params, many, context):
        # The first thing that the check asks for after it has begun.
        if "catalog_program" in sql:
            Import.objects.filter(pk=record.pk)._raw_delete("default")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(withdraw):
        check(record)

    assert differences(before, everything("catalog_import", "sqlite_sequence")) == set()
    assert (Import.objects.count(), files()) == (0, uploaded)


@pytest.mark.alike(3)
@pytest.mark.parametrize("task", [tasks.check_import, tasks.apply_import, tasks.undo_import])
@pytest.mark.parametrize("status", ["done", "undone", "failed", "ready"])
def test_late_worker_does_nothing(task, status, site, ann):
    record = ready(["p-0,New"], ann, columns="slug,name")
    jobs.confirm(record)
    Import.objects.update(status=status)
    record.refresh_from_db()
    before = everything()

    task.call(record.pk, *[ann.pk] * (task is tasks.undo_import))
    jobs.run_again(record, ann)
    work()

    assert differences(before, everything()) == set()
    assert not DBTaskResult.objects.exists()


def test_task_that_fails_is_logged_and_run_again(site, ann, settings, caplog):
    settings.IMPORT_ROWS_IN_REQUEST = 0
    record = ready(["p-0,New"], ann, columns="slug,name")
    jobs.confirm(record)
    path = Path(record.file.path)
    aside = path.rename(path.with_suffix(".aside"))
    path.mkdir()
    before = everything()

    work()

    assert differences(before, everything()) == set()
    result = DBTaskResult.objects.get()
    assert (result.status, result.exception_class_path) == ("FAILED", "builtins.IsADirectoryError")
    path.rmdir()
    aside.rename(path)
    record.refresh_from_db()
    assert (record.status, record.notices) == (ImportStatus.CONFIRMED, [])
    jobs.run_again(record, ann)
    work()
    record.refresh_from_db()
    assert (record.status, names()) == (ImportStatus.DONE, {"New"})


# --- Failed imports


def test_import_that_fails_leaves_no_file_and_no_row(site, ann):
    ProgramFactory(slug="p-0", name="Old")
    record = ready(["p-0,Renamed", "p-1,New"], ann, columns="slug,name")
    Path(record.file.path).write_text("slug,name\np-0,Tampered\n")
    untouched = ("catalog_import", "catalog_importedrow", "sqlite_sequence")
    before, kept = everything(*untouched), files()

    jobs.confirm(record)

    record.refresh_from_db()
    assert record.notices == [
        "The stored file is not the one that was checked. The preview below is another one for “Renamed”, “New”."
    ]
    assert (record.status, record.finished_at) == (ImportStatus.READY, None)
    assert (differences(before, everything(*untouched)), files()) == (set(), kept)
