"""Measure the form of a program with many studies, and print the results as a Markdown table.

    python tests/benchmarks/form.py
    python tests/benchmarks/form.py --studies 100 --databases sqlite --runs 5

For each database: a new one, and for each number of studies a program with that many, 21 ratings and a finding of each
study. What is measured is the answer of the server as in production, and, with Chromium, the page in a browser.
"""

import json
import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.benchmarks.program_list import (
    NAMES,
    ROOT,
    environment_of,
    new_database,
    table,
)

COLUMNS = [
    *("studies", "server, median", "CPU", "queries", "HTML", "as sent", "fields sent"),
    *("in the browser", "height at 1280", "height at 1024"),
]


def main() -> None:
    parser = ArgumentParser(description="Measure the form of a program with many studies.")
    parser.add_argument("--studies", type=int, nargs="+", default=[0, 10, 100])
    parser.add_argument("--databases", nargs="+", choices=NAMES, default=list(NAMES))
    parser.add_argument("--runs", type=int, default=15)
    options = parser.parse_args()
    machine = f"{os.cpu_count()} CPU cores, load {os.getloadavg()[0]:.1f} at the start"
    print(f"# The form of a program, measured\n\n{options.runs} runs, on {machine}.")
    for database in options.databases:
        with new_database(database) as url:
            measured = measure(url, options.runs, options.studies)
        rows = [row(each) for each in measured]
        print(f"\n## {NAMES[database]}\n\n{table([COLUMNS, *rows])}", flush=True)


def measure(url: str, runs: int, studies: list[int]) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.benchmarks.measure_form", str(runs)]
    command += map(str, studies)
    environment = environment_of(url, "tests.benchmarks.settings")
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, check=True)
    measured: list[dict[str, Any]] = json.loads(done.stdout)
    return measured


def row(measured: dict[str, Any]) -> list[str]:
    """Return the cells of one number of studies; "–" for what no browser was there to measure."""
    in_browser = measured.get("in_browser")
    cells = [
        f"{measured['studies']:,}",
        *(f"{measured[name] * 1000:,.0f} ms" for name in ("seconds", "cpu")),
        f"{measured['queries']}",
        *(f"{measured[size] / 1000:,.0f} kB" for size in ("bytes", "compressed")),
        f"{measured['fields']:,}",
    ]
    if not in_browser:
        return [*cells, "–", "–", "–"]
    heights = [f"{in_browser[width]:,} px" for width in ("1280", "1024")]
    return [*cells, f"{in_browser['seconds']:.2f} s", *heights]


if __name__ == "__main__":
    main()
