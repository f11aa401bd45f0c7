"""Put load on the site and break its parts, and print a table of what was measured beside its budget.

    make load
    make load ARGS="--programs 100000 --only writes walk"

Exit status 1 where a budget was not kept.
"""

import os
import platform
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator

from ..benchmarks.program_list import NAMES
from ..databases import NotInstalled
from . import busy, faults, saving
from .results import HEAD, Result, line
from .site import Site, new_site

SCENARIOS: dict[str, Callable[[Site], Iterator[Result]]] = {
    "writes": busy.writes,
    "sign-in": busy.sign_in,
    "exports": busy.exports,
    "pdfs": busy.pdfs,
    "walk": busy.walk,
    "locks": faults.locks,
    "disk": faults.disk,
    "kills": faults.kills,
    "restarts": faults.restarts,
    "imports": saving.imports,
}
# SQLite differs where there is more than one writer.
ON_SQLITE = ["imports"]
MOST_PROGRAMS_ON_SQLITE = 2_000


def main() -> int:
    parser = ArgumentParser(prog="tests.load", description="Load and faults, measured.")
    parser.add_argument("--programs", type=int, default=10_000, help="size of the catalog")
    parser.add_argument("--databases", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--only", nargs="+", choices=SCENARIOS, default=list(SCENARIOS))
    options = parser.parse_args()
    # By way of the `finally` blocks, which stop PostgreSQL.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    if not sys.platform.startswith("linux"):
        sys.exit("This needs Linux, which tells in /proc what processes cost.")
    started = time.monotonic()
    print(introduction(options.programs))
    held = [*map(show, results_of(options.databases, options.only, options.programs))]
    print(f"{held.count(True)} of {len(held)} held, in {time.monotonic() - started:.0f} s.")
    return int(False in held)


def introduction(programs: int) -> str:
    machine = f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start"
    return (
        f"{programs:,} programs, gunicorn with 3 workers, Python {platform.python_version()}, {machine}; "
        f"the clients are among what these cores do.\n\n{line(HEAD[:3], HEAD[3])}"
    )


def show(result: Result) -> bool | None:
    """Print a row as soon as it is known, and return whether its budget was kept."""
    print(result, flush=True)
    return result.held


def results_of(databases: list[str], scenarios: list[str], programs: int) -> Iterator[Result]:
    """Yield the rows of the scenarios that each database is to go through."""
    for database in databases:
        is_sqlite = database == "sqlite"
        wanted = [name for name in scenarios if name in ON_SQLITE or not is_sqlite]
        if not wanted:
            continue
        size = min(programs, MOST_PROGRAMS_ON_SQLITE) if is_sqlite else programs
        try:
            with new_site(database, size) as site:
                for name in wanted:
                    yield from rows_of(name, site)
        except NotInstalled as reason:
            yield Result(f"{NAMES[database]}: {reason}", "", "", None)


def rows_of(name: str, site: Site) -> Iterator[Result]:
    """Yield a scenario's rows. One that fails is a row too, and the others go on."""
    try:
        yield from SCENARIOS[name](site)
    except Exception as error:  # whatever it is, it belongs into the table
        log = (site.folder / "log").read_text().splitlines()[-20:]
        print(*log, sep="\n", file=sys.stderr)
        yield Result(f"{name}: {type(error).__name__}: {error}", "broke off", "", False)


if __name__ == "__main__":
    sys.exit(main())
