"""Imports while an editor saves, or while the database is locked."""

import sqlite3
import threading

import pytest
from django.db import connection, transaction
from django.db.models.fields.files import FieldFile
from django.urls import reverse

from catalog.importing import jobs
from catalog.importing.applying import apply
from catalog.importing.jobs import request_undo
from catalog.importing.undo import REFUSED
from catalog.models import Import, ImportStatus, Program

from .processes import (
    CHANGED,
    IS_POSTGRESQL,
    OLD,
    SECONDS,
    differences,
    everything,
    names,
    ready,
    together,
    wait_until,
)


def form_of(client, program):
    """Return the address of a program's form, and what it sends when nothing is typed."""
    address = reverse("admin:catalog_program_change", args=[program.pk])
    html = client.get(address).content.decode()
    data = {}
    response = client.get(address)
    for form in [response.context["adminform"].form, *forms_of(response)]:
        for field in form:
            value = field.value()
            data[field.html_name] = "" if value is None else value
    assert "version" in html
    # Neither a box that is not ticked nor a file that there is not is sent.
    sent = {
        name: value
        for name, value in data.items()
        if value is not False and not isinstance(value, FieldFile)
    }
    return address, sent


def forms_of(response):
    for formset in response.context["inline_admin_formsets"]:
        yield formset.formset.management_form
        yield from formset.formset.forms


def test_editor_who_saves_after_the_preview_is_named_by_the_program(catalog, ann, editor):
    record = ready([f"p-{n},Renamed {n}" for n in range(9)], ann, columns="slug,name")
    address, data = form_of(editor, Program.objects.get(slug="p-4"))
    assert editor.post(address, {**data, "name": "Bob's"}).status_code == 302

    jobs.confirm(record)

    record.refresh_from_db()
    assert record.status == ImportStatus.READY
    assert record.notices == [f"{CHANGED} The preview below is another one for “Renamed 4”."]
    assert names() == {f"Program {n}" for n in range(OLD)} - {"Program 4"} | {"Bob's"}
    assert record.rows.get(entry="Renamed 4").changes[0][1:] == ["Bob's", "Renamed 4"]


def test_editor_who_saves_during_an_import_is_told_and_nothing_is_lost(catalog, ann, editor):
    record = ready([f"p-{n},Renamed {n}" for n in range(9)], ann, columns="slug,name")
    address, data = form_of(editor, Program.objects.get(slug="p-4"))
    is_written, may_commit = threading.Event(), threading.Event()

    def hold(execute, sql, params, many, context):
        if "django_admin_log" in sql:
            is_written.set()
            may_commit.wait(SECONDS)
        return execute(sql, params, many, context)

    def bring_in():
        with connection.execute_wrapper(hold):
            jobs.confirm(record)

    def save():
        is_written.wait(SECONDS)
        if not IS_POSTGRESQL:
            # There is but one writer: whether it waits or comes later, nobody can tell.
            may_commit.set()
        return editor.post(address, {**data, "name": "Bob's"})

    def let_go():
        if IS_POSTGRESQL:
            is_written.wait(SECONDS)
            wait_until(WAITING, 1)
            may_commit.set()

    imported, response, _ = together(bring_in, save, let_go)

    assert imported is None
    assert response.status_code == 200
    assert "<b>ann</b> changed" in response.content.decode()
    assert "Renamed 4" in names()
    assert Import.objects.get(pk=record.pk).status == ImportStatus.DONE


@pytest.mark.skipif(IS_POSTGRESQL, reason="PostgreSQL has more than one writer at a time")
@pytest.mark.parametrize("action", ["confirm", "cancel", "undo"])
def test_import_that_finds_the_database_locked_stays_as_it_is_and_says_so(
    action, site, ann, bob, editor
):
    record = ready(["p-0,New"], bob, columns="slug,name")
    if action == "undo":
        jobs.confirm(record)
    before = everything()
    writer = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1")

    response = editor.post(
        reverse(f"admin:catalog_import_{action}", args=[record.pk]), {"plan": record.plan}
    )

    writer.rollback()
    writer.close()
    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert "The database is busy; nothing was saved." in response.content.decode()
    assert differences(before, everything()) == set()


def test_import_that_is_cancelled_before_the_worker_comes_is_not_applied(site, ann):
    record = ready(["p-0,New"], ann, columns="slug,name")
    Import.objects.update(status=ImportStatus.CONFIRMED)
    stale = Import.objects.get()
    record.delete()

    assert apply(stale) is None
    assert names() == set()


WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND pid <> pg_backend_pid()"
)


def find_deadlocks_after(time):
    """Let this thread's connection wait so long before it looks for a circle; a superuser's alone can be told."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('deadlock_timeout', %s, false) WHERE current_setting('is_superuser') = 'on'",
            [time],
        )


def in_each_others_way(function):
    """Call a function that locks the programs in order, while somebody holds the last one and wants the first one.

    PostgreSQL stops the one that finds out first: the function, once the other one is sure to wait.
    """
    first, last = Program.objects.order_by("pk")[0], Program.objects.order_by("-pk")[0]
    is_locked = threading.Event()

    def save_both():
        with transaction.atomic():
            find_deadlocks_after("1min")
            Program.objects.filter(pk=last.pk).update(duration="A year")
            is_locked.set()
            wait_until(WAITING, 1)
            Program.objects.filter(pk=first.pk).update(duration="A year")

    def wait_and_call():
        is_locked.wait(SECONDS)
        find_deadlocks_after("4s")
        function()

    assert together(save_both, wait_and_call) == [None, None]
    assert Program.objects.filter(duration="A year").count() == 2


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has one writer at a time")
def test_import_that_waits_for_one_who_waits_for_it_is_refused_in_words(catalog, ann):
    record = ready([f"p-{n},Renamed {n}" for n in range(OLD)], ann, columns="slug,name")

    in_each_others_way(lambda: jobs.confirm(record))

    record.refresh_from_db()
    assert record.status == ImportStatus.READY
    assert record.notices == [
        "The database refused the file. Somebody may have saved the same entries meanwhile: check the file again."
    ]
    assert names() == {f"Program {n}" for n in range(OLD)}
    jobs.confirm(record)
    assert names() == {f"Renamed {n}" for n in range(OLD)}


@pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has one writer at a time")
def test_undo_that_waits_for_one_who_waits_for_it_is_refused_in_words(catalog, ann):
    record = ready([f"p-{n},Renamed {n}" for n in range(OLD)], ann, columns="slug,name")
    jobs.confirm(record)

    in_each_others_way(lambda: request_undo(record, ann))

    record.refresh_from_db()
    assert (record.status, record.notices) == (ImportStatus.DONE, [REFUSED])
    assert names() == {f"Renamed {n}" for n in range(OLD)}
