"""The database's statistics are brought up to date after much has been written, and never fail an import."""

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from catalog.importing import jobs
from catalog.importing.importer import MANY_ROWS
from catalog.models import Import, ImportStatus, Program

from .loading import load

pytestmark = pytest.mark.django_db


def names(count):
    return "slug,name\n" + "".join(f"p-{n},Program {n}\n" for n in range(count))


def refreshed(callbacks):
    return [callback.__name__ for callback in callbacks].count("refresh_statistics")


@pytest.mark.parametrize(("rows", "times"), [(MANY_ROWS, 1), (MANY_ROWS - 1, 0)])
def test_statistics_are_refreshed_after_many_rows(rows, times, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        result = load("programs", names(rows))

    assert result.counts["new"] == rows
    assert refreshed(callbacks) == times


def test_statistics_know_of_the_rows_that_were_imported(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        load("programs", names(MANY_ROWS))

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'catalog_program'")
            known = int(cursor.fetchone()[0])
        else:
            cursor.execute("SELECT stat FROM sqlite_stat1 WHERE tbl = 'catalog_program'")
            known = int(cursor.fetchone()[0].split()[0])
    assert MANY_ROWS * 0.9 < known < MANY_ROWS * 1.1


def test_statistics_are_not_refreshed_where_nothing_was_written(django_capture_on_commit_callbacks):
    content = names(MANY_ROWS)

    with django_capture_on_commit_callbacks() as callbacks:
        load("programs", content, dry_run=True)
        load("programs", content + "p-0,Twice\n")

    assert Program.objects.count() == 0
    assert refreshed(callbacks) == 0


def test_statistics_are_refreshed_after_an_undo_of_many_rows(
    editor, settings, django_capture_on_commit_callbacks
):
    settings.IMPORT_ROWS_IN_REQUEST = MANY_ROWS
    file = ContentFile(names(MANY_ROWS).encode(), name="spring.csv")
    record = jobs.receive("programs", file, user=editor)
    jobs.check_soon(record)
    jobs.confirm(record)

    with django_capture_on_commit_callbacks() as callbacks:
        jobs.request_undo(record, editor)

    assert Import.objects.get().status == ImportStatus.UNDONE
    assert refreshed(callbacks) == 1
