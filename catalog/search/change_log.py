"""The log of what was written to the catalog: it tells each process what it keeps that is no longer right.

Triggers write it, so that no way of writing is left out: saving, bulk writes, ``loaddata``, SQL by hand. A row names a
program, by the address that it has or had, and tells whether lists show what changed of it; a row without a program is
about every page, and if lists show it, about every set of programs. What is no public page's, a draft, leaves no row.

A version is what the rows about a page have in common with no other rows: their tokens, combined by XOR. So every
process that has read the same rows knows the same versions, in whatever order it read them.
"""

import json
from collections.abc import Iterable, Iterator
from threading import Lock
from typing import NamedTuple

from django.db import connection
from django.db.models import Model

from ..models import Page, Program, Status, TopicArea
from . import postgresql, sqlite
from .documents import Trigger
from .watched_tables import WATCHED, Watched

TABLE = "catalog_change"
START = "catalog_change_start"  # one token: another one where rows were taken out of the log
# A statement that touches more programs is about all of them.
MOST_TOUCHED = 200

# --- Reading the log -------------------------------------------------------------------------------------------------

# The moment at which the database is asked, as Django's Now() writes it.
CLOCK = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
    "postgresql": "statement_timestamp()",
}


def next_moment(vendor: str, *models: type[Model]) -> str:
    """Return the SQL for the moment at which the next entry of some kinds becomes public by itself."""
    moments = " UNION ALL ".join(
        f"SELECT min(published_at) AS moment FROM {model._meta.db_table} "
        f"WHERE status = '{Status.PUBLISHED}' AND published_at > {CLOCK[vendor]}"
        for model in models
    )
    return f"(SELECT CAST(min(moment) AS text) FROM ({moments}) next)"


# {settled} and {known} stand for what a process has read. All transactions before the oldest that is still open are
# settled, on a standby too, where no snapshot names those that are open: what was read of the others has to be
# remembered. SQLite has one writer at a time.
ROWS = {
    "sqlite": (
        f"(SELECT coalesce(max(id), 0) FROM {TABLE}), "
        "(SELECT json_group_array(json_array(token, id, program_id, slug, is_listed)) "
        f"FROM {TABLE} WHERE id >= {{settled}} AND token NOT IN (SELECT value FROM json_each({{known}})))"
    ),
    "postgresql": (
        "CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), "
        "(SELECT CAST(json_agg(json_build_array(token, CAST(CAST(writer AS text) AS bigint), program_id, slug, "
        f"is_listed)) AS text) FROM {TABLE} WHERE writer >= {{settled}} "
        "AND token <> ALL (SELECT CAST(value AS bigint) FROM json_array_elements_text({known})))"
    ),
}


def question(vendor: str, settled: str, known: str) -> str:
    """Return the SQL for the start of the log, the two next moments, how far all is settled, and the rows since."""
    moments = f"{next_moment(vendor, Program)}, {next_moment(vendor, TopicArea, Page)}"
    rows = ROWS[vendor].format(settled=settled, known=known)
    return f"SELECT token, {moments}, {rows} FROM {START}"


# PostgreSQL plans the question once for a connection, as that of a function: to plan it takes longer than to answer it.
FUNCTION = "catalog_change_read"
ASK = {
    "sqlite": question("sqlite", "%s", "%s"),
    "postgresql": f"SELECT * FROM {FUNCTION}(CAST(%s AS xid8), CAST(%s AS json))",
}


class Versions(NamedTuple):
    """Hold the versions of public pages when the log was read; ``position`` is the end of ``touched`` then."""

    log: "ChangeLog"
    moments: str
    whole: str
    lists: str
    shared: str  # of what is about every page
    position: int

    @property
    def site(self) -> str:
        """Return the version of what every page shows."""
        return self.log.version(self.moments, self.log.everything)

    def of_program(self, slug: str) -> str:
        """Return the version of what the page of the program at this address shows."""
        return self.log.version(self.moments, self.log.everything ^ self.log.pages.get(slug, 0))

    def of_card(self, pk: int) -> str:
        """Return the version of what lists show of the program with this primary key."""
        return self.log.version(self.moments, self.log.everything ^ self.log.cards.get(pk, 0))


class ChangeLog:
    """Keep what a process knows of it: the versions, and the programs that lists show otherwise since (None: all)."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.start = ""
        self.settled = 0  # every row before is read
        self.recent: dict[int, int] = {}  # the rows read since, by their tokens
        self.whole = self.lists = self.everything = 0
        self.pages: dict[str, int] = {}  # of programs, by address
        self.cards: dict[int, int] = {}  # of programs in lists, by primary key
        self.touched: list[int | None] = []

    def read(self) -> Versions | None:
        """Read what was written since; return None if the log was begun anew meanwhile. One query."""
        vendor = connection.vendor
        with connection.cursor() as cursor:
            cursor.execute(ASK[vendor], [str(self.settled), json.dumps(list(self.recent))])
            start, *moments, settled, rows = cursor.fetchone()
        with self.lock:
            self.start = self.start or start
            if self.start != start:
                return None
            for row in json.loads(rows or "[]"):
                self.add(*row)
            # Another thread may have read more meanwhile.
            self.settled = max(self.settled, settled)
            self.recent = {token: at for token, at in self.recent.items() if at >= self.settled}
            now = " ".join(moment or "" for moment in moments)
            return Versions(
                log=self,
                moments=now,
                whole=self.version(now, self.whole),
                lists=self.version(now, self.lists),
                shared=self.version(now, self.everything),
                position=len(self.touched),
            )

    def add(
        self, token: int, at: int, program: int | None, slug: str | None, is_listed: bool
    ) -> None:
        """Take a row of the log into account, unless that was done."""
        if token in self.recent or at < self.settled:
            return
        self.recent[token] = at
        self.whole ^= token
        if program is None or slug is None:
            self.everything ^= token
        else:
            self.pages[slug] = self.pages.get(slug, 0) ^ token
        if program is not None and is_listed:
            self.cards[program] = self.cards.get(program, 0) ^ token
        if program is None or is_listed:
            self.lists ^= token
        if is_listed:
            self.touched.append(program)

    def version(self, moments: str, token: int) -> str:
        """Return a version as text: another one as soon as something becomes public by itself."""
        return f"{self.start} {token:x} {moments}"


_log = ChangeLog()
_lock = Lock()


def versions() -> Versions:
    """Read the log as far as this transaction sees it, and return the versions of what pages show. One query."""
    global _log  # noqa: PLW0603
    while True:
        log = _log
        if read := log.read():
            return read
        with _lock:
            if _log is log:
                _log = ChangeLog()


def forget() -> None:
    """Read the log from its start at the next time, as another process would."""
    global _log  # noqa: PLW0603
    _log = ChangeLog()


# --- Writing the log -------------------------------------------------------------------------------------------------

INSERT = f"INSERT INTO {TABLE} (token, program_id, slug, is_listed)"
TOKEN = {"sqlite": "random()", "postgresql": "hashtextextended(gen_random_uuid()::text, 0)"}
DIFFERS = {"sqlite": "IS NOT", "postgresql": "IS DISTINCT FROM"}
NEW_AND_OLD = {"sqlite": ("NEW", "OLD"), "postgresql": ("n", "o")}
EVENTS = ("INSERT", "UPDATE", "DELETE")


def touching_all(vendor: str, *, sets: bool) -> str:
    """Return the SQL of a row that is about every page and, if ``sets``, about every set of programs."""
    return f"{INSERT} SELECT {TOKEN[vendor]}, NULL, NULL, {str(sets).upper()}"


def begun_anew(vendor: str) -> Iterator[str]:
    """Yield the SQL that empties the log; what processes know of it is void."""
    yield f"DELETE FROM {TABLE}"
    yield f"UPDATE {START} SET token = {TOKEN[vendor]}"


def tables(vendor: str) -> Iterator[str]:
    """Yield the SQL that makes the tables where they are missing."""
    columns = "token bigint NOT NULL, program_id bigint, slug text, is_listed boolean NOT NULL"
    if vendor == "sqlite":
        yield f"CREATE TABLE IF NOT EXISTS {TABLE} (id integer PRIMARY KEY AUTOINCREMENT, {columns})"
    else:
        writer = "writer xid8 NOT NULL DEFAULT pg_current_xact_id()"
        yield f"CREATE TABLE IF NOT EXISTS {TABLE} ({writer}, {columns})"
        yield f"CREATE INDEX IF NOT EXISTS {TABLE}_writer ON {TABLE} (writer)"
        yield f"""
            CREATE OR REPLACE FUNCTION {FUNCTION}(settled xid8, known json)
            RETURNS TABLE (start bigint, program text, area text, now_settled bigint, written text)
            LANGUAGE plpgsql STABLE AS $body$
            BEGIN RETURN QUERY {question("postgresql", "settled", "known")}; END $body$"""
    yield f"CREATE TABLE IF NOT EXISTS {START} (token bigint NOT NULL)"
    yield f"INSERT INTO {START} SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {START})"


def touched(watched: Watched, event: str, vendor: str) -> str:
    """Return the SQL for the rows of the log that a write to a watched table makes."""
    new, old = NEW_AND_OLD[vendor]
    row_of, rows = {
        "INSERT": ([new], f", new_rows {new}"),
        "DELETE": ([old], f", old_rows {old}"),
        "UPDATE": ([new, old], f", new_rows {new} JOIN old_rows {old} ON {old}.id = {new}.id"),
    }[event]
    every = [str(field.column) for field in watched.model._meta.concrete_fields]
    listed, changed = "TRUE" if watched.shown else "FALSE", ""
    if event == "UPDATE":
        changed = f" AND {differs(every, vendor)}"
        if watched.shown not in {(), ("*",)}:
            listed = differs(watched.shown, vendor)
    return " UNION ".join(
        watched.touched.format(row=row, listed=listed, rows="" if vendor == "sqlite" else rows)
        + changed
        for row in row_of
    )


def differs(columns: Iterable[str], vendor: str) -> str:
    """Return the condition that one of these columns of a row changed."""
    new, old = (
        f"({', '.join(f'{row}.{column}' for column in columns)})" for row in NEW_AND_OLD[vendor]
    )
    return f"{new} {DIFFERS[vendor]} {old}"


def triggers(vendor: str) -> Iterator[Trigger]:
    """Yield the name, the table and the SQL of each trigger. While search waits for many writes, so does the log."""
    make = row_trigger if vendor == "sqlite" else statement_trigger
    for number, watched in enumerate(WATCHED):
        for event in EVENTS:
            name = f"{TABLE}_{number}_{watched.table}_{event.lower()}"
            yield name, watched.table, make(name, watched, event)
        if vendor == "postgresql":
            name = f"{TABLE}_{number}_{watched.table}_truncate"
            body = f"{touching_all(vendor, sets=True)};"
            yield name, watched.table, function_and_trigger(name, watched, "TRUNCATE", "", body)


def row_trigger(name: str, watched: Watched, event: str) -> str:
    """Return the SQL of a trigger for each row, for SQLite."""
    return (
        f"CREATE TRIGGER {name} AFTER {event} ON {watched.table} WHEN NOT ({sqlite.IS_DEFERRED}) "
        f"BEGIN {INSERT} SELECT random(), * FROM ({touched(watched, event, 'sqlite')}); END"
    )


def statement_trigger(name: str, watched: Watched, event: str) -> str:
    """Return the SQL of a trigger for each statement, for PostgreSQL."""
    token = TOKEN["postgresql"]
    body = f"""IF NOT ({postgresql.IS_DEFERRED}) THEN
        WITH touched (program_id, slug, is_listed) AS ({touched(watched, event, "postgresql")}),
            counted AS (SELECT count(*) > {MOST_TOUCHED} AS are_many FROM touched)
        {INSERT} SELECT {token}, program_id, slug, is_listed FROM touched, counted WHERE NOT are_many
            UNION ALL SELECT {token}, NULL, NULL, TRUE FROM counted WHERE are_many;
        END IF;"""
    transition, _ = postgresql.EVENTS[event]
    return function_and_trigger(name, watched, event, f"REFERENCING {transition}", body)


def function_and_trigger(
    name: str, watched: Watched, event: str, transition: str, body: str
) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN {body} RETURN NULL; END $body$;
        CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {watched.table} {transition}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}()"""
