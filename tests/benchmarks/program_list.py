"""Measure the program list page beside a naive one, and print the results as Markdown tables.

    python tests/benchmarks/program_list.py
    python tests/benchmarks/program_list.py --sizes 1000 --databases sqlite --runs 10 --without-naive

For each database and size: a new database, a generated catalog, and the server's time for GET /programs/
in each filter state, DEBUG off, through all middleware and with the database connection handled as a server
does. The two pages take turns within one run, and each run asks for other values than the one before.
"""

import json
import math
import os
import platform
import signal
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from tests.databases import find_postgresql, throwaway_postgresql  # noqa: E402 - needs the path

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
OURS, NAIVE = "/programs/", "/naive/programs/"
COLUMNS = [
    "filter state",
    "median",
    "p95",
    "CPU p95",
    "queries",
    "naive median",
    "naive p95",
    "naive queries",
    "naive ÷ ours",
]


def main() -> None:
    parser = ArgumentParser(description="Measure the program list page beside a naive one.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--databases", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--without-naive", action="store_true", help="measure our page alone")
    parser.add_argument("--output", type=Path, metavar="FILE.md", help="write the tables there")
    options = parser.parse_args()
    # By way of the `finally` blocks, which stop PostgreSQL.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    parts = [introduction(options.runs)]
    for database in options.databases:
        for size in options.sizes:
            print(f"{NAMES[database]}, {size:,} programs", file=sys.stderr, flush=True)
            with new_database(database) as url:
                measured = measure(url, size, options.runs, options.without_naive)
            parts.append(section(NAMES[database], measured))
            if options.output:  # after each, so that an interrupted evening leaves something
                options.output.write_text("\n\n".join(parts) + "\n")
    if not options.output:
        print("\n\n".join(parts))


@contextmanager
def new_database(database: str) -> Iterator[str]:
    """Give the URL of a database that did not exist before, and does not afterwards."""
    if database == "postgresql":
        with throwaway_postgresql(find_postgresql()) as url:
            yield url
    else:
        with tempfile.TemporaryDirectory(prefix="clearinghouse-benchmark-") as folder:
            yield f"sqlite:///{folder}/benchmark.sqlite3"


def measure(url: str, size: int, runs: int, without_naive: bool) -> Any:
    command = [sys.executable, "-m", "tests.benchmarks.measure", str(size), str(runs)]
    command += ["--without-naive"] * without_naive
    environment = environment_of(url, "tests.benchmarks.settings")
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def environment_of(url: str, settings: str) -> dict[str, str]:
    """Return the environment of a process that measures."""
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": settings,
        "DEBUG": "0",
        "SECRET_KEY": "of a benchmark that keeps nothing",
        "ALLOWED_HOSTS": "testserver",
        "SECURE_SSL_REDIRECT": "0",
        "PYTHONWARNINGS": "ignore:No directory at",
    }


def introduction(runs: int) -> str:
    machine = f"{os.cpu_count()} CPU cores ({platform.machine()}, load {os.getloadavg()[0]:.1f} at the start)"
    return (
        "# The program list, measured\n\n"
        f"Server time of one request in milliseconds, {runs} run{'s' * (runs != 1)} of each state, and of it the CPU "
        f"time of the process itself, without its database's, on {machine}, "
        f"Python {platform.python_version()}, Django {django.get_version()}. Fewer runs of the naive page are "
        "marked with their number: it gets 3 where one takes more than a second, 1 where it takes more than ten."
    )


def section(database: str, measured: Any) -> str:
    counts = ", ".join(f"{count:,} {kind}" for kind, count in measured["counts"].items())
    rows = [row(state, pages) for state, pages in measured["states"].items()]
    return f"## {database} {measured['version']}: {counts}\n\n{table([COLUMNS, *rows])}"


def row(state: str, pages: Any) -> list[str]:
    ours, naive = pages[OURS], pages.get(NAIVE)
    middle, most, queries = numbers(ours)
    cells = [state, middle, most, milliseconds(p95(ours["cpu"])), queries]
    if not naive:
        return [*cells, *["–"] * 4]
    middle, *others = numbers(naive)
    runs = len(naive["seconds"])
    if runs < len(ours["seconds"]):
        middle += f" ({runs})"
    ratio = median(naive["seconds"]) / median(ours["seconds"])
    return [*cells, middle, *others, f"{ratio:,.1f}"]


def numbers(result: Any) -> list[str]:
    """Return the median, the p95 and the number of queries."""
    seconds = result["seconds"]
    return [milliseconds(median(seconds)), milliseconds(p95(seconds)), str(result["queries"])]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f}"


def p95(values: list[float]) -> float:
    """Return the value that 95 of 100 do not exceed (nearest rank)."""
    return sorted(values)[math.ceil(len(values) * 0.95) - 1]


def table(rows: list[list[str]]) -> str:
    """Return rows, the first of which is the head, as a Markdown table whose columns are aligned."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *body = [
        [cells[0].ljust(widths[0]), *map(str.rjust, cells[1:], widths[1:])] for cells in rows
    ]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in [head, rule, *body])


if __name__ == "__main__":
    main()
