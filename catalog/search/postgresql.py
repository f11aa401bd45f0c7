"""Full-text search by PostgreSQL's own, with a GIN index.

A configuration of ours, and not "english", because both databases are to find the same: the same words (no hyphens,
host names or signs), the same stems (Porter's of 1980), no stop words, accents ignored. It needs no
extension. Each column of a document is a vector of its stems and of its words as they are, for the beginnings of words.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import md5

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.errors import DeadlockDetected, LockNotAvailable

from .documents import Index, Source, Trigger
from .questions import values_of
from .tsqueries import Queries, together
from .tsvectors import functions
from .words import Words, WordsOfTerm

# The column of an index's table that holds the key of the entry.
KEY = "id"
EVENTS = {
    "INSERT": ("NEW TABLE AS new_rows", "SELECT {0} FROM new_rows"),
    "UPDATE": (
        "NEW TABLE AS new_rows OLD TABLE AS old_rows",
        "SELECT {0} FROM new_rows UNION SELECT {0} FROM old_rows",
    ),
    "DELETE": ("OLD TABLE AS old_rows", "SELECT {0} FROM old_rows"),
}
# The planner does not know the sizes of tables that were just filled: by these settings it finds each document's rows
# by their indexes.
BY_INDEXES = (
    "SET plan_cache_mode = force_generic_plan SET jit = off "
    "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"
)
PENDING = "pg_temp.catalog_search_pending"
# A table of this connection's own, which is there as long as documents are deferred.
IS_DEFERRED = f"SELECT to_regclass('{PENDING}') IS NOT NULL"
DEFER = f"CREATE TEMPORARY TABLE {PENDING} (name text NOT NULL, id bigint NOT NULL)"
FORGET = f"TRUNCATE {PENDING}"
RESUME = f"DROP TABLE {PENDING}"


# Who waits for a lock makes those behind it wait, too.
MOMENT = 500  # milliseconds
PAUSE = 1  # seconds
MOST_TRIES = 600
BUSY = (
    "Others kept writing for many minutes, and search could not be brought up to date meanwhile. Wait until their "
    "imports have ended, then run “manage.py rebuild_search”."
)


@contextmanager
def impatient(connection: BaseDatabaseWrapper, milliseconds: int = 1) -> Iterator[None]:
    """Raise OperationalError in the block where one would have to wait longer for another writer."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = {milliseconds}")
        yield
        cursor.execute("SET LOCAL lock_timeout = DEFAULT")


def in_turn(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    """Execute statements in one transaction, as often as it takes to get their locks without waiting for long.

    Raise OperationalError if others hold them for many minutes.
    """
    statements = list(statements)
    for _ in range(MOST_TRIES):
        try:
            with impatient(connection, MOMENT), connection.cursor() as cursor:
                for sql in statements:
                    cursor.execute(sql, None)
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable | DeadlockDetected):
                raise
            time.sleep(PAUSE)
        else:
            return
    raise OperationalError(BUSY)


def alone(tables: Iterable[str]) -> Iterator[str]:
    """Yield the SQL after which nobody else writes to these tables, until the transaction ends."""
    yield f"LOCK TABLE {', '.join(sorted(tables))} IN SHARE ROW EXCLUSIVE MODE"


def analysis(tables: Iterable[str]) -> Iterator[str]:
    """Yield the SQL that counts what these tables hold, by a sample of their rows."""
    yield "ANALYZE " + ", ".join(f'"{table}"' for table in tables)


def setup() -> Iterator[str]:
    """Yield what all indexes need: what makes vectors, and what finds documents."""
    yield from functions()
    # The planner does not know that reading the vectors of all documents is slow: they are stored apart from the rows.
    # Not STABLE, because the planner would run it once more to learn how much it returns.
    yield """CREATE OR REPLACE FUNCTION catalog_ids(query text, terms tsquery[], pairs text[]) RETURNS bigint[]
        LANGUAGE plpgsql SET enable_seqscan = off AS $body$
        DECLARE ids bigint[];
        BEGIN EXECUTE query INTO ids USING terms, pairs; RETURN ids; END $body$"""


def former_tables(index: Index) -> str:
    """Return the SQL for the names of the tables that the index had in earlier forms."""
    return (
        f"SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid) "
        f"AND relname ~ '^{index.label}(_[0-9]+)?$' AND relname <> '{index.table}'"
    )


def tables(index: Index, documents: str) -> Iterator[str]:
    """Yield the SQL that makes the index's tables where they are missing, and what writes them."""
    parts = ", ".join(
        f"{column} tsvector NOT NULL, {column}_digest uuid NOT NULL" for column in index.columns
    )
    if index.long:
        parts += ", pairs bigint[] NOT NULL"
    # A search reads the rows of all that it finds, but the vectors only to look for phrases: the long ones lie apart.
    yield (
        f"CREATE TABLE IF NOT EXISTS {index.table} (id bigint PRIMARY KEY, {parts}) "
        "WITH (toast_tuple_target = 128)"
    )
    for column in index.columns:
        # To compress vectors takes long and saves nothing.
        storage = "EXTERNAL" if column in index.long else "MAIN"
        yield f"ALTER TABLE {index.table} ALTER COLUMN {column} SET STORAGE {storage}"
    if index.long:
        yield f"ALTER TABLE {index.table} ALTER COLUMN pairs SET STORAGE EXTERNAL"
        # No plan depends on what is the most frequent.
        yield f"ALTER TABLE {index.table} ALTER COLUMN pairs SET STATISTICS 0"
    # An index for each weight, of its column and those before: it answers several words without reading a row. The one
    # of all answers phrases, too.
    for count in range(1, len(index.columns) + 1):
        columns = index.columns[:count]
        pairs = ", pairs" if index.long and columns == index.columns else ""
        yield (
            f"CREATE INDEX IF NOT EXISTS {index.table}_{columns} ON {index.table} "
            f"USING gin ({together(columns)}{pairs})"
        )
        if count > 1:
            # No plan depends on them, and to join the vectors of a sample takes long.
            yield f"ALTER INDEX {index.table}_{columns} ALTER COLUMN 1 SET STATISTICS 0"
    yield refreshing(index, documents)
    yield comparing(index, documents)


def refreshing(index: Index, documents: str) -> str:
    """Return the SQL that makes the function that brings the documents with these ids up to date."""
    columns = index.columns
    texts = ", ".join(f"{column}, md5({column})::uuid AS {column}_digest" for column in columns)
    names = ", ".join(f"{column}, {column}_digest" for column in columns)
    # Vectors take most of the time: of a text that is as it was, the one that is there will do.
    vectors = {
        column: f"CASE WHEN t.{column}_digest = s.{column}_digest THEN t.{column} "
        f"ELSE catalog_vector(s.{column}) END"
        for column in columns
    }
    if index.stressed:
        behind = columns[columns.index(index.stressed) + 1]
        vectors[index.stressed] = (
            f"catalog_vector(s.{index.stressed}) || catalog_repeated({vectors[behind]})"
        )
    made = ", ".join(f"{vectors[column]}, s.{column}_digest" for column in columns)
    same = " AND ".join(f"t.{column}_digest = s.{column}_digest" for column in columns)
    updates = ", ".join(
        f"{column} = excluded.{column}, {column}_digest = excluded.{column}_digest"
        for column in columns
    )
    if index.long:
        names += ", pairs"
        pairs = (f"catalog_pairs(s.{c}, {weight})" for weight, c in enumerate(columns))
        made += f", {' || '.join(pairs)}"
        updates += ", pairs = excluded.pairs"
    # The first OFFSET 0 keeps the planner from making each text once for itself and once for its digest; the second one
    # has it find each document by its key.
    # Who writes about the same document at the same time waits at the lock, and then reads what the other wrote. Where
    # there was no document to lock, it waits while it writes, and then reads again.
    return f"""CREATE OR REPLACE FUNCTION {index.label}_refresh(ids bigint[]) RETURNS void
        LANGUAGE plpgsql {BY_INDEXES} AS $body$
        DECLARE
            known bigint[];
            is_late boolean := true;
        BEGIN WHILE is_late LOOP
            known := ARRAY(SELECT t.id FROM {index.table} t WHERE t.id = ANY (ids) ORDER BY t.id FOR UPDATE);
            DELETE FROM {index.table} t
                WHERE t.id = ANY (ids) AND NOT EXISTS (SELECT FROM ({documents}) s WHERE s.id = t.id);
            WITH s AS MATERIALIZED (
                SELECT id, {texts} FROM (SELECT * FROM ({documents}) s WHERE s.id = ANY (ids) OFFSET 0) s
            ), written AS (
                INSERT INTO {index.table} (id, {names})
                SELECT s.id, {made}
                FROM s LEFT JOIN LATERAL (SELECT * FROM {index.table} t WHERE t.id = s.id OFFSET 0) t ON true
                WHERE ({same}) IS NOT TRUE
                ON CONFLICT (id) DO UPDATE SET {updates}
                RETURNING id, xmax <> 0 AS was_there
            )
                SELECT EXISTS (SELECT FROM written WHERE was_there AND id <> ALL (known)) INTO is_late;
        END LOOP;
        END $body$"""


def comparing(index: Index, documents: str) -> str:
    """Return the SQL that makes the function that tells whose documents are missing, left over or wrong."""
    wrong = " OR ".join(
        f"t.{column}_digest IS DISTINCT FROM md5(s.{column})::uuid" for column in index.columns
    )
    return f"""CREATE OR REPLACE FUNCTION {index.label}_stale(ids bigint[]) RETURNS SETOF bigint
        LANGUAGE plpgsql STABLE {BY_INDEXES} AS $body$
        BEGIN RETURN QUERY
            WITH s AS MATERIALIZED (
                -- The texts of what is missing need not be read.
                SELECT * FROM ({documents}) s
                WHERE s.id = ANY (ARRAY(SELECT t.id FROM {index.table} t WHERE t.id = ANY (ids)))
            )
                SELECT i FROM unnest(ids) i LEFT JOIN s ON s.id = i LEFT JOIN {index.table} t ON t.id = i
                WHERE t.id IS NULL OR {wrong};
        END $body$"""


def stale(index: Index, documents: str, ids: str = "") -> str:
    """Return the SQL for the ids of the documents that are missing, left over or wrong: of these ids, or of all."""
    return f"SELECT {index.label}_stale(ARRAY({ids or every_id(index)}))"


def refresh(index: Index, documents: str, ids: str) -> Iterator[str]:
    """Yield the SQL that brings the documents up to date whose ids the SQL ids gives."""
    yield f"SELECT {refreshed(index, ids)}"


def refreshed(index: Index, ids: str) -> str:
    """Return the call that brings the documents up to date whose ids the SQL ids gives."""
    return f"{index.label}_refresh(ARRAY({ids}))"


def listed(ids: Sequence[int]) -> str:
    """Return the SQL for these ids."""
    return f"SELECT unnest(ARRAY{list(ids)}::bigint[]) AS id"


def every_id(index: Index) -> str:
    """Return the SQL for the ids of the documents that there are or should be."""
    return f"SELECT id FROM {index.table} UNION SELECT id FROM {index.entries}"


def noted(index: Index) -> str:
    """Return the SQL for the ids of the documents that are to be brought up to date."""
    return f"SELECT DISTINCT id FROM {PENDING} WHERE name = '{index.name}'"


def triggers(index: Index, documents: str, source: Source) -> Iterator[Trigger]:
    """Yield the name, the table and the SQL of each trigger."""
    for event, (transition, rows) in EVENTS.items():
        ids = source.documents.format(changed=rows.format(source.key))
        body = f"""IF ({IS_DEFERRED})
            THEN INSERT INTO {PENDING} SELECT '{index.name}', * FROM ({ids}) touched;
            ELSE PERFORM {refreshed(index, ids)};
            END IF"""
        yield trigger(index, source, event, f"REFERENCING {transition}", body)
    body = f"PERFORM {refreshed(index, every_id(index))}"
    yield trigger(index, source, "TRUNCATE", "", body)


def trigger(index: Index, source: Source, event: str, transition: str, body: str) -> Trigger:
    name = f"{index.label}_{source.table}_{event.lower()}"
    sql = f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN {body}; RETURN NULL; END $body$;
        CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {source.table} {transition}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}()"""
    return name, source.table, sql


# The name and the form of each trigger at work.
PRESENT_TRIGGERS = """SELECT tgname, obj_description(pg_trigger.oid, 'pg_trigger')
    FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
    WHERE tgenabled <> 'D' AND pg_table_is_visible(tgrelid)"""


def trigger_forms(made: Iterable[Trigger], installation: Sequence[str]) -> dict[str, str]:
    """Return what tells each trigger from one of another installation, by its name: the functions count, too."""
    form = md5("\n".join(installation).encode(), usedforsecurity=False).hexdigest()
    return dict.fromkeys((name for name, _, _ in made), form)


def with_form(name: str, table: str, form: str) -> Iterator[str]:
    """Yield the SQL that notes the form of a trigger."""
    yield f"COMMENT ON TRIGGER {name} ON {table} IS '{form}'"


def matching(index: Index, words: Words, columns: str) -> tuple[str, list[str | list[str]]]:
    """Return the SQL for the ids of the documents in which these columns hold the words, and its parameters."""
    sql, params = matching_ids(index, words, columns)
    return f"SELECT unnest({sql}) AS id", params


def matching_ids(index: Index, words: Words, columns: str) -> tuple[str, list[str | list[str]]]:
    """Return the SQL for these ids as one value, and its parameters; columns are the first few of the index's."""
    queries = Queries(index)
    return ids_of(queries.selecting(words.terms, columns, words.excluded), queries)


def ids_of(select: str, queries: Queries) -> tuple[str, list[str | list[str]]]:
    """Return the SQL for the ids that a SELECT with queries gives, as one value, and its parameters."""
    sql = f"catalog_ids(%s, ARRAY[{', '.join(queries.sql)}]::tsquery[], %s::text[])"
    query = f"SELECT array_agg(id) FROM ({select}) found"
    return sql, [query, *queries.params, queries.pairs]


def naming_ids(index: Index, words: Sequence[str]) -> tuple[str, list[str | list[str]]]:
    """Return the SQL for the ids of the documents with a name of just these words, as one value, and its parameters."""
    queries = Queries(index)
    return ids_of(queries.select(queries.named(words)), queries)


def stressing_ids(index: Index, words: Words) -> tuple[str, list[str | list[str]]]:
    """Return the SQL for the ids of the documents that stress each of the words, as one value, and its parameters."""
    return matching_ids(index, words, index.columns[: index.columns.index(index.stressed) + 1])


def read_stored(
    indexes: Sequence[Index], wanted: Sequence[WordsOfTerm], guesses: Sequence[WordsOfTerm]
) -> dict[WordsOfTerm, tuple[()]]:
    """Return those of the guesses that a document holds. One query if there are any.

    It may be said too of a phrase whose words end one column and begin the next, or that is of three words and more
    which stand in one document, but not side by side.
    """
    if not guesses:
        return {}
    held = " OR ".join(f"({held_by(index)})" for index in indexes)
    query = f"SELECT array_agg(n) FROM unnest($2) WITH ORDINALITY phrase (text, n) WHERE {held}"
    phrases = [" ".join(words) for words in guesses]
    (numbers,) = values_of([("catalog_ids(%s, ARRAY[]::tsquery[], %s::text[])", [query, phrases])])
    return {guesses[number - 1]: () for number in read_ids(numbers)}


def held_by(index: Index) -> str:
    """Return the condition that a document of an index holds the phrase at hand."""
    if not index.long:
        held = f"{together(index.columns)} @@ phraseto_tsquery('catalog_stems', phrase.text)"
        return f"EXISTS (SELECT FROM {index.table} WHERE {held})"
    word = f"{together(index.columns)} @@ plainto_tsquery('catalog_stems', phrase.text)"
    pairs = " || ".join(f"catalog_pairs(phrase.text, {n})" for n in range(len(index.columns)))
    return (
        f"CASE WHEN strpos(phrase.text, ' ') = 0 THEN EXISTS (SELECT FROM {index.table} WHERE {word}) "
        f"ELSE EXISTS (SELECT FROM {index.table} WHERE pairs && ({pairs})) END"
    )


def read_ids(value: list[int] | None) -> list[int]:
    """Return the ids that the database gave as one value."""
    return value or []
