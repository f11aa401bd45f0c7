"""Making the file of an export, or saying why there is none; and deleting it when its days are over."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from catalog.importing import jobs
from catalog.importing.exports import make
from catalog.management.commands.db_worker import clean_up
from catalog.models import Export, ExportStatus
from catalog.models.exports import KEPT_FOR

from ..conftest import catalog_permissions
from ..factories import ProgramFactory, UserFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def user(db):
    user = UserFactory()
    user.user_permissions.set(catalog_permissions("export"))
    return user


def asked(user, *, extension="csv", **program):
    record, _ = jobs.request_export(
        "programs", extension, [ProgramFactory(**program).pk], user=user
    )
    return record


def files(settings):
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def outcome(record, settings):
    record = Export.objects.get(pk=record.pk)
    return record.status, record.problem, record.keys, files(settings)


@pytest.mark.parametrize("why", ["permission", "account", "asker"])
def test_nothing_is_made_for_somebody_who_may_no_longer_export(why, user, settings):
    record = asked(user)
    if why == "permission":
        user.user_permissions.clear()
    elif why == "account":
        user.is_active = False
        user.save()
    else:
        user.delete()

    make(Export.objects.get())

    problem = "Your account may no longer export programs."
    assert outcome(record, settings) == (ExportStatus.FAILED, problem, [], [])


def test_text_too_long_for_a_workbook_is_said(user, settings):
    record = asked(user, extension="xlsx", slug="a", description="x" * 40_000)

    make(record)

    status, problem, keys, left = outcome(record, settings)
    assert problem.endswith("a cell of a workbook can hold. Choose CSV.")
    assert (status, keys, left) == (ExportStatus.FAILED, [], [])


def test_export_that_is_deleted_while_it_is_made_leaves_no_file(user, settings):
    record = asked(user)
    Export.objects.all().delete()

    make(record)

    assert not Export.objects.exists()
    assert files(settings) == []


def test_exports_are_kept_for_their_days(user, settings, django_capture_on_commit_callbacks):
    records = []
    for age in (KEPT_FOR - timedelta(minutes=1), KEPT_FOR + timedelta(minutes=1)):
        record = asked(user)
        make(record)
        Export.objects.filter(pk=record.pk).update(created_at=timezone.now() - age)
        records.append(record)

    with django_capture_on_commit_callbacks(execute=True):
        clean_up()

    assert list(Export.objects.all()) == records[:1]
    assert files(settings) == [Path(records[0].file.path)]


def test_files_that_a_killed_worker_left_go_when_they_are_old(user, settings):
    made = asked(user)
    make(made)
    path = Path(made.file.path)
    old, new = path.with_name("old.csv"), path.with_name("new.csv")
    for file in (path, old, new):
        file.touch()
    long_ago = (timezone.now() - KEPT_FOR - timedelta(minutes=1)).timestamp()
    os.utime(path, (long_ago, long_ago))
    os.utime(old, (long_ago, long_ago))

    clean_up()

    assert set(files(settings)) == {path, new}
