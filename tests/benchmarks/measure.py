"""Measure the program list on the database that DATABASE_URL names, which is filled first. Prints JSON.

Run by program_list.py, in a process of its own for each database and size.
"""

import json
import sys
from argparse import ArgumentParser
from http import HTTPStatus
from itertools import product
from time import perf_counter, process_time
from typing import NamedTuple

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.core.management import call_command  # noqa: E402 - needs the application
from django.db import connection  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.test import RequestFactory  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from catalog.models import Program, Rating  # noqa: E402
from tests.benchmarks.states import STATES, addresses  # noqa: E402

OURS, NAIVE = "/programs/", "/naive/programs/"
CHANGED = ["no filter", "two words, topic area, rating"]
# Beyond this size the naive page takes minutes in every state: these must do.
LARGE, STATES_WHEN_LARGE = 50_000, ("no filter", "one topic area", "a common word")
# The naive page takes minutes for some states of a large catalog: the slower it is, the fewer the runs.
SECONDS_FOR_ALL_RUNS, SECONDS_FOR_SOME, SOME = 1, 10, 3


def main():
    parser = ArgumentParser()
    parser.add_argument("size", type=int)
    parser.add_argument("runs", type=int)
    parser.add_argument("--without-naive", action="store_true")
    options = parser.parse_args()
    prepare(options.size)
    request(OURS)  # what only the first request of a process does
    address = addresses()
    pages = [OURS] if options.without_naive else [OURS, NAIVE]
    states = measure_states(address, options.runs, pages)
    for state, result in measure_after_changes(address, options.runs).items():
        states[f"{state}, after a change"] = {OURS: result}
    if unchanged := measure_unchanged(options.runs):
        states["not changed since the last visit (304)"] = {OURS: unchanged}
    server = ".".join(map(str, connection.get_database_version()))
    counts = {"programs": Program.objects.count(), "ratings": Rating.objects.count()}
    json.dump({"version": server, "counts": counts, "states": states}, sys.stdout)


def prepare(size):
    """Fill the database, and bring its statistics up to date as it does itself on a site at work."""
    say("migrating")
    call_command("migrate", verbosity=0)
    say("generating")
    started = perf_counter()
    call_command("generate_catalog", str(size), verbosity=0)
    say(f"generated in {perf_counter() - started:.0f} s")
    # Loaded in one transaction, every search document was written three times over, and lies spread as widely.
    call_command("rebuild_search", stdout=sys.stderr)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def say(what):
    print(f"  {what}", file=sys.stderr, flush=True)


class Asked(NamedTuple):
    """Hold the response of one request, and the seconds that it took: by the clock, and of this process's CPU."""

    seconds: float
    cpu: float
    response: HttpResponse


def request(path, query="", /, **headers):
    """Return what one request took and gave, through everything that a server calls."""
    address = f"{path}?{query}" if query else path
    environ = RequestFactory().get(address, headers=headers).environ
    started, cpu = perf_counter(), process_time()
    response = application(environ, lambda status, headers: None)
    list(response)
    response.close()
    seconds, cpu = perf_counter() - started, process_time() - cpu
    if response.status_code not in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        raise SystemExit(f"{address} answered {response.status_code}.")
    return Asked(seconds, cpu, response)


def warm_up(path, query="", /, **headers):
    """Return what the first request for an address took and gave, and the number of its queries."""
    with CaptureQueriesContext(connection) as captured:
        asked = request(path, query, **headers)
    # Here, because the next request empties the log.
    return asked, len(captured)


def nothing_yet(queries):
    """Return a result of so many queries, before its runs."""
    return {"queries": queries, "seconds": [], "cpu": []}


def keep(result, asked):
    """Add to a result what one more request took."""
    result["seconds"].append(asked.seconds)
    result["cpu"].append(asked.cpu)


def measure_states(address, runs, pages):
    """Measure both pages in all states: one run of everything after the other, after one that warms up.

    Where the naive page takes longer than SECONDS_FOR_SOME to warm up, that one request is what is kept.
    """
    results, wanted = {}, {}
    asked = [
        (state, page)
        for state, page in product(STATES, pages)
        if page == OURS or Program.objects.count() < LARGE or state in STATES_WHEN_LARGE
    ]
    for state, page in asked:
        first, queries = warm_up(page, address(state, 0))
        result = results.setdefault(state, {})[page] = nothing_yet(queries)
        wanted[state, page] = runs
        if page == NAIVE and first.seconds > SECONDS_FOR_ALL_RUNS:
            wanted[state, page] = min(runs, SOME)
        if page == NAIVE and first.seconds > SECONDS_FOR_SOME:
            say(f"the naive page took {first.seconds:.0f} s: {state}")
            keep(result, first)
            wanted[state, page] = 0
    for run in range(1, runs + 1):
        say(f"run {run} of {runs}")
        for state, page in asked:
            if run <= wanted[state, page]:
                keep(results[state][page], request(page, address(state, run)))
    return results


def measure_after_changes(address, runs):
    """Measure the first request after a program was changed: whatever the page keeps ready is out of date."""
    program = Program.objects.published().order_by("pk").first()
    results = {}
    for state in CHANGED:
        for run in range(runs + 1):
            Program.objects.filter(pk=program.pk).update(cost_year=2000 + run)
            if run == 0:
                _, queries = warm_up(OURS, address(state, run))
                result = results[state] = nothing_yet(queries)
            else:
                keep(result, request(OURS, address(state, run)))
    return results


def measure_unchanged(runs):
    """Measure a request for what the visitor has already; None where the page has no ETag."""
    response = request(OURS).response
    if not response.has_header("ETag"):
        return None
    unchanged = {"If-None-Match": response["ETag"]}
    first, queries = warm_up(OURS, **unchanged)
    if first.response.status_code != HTTPStatus.NOT_MODIFIED:
        raise SystemExit("The page has an ETag, and yet it came again in full.")
    result = nothing_yet(queries)
    for _ in range(runs):
        keep(result, request(OURS, **unchanged))
    return result


if __name__ == "__main__":
    main()
