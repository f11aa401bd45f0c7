"""The parts of a site at work, each a process of its own: the database, gunicorn and the worker."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from ..benchmarks.program_list import environment_of
from ..databases import find_postgresql, free_port, throwaway_postgresql
from .client import HOST, ask

ROOT = Path(__file__).resolve().parent.parent.parent
# The fields of /proc/PID/stat after the name: user's and system's time, and those of the children that have ended.
TIMES = slice(11, 15)
TICKS = os.sysconf("SC_CLK_TCK")

LARGEST_AREA = """
    SELECT slug FROM catalog_topicarea area JOIN catalog_rating rating ON rating.topic_area_id = area.id
    WHERE area.status = 'published' AND is_current GROUP BY slug ORDER BY count(*) DESC LIMIT 1
"""


class NotReady(Exception):
    """Something did not happen in time; the message says what."""


class Site:
    """A site in a folder of its own, with its database and a generated catalog.

    ``port`` is where gunicorn listens whenever it runs, ``media`` the folder for MEDIA_ROOT.
    """

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.is_postgresql = url.startswith("postgres")
        self.port = free_port()
        self.media = folder / "media"
        self.media.mkdir()
        self.environment = environment_of(url, "tests.benchmarks.settings") | {
            "ALLOWED_HOSTS": HOST,
            "BIND": f"{HOST}:{self.port}",
            "MEDIA_ROOT": str(self.media),
        }

    def prepare(self, programs: int) -> None:
        """Make the tables, the catalog, and the accounts editor, writer and viewer."""
        self.output_of("manage.py", "migrate")
        self.output_of("manage.py", "generate_catalog", str(programs))
        self.output_of("manage.py", "prepare_development", DEBUG="1")

    # --- Processes

    def output_of(self, *command: str, **environment: str) -> str:
        """Return what a Python program writes. Raises CalledProcessError where it fails."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env=self.environment | environment,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        return done.stdout

    @contextmanager
    def running(self, *command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
        """Let a Python program run as long as the block lasts; then it is killed with all that it started."""
        with (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self.environment | environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            try:
                yield process
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    @contextmanager
    def serving(self, workers: int = 3) -> Iterator["Server"]:
        """Let gunicorn serve the site, with the project's configuration."""
        command = ("-m", "gunicorn", "config.wsgi")
        with self.running(*command, WEB_CONCURRENCY=str(workers)) as process:
            wait_for(lambda: ask(self.port, "/healthz").status == 200, "gunicorn serves the site")
            yield Server(process)

    @contextmanager
    def working(self) -> Iterator[subprocess.Popen[bytes]]:
        """Let the worker of the queue work."""
        with self.running("manage.py", "db_worker", "--verbosity=0") as process:
            yield process

    # --- Database

    def rows(self, sql: str, *values: object) -> list[Any]:
        """Return the rows that a statement gives, in a connection of its own."""
        if self.is_postgresql:
            with self.connected(autocommit=True) as connection:
                return connection.execute(sql, values or None).fetchall()
        with closing(sqlite3.connect(self.url.removeprefix("sqlite:///"))) as connection:
            return connection.execute(sql.replace("%s", "?"), values).fetchall()

    def connected(self, *, autocommit: bool = False) -> psycopg.Connection[Any]:
        """Return a connection to PostgreSQL."""
        return psycopg.connect(self.url, autocommit=autocommit)

    def public_programs(self, number: int) -> list[Any]:
        """Return id and slug of so many public programs."""
        return self.rows(
            "SELECT id, slug FROM catalog_program WHERE status = 'published' AND "
            "published_at <= CURRENT_TIMESTAMP ORDER BY id LIMIT %s",
            number,
        )

    @cached_property
    def largest_area(self) -> str:
        """Return the slug of the topic area with the most programs."""
        return str(self.rows(LARGEST_AREA)[0][0])

    @cached_property
    def data_directory(self) -> Path:
        """Return where PostgreSQL keeps its files."""
        return Path(self.rows("SHOW data_directory")[0][0])

    def cpu_of_database(self) -> float:
        """Return how many seconds PostgreSQL has worked."""
        return cpu_seconds(int((self.data_directory / "postmaster.pid").read_text().split()[0]))

    # --- Addresses

    @cached_property
    def addresses(self) -> dict[str, list[str]]:
        """Return the addresses to ask for, by what they are for (addresses.py)."""
        found: dict[str, list[str]] = json.loads(self.output_of("-m", "tests.load.addresses"))
        return found


class Server:
    """Gunicorn, and what its workers cost."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process

    @property
    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        return children_of(self.process.pid)

    @property
    def memory(self) -> float:
        """Return how many MB the largest worker holds."""
        return max(memory_of(worker) for worker in self.workers)

    @property
    def cpu(self) -> float:
        """Return how many seconds the workers have worked."""
        return cpu_seconds(self.process.pid)


@contextmanager
def new_site(database: str, programs: int) -> Iterator[Site]:
    """Give a site whose database did not exist before, and does not afterwards."""
    with ExitStack() as stack:
        name = tempfile.TemporaryDirectory(prefix="clearinghouse-load-")
        folder = Path(stack.enter_context(name))
        url = f"sqlite:///{folder / 'load.sqlite3'}"
        if database == "postgresql":
            # Safe, because it is going to be killed, and nothing that it has acknowledged may be lost.
            server = throwaway_postgresql(find_postgresql(), is_safe=True)
            url = stack.enter_context(server)
        site = Site(url, folder)
        site.prepare(programs)
        yield site


def wait_for(happened: Callable[[], bool], what: str, seconds: float = 60) -> float:
    """Return after how many seconds something has happened. Raises NotReady."""
    started = time.monotonic()
    while not happened():
        if time.monotonic() > started + seconds:
            raise NotReady(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)
    return time.monotonic() - started


# --- What Linux tells of processes


def children_of(process: int) -> list[int]:
    return [int(child) for child in read(process, f"task/{process}/children").split()]


def memory_of(process: int, line: str = "VmRSS") -> float:
    """Return how many MB a process holds; with ``VmHWM`` the most since ``forget_peaks``."""
    found = dict(entry.split(":", 1) for entry in read(process, "status").splitlines())
    return int(found[line].split()[0]) / 1024


def forget_peaks(processes: Sequence[int]) -> None:
    for process in processes:
        Path(f"/proc/{process}/clear_refs").write_text("5")


def cpu_seconds(parent: int) -> float:
    """Return how many seconds of CPU a process and its children have used, those that have ended too."""
    ticks = 0
    for child in children_of(parent):
        # One that ends just now is among those of the parent, which is asked last.
        with suppress(OSError):
            ticks += sum(times_of(child)[:2])
    return (ticks + sum(times_of(parent))) / TICKS


def times_of(process: int) -> list[int]:
    return [int(ticks) for ticks in read(process, "stat").rpartition(")")[2].split()[TIMES]]


def read(process: int, name: str) -> str:
    return Path(f"/proc/{process}/{name}").read_text()
