"""The benchmarks still run, and compare like with like."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client

from catalog.models import Program, Rating

from .benchmarks import imports, measure_import, stock_import
from .benchmarks.import_files import AREAS, CHANGED, NEW
from .benchmarks.states import STATES, addresses

pytestmark = pytest.mark.once

BENCHMARK = Path(__file__).parent / "benchmarks" / "program_list.py"
IMPORTS = BENCHMARK.with_name("imports.py")
FORM = BENCHMARK.with_name("form.py")

# The scripts make databases of their own, the same whichever the tests run on.
once = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="the script makes its own databases: once is enough"
)
# Which programs hold a word, and whether one rating satisfies topic area and rating: there the pages differ.
ALIKE = ["no filter", "one topic area", "relevance, outcome", "age", "reviewed since"]


@once
@pytest.mark.thorough
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


@once
@pytest.mark.thorough
def test_the_benchmark_of_the_form_measures_each_number_of_studies():
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    command = [sys.executable, FORM, "--studies", "0", "3", "--databases", "sqlite", "--runs", "1"]

    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    rows = [line.strip("| ").split("|") for line in done.stdout.splitlines() if "ms" in line]
    assert [row[0].strip() for row in rows] == ["0", "3"]
    assert min(float(row[1].split()[0]) for row in rows) > 0


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


@once
@pytest.mark.thorough
def test_the_import_benchmark_measures_every_way_in_every_state(tmp_path):
    output = tmp_path / "results.md"
    sizes = ["--sizes", "12", "--databases", "sqlite"]
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    subprocess.run(
        [sys.executable, IMPORTS, *sizes, "--output", output], env=environment, check=True
    )

    lines = output.read_text().splitlines()
    cells = [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in lines if "|" in line
    ]
    head, _, baseline, *rows = cells
    assert head == imports.COLUMNS
    assert float(baseline[5]) > 0
    states = {
        **{way: [*imports.STATES] for way in imports.WAYS},
        **{way: ["new"] for way in imports.LIMITS},
    }
    assert [(row[0], row[2]) for row in rows] == [
        (imports.WAYS[way].format(copy="executemany"), state)
        for way, names in states.items()
        for state in names
    ]
    assert min(float(row[column].replace(",", "")) for row in rows for column in (3, 5)) > 0


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return the folder with the files of the import benchmark, for a few programs."""
    return imports.make_files(tmp_path_factory.mktemp("benchmark") / "files", 25)


@pytest.mark.thorough
@pytest.mark.parametrize("before", [[], [NEW]], ids=["empty", "filled"])
@pytest.mark.parametrize("file", [NEW, CHANGED])
@pytest.mark.django_db
def test_the_stock_import_and_ours_leave_the_same_catalog(files, file, before):
    user = get_user_model().objects.create_superuser("benchmark")
    measure_import.import_ours("topic-areas", files / AREAS, user)
    for name in before:
        measure_import.import_programs(files / name, user)

    def left_by(importing):
        with transaction.atomic():
            importing(files / file, user)
            histories = [
                sorted(model.history.values_list("history_type", "history_user"))
                for model in (Program, Rating)
            ]
            contents = list(measure_import.contents())
            transaction.set_rollback(True)
        return histories, contents

    ours = left_by(measure_import.import_programs)

    assert len(ours[1]) == 50
    assert left_by(stock_import.import_programs) == ours


def test_ways_that_leave_different_catalogs_have_no_results():
    ours, other = [
        imports.Measured(way, "new", [{"catalog": {"programs": count}}])
        for way, count in (("import", 2), ("stock", 1))
    ]

    imports.compare([ours, ours._replace(way="copy")])
    with pytest.raises(SystemExit, match="stock, new rows, leaves another catalog"):
        imports.compare([ours, other])
