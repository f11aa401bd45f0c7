"""Run every test on SQLite, then those that depend on the database on PostgreSQL.

    python tests/run.py                          what does not depend on the database runs once; of each test
                                                 with many cases a quarter, of the tests in the browser a
                                                 third, others for each commit, and with fewer random examples
    CI=true python tests/run.py                  all of these
    python tests/run.py --all                    everything on both databases, and what takes long
    python tests/run.py --only sqlite -k search  arguments it does not know go to pytest
    python tests/run.py --only postgresql -n 0 --pdb

Which tests run on the second database, and which take long, is decided in conftest.py. PostgreSQL is the server that
DATABASE_URL names or else a throw-away one, started here and removed afterwards. What this machine
lacks (PostgreSQL, Chromium) is skipped and named at the end; with CI=true it is a failure, so that a
green CI run has always run everything.

Order and chance are decided by the commit: each has its own, and its run can be repeated. For another choice:
--randomly-seed=5 --hypothesis-seed=5.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn
from xml.etree import ElementTree

from databases import NotInstalled, ServerError, postgresql

ROOT = Path(__file__).resolve().parent.parent
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
# The first of these draws no windows, which saves a fifth of the time.
CHROMIUM_COMMANDS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")

# Each worker migrates a database of its own: beyond this many, that costs more than it saves.
MOST_WORKERS = 8

# How long pytest may take to tidy up after it was interrupted.
SECONDS_TO_STOP = 20

NO_TESTS_COLLECTED = 5


@dataclass
class Run:
    """What one pytest run came to."""

    database: str
    exit_status: int
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    skip_reasons: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        line = f"{self.database}: {counts} in {self.seconds:.0f} s"
        if self.exit_status == NO_TESTS_COLLECTED:
            return f"{line} (no test was selected)"
        if self.exit_status and not self.failed:
            return f"{line} (pytest stopped with exit status {self.exit_status})"
        return line


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    options, pytest_arguments = read_arguments()
    # Development settings, which need no SECRET_KEY.
    environment = {**os.environ, "DEBUG": "1"}
    given_url = environment.pop("DATABASE_URL", "")
    # Else each worker would compile all tests again, which takes 4 seconds.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    not_run: list[str] = []
    problems: list[str] = []
    runs: list[Run] = []

    is_ci = os.environ.get("CI", "").lower() in {"1", "true"}
    if options.all:
        pytest_arguments = ["--thorough", *pytest_arguments]
    elif not is_ci and not pytest_arguments:
        # Whoever chooses tests wants all of their cases, and so does whoever decides on a change.
        pytest_arguments = ["--fewer"]
    try:
        environment["CHROMIUM"] = find_chromium()
    except NotInstalled as reason:
        not_run.append(f"Browser tests skipped: {reason}")
        pytest_arguments = ["-m", "not browser", *pytest_arguments]

    databases = [options.only] if options.only else list(DATABASES)
    if "sqlite" in databases:
        runs.append(run_pytest("sqlite", environment, pytest_arguments))
    if "postgresql" in databases:
        try:
            with postgresql(given_url) as url:
                run_environment = {**environment, "DATABASE_URL": url}
                if runs and not options.all:
                    pytest_arguments = ["--second-database", *pytest_arguments]
                runs.append(run_pytest("postgresql", run_environment, pytest_arguments))
        except NotInstalled as reason:
            not_run.append(f"PostgreSQL run skipped: {reason}")
        except ServerError as error:
            problems.append(f"PostgreSQL run failed: {error}")

    if is_ci:
        problems += [f"{line} (a failure, because CI is set)" for line in not_run]
        not_run = []
    print_summary(runs, problems + not_run)
    return 1 if problems or not have_passed(runs) else 0


def have_passed(runs: list[Run]) -> bool:
    """Return whether no run failed; where tests were chosen, one of the runs may have none of them."""
    statuses = {run.exit_status for run in runs}
    return 0 in statuses and statuses <= {0, NO_TESTS_COLLECTED}


def stop(number: int, _frame: FrameType | None) -> NoReturn:
    """End by way of the `finally` blocks, which stop PostgreSQL: no later signal may cut them short."""
    for other in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(other, signal.SIG_IGN)
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def read_arguments() -> tuple[argparse.Namespace, list[str]]:
    # Without abbreviations, or pytest's own "-o" and "--o…" options could be taken for "--only".
    parser = argparse.ArgumentParser(
        description="Run the tests on SQLite and PostgreSQL. Other arguments go to pytest.",
        allow_abbrev=False,
    )
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--only", choices=DATABASES, help="run on this database alone")
    choice.add_argument("--all", action="store_true", help="run every test on both databases")
    return parser.parse_known_args()


def find_chromium() -> str:
    for command in (os.environ.get("CHROMIUM"), *CHROMIUM_COMMANDS):
        if command and (path := shutil.which(command)):
            return path
    raise NotInstalled("no Chromium found; install the package chromium-headless-shell")


def run_pytest(database: str, environment: dict[str, str], arguments: list[str]) -> Run:
    """Run pytest; its own report file gives the counts, which its output does not promise."""
    print(f"\n== {DATABASES[database]}", flush=True)
    workers = min(os.cpu_count() or 1, MOST_WORKERS)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clearinghouse-tests-") as folder:
        report = Path(folder, "report.xml")
        command = [sys.executable, "-m", "pytest", f"-n{workers}", f"--junit-xml={report}"]
        process = subprocess.Popen([*command, *seeds(), *arguments], cwd=ROOT, env=environment)
        try:
            exit_status = process.wait()
        except KeyboardInterrupt:
            # The terminal interrupted pytest as well.
            wait_or_kill(process)
            raise
        except SystemExit:
            process.send_signal(signal.SIGINT)
            wait_or_kill(process)
            raise
        run = Run(DATABASES[database], exit_status, time.monotonic() - started)
        if report.exists():
            add_counts(run, report)
    return run


def seeds() -> list[str]:
    """Return the arguments that decide order and chance by the commit; none where there is no commit."""
    command = ["git", "rev-parse", "HEAD"]
    try:
        commit = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        return []
    seed = int(commit.stdout, 16) % 2**32
    return [f"--randomly-seed={seed}", f"--hypothesis-seed={seed}"]


def wait_or_kill(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def add_counts(run: Run, report: Path) -> None:
    for suite in ElementTree.parse(report).iter("testsuite"):
        errors = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        skipped = int(suite.get("skipped", 0))
        run.failed += errors
        run.skipped += skipped
        run.passed += int(suite.get("tests", 0)) - errors - skipped
        for case in suite.iter("skipped"):
            run.skip_reasons[case.get("message") or "no reason given"] += 1


def print_summary(runs: list[Run], remarks: list[str]) -> None:
    print("\n== Summary")
    for line in [*runs, *remarks]:
        print(line)
    reasons = sum((run.skip_reasons for run in runs), Counter[str]())
    for reason, count in reasons.most_common():
        print(f"Tests skipped ({count}): {reason}")
    passed, failed, skipped = (
        sum(getattr(run, count) for run in runs) for count in ("passed", "failed", "skipped")
    )
    print(f"Total: {passed} passed, {failed} failed, {skipped} skipped", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
