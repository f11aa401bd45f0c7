"""The benchmarks still run, and compare like with like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from .benchmarks.states import STATES, addresses

BENCHMARK = Path(__file__).parent / "benchmarks" / "program_list.py"

# Which programs hold a word, and whether one rating satisfies topic area and rating: there the pages differ.
ALIKE = ["no filter", "one topic area", "relevance, outcome", "age", "reviewed since"]


def test_the_benchmark_measures_every_state_of_both_pages(tmp_path):
    output = tmp_path / "results.md"
    sizes = ["--sizes", "50", "--databases", "sqlite", "--runs", "1"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    subprocess.run(
        [sys.executable, BENCHMARK, *sizes, "--output", output], env=environment, check=True
    )

    rows = [line.strip("| ").split("|") for line in output.read_text().splitlines()]
    table = {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in rows[1:]}
    for state in STATES:
        measured = [float(cell.partition(" ")[0].replace(",", "")) for cell in table[state]]
        assert len(measured) == 7
        assert min(measured) > 0
    assert table["no filter, after a change"][3:] == ["–"] * 4


@pytest.mark.parametrize("state", ALIKE)
@pytest.mark.django_db
def test_both_pages_find_the_same_programs_where_no_words_are_asked_for(settings, state):
    settings.ROOT_URLCONF = "tests.benchmarks.urls"
    templates = BENCHMARK.parent / "templates"
    settings.TEMPLATES = [
        {**settings.TEMPLATES[0], "DIRS": [*settings.TEMPLATES[0]["DIRS"], templates]}
    ]
    call_command("generate_catalog", "120", verbosity=0)
    query = addresses()(state, 3)

    ours = Client().get(f"/programs/?{query}")
    naive = Client().get(f"/naive/programs/?{query}")

    assert naive.context["page"].paginator.count == ours.context["filters"].count > 0
