"""Real processes, a database that they can open, and what to look at afterwards."""

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connection, connections

from catalog.importing import jobs
from catalog.importing.checking import check
from catalog.models import ImportStatus, Program, Rating

ROOT = Path(__file__).parent.parent.parent.parent
IS_POSTGRESQL = connection.vendor == "postgresql"
SECONDS = 60
OLD, NEW = 300, 1_800
# What the queue itself writes when a worker takes a task.
QUEUE = {"django_tasks_database_dbtaskresult"}


@contextmanager
def another_database(name, **settings):
    """Let this process, and the threads that it starts, use another database than the tests' own."""
    tests_own = connections["default"]
    tests_settings = connections.settings["default"]
    if IS_POSTGRESQL:
        tests_own.close()
    connections.settings["default"] = {
        **tests_own.settings_dict,
        "NAME": name,
        **settings,
    }
    connections["default"] = connections.create_connection("default")
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"] = tests_settings
        connections["default"] = tests_own


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
    check(record)
    assert record.status == ImportStatus.READY, record.problems
    return record


def names():
    return set(Program.objects.values_list("name", flat=True))


def refresh(*records):
    for record in records:
        record.refresh_from_db()


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
    """Wait until a statement gives this number."""

    def gives_it():
        with connection.cursor() as cursor:
            # Within a transaction it would say the same each time.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(sql)
            return cursor.fetchone()[0] == number

    wait_for(gives_it, f"Never {number}: {sql}")


def wait_for(happened, otherwise="It never happened."):
    """Wait until a function says that something has happened; fail where it does not."""
    deadline = time.monotonic() + SECONDS
    while not happened():
        if time.monotonic() > deadline:
            pytest.fail(otherwise)
        time.sleep(0.01)


def spring():
    """Return the rows of a file that renames and rates every old program, half of them anew, and adds others."""
    return [
        f"p-{n},Renamed {n},area,{1 + n % 2 * 3},2025-01,{'published' if n % 2 else 'draft'}"
        for n in range(OLD)
    ] + [f"p-{n},Added {n},area,2,2025,draft" for n in range(OLD, OLD + NEW)]


CHANGED = "What this file changes has itself been changed since the preview. Check the file again."


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
