"""A site of its own for each test: its database is one that other processes can open.

On SQLite that is a file, and not the tests' own memory.
"""

import os
import sqlite3

import pytest
from django.db import connection

from catalog.importing.applying import apply
from catalog.models import Import, ImportStatus

from ...conftest import StrictClient
from ...factories import TopicAreaFactory, UserFactory
from .processes import (
    IS_POSTGRESQL,
    OLD,
    another_database,
    receive,
)


@pytest.fixture
def site(tmp_path, transactional_db, _private_files):
    """An empty catalog in a database of its own."""
    if IS_POSTGRESQL:
        tests_own, name = connection.settings_dict["NAME"], f"own_{os.getpid()}"
        with another_database("postgres"), connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {tests_own}")
        with another_database(name):
            yield
        with another_database("postgres"), connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
    else:
        name = str(tmp_path / "own.sqlite3")
        connection.ensure_connection()
        copy = sqlite3.connect(name)
        connection.connection.backup(copy)
        copy.close()
        with another_database(name):
            yield


@pytest.fixture
def ann(site):
    return UserFactory(username="ann", is_staff=True, is_superuser=True)


@pytest.fixture
def bob(site):
    return UserFactory(username="bob", is_staff=True, is_superuser=True)


@pytest.fixture
def catalog(ann):
    """Programs of which the half is rated."""
    TopicAreaFactory(name="Area")
    rows = [
        f"p-{n},Program {n},What it is.,{'area,3,2020,published' if n % 2 else ',,,draft'}"
        for n in range(OLD)
    ]
    columns = "slug,name,description,topic_area,scientific_rating,rated_on,status"
    record = receive(rows, ann, columns=columns)
    Import.objects.update(status=ImportStatus.CONFIRMED)
    apply(record)
    record.refresh_from_db()
    assert record.status == ImportStatus.DONE


@pytest.fixture
def editor(bob):
    client = StrictClient()
    client.force_login(bob)
    return client
