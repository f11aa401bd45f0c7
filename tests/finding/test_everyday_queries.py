"""What visitors type on an ordinary day leads to what they mean, over the sample data and a made-up catalog."""

import json
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from catalog.demo.generator import generate

from ..conftest import StrictClient
from ..pages import read
from ..transactions import stored_once
from .list_page import programs_in

pytestmark = pytest.mark.once

QUERIES = json.loads((Path(__file__).parent / "everyday_queries.json").read_text())
STARTING = import_module("catalog.migrations.0023_synonyms")
# How many of them are answered in the first three.
FLOOR = 58


def store():
    call_command("loaddata", "secondary_traumatic_stress", verbosity=0)
    generate(400, seed=3)
    STARTING.make_groups(apps, None)


catalog = stored_once(store)


def rank(query, meant):
    """Return the place of what is meant, among programs or among what is offered above them; None beyond the third."""
    page = read(StrictClient().get("/programs/", {"q": query}, follow=True))
    offered = [page.all("p", id="meaning"), page.all("div", class_="others")]
    links = [[address for _, address in part.links] for parts in offered for part in parts]
    programs = [*programs_in(page, "programs"), *programs_in(page, "programs-following")]
    places = [
        number
        for found in (*links, programs)
        for number, address in enumerate(found[:3], 1)
        if address in meant
    ]
    return min(places, default=None)


def test_everyday_queries_are_answered_in_the_first_three(catalog, db):
    ranks = {query: rank(query, meant) for query, meant in QUERIES.items()}

    answered = [query for query, place in ranks.items() if place]
    assert len(QUERIES) == 60
    assert len(answered) >= FLOOR, json.dumps(ranks)
