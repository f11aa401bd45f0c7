"""Migrations: what they make, and a database that they cannot take over."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models

from catalog.apps import BEFORE_0_1

from .migrating import tables

ROOT = Path(__file__).parent.parent


def manage(database, *arguments):
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": f"sqlite:///{database}"}
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.once
def test_database_of_an_earlier_version_is_refused_in_a_sentence(tmp_path):
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE django_migrations (id integer PRIMARY KEY, app, name, applied)")
        old.execute(
            "INSERT INTO django_migrations (app, name, applied) "
            "VALUES ('catalog', '0001_initial', '2026-11-01 00:00:00')"
        )
        old.execute("CREATE TABLE catalog_program (id integer PRIMARY KEY, name text)")
        old.execute("INSERT INTO catalog_program VALUES (1, 'Kept')")
        before = list(old.iterdump())
    old.close()

    done = manage(path, "migrate", "--noinput", "--verbosity", "0")

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"CommandError: {BEFORE_0_1}\n"
    with sqlite3.connect(path) as same:
        assert list(same.iterdump()) == before
    same.close()


def test_every_table_of_the_history_has_keys_of_64_bits():
    histories = [m for m in apps.get_app_config("catalog").get_models() if hasattr(m, "history_id")]
    kept = {model.__name__: model._meta.pk.get_internal_type() for model in histories}
    assert set(kept.values()) == {models.BigAutoField.__name__}
    assert {"HistoricalProgram", "HistoricalTopicArea_experts"} <= kept.keys()


@pytest.fixture
def new_database(tmp_path):
    """The address of a database of the kind that this run is about, with nothing in it."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.sqlite3'}"
        return
    name = f"new_{uuid4().hex}"
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.django_db
def test_tables_are_those_of_the_models_and_roles_of_studies_become_findings(new_database):
    environment = {**os.environ, "DEBUG": "1", "DATABASE_URL": new_database}
    environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
    done = subprocess.run(
        [sys.executable, "-m", "tests.migrating"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
    made = json.loads(done.stdout)
    assert made["is_ready"] == [False, True]
    # The tests' own database is made from the models.
    assert made["tables"] == tables(connection)
    found = made["rows"]
    why = "It has no control group."
    used, unused, silent = (
        [True, "", "", ""],
        [False, "no-control-group", why, ""],
        [False, "", "", ""],
    )
    trial, survey = ["rct", "Randomised controlled trial."], ["", "Survey\nCaseworkers"]
    relevant = "Relevant published, peer-reviewed research."
    assert found["studies"] == [
        ["rated", "used", *trial, 184],
        ["rated", "not-used", *survey, None],
        ["rated", "silent", "", "", None],
        ["rated", "read", "", "", None],
        ["unrated", "used", trial[0], f"{trial[1]}\n{relevant}", 184],
        ["unrated", "not-used", "", f"{survey[1]}\nNot used in the rating: {why}", None],
        ["unrated", "silent", "", "Not used in the rating.", None],
        ["unrated", "read", "", "", None],
    ]
    assert found["findings"] == [
        ["rated", key, area, *says]
        for key, says in (("used", used), ("not-used", unused), ("silent", silent))
        for area in ("sleep", "stress")
    ]
    assert found["history"] == [["+", 1, *used], ["~", 2, *unused]] * 2
    # No finding holds what is no longer there.
    in_words = (relevant, *[f"Not used in the rating: {why}"] * 2)
    assert found["coded"] == [
        *[["not-used", *survey, at] for at in ("", "", "Ohio")],
        *[
            ["gone", "", f"{survey[1]}\n{words}", at]
            for words, at in zip(in_words, ("", "", "Ohio"), strict=True)
        ],
    ]
    # A site begins with these.
    slugs = ["about", "how-we-rate", "faq", "contact", "privacy", "accessibility", "terms"]
    assert found["pages"] == [[slug, "draft"] for slug in slugs]
    assert found["editions"] == [["2020", None], ["2026-02", "2026"]] * 2
    check_proposed(found["proposed"], found["held"])


def check_proposed(proposed, held):
    """Check what became of proposed roles: findings of rated programs, and else a note."""
    keys = {"+1": proposed["findings"]["+1"]["reference"][1]}
    new = proposed["studies"].pop("+1")
    assert new == {
        "design": [None, "rct"],
        "design_note": [None, "RCT\nTeachers"],
        "enrolled": [None, 12],
        "location": [None, "Utah"],
        "reference": [None, keys["+1"]],
    }
    assert proposed["studies"] == {"read": {"location": ["", "Ohio"]}}
    areas = {area: held[f"used in {area}"]["topic_area"] for area in ("sleep", "stress")}
    no_longer = {
        "counts": [True, False],
        "not_counted_reason": ["", "other"],
        "note": ["", "It is old."],
    }
    added = [
        {"reference": [None, change["reference"][1]], "topic_area": [None, areas[area]]}
        for change in (proposed["findings"]["+1"], proposed["findings"]["+7"])
        for area in areas
    ]
    assert proposed["findings"] == {
        **dict(zip(("+1", "+2", "+7", "+8"), added, strict=True)),
        **{f"used in {area}": no_longer for area in areas},
        **{key: {"DELETE": [held[key], None]} for key in (f"not-used in {area}" for area in areas)},
    }
    words = "Relevant published, peer-reviewed research.", "Not used in the rating: It is old."
    trial = "Randomised controlled trial."
    assert proposed["unrated"] == [{"design_note": [f"{trial}\n{w}" for w in words]}]
