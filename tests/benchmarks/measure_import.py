"""Measure one way of importing one file, into the database that DATABASE_URL names. Prints JSON.

Run by imports.py, in a process of its own for each measurement: the peak is that of the whole process.
"""

import hashlib
import json
import resource
import sys
from argparse import ArgumentParser
from pathlib import Path
from time import perf_counter, process_time

import django

django.setup()

from django.contrib.auth import get_user_model  # noqa: E402 - needs the settings
from django.core.files import File  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from catalog.importing import jobs  # noqa: E402
from catalog.models import Import, ImportStatus, Program, Rating  # noqa: E402
from catalog.resources import KINDS, read  # noqa: E402
from tests.benchmarks import limits, stock_import  # noqa: E402

SETTINGS = {
    "sqlite": ("PRAGMA journal_mode", "PRAGMA synchronous", "PRAGMA cache_size"),
    "postgresql": (
        "SHOW fsync",
        "SHOW synchronous_commit",
        "SHOW full_page_writes",
        "SHOW shared_buffers",
        "SHOW max_wal_size",
    ),
}
# What differs from run to run: when, and under which number.
MOMENTS = {"id", "published_at", "retired_at"}


def main():
    parser = ArgumentParser()
    parser.add_argument("way", choices=WAYS)
    parser.add_argument("file", type=Path)
    options = parser.parse_args()
    if options.way == "prepare":
        call_command("migrate", verbosity=0)
        get_user_model().objects.create_superuser("benchmark")
        import_ours("topic-areas", options.file, user())
    importer = user()
    started, started_cpu = perf_counter(), process_time()
    WAYS[options.way](options.file, importer)
    measured = {"seconds": perf_counter() - started, "cpu": process_time() - started_cpu}
    # Read before anything else is done; Linux counts in KiB, macOS in bytes.
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    measured["peak"] = peak * (1 if sys.platform == "darwin" else 1024)
    if options.way in {"prepare", "fill"}:
        tidy_up()
    json.dump({**measured, "catalog": catalog(), "server": server()}, sys.stdout)


def user():
    return get_user_model().objects.get(username="benchmark")


def nothing(path, user):
    """Only load Django, and speak to the database."""


def check(path, user):
    result = KINDS["programs"]().import_data(
        read("programs", path, limited=False), dry_run=True, user=user, sink=lambda rows: None
    )
    refuse(result.problems)


def import_programs(path, user):
    import_ours("programs", path, user)


def import_ours(kind, path, user):
    sheet = read(kind, path, limited=False)
    refuse(KINDS[kind]().import_data(sheet, user=user, sink=lambda rows: None).problems)


def as_in_the_admin(path, user):
    """Receive, check and confirm, with a record that keeps what every row does."""
    with path.open("rb") as file:
        record = jobs.receive("programs", File(file, name=path.name), user=user)
    jobs.check_soon(record)
    record.refresh_from_db()
    jobs.confirm(record)
    record = Import.objects.get(pk=record.pk)
    refuse(record.problems)
    if record.status != ImportStatus.DONE:
        raise SystemExit(f"The import is not done, but {record.status}.")


def refuse(problems):
    if problems:
        raise SystemExit(f"The file is not as it should be: {problems[0]}")


WAYS = {
    "prepare": nothing,
    "fill": import_programs,
    "nothing": nothing,
    "check": check,
    "import": import_programs,
    "admin": as_in_the_admin,
    "stock": stock_import.import_programs,
    "bulk": lambda path, user: limits.bulk_create(path, user, limits.without_search),
    "bulk-search": lambda path, user: limits.bulk_create(path, user, limits.with_search),
    "copy": lambda path, user: limits.copy(path, user, limits.without_search),
    "copy-search": lambda path, user: limits.copy(path, user, limits.with_search),
}


def catalog():
    """Return what the database holds now: the numbers of things, and a digest of the programs and ratings."""
    digest = hashlib.sha256()
    for row in contents():
        digest.update(repr(row).encode())
    return {
        "programs": Program.objects.count(),
        "ratings": Rating.objects.count(),
        "history": Program.history.count() + Rating.history.count(),
        "digest": digest.hexdigest(),
    }


def contents():
    """Yield what is known of every program and every rating, but for moments and numbers."""
    names = [f.attname for f in Program._meta.concrete_fields if f.attname not in MOMENTS]
    programs = Program.objects.order_by("slug")
    for *values, published_at, retired_at in programs.values_list(
        *names, "published_at", "retired_at"
    ).iterator():
        yield (*values, published_at is not None, retired_at is not None)
    names = [f.attname for f in Rating._meta.concrete_fields if not f.is_relation]
    names = ["program__slug", "topic_area__slug", *(name for name in names if name not in MOMENTS)]
    yield from Rating.objects.order_by(*names).values_list(*names).iterator()


def server():
    """Return the version of the database and the settings on which the speed of writing rests."""
    found = [".".join(map(str, connection.get_database_version()))]
    with connection.cursor() as cursor:
        for sql in SETTINGS[connection.vendor]:
            cursor.execute(sql)
            found.append(f"{sql.split()[1]} {cursor.fetchone()[0]}")
    return found


def tidy_up():
    """Bring the statistics up to date, as the database does itself on a site at work."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("ANALYZE")


if __name__ == "__main__":
    main()
