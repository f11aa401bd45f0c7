"""Nothing that a request asks of the database takes for ever: it ends with a page that says so."""

import pytest
from django.conf import settings as site
from django.db import OperationalError, connection

from catalog.values.busy import is_busy_error
from config import timeouts

from .conftest import StrictClient
from .factories import ProgramFactory
from .pages import read

IS_POSTGRESQL = connection.vendor == "postgresql"
on_postgresql = pytest.mark.skipif(not IS_POSTGRESQL, reason="SQLite has a timeout of its own")
NAMES = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]


@pytest.fixture
def limited(transactional_db, settings):
    """The tests' connection with limits that are soon reached."""
    settings.DATABASE_TIMEOUTS = dict(zip(NAMES, (0.2, 0.1, 60), strict=True))
    timeouts.limit(connection)
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ALL")
    connection.close()


def shown(*names):
    with connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"SHOW {name}")
            yield cursor.fetchone()[0]


@on_postgresql
def test_connection_has_the_timeouts_of_the_settings_and_compiles_nothing(transactional_db):
    with connection.cursor() as cursor:
        # The throw-away server compiles nothing either.
        cursor.execute("SET jit = on")
    timeouts.limit(connection)
    try:
        assert list(shown(*NAMES, "jit")) == ["20s", "5s", "1min", "off"]
    finally:
        connection.close()


@on_postgresql
def test_statement_that_takes_too_long_ends_as_for_a_busy_database(limited):
    with pytest.raises(OperationalError) as caught, connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(20)")

    assert is_busy_error(caught.value)


@on_postgresql
@pytest.mark.parametrize("path", ["/programs/steady-ground/", "/references/", "/admin/login/"])
def test_page_says_so_while_somebody_holds_the_tables(limited, path):
    ProgramFactory(slug="steady-ground")
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("LOCK TABLE catalog_program, catalog_study, auth_user, django_session")
        sent = {"username": "ann", "password": "x"}
        client = StrictClient()
        response = client.post(path, sent) if "login" in path else client.get(path)
    finally:
        other.rollback()
        other.close()

    assert response.status_code == 503
    assert response["Retry-After"] == "10"


@pytest.mark.parametrize("path", ["/programs/", "/topics/", "/references/", "/experts/x/"])
def test_database_that_is_away_is_said_in_words(db, path):
    client = StrictClient(raise_request_exception=False)

    def fail(*_):
        raise OperationalError("the server at 10.0.0.7 is gone")

    with connection.execute_wrapper(fail):
        response = client.get(path)

    assert (response.status_code, response["Retry-After"]) == (503, "10")
    assert read(response).h1 == "The site cannot answer just now"
    assert "10.0.0.7" not in response.content.decode()


@pytest.mark.skipif(IS_POSTGRESQL, reason="PostgreSQL has an error of its own for these")
def test_mistake_in_our_own_sql_is_a_fault_of_the_site(db):
    client = StrictClient(raise_request_exception=False)

    def wrong(execute, sql, *args):
        return execute(sql.replace("catalog_", "catalogue_"), *args)

    with connection.execute_wrapper(wrong):
        response = client.get("/references/")

    assert response.status_code == 500


def test_gunicorn_waits_longer_than_the_database():
    """Or else the page that says that it takes too long could not be made."""
    configuration = {}
    exec((site.BASE_DIR / "gunicorn.conf.py").read_text(), configuration)  # noqa: S102

    assert configuration["timeout"] > site.DATABASE_TIMEOUTS["statement_timeout"]
    assert configuration["forwarded_allow_ips"] == "127.0.0.1,::1"
