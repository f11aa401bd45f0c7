"""What breaks: locks that somebody holds, a full disk, processes that are killed, a database that restarts."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path

import psycopg

from ..databases import restart
from .client import Answer, Load, Person, ask, beside, regularly
from .results import Result, at_most, none_of
from .saving import Saves, killed_import
from .site import Site, wait_for

LIST = "/programs/"
PAGES = [LIST, "/topics/", "/references/", "/admin/login/", "/evidence-map/"]
# As docs/settings.md has them.
STATEMENT_TIMEOUT = 20
# Seconds after which a worker asks again a database that was away.
PAUSE = 6


# --- Locks

SECONDS_LOCKED = 30


def locks(site: Site) -> Iterator[Result]:
    """What visitors and editors are told while somebody holds a table, or a program."""
    with site.serving():
        people = [Person(site.port, name) for name in ("editor", "editor", "writer")]
        ((program, _),) = site.public_programs(1)
        forms = [person.open(program) for person in people]
        what = "while a table is locked"
        with (
            locked(site, "LOCK TABLE catalog_program"),
            Load(site.port, cycle(["/healthz"]), clients=1, pause=0.2) as health,
            Load(site.port, cycle(PAGES), clients=3, pause=0.2) as pages,
        ):
            save = people[0].save(*forms[0], "typed while the table was locked")
            time.sleep(max(SECONDS_LOCKED - save.seconds, 0))
        yield at_most(f"/healthz {what}: slowest", health.slowest, 1, "s", health.wrong)
        yield at_most(f"pages {what}: slowest", pages.slowest, STATEMENT_TIMEOUT, "s", pages.untold)
        yield at_most(f"save {what}", save.seconds, STATEMENT_TIMEOUT, "s", not save.is_told)
        with locked(site, f"SELECT FROM catalog_program WHERE id = {program} FOR UPDATE"):
            yield from saves_of_locked(people, forms)


@contextmanager
def locked(site: Site, sql: str) -> Iterator[None]:
    """Hold a lock as somebody does who forgot psql."""
    with site.connected() as connection:
        connection.execute(sql)
        yield
        connection.rollback()


def saves_of_locked(people: list[Person], forms: list[tuple[str, Answer]]) -> Iterator[Result]:
    text = "typed while the program was locked"
    with ThreadPoolExecutor(len(people)) as threads:
        saves = [
            threads.submit(person.save, *form, text)
            for person, form in zip(people, forms, strict=True)
        ]
    answers = [save.result() for save in saves]
    unkept = sum(not answer.is_told or text.encode() not in answer.content for answer in answers)
    slowest = max(answer.seconds for answer in answers)
    what = "3 saves of a locked program: refused, with what was typed, after"
    yield at_most(what, slowest, STATEMENT_TIMEOUT, "s", unkept)


# --- No room for files


def disk(site: Site) -> Iterator[Result]:
    """Saving while no file can be written."""
    for what, broken in BROKEN_FOLDERS.items():
        with site.serving():
            saves = Saves(site, Person(site.port, "editor"))
            try:
                with broken(site.media):
                    for _ in range(3):
                        saves()
            except NotTried as reason:
                yield Result(f"saves while {what}: {reason}", "", "", None)
                continue
        failed = len(saves.answers) - len(saves.acknowledged)
        yield none_of(f"saves while {what}: not saved", failed, len(saves.answers))


class NotTried(Exception):
    """The machine does not allow it; the message says what."""


@contextmanager
def plain_file(folder: Path) -> Iterator[None]:
    aside = folder.rename(folder.with_name("aside"))
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        aside.rename(folder)


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        raise NotTried("no tmpfs can be mounted here") from None
    try:
        with suppress(OSError), (folder / "large").open("wb", buffering=0) as file:
            while file.write(bytes(4_096)):
                pass
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)  # noqa: S607


BROKEN_FOLDERS = {"MEDIA_ROOT is a plain file": plain_file, "MEDIA_ROOT is full": full_disk}


# --- Processes that are killed

KILLED = 5


def kills(site: Site) -> Iterator[Result]:
    """Saves while gunicorn's workers, and then the database's, are killed one after the other."""
    with site.serving() as server:
        saves = Saves(site, Person(site.port, "editor"))
        yield from saves_beside_kills(saves, "gunicorn workers", lambda: server.workers)
        yield from saves_beside_kills(saves, "PostgreSQL backends", lambda: backends(site))
    yield from killed_import(site)


def backends(site: Site) -> list[int]:
    """Return the process ids of PostgreSQL that work for the site; none while it recovers."""
    sql = (
        "SELECT pid FROM pg_stat_activity "
        "WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() ORDER BY backend_start"
    )
    try:
        return [pid for (pid,) in site.rows(sql)]
    except psycopg.OperationalError:
        return []


def saves_beside_kills(
    saves: Saves, what: str, victims: Callable[[], list[int]]
) -> Iterator[Result]:
    saves.acknowledged.clear()
    with beside(regularly(saves, 0.1)):
        for _ in range(KILLED):
            time.sleep(2)
            wait_for(lambda: bool(victims()), f"there are {what}")
            os.kill(victims()[-1], signal.SIGKILL)
        seconds = wait_for(lambda: ask(saves.site.port, LIST).status == 200, "the list is back")
        time.sleep(1)
    what = f"kill -9 of {KILLED} {what}: "
    yield at_most(f"{what}list back after", seconds, 10, "s")
    yield none_of(f"{what}acknowledged saves lost", saves.lost(), len(saves.acknowledged))


# --- A database that restarts


def restarts(site: Site) -> Iterator[Result]:
    """What visitors are told while PostgreSQL restarts, and whether site and worker are there afterwards."""
    with site.serving(), site.working() as worker:
        wait_for(lambda: ask(site.port, "/readyz").status == 200, "the site is ready")
        for mode in ("fast", "immediate"):
            what = f"database restarts ({mode}), every page told so: "
            with Load(site.port, cycle(PAGES), clients=3, pause=0.1) as pages:
                time.sleep(2)
                restart(site.data_directory, mode)
                seconds = wait_for(lambda: ask(site.port, LIST).status == 200, "the list is back")
                time.sleep(2)
            yield at_most(f"{what}back after", seconds, 10, "s", pages.untold)
        time.sleep(PAUSE)
        is_ready = worker.poll() is None and ask(site.port, "/readyz").status == 200
        yield none_of("worker after two restarts: gone", int(not is_ready), 1)
