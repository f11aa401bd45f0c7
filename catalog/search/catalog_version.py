"""The version of the catalog: another one after every write to what the public pages show.

The database keeps it, by triggers, so that no way of writing is left out: saving, bulk writes, ``loaddata``, SQL by
hand. It is a set of random tokens. A writing transaction puts its own token in the place of those it sees, without
waiting for any other; so two that commit in either order leave a set that was not there before.
"""

from collections.abc import Iterator

from django.db import connection

from ..models import Program, Rating, Reference, Status, Study, Term, TopicArea, TopicExpert

TABLE = "catalog_version"
WATCHED = tuple(
    model._meta.db_table
    for model in (
        Program,
        Rating,
        Reference,
        Study,
        Term,
        TopicArea,
        TopicExpert,
        TopicArea.experts.through,
        TopicArea.further_reading.through,
    )
)

# The moment at which the database is asked, as Django's Now() writes it.
CLOCK = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', 'now')", "postgresql": "statement_timestamp()"}


def catalog_version() -> str:
    """Return the version of the catalog as this transaction sees it. One query.

    It holds the next moment at which something is to become public, and so is another one as soon as that has come.
    """
    next_moments = " UNION ALL ".join(
        f"SELECT CAST(min(published_at) AS text) FROM {model._meta.db_table} "
        f"WHERE status = '{Status.PUBLISHED}' AND published_at > {CLOCK[connection.vendor]}"
        for model in (Program, TopicArea)
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT token FROM {TABLE} UNION ALL {next_moments}")
        return " ".join(sorted(token or "" for (token,) in cursor.fetchall()))


# Not INSERT OR REPLACE on SQLite: within INSERT OR IGNORE, as Django adds to a relation, it would be ignored too.
RENEWAL = {
    "sqlite": f"UPDATE {TABLE} SET token = hex(randomblob(16))",
    "postgresql": f"SELECT {TABLE}_renew()",
}


def tables(vendor: str) -> Iterator[str]:
    """Yield the SQL that makes the table of tokens and what its triggers call."""
    if vendor == "sqlite":
        yield f"CREATE TABLE IF NOT EXISTS {TABLE} (writer integer PRIMARY KEY, token text NOT NULL)"
        yield f"INSERT OR IGNORE INTO {TABLE} VALUES (0, '')"
        return
    yield f"CREATE TABLE IF NOT EXISTS {TABLE} (writer xid8 PRIMARY KEY, token text NOT NULL)"
    yield f"""CREATE OR REPLACE FUNCTION {TABLE}_renew() RETURNS void LANGUAGE plpgsql AS $body$
        BEGIN
            UPDATE {TABLE} SET token = gen_random_uuid()::text WHERE writer = pg_current_xact_id();
            IF NOT FOUND THEN
                DELETE FROM {TABLE} WHERE writer IN (SELECT writer FROM {TABLE} FOR UPDATE SKIP LOCKED);
                INSERT INTO {TABLE} VALUES (pg_current_xact_id(), gen_random_uuid()::text);
            END IF;
        END $body$"""
    yield f"""CREATE OR REPLACE FUNCTION {TABLE}_change() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN PERFORM {TABLE}_renew(); RETURN NULL; END $body$"""


def triggers(vendor: str) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the table and the SQL of each trigger."""
    for table in WATCHED:
        if vendor == "sqlite":
            for event in ("INSERT", "UPDATE", "DELETE"):
                name = f"{TABLE}_{table}_{event.lower()}"
                body = f"BEGIN {RENEWAL[vendor]}; END"
                yield name, table, f"CREATE TRIGGER {name} AFTER {event} ON {table} {body}"
        else:
            name = f"{TABLE}_{table}"
            events = "INSERT OR UPDATE OR DELETE OR TRUNCATE"
            call = f"FOR EACH STATEMENT EXECUTE FUNCTION {TABLE}_change()"
            yield name, table, f"CREATE OR REPLACE TRIGGER {name} AFTER {events} ON {table} {call}"
