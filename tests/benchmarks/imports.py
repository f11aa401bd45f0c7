"""Measure the import of programs beside other ways to write the same rows, and print the results as Markdown tables.

    python tests/benchmarks/imports.py
    python tests/benchmarks/imports.py --sizes 1000 --databases sqlite --runs 3 --with-stock-10000

Each measurement has a process of its own and a fresh copy of a database: one that holds the topic areas only, or, for
changed and unchanged rows, the programs as well. All ways must leave the same catalog, else there are no results.
"""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import django
import psycopg

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.benchmarks.program_list import NAMES, environment_of, table  # noqa: E402 - needs the path
from tests.databases import find_postgresql, throwaway_postgresql  # noqa: E402

# More is no upload; and stock takes minutes for some thousands.
MOST_IN_ADMIN, MOST_OF_STOCK, MOST_OF_STOCK_ASKED = 10_000, 1_000, 10_000
# The database that each state begins with, and its file.
STATES = {
    "new": ("empty", "programs.csv"),
    "changed": ("filled", "changed.csv"),
    "unchanged": ("filled", "programs.csv"),
}
LIMITS = {
    "bulk": "bulk_create, no checks, no search",
    "bulk-search": "bulk_create, no checks, with search",
    "copy": "{copy}, no checks, no search",
    "copy-search": "{copy}, no checks, with search",
}
WAYS = {
    "import": "import",
    "one-thread": "import without the second thread",
    "check": "check alone (dry run)",
    "admin": "as in the admin: receive, check, confirm",
    "stock": "stock django-import-export",
    **LIMITS,
}
COPY = {"sqlite": "executemany", "postgresql": "COPY"}
COLUMNS = [
    "what",
    "rows",
    "state",
    "rows/s",
    "seconds",
    "peak MB",
    "this ÷ import",
    "import ÷ this",
]


class SQLite:
    """The databases of a run, as files in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"

    def url(self, name: str) -> str:
        return f"sqlite:///{self.path(name)}"

    def create(self, name: str, source: str = "") -> None:
        if source:
            shutil.copyfile(self.path(source), self.path(name))

    def drop(self, name: str) -> None:
        for file in self.folder.glob(f"{name}.sqlite3*"):
            file.unlink()


class PostgreSQL:
    """The databases of a run, on one server."""

    def __init__(self, url: str) -> None:
        self.server = url.rpartition("/")[0]

    def url(self, name: str) -> str:
        return f"{self.server}/{name}"

    def create(self, name: str, source: str = "template1") -> None:
        # Leaves no log to be written later, within a measurement.
        self.execute(f"CREATE DATABASE {name} TEMPLATE {source} STRATEGY file_copy")

    def drop(self, name: str) -> None:
        self.execute(f"DROP DATABASE {name}")

    def execute(self, sql: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(sql)  # type: ignore[call-overload]


class Measured(NamedTuple):
    way: str
    state: str
    results: list[Any]

    @property
    def seconds(self) -> float:
        return median(result["seconds"] for result in self.results)

    @property
    def peak(self) -> int:
        return max(result["peak"] for result in self.results)


def main() -> None:
    parser = ArgumentParser(description="Measure the import of programs beside other ways.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--databases", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument(
        "--runs", type=int, default=1, help="the median counts, and the highest peak"
    )
    parser.add_argument(
        "--with-stock-10000", action="store_true", help="measure stock with 10,000 rows as well"
    )
    parser.add_argument(
        "--ways", nargs="+", choices=WAYS, default=list(WAYS), help="beside the import itself"
    )
    parser.add_argument("--output", type=Path, metavar="FILE.md", help="write the tables there")
    options = parser.parse_args()
    # By way of the `finally` blocks, which stop PostgreSQL.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    parts = [introduction(options.runs)]
    with tempfile.TemporaryDirectory(prefix="clearinghouse-benchmark-") as temporary:
        folder = Path(temporary)
        files = {size: make_files(folder / str(size), size) for size in options.sizes}
        for database in options.databases:
            rows, server = [COLUMNS], ""
            for size in options.sizes:
                with databases(database, folder) as made:
                    server, found = measure_size(made, files[size], size, options)
                rows += [row(measured, found, size, database) for measured in found]
                if size > most_of_stock(options):
                    rows.append([WAYS["stock"], f"{size:,}", "not measured", *["–"] * 5])
            parts += [f"## {NAMES[database]} {server}", table(rows)]
            if options.output:  # after each, so that an interrupted evening leaves something
                options.output.write_text("\n\n".join(parts) + "\n")
    if not options.output:
        print("\n\n".join(parts))


def make_files(folder: Path, size: int) -> Path:
    """Return the folder with the files of this many programs."""
    say(f"{size:,} rows: writing the files")
    folder.mkdir()
    with tempfile.TemporaryDirectory(dir=folder) as temporary:
        run("import_files", SQLite(Path(temporary)).url("source"), folder, str(size), str(folder))
    return folder


@contextmanager
def databases(database: str, folder: Path) -> Iterator[SQLite | PostgreSQL]:
    """Give what makes databases, all of which are gone afterwards."""
    if database == "postgresql":
        with throwaway_postgresql(find_postgresql(), is_safe=True) as url:
            yield PostgreSQL(url)
    else:
        with tempfile.TemporaryDirectory(dir=folder) as temporary:
            yield SQLite(Path(temporary))


def measure_size(
    made: SQLite | PostgreSQL, files: Path, size: int, options: Namespace
) -> tuple[str, list[Measured]]:
    """Return the server with its settings, and all measurements of a size."""

    def measure(way: str, name: str, file: str) -> Any:
        output = run("measure_import", made.url(name), files, way, str(files / file))
        return json.loads(output)

    made.create("empty")
    server = measure("prepare", "empty", "topic-areas.csv")["server"]
    made.create("filled", "empty")
    measure("fill", "filled", "programs.csv")
    found = [Measured(way, state, []) for way, state in asked(size, options)]
    for number in range(1, options.runs + 1):
        for measured in found:
            source, file = STATES[measured.state]
            say(f"{size:,} rows, run {number}: {measured.way}, {measured.state}")
            made.create("measured", source)
            measured.results.append(measure(measured.way, "measured", file))
            made.drop("measured")
    compare(found)
    version, *settings = server
    return f"{version} ({', '.join(settings)})", found


def asked(size: int, options: Namespace) -> Iterator[tuple[str, str]]:
    """Yield the ways that are measured with so many rows, and the states in which they are."""
    yield "nothing", "new"
    most = {"admin": MOST_IN_ADMIN, "stock": most_of_stock(options)}
    for way in WAYS:
        if way in {"import", *options.ways} and size <= most.get(way, size):
            # The limits are those of new rows: what changes a row must first find it.
            yield from ((way, state) for state in STATES if state == "new" or way not in LIMITS)


def most_of_stock(options: Namespace) -> int:
    return MOST_OF_STOCK_ASKED if options.with_stock_10000 else MOST_OF_STOCK


def run(module: str, url: str, folder: Path, *arguments: str) -> str:
    """Return what a module of the benchmarks prints, run in a process of its own."""
    environment = {
        **environment_of(url, "tests.benchmarks.import_settings"),
        "MEDIA_ROOT": str(folder / "media"),
    }
    command = [sys.executable, "-m", f"tests.benchmarks.{module}", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True, text=True
    ).stdout


def compare(found: list[Measured]) -> None:
    """Refuse results of ways that leave different catalogs."""
    for way, state, results in found:
        ours = of("import", state, found).results[0]["catalog"]
        for left in (result["catalog"] for result in results if way not in {"nothing", "check"}):
            if left != ours:
                raise SystemExit(
                    f"{way}, {state} rows, leaves another catalog than the import:\n{left}\n{ours}"
                )


def of(way: str, state: str, found: list[Measured]) -> Measured:
    return next(measured for measured in found if (measured.way, measured.state) == (way, state))


def row(measured: Measured, found: list[Measured], size: int, database: str) -> list[str]:
    peak = f"{measured.peak / 1e6:,.0f}"
    if measured.way == "nothing":
        return ["only load Django", *["–"] * 4, peak, *["–"] * 2]
    ours, seconds = of("import", measured.state, found).seconds, measured.seconds
    is_ours, is_limit = measured.way == "import", measured.way in LIMITS
    return [
        WAYS[measured.way].format(copy=COPY[database]),
        f"{size:,}",
        measured.state,
        f"{size / seconds:,.0f}",
        f"{seconds:,.2f}",
        peak,
        "–" if is_ours or is_limit else f"{seconds / ours:,.1f}",
        f"{ours / seconds:,.1f}" if is_limit else "–",
    ]


def introduction(runs: int) -> str:
    machine = f"{os.cpu_count()} CPU cores ({platform.machine()}, load {os.getloadavg()[0]:.1f} at the start)"
    return (
        "# The import of programs, measured\n\n"
        f"From the file to the end of the transaction, the median of {runs} run{'s' * (runs != 1)}, on {machine}, "
        f"Python {platform.python_version()}, Django {django.get_version()}. Each row is a program with every column "
        "and one rating; a changed row changes a text, a list and a date. Each measurement has a process of its own, "
        "and the peak is all the memory that it ever held. The import checks every row and writes programs, ratings, "
        "history, search documents and the catalog's version, all or nothing; stock django-import-export does the same "
        "row by row, about 25 seconds for 1,000 rows, so it is measured with "
        f"{MOST_OF_STOCK:,} rows only (with --with-stock-10000 with {MOST_OF_STOCK_ASKED:,} as well). "
        "The others check nothing: they are the limits of Django and of the database. All that write left the same "
        "programs and ratings and as much history, else there would be no table."
    )


def say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
