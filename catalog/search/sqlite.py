"""Full-text search by SQLite's FTS5.

Each index is two virtual tables: one of stems, and one of the words as they are, for the beginnings of words.
A beginning such as "parenti" is none of the stem "parent".
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .documents import NAME_END, Index, Source, Trigger
from .words import SearchTerm, Words, stem

TOKENIZER = "unicode61 remove_diacritics 2"
# The column of an index's table that holds the key of the entry.
KEY = "rowid"
EVENTS = {"INSERT": ("NEW",), "UPDATE": ("NEW", "OLD"), "DELETE": ("OLD",)}
PENDING = "catalog_search_pending"
# A row with no name, which only the transaction that wrote it ever sees.
IS_DEFERRED = f"SELECT EXISTS (SELECT 1 FROM {PENDING} WHERE name = '')"
DEFER = f"INSERT INTO {PENDING} VALUES ('', 0)"
FORGET = f"DELETE FROM {PENDING} WHERE name <> ''"
RESUME = f"DELETE FROM {PENDING}"


@contextmanager
def impatient(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Raise OperationalError in the block where one would have to wait for another writer."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (patience,) = cursor.fetchone()
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {patience}")


def in_turn(connection: BaseDatabaseWrapper, statements: Iterable[str]) -> None:
    """Execute statements in one transaction, for which SQLite waits its turn."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for sql in statements:
            cursor.execute(sql, None)


def alone(tables: Iterable[str]) -> Iterator[str]:
    """Yield nothing: there is one writer at a time."""
    yield from ()


def analysis(tables: Iterable[str]) -> Iterator[str]:
    """Yield the SQL that counts what these tables hold, by a thousand entries of each index."""
    yield "PRAGMA analysis_limit = 1000"
    for table in tables:
        yield f'ANALYZE "{table}"'


def setup() -> Iterator[str]:
    """Yield what all indexes need."""
    yield f"CREATE TABLE IF NOT EXISTS {PENDING} (name text NOT NULL, id integer NOT NULL)"


def former_tables(index: Index) -> str:
    """Return the SQL for the names of the tables that the index had in earlier forms."""
    ours = f"'{index.table}', '{index.table}_words', '{index.table}_mentions'"
    return (
        f"SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' "
        f"AND name LIKE '{index.label}%' AND name NOT IN ({ours})"
    )


def tables(index: Index, documents: str) -> Iterator[str]:
    """Yield the SQL that makes the index's tables where they are missing."""
    columns = ", ".join(index.columns)
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {index.table} "
        f"USING fts5({columns}, tokenize='porter {TOKENIZER}')"
    )
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {index.table}_words "
        f"USING fts5({columns}, tokenize='{TOKENIZER}', prefix='2 3', detail='full')"
    )
    if index.stressed:
        # Each place in which a stem stands.
        yield (
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {index.table}_mentions "
            f"USING fts5vocab({index.table}, instance)"
        )


def refresh(index: Index, documents: str, ids: str) -> Iterator[str]:
    """Yield the SQL that makes the documents anew whose ids the SQL ids gives."""
    columns = ", ".join(index.columns)
    for table in (index.table, f"{index.table}_words"):
        yield f"DELETE FROM {table} WHERE rowid IN ({ids})"
        yield (
            f"INSERT INTO {table}(rowid, {columns}) "
            f"SELECT id, {columns} FROM ({documents}) WHERE id IN ({ids})"
        )


def listed(ids: Sequence[int]) -> str:
    """Return the SQL for these ids."""
    return ", ".join(map(str, ids))


def noted(index: Index) -> str:
    """Return the SQL for the ids of the documents that are to be brought up to date."""
    return f"SELECT id FROM {PENDING} WHERE name = '{index.name}'"


def triggers(index: Index, documents: str, source: Source) -> Iterator[Trigger]:
    """Yield the name, the table and the SQL of each trigger."""
    for event, rows in EVENTS.items():
        name = f"{index.label}_{source.table}_{event.lower()}"
        keys = [f"{row}.{source.key}" for row in rows]
        # A list where it will do: a search for what a SELECT returns takes twice as long.
        ids = source.documents.format(changed=", ".join(keys))
        write = ";\n".join(refresh(index, documents, ids))
        ids = source.documents.format(changed=" UNION ".join(f"SELECT {key}" for key in keys))
        note = f"INSERT INTO {PENDING} SELECT '{index.name}', * FROM ({ids})"
        for suffix, condition, body in (
            ("", f"NOT ({IS_DEFERRED})", write),
            ("_deferred", f"({IS_DEFERRED})", note),
        ):
            yield (
                f"{name}{suffix}",
                source.table,
                (
                    f"CREATE TRIGGER {name}{suffix} AFTER {event} ON {source.table} WHEN {condition} "
                    f"BEGIN\n{body};\nEND"
                ),
            )


# The name and the form of each trigger at work.
PRESENT_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"


def trigger_forms(made: Iterable[Trigger], installation: Sequence[str]) -> dict[str, str]:
    """Return what tells each trigger from one of another form, by its name: SQLite keeps its SQL as it is."""
    return {name: sql for name, _, sql in made}


def with_form(name: str, table: str, form: str) -> Iterator[str]:
    """Yield nothing: SQLite knows the form."""
    yield from ()


def stale(index: Index, documents: str, ids: str = "") -> str:
    """Return the SQL for the ids of the documents that are missing, left over or wrong: of these ids, or of all."""
    columns = ", ".join(index.columns)
    right = f"SELECT id, {columns} FROM ({documents})" + (f" WHERE id IN ({ids})" if ids else "")
    wrong = []
    for table in (index.table, f"{index.table}_words"):
        ours = f"SELECT rowid AS id, {columns} FROM {table}"
        ours += f" WHERE rowid IN ({ids})" if ids else ""
        wrong += [
            f"SELECT id FROM ({ours} EXCEPT {right})",
            f"SELECT id FROM ({right} EXCEPT {ours})",
        ]
    return " UNION ALL ".join(wrong)


def matching(index: Index, words: Words, columns: str) -> tuple[str, list[str]]:
    """Return the SQL for the ids of the documents in which these columns hold the words, and its parameters.

    What is to be left out is looked for in the same columns.
    """
    scope = scoped(columns)
    stems, params = index.table, []
    excluded = ""
    if words.excluded:
        anything = " OR ".join(map(any_form, words.excluded))
        excluded = f"rowid NOT IN (SELECT rowid FROM {stems} WHERE {stems} MATCH %s)"
        params = [f"{scope}({anything})"]
    if not words.terms:
        return f"SELECT rowid AS id FROM {stems} WHERE {excluded}", params

    def all_of(terms: tuple[SearchTerm, ...]) -> str:
        return f"{scope}({' AND '.join(map(any_form, terms))})"

    also = f" AND {excluded}" if excluded else ""
    sql = f"SELECT rowid AS id FROM {stems} WHERE {stems} MATCH %s{also}"
    all_params = [all_of(words.terms), *params]
    *others, last = words.terms
    if last.is_prefix:
        unfinished = f"SELECT rowid FROM {stems}_words WHERE {stems}_words MATCH %s{also}"
        all_params += [f"{scope}({quoted(last)} *)", *params]
        if others:
            # Not "rowid IN (…)": SQLite would ask the index once for every row that holds the other terms.
            unfinished += f" INTERSECT SELECT rowid FROM {stems} WHERE {stems} MATCH %s"
            all_params.append(all_of(tuple(others)))
        sql += f" UNION SELECT rowid FROM ({unfinished})"
    return sql, all_params


def matching_ids(index: Index, words: Words, columns: str) -> tuple[str, list[str]]:
    """Return the SQL for these ids as one value, and its parameters."""
    sql, params = matching(index, words, columns)
    return f"(SELECT group_concat(id, ' ') FROM ({sql}))", params


def naming_ids(index: Index, words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the SQL for the ids of the documents with a name of just these words, as one value, and its parameters."""
    table = f"{index.table}_words"
    name = SearchTerm((NAME_END, *words, NAME_END))
    sql = f"SELECT group_concat(rowid, ' ') FROM {table} WHERE {table} MATCH %s"
    return f"({sql})", [f"{index.columns[0]} : {quoted(name)}"]


def stressing_ids(index: Index, words: Words) -> tuple[str, list[str]]:
    """Return the SQL for the ids of the documents that stress each of the words, as one value, and its parameters.

    A word is stressed where a column up to the stressed one holds it, or the one behind that holds it twice.
    """
    here, behind = index.columns.partition(index.stressed)[::2]
    held = (
        f"SELECT rowid AS id FROM {index.table} WHERE {index.table} MATCH %s "
        f"UNION SELECT doc FROM {index.table}_mentions "
        f"WHERE col = '{behind[0]}' AND term IN (SELECT value FROM json_each(%s)) "
        f"GROUP BY doc, term HAVING count(*) > 1"
    )
    parts, params = [], []
    for term in words.terms:
        single = [stem(form.text) for form in term.forms if len(form.words) == 1]
        parts.append(f"SELECT id FROM ({held})")
        params += [f"{scoped(here + index.stressed)}{any_form(term)}", json.dumps(single)]
    return f"(SELECT group_concat(id, ' ') FROM ({' INTERSECT '.join(parts)}))", params


def known(indexes: Sequence[Index], phrases: Sequence[str]) -> tuple[str, list[str]]:
    """Return the SQL for the numbers of the phrases that a document holds, from 1, as one value, and its parameters."""
    held = " OR ".join(
        f"EXISTS (SELECT 1 FROM {index.table} WHERE {index.table} MATCH '\"' || value || '\"')"
        for index in indexes
    )
    return f"(SELECT group_concat(key + 1, ' ') FROM json_each(%s) WHERE {held})", [
        json.dumps(phrases)
    ]


def read_ids(value: str | int | None) -> list[int]:
    """Return the ids that the database gave as one value."""
    return [int(text) for text in str(value or "").split()]


def scoped(columns: str) -> str:
    """Return the words of FTS5's language by which what follows is looked for in these columns."""
    return "{" + " ".join(columns) + "} : "


def any_form(term: SearchTerm) -> str:
    """Return the term in FTS5's language: any of its forms will do."""
    return f"({' OR '.join(map(quoted, term.forms))})"


def quoted(term: SearchTerm) -> str:
    """Return the term as a phrase of FTS5's language; its words hold letters and digits only."""
    return f'"{term.text}"'
