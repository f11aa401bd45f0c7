"""What the databases know of the tables when they plan queries."""

import sqlite3
from contextlib import closing

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.backends.sqlite3._functions import register

from catalog.models import Program, Rating, Reference, Study, TopicExpert
from catalog.search.documents import INDEXES
from catalog.search.upkeep import refresh_statistics

from ..factories import ProgramFactory

pytestmark = pytest.mark.django_db

FORGET = {
    "sqlite": ["ANALYZE sqlite_schema", "DELETE FROM sqlite_stat1"],
    "postgresql": ["DELETE FROM pg_statistic WHERE starelid = 'catalog_program'::regclass"],
}
KNOWN = {
    "sqlite": "SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'catalog_program'",
    "postgresql": "SELECT count(*) FROM pg_stats WHERE tablename = 'catalog_program'",
}


def forget_statistics():
    with connection.cursor() as cursor:
        for sql in FORGET[connection.vendor]:
            cursor.execute(sql)


def knows_programs():
    """Whether the database has statistics of the programs."""
    with connection.cursor() as cursor:
        cursor.execute(KNOWN[connection.vendor])
        return cursor.fetchone() > (0,)


@pytest.fixture
def _no_statistics():
    """Three programs that the database knows nothing of, and nobody else at the tables: PostgreSQL tidies them up."""
    if connection.vendor == "postgresql":
        present = connection.introspection.django_table_names(only_existing=True)
        tables = ", ".join({*present, *(index.table for index in INDEXES)})
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {tables} IN SHARE UPDATE EXCLUSIVE MODE")
    ProgramFactory.create_batch(3)
    forget_statistics()
    assert not knows_programs()


@pytest.mark.usefixtures("_no_statistics")
def test_statistics_are_counted():
    refresh_statistics()
    assert knows_programs()


@pytest.mark.usefixtures("_no_statistics")
@pytest.mark.parametrize(
    "command", [("rebuild_search",), ("generate_catalog", "2", "--add"), ("migrate",)]
)
def test_commands_that_write_much_count_statistics(command):
    call_command(*command, verbosity=0)
    assert knows_programs()


@pytest.mark.usefixtures("_no_statistics")
def test_statistics_never_fail_what_they_follow():
    with transaction.atomic():
        ProgramFactory(name="Written")
        transaction.set_rollback(True)
        refresh_statistics()
        transaction.set_rollback(False)
    assert Program.objects.filter(name="Written").exists()
    assert not knows_programs()


def plan_without_statistics(queryset):
    """Return SQLite's plan in a new database with our tables: a connection keeps sizes that it has once read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sql FROM sqlite_schema WHERE type IN ('table', 'index') "
            "AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'catalog_search_%' AND sql <> ''"
        )
        schema = [sql for (sql,) in cursor.fetchall()]
    sql, parameters = queryset.query.sql_with_params()
    with closing(sqlite3.connect(":memory:")) as fresh:
        register(fresh)
        for statement in schema:
            fresh.execute(statement)
        explained = fresh.execute(f"EXPLAIN QUERY PLAN {sql.replace('%s', '?')}", parameters)
        return " / ".join(detail for *_, detail in explained)


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL plans by sizes, too")
@pytest.mark.parametrize(
    "entries",
    [
        lambda: Rating.objects.published().filter(program__in=[1, 2, 3]),
        lambda: Rating.objects.published().filter(topic_area=1),
        Rating.objects.published,
        lambda: Study.objects.published().filter(reference__in=[1, 2, 3]),
        Reference.objects.published,
        TopicExpert.objects.published,
    ],
)
def test_what_belongs_to_programs_is_not_sought_through_all_of_them(entries):
    assert "public_from" not in plan_without_statistics(entries())
