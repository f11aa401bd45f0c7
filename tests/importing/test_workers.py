"""Imports by real processes: one that is killed, several at once, and an editor who saves meanwhile.

Each test has a database of its own that other processes can open: on SQLite a file, and not the tests' own memory.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from catalog import search
from catalog.history.bulk_writer import Meanwhile
from catalog.importing import jobs, tasks
from catalog.importing.undo import REFUSED, request_undo
from catalog.models import Import, ImportedRow, ImportStatus, Program, Rating, TopicArea

from ..conftest import StrictClient
from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, UserFactory

ROOT = Path(__file__).parent.parent.parent
IS_POSTGRESQL = connection.vendor == "postgresql"
SECONDS = 60
OLD, NEW = 600, 1_500
# What the queue itself writes when a worker takes a task.
QUEUE = {"django_tasks_database_dbtaskresult"}


# --- A site of its own


@contextmanager
def another_database(name):
    """Let this process, and the threads that it starts, use another database than the tests' own."""
    tests_own = connections["default"]
    tests_settings = connections.settings["default"]
    if IS_POSTGRESQL:
        tests_own.close()
    connections.settings["default"] = {**tests_own.settings_dict, "NAME": name}
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = tests_settings
        connections["default"] = tests_own


@pytest.fixture
def site(tmp_path, transactional_db, _private_files):
    """An empty catalog in a database of its own."""
    if IS_POSTGRESQL:
        tests_own, name = connection.settings_dict["NAME"], f"own_{os.getpid()}"
        with another_database("postgres"), connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {tests_own}")
        with another_database(name):
            yield
        with another_database("postgres"), connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    else:
        name = str(tmp_path / "own.sqlite3")
        connection.ensure_connection()
        copy = sqlite3.connect(name)
        connection.connection.backup(copy)
        copy.close()
        with another_database(name):
            yield


def process(*command, dying=None, of="SIGKILL"):
    """Start manage.py; with ``dying`` it sends itself a signal after so many statements that an expression finds."""
    settings = connection.settings_dict
    url = f"sqlite:///{settings['NAME']}"
    if IS_POSTGRESQL:
        user = f"{settings['USER']}:{settings['PASSWORD']}".rstrip(":")
        host = f"{settings['HOST']}:{settings['PORT']}".rstrip(":")
        url = f"postgres://{user}@{host}/{settings['NAME']}"
    media = Path(storages["imports"].location).parent
    script = ["manage.py"] if dying is None else ["tests/dying.py", of, dying[0], str(dying[1])]
    return subprocess.Popen(
        [sys.executable, *script, *command],
        cwd=ROOT,
        env={**os.environ, "DEBUG": "1", "DATABASE_URL": url, "MEDIA_ROOT": str(media)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


WORKER = ["db_worker", "--batch", "--interval=0", "--verbosity=0", "--no-startup-delay"]


def work():
    """Do what the worker is sent to do, in this process."""
    call_command("db_worker", batch=True, interval=0, verbosity=0, startup_delay=False)


def together(*functions):
    """Call functions at the same time, each with a connection of its own; return what they return or raise."""
    barrier, results = threading.Barrier(len(functions)), {}

    def call(function):
        barrier.wait(SECONDS)
        try:
            results[function] = function()
        except Exception as error:
            results[function] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call, args=[function]) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SECONDS)
    return [results.get(function, "It never ended.") for function in functions]


def everything(*but):
    """Return every row of every table, the search's and the version's too, by table."""
    tables = {}
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names():
            if name not in QUEUE.union(but):
                cursor.execute(f'SELECT * FROM "{name}"')  # noqa: S608
                tables[name] = sorted(map(repr, cursor.fetchall()))
    return tables


def differences(before, after):
    """Return the names of the tables that differ."""
    return {name for name in {*before, *after} if before.get(name) != after.get(name)}


def check_database():
    """Fail where manage.py check --database default finds anything."""
    call_command(
        "check", databases=["default"], tags=["database"], fail_level="WARNING", verbosity=0
    )


def files():
    folder = Path(storages["imports"].location)
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def receive(rows, user, columns="slug,name,topic_area,scientific_rating,rated_on,status"):
    content = ContentFile("\n".join([columns, *rows, ""]).encode(), name="spring.csv")
    return jobs.receive("programs", content, user=user)


def ready(rows, user, **options):
    """Return an import that waits to be confirmed."""
    record = receive(rows, user, **options)
    jobs.check(record)
    assert record.status == ImportStatus.READY, record.problems
    return record


def names():
    return set(Program.objects.values_list("name", flat=True))


def refresh(*records):
    for record in records:
        record.refresh_from_db()


@pytest.fixture
def ann(site):
    return UserFactory(username="ann", is_staff=True, is_superuser=True)


@pytest.fixture
def bob(site):
    return UserFactory(username="bob", is_staff=True, is_superuser=True)


@pytest.fixture
def catalog(ann):
    """Programs of which the half is rated."""
    TopicAreaFactory(name="Area")
    rows = [
        f"p-{n},Program {n},What it is.,{'area,3,2020,published' if n % 2 else ',,,draft'}"
        for n in range(OLD)
    ]
    columns = "slug,name,description,topic_area,scientific_rating,rated_on,status"
    record = receive(rows, ann, columns=columns)
    Import.objects.update(status=ImportStatus.CONFIRMED)
    jobs.apply(record)
    record.refresh_from_db()
    assert record.status == ImportStatus.DONE


# --- Killed


# What the database has just done when the process is killed.
KILLED_WHILE_IT = {
    "has written the first thousand programs": ("INSERT INTO .catalog_program. .*ON CONFLICT", 1),
    "is writing the history of the second thousand": ("INSERT INTO .catalog_historicalprogram.", 3),
    "makes the search documents of the first thousand": (
        "catalog_search_program_refresh"
        if IS_POSTGRESQL
        else "INSERT INTO catalog_search_program.rowid",
        1,
    ),
    "makes the last search documents": (
        "TRUNCATE pg_temp" if IS_POSTGRESQL else "DELETE FROM catalog_search_pending WHERE",
        4,
    ),
    "is about to commit": ("INSERT INTO .django_admin_log", 1),
}


def killed(*command, dying):
    """Run manage.py until it is killed; nothing else ends it."""
    running = process(*command, dying=dying)
    output, _ = running.communicate(timeout=SECONDS)
    assert running.returncode == -signal.SIGKILL, output
    if IS_POSTGRESQL:
        nobody_else_is_connected()


def nobody_else_is_connected():
    """Wait until the server has noticed that a client is gone."""
    others = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    wait_until(others, 0)


def wait_until(sql, number):
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            # Within a transaction it would say the same each time.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(sql)
            if cursor.fetchone()[0] == number:
                return
        time.sleep(0.01)
    pytest.fail(f"Never {number}: {sql}")


def spring():
    """Return the rows of a file that renames and rates every old program, half of them anew, and adds others."""
    return [
        f"p-{n},Renamed {n},area,{1 + n % 2 * 3},2025-01,{'published' if n % 2 else 'draft'}"
        for n in range(OLD)
    ] + [f"p-{n},Added {n},area,2,2025,draft" for n in range(OLD, OLD + NEW)]


def test_import_whose_worker_is_killed_leaves_the_database_as_it_was_and_is_run_again(catalog, ann):
    record = receive(spring(), ann)
    assert jobs.is_large(record)
    jobs.check_soon(record)
    before, kept = everything("catalog_import", "catalog_importedrow"), files()

    killed(*WORKER, dying=("INTO .catalog_importedrow", 2))

    record.refresh_from_db()
    assert record.status == ImportStatus.CHECKING
    assert ImportedRow.objects.filter(record=record).count() == 2_000
    assert jobs.progress_of(record).done == 1_000
    assert differences(before, everything("catalog_import", "catalog_importedrow")) == set()
    assert files() == kept

    jobs.run_again(record, ann)
    work()
    record.refresh_from_db()
    assert (record.status, record.problems) == (ImportStatus.READY, [])
    assert record.counts == {
        "new": NEW,
        "changed": OLD // 2,
        "re-rated": OLD // 2,
        "unchanged": 0,
    }
    assert record.rows.count() == OLD + NEW

    jobs.confirm(record)
    before = everything()
    for what, dying in KILLED_WHILE_IT.items():
        killed(*WORKER, dying=dying)

        assert differences(before, everything()) == set(), what
        assert files() == kept
        check_database()
        record.refresh_from_db()
        assert record.status == ImportStatus.CONFIRMED
        jobs.run_again(record, ann)

    # Nobody had told the queue yet that it was done.
    killed(*WORKER, dying=("UPDATE .django_tasks_database_dbtaskresult", 2))
    assert_is_imported(record)
    done = everything()
    jobs.run_again(record, ann)
    tasks.apply_import.call(record.pk)
    work()
    assert differences(done, everything()) == set()

    request_undo(record, ann)
    before = everything()
    killed(*WORKER, dying=("INSERT INTO .catalog_historicalrating", 2))
    assert differences(before, everything()) == set()
    record.refresh_from_db()
    assert record.status == ImportStatus.UNDOING
    jobs.run_again(record, ann)
    work()
    record.refresh_from_db()
    assert (record.status, record.kept) == (ImportStatus.UNDONE, [])
    assert names() == {f"Program {n}" for n in range(OLD)}
    check_database()


def assert_is_imported(record):
    """All of it, and once."""
    record.refresh_from_db()
    assert record.status == ImportStatus.DONE
    assert names() == {f"Renamed {n}" for n in range(OLD)} | {
        f"Added {n}" for n in range(OLD, OLD + NEW)
    }
    assert Rating.objects.filter(is_current=True).count() == OLD + NEW
    assert Rating.objects.count() == OLD + NEW + OLD // 2
    assert Program.history.filter(history_import=record).count() == OLD + NEW
    # Each new one, and each that it took the place of.
    assert Rating.history.filter(history_import=record).count() == OLD + NEW + OLD // 2
    check_database()


def test_command_that_is_killed_leaves_an_import_to_be_checked_and_confirmed(
    catalog, ann, tmp_path
):
    path = tmp_path / "spring.csv"
    columns = "slug,name,topic_area,scientific_rating,rated_on,status"
    path.write_text("\n".join([columns, *spring()]))
    records = ("catalog_import", "sqlite_sequence")
    before = everything(*records)

    killed(
        "import_csv", "programs", str(path), dying=("INSERT INTO .catalog_historicalprogram.", 3)
    )

    assert differences(before, everything(*records)) == set()
    record = Import.objects.first()
    assert record.status == ImportStatus.CONFIRMED
    # The admin's page has known that somebody was working on it.
    assert jobs.progress_of(record).done == 1_000
    jobs.run_again(record, ann)
    work()
    record.refresh_from_db()
    assert (record.status, record.user) == (ImportStatus.READY, ann)
    jobs.confirm(record)
    work()
    assert_is_imported(record)


def test_command_that_is_interrupted_while_the_second_thread_works_leaves_nothing(
    catalog, tmp_path
):
    path = tmp_path / "spring.csv"
    columns = "slug,name,topic_area,scientific_rating,rated_on,status"
    path.write_text("\n".join([columns, *spring()]))
    sequences = ("sqlite_sequence",)
    before, kept = everything(*sequences), files()

    dying = KILLED_WHILE_IT["makes the search documents of the first thousand"]
    running = process("import_csv", "programs", str(path), dying=dying, of="SIGINT")
    output, _ = running.communicate(timeout=SECONDS)

    assert running.returncode == -signal.SIGINT, output
    assert (differences(before, everything(*sequences)), files()) == (set(), kept)
    check_database()


# --- Several at once

CHANGED = "What this file changes has itself been changed since the preview. Check the file again."


def test_two_imports_of_the_same_programs_happen_in_turn(catalog, ann, bob):
    """The second one is refused in words: what its preview has shown is no longer so."""
    first = ready([f"p-{n},Of Ann {n}" for n in range(OLD)], ann, columns="slug,name")
    second = ready([f"p-{n},Of Bob {n}" for n in range(OLD)], bob, columns="slug,name")

    results = together(lambda: jobs.confirm(first), lambda: jobs.confirm(second))

    refresh(first, second)
    assert results == [None, None]
    done, refused = sorted([first, second], key=lambda r: r.status != ImportStatus.DONE)
    who, other = ("Ann", "Bob") if done == first else ("Bob", "Ann")
    assert names() == {f"Of {who} {n}" for n in range(OLD)}
    assert (done.status, refused.status) == (ImportStatus.DONE, ImportStatus.READY)
    others = ", ".join(f"“Of {other} {n}”" for n in range(5))
    assert refused.notices == [
        f"{CHANGED} The preview below is another one for {others} and 595 more."
    ]
    assert refused.rows.first().changes[0][1:] == [f"Of {who} 0", f"Of {other} 0"]
    jobs.confirm(refused)
    assert names() == {f"Of {other} {n}" for n in range(OLD)}
    assert Program.history.count() == 3 * OLD
    check_database()


def test_two_imports_that_add_the_same_programs_add_them_once(catalog, ann, bob):
    rows = [f"n-{n},New {n},area,3,2024,draft" for n in range(OLD)]
    records = [ready(rows, ann), ready(rows, bob)]

    results = together(*[lambda record=record: jobs.confirm(record) for record in records])

    refresh(*records)
    assert results == [None, None]
    assert sorted(record.status for record in records) == [ImportStatus.DONE, ImportStatus.READY]
    [refused] = [record for record in records if record.status == ImportStatus.READY]
    assert refused.counts == {"new": 0, "changed": 0, "re-rated": 0, "unchanged": OLD}
    assert Program.objects.filter(name__startswith="New").count() == OLD


def test_two_imports_of_different_columns_both_happen(catalog, ann, bob):
    first = ready([f"p-{n},A {n}" for n in range(OLD)], ann, columns="slug,acronym")
    second = ready([f"p-{n},G {n}" for n in range(OLD)], bob, columns="slug,goals")

    results = together(lambda: jobs.confirm(first), lambda: jobs.confirm(second))

    refresh(first, second)
    assert results == [None, None]
    assert [first.status, second.status] == [ImportStatus.DONE, ImportStatus.DONE]
    assert set(Program.objects.values_list("slug", "acronym", "goals")) == {
        (f"p-{n}", f"A {n}", f"G {n}") for n in range(OLD)
    }


def test_two_workers_after_one_import_do_it_once(catalog, ann):
    record = ready(spring(), ann)
    jobs.confirm(record)
    jobs.run_again(record, ann)

    workers = [process(*WORKER), process(*WORKER)]
    outputs = [worker.communicate(timeout=SECONDS)[0] for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0], outputs
    assert list(DBTaskResult.objects.values_list("status", flat=True)) == ["SUCCESSFUL"] * 2
    assert_is_imported(record)


def test_worker_that_checks_late_does_not_take_an_import_back(catalog, ann):
    """It was slow, and so another one was sent: what that one found has been confirmed meanwhile."""
    record = receive(["p-0,Renamed 0"], ann, columns="slug,name")
    slow = Import.objects.get(pk=record.pk)
    jobs.check(record)
    jobs.confirm(record)

    jobs.check(slow)

    record.refresh_from_db()
    assert (record.status, record.rows.count()) == (ImportStatus.DONE, 1)
    late = Import(pk=record.pk, status=ImportStatus.CONFIRMED)
    assert (jobs.apply(late), late.status) == (None, ImportStatus.DONE)
    assert files() == sorted(Path(r.file.name).name for r in Import.objects.all())


# --- An editor, meanwhile


@pytest.fixture
def editor(bob):
    client = StrictClient()
    client.force_login(bob)
    return client


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
    return address, {name: value for name, value in data.items() if value is not False}


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

    assert jobs.apply(stale) is None
    assert names() == set()


WAITING = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' "
    "AND pid <> pg_backend_pid()"
)


def in_each_others_way(function):
    """Call a function that locks the programs in order, while somebody holds the last one and wants the first one.

    PostgreSQL stops the one that has waited longest: the function.
    """
    first, last = Program.objects.order_by("pk")[0], Program.objects.order_by("-pk")[0]
    is_locked = threading.Event()

    def save_both():
        with transaction.atomic():
            Program.objects.filter(pk=last.pk).update(duration="A year")
            is_locked.set()
            wait_until(WAITING, 1)
            Program.objects.filter(pk=first.pk).update(duration="A year")

    def wait_and_call():
        is_locked.wait(SECONDS)
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
        jobs.check(record)

    assert differences(before, everything("catalog_import", "sqlite_sequence")) == set()
    assert (Import.objects.count(), files()) == (0, uploaded)


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


# --- Search documents, meanwhile


def test_error_of_the_second_thread_is_raised_whatever_else_went_wrong(site):
    def fail():
        with own.cursor() as cursor:
            cursor.execute("SELECT * FROM nowhere")

    own = connections["default"]

    def go_on():
        with transaction.atomic(), Meanwhile(fail) as meanwhile:
            meanwhile.start()
            meanwhile.executor.shutdown()
            # PostgreSQL says of this that the transaction is aborted.
            Program.objects.get()

    def end():
        with transaction.atomic(), Meanwhile(fail) as meanwhile:
            meanwhile.start()

    for plan in (go_on, end):
        with pytest.raises(DatabaseError, match="nowhere"):
            plan()
    assert Program.objects.count() == 0


@pytest.mark.skipif(IS_POSTGRESQL, reason="PostgreSQL calls nothing in this process")
def test_search_documents_are_made_without_python(site):
    """A function in Python would wait for the other thread, which waits for the database."""
    with sqlite3.connect(":memory:") as bare:
        ours = functions(connection) - functions(bare)
    bare.close()
    used = set()

    def note(action, _, name, *__):
        if action == sqlite3.SQLITE_FUNCTION:
            used.add(name)
        return sqlite3.SQLITE_OK

    with transaction.atomic(), search.deferred() as index:
        ProgramFactory()
        connection.connection.set_authorizer(note)
        index()
        connection.connection.set_authorizer(None)

    assert "regexp" in ours
    assert {"group_concat", "substr"} <= used
    assert used & ours == set()


def functions(database):
    cursor = database.cursor()
    return {name for (name,) in cursor.execute("SELECT name FROM pragma_function_list").fetchall()}


def test_reader_does_not_wait_for_a_writer_when_a_moment_comes(site, client):
    """An area that became public by itself is found by its name once the writer is done; all else shows at once."""
    area = TopicAreaFactory(name="Launch area")
    program = RatingFactory(program__name="Placed", topic_area=area).program
    moment = timezone.now() + timedelta(seconds=1)
    TopicArea.objects.filter(pk=area.pk).update(published_at=moment)
    is_writing, may_commit = threading.Event(), threading.Event()

    def write():
        with transaction.atomic():
            Program.objects.filter(pk=program.pk).update(goals="Others.")
            TopicArea.objects.filter(pk=area.pk).update(definition="Another one.")
            is_writing.set()
            may_commit.wait(SECONDS)

    def read():
        is_writing.wait(SECONDS)
        time.sleep(max(0, (moment - timezone.now()).total_seconds()) + 0.01)
        try:
            return [client.get(address).content for address in ("/topics/", "/programs/?q=launch")]
        finally:
            may_commit.set()

    _, (areas, found) = together(write, read)
    afterwards = client.get("/programs/?q=launch").content

    assert b"Launch area" in areas
    assert (b"Placed" in found, b"Placed" in afterwards) == (False, True)
