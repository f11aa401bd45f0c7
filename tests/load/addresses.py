"""Print, as JSON, the addresses to ask a site for. Run by site.py in a process of its own, on the site's database."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random
from urllib.parse import urlencode

import django

django.setup()

from django.urls import get_resolver  # noqa: E402 - needs the settings

from catalog.finding.filters import ProgramFilterSet  # noqa: E402
from catalog.models import Page, Program, TopicArea, TopicExpert  # noqa: E402
from catalog.models.submissions import new_receipt  # noqa: E402
from catalog.public.sitemaps import SITEMAPS  # noqa: E402
from tests.benchmarks.states import STATES, Asked, addresses  # noqa: E402
from tests.routes import private_routes, public_routes  # noqa: E402

LIST = "/programs/?"
FRESH = 30_000
# Of many programs; of topic areas and experts all.
MOST_PROGRAMS = 200
RUNS = 5
ORDER = {name: place for place, name in enumerate(ProgramFilterSet.base_filters)}


def main() -> None:
    address = addresses()
    simple = [state for state in STATES if not re.search(r"q=|page=", address(state, 1))]
    found = {
        "kept": [LIST + address(state, 1) for state in simple],
        "fresh": [*islice(fresh(simple), FRESH)],
        "all": [*all_of(address)],
    }
    json.dump(found, sys.stdout)


def fresh(states: list[str]) -> Iterator[str]:
    """Yield addresses of the list, no two alike: three filter states in one, each with values by chance."""
    chance = Random(1)  # noqa: S311 - the same at each run
    areas = TopicArea.objects.published().filter(children__isnull=True)
    topics = list(areas.values_list("slug", flat=True))
    seen = set()
    while True:
        asked: dict[str, list[object]] = {}
        for state in chance.sample(states, 3):
            pairs = STATES[state](Asked(chance.randrange(10_000), topics, pages=1))
            asked |= {name: [value for other, value in pairs if other == name] for name, _ in pairs}
        in_order = sorted(asked.items(), key=lambda item: ORDER[item[0]])
        query = urlencode(in_order, doseq=True)
        if query not in seen:
            seen.add(query)
            yield LIST + query


def all_of(address: Callable[[str, int], str]) -> Iterator[str]:
    """Yield every public address of the site; of programs and of the lists of programs, some."""
    slugs = {
        "topics": TopicArea.objects.published(),
        "programs": Program.objects.published().order_by("pk")[:MOST_PROGRAMS],
        "experts": TopicExpert.objects.published(),
        "news": Page.objects.published().news(),
        "<slug:slug>": Page.objects.published().lasting(),
    }
    known = {name: list(entries.values_list("slug", flat=True)) for name, entries in slugs.items()}
    known["write"] = [new_receipt()]
    with_file = Program.objects.published().exclude(logic_model_file="")
    patterns = get_resolver().url_patterns
    for route in sorted(public_routes(patterns) - private_routes(patterns)):
        # How a page looks is no page: the agency's pictures and colors.
        if route.startswith(("naive/", "logo-", "sharing-", "colors-")):
            continue
        values = SITEMAPS if "<section>" in route else known.get(route.partition("/")[0], [""])
        if "<" not in route:
            values = [""]
        if route.endswith("logic-model.pdf"):
            values = with_file.values_list("slug", flat=True)[:MOST_PROGRAMS]
        filled = {re.sub(r"<(section|slug:\w+|str:receipt)>", value, route) for value in values}
        if any("<" in found for found in filled):
            raise SystemExit(f"addresses.py does not know yet what stands in {route}")
        yield from (f"/{found}" for found in sorted(filled))
    yield from (LIST + address(state, run) for state in STATES for run in range(RUNS))
    compared = known["programs"][:4]
    first = compared[0]
    yield f"/compare/?{urlencode({'program': compared}, doseq=True)}"
    # Ours, where the agency has none.
    yield "/accessibility/"
    yield from (f"/compare/?program={first}&add=parent", f"/programs/{first}/?as_of=2020-01-01")


if __name__ == "__main__":
    main()
