"""Full-text search by SQLite's FTS5.

Its own stems are not those of PostgreSQL and of our marks, and Python cannot give it others. So words are indexed as
they are, and a word that is looked for stands for all stored words of the same stem.
"""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from math import prod

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from .documents import NAME_END, Index, Source, Trigger
from .questions import values_of
from .words import SearchTerm, Words, WordsOfTerm, beginning, folded, stem

# A word goes on over marks, such as vowel signs.
TOKENIZER = "unicode61 remove_diacritics 2 categories 'L* N* Co Mn Mc'"
# The first letter that is not ASCII.
FIRST_TO_FOLD = "\x80"
VOCABULARIES = {"_words": "row", "_places": "instance"}
# Phrases of stored words by which one phrase is looked for.
MOST_PHRASES = 100
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
    ours = ", ".join(f"'{index.table}{suffix}'" for suffix in ("", *VOCABULARIES))
    return (
        f"SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%' "
        f"AND name LIKE '{index.label}%' AND name NOT IN ({ours})"
    )


def tables(index: Index, documents: str) -> Iterator[str]:
    """Yield the SQL that makes the index's tables where they are missing."""
    columns = ", ".join(index.columns)
    yield (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS {index.table} "
        f"USING fts5({columns}, tokenize=\"{TOKENIZER}\", prefix='2 3')"
    )
    # Its words, each once, and each place in which one stands.
    for suffix, kind in VOCABULARIES.items():
        yield (
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {index.table}{suffix} "
            f"USING fts5vocab({index.table}, {kind})"
        )


def refresh(index: Index, documents: str, ids: str) -> Iterator[str]:
    """Yield the SQL that makes the documents anew whose ids the SQL ids gives."""
    columns = ", ".join(index.columns)
    yield f"DELETE FROM {index.table} WHERE rowid IN ({ids})"
    yield (
        f"INSERT INTO {index.table}(rowid, {columns}) "
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
    ours = f"SELECT rowid AS id, {columns} FROM {index.table}"
    ours += f" WHERE rowid IN ({ids})" if ids else ""
    return (
        f"SELECT id FROM ({ours} EXCEPT {right}) UNION ALL SELECT id FROM ({right} EXCEPT {ours})"
    )


def matching(index: Index, words: Words, columns: str) -> tuple[str, list[str]]:
    """Return the SQL for the ids of the documents in which these columns hold the words, and its parameters.

    What is to be left out is looked for in the same columns.
    """
    table, conditions, params = index.table, [], []
    if words.terms:
        conditions.append(f"{table} MATCH %s")
        params.append(f"{scoped(columns)}({' AND '.join(map(any_form, words.terms))})")
    if words.excluded:
        conditions.append(f"rowid NOT IN (SELECT rowid FROM {table} WHERE {table} MATCH %s)")
        params.append(f"{scoped(columns)}({' OR '.join(map(any_form, words.excluded))})")
    return f"SELECT rowid AS id FROM {table} WHERE {' AND '.join(conditions)}", params


def matching_ids(index: Index, words: Words, columns: str) -> tuple[str, list[str]]:
    """Return the SQL for these ids as one value, and its parameters."""
    sql, params = matching(index, words, columns)
    return f"(SELECT group_concat(id, ' ') FROM ({sql}))", params


def naming_ids(index: Index, words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the SQL for the ids of the documents with a name of just these words, as one value, and its parameters."""
    name = SearchTerm((NAME_END, *words, NAME_END))
    sql = f"SELECT group_concat(rowid, ' ') FROM {index.table} WHERE {index.table} MATCH %s"
    return f"({sql})", [f"{index.columns[0]} : {quoted(name)}"]


def stressing_ids(index: Index, words: Words) -> tuple[str, list[str]]:
    """Return the SQL for the ids of the documents that stress each of the words, as one value, and its parameters.

    A word is stressed where a column up to the stressed one holds it, or the one behind that holds it twice.
    """
    before, _, behind = index.columns.partition(index.stressed)
    held = (
        f"SELECT rowid AS id FROM {index.table} WHERE {index.table} MATCH %s "
        f"UNION SELECT doc FROM json_each(%s) word CROSS JOIN {index.table}_places place "
        f"ON place.term = word.key WHERE col = '{behind[0]}' GROUP BY doc, word.value HAVING count(*) > 1"
    )
    parts, params = [], []
    for term in words.terms:
        stems = {
            word: form.text for form in term.forms if len(form.words) == 1 for word in ways(form)[0]
        }
        parts.append(f"SELECT id FROM ({held})")
        params += [f"{scoped(before + index.stressed)}{any_form(term)}", json.dumps(stems)]
    return f"(SELECT group_concat(id, ' ') FROM ({' INTERSECT '.join(parts)}))", params


def read_stored(
    indexes: Sequence[Index], wanted: Sequence[WordsOfTerm], guesses: Sequence[WordsOfTerm]
) -> dict[WordsOfTerm, tuple[tuple[str, ...], ...]]:
    """Return the stored words for each word of these terms; no term with a word that is not stored. One query.

    They are those of the same stem, which all begin alike: but for letters that FTS5 does not fold.
    """
    words = {word for term in (*wanted, *guesses) for word in term}
    ranges = {letters: letters for letters in map(beginning, words)}
    ranges |= {f"{b[:n]}{FIRST_TO_FOLD}": b[:n] for b in list(ranges) for n in range(len(b))}
    stored = " UNION ".join(
        f"SELECT term FROM json_each(%s) word CROSS JOIN {index.table}_words "
        f"ON term >= word.key AND term < word.value || char({sys.maxunicode})"
        for index in indexes
    )
    asked = json.dumps(ranges)
    question = f"(SELECT group_concat(term, ' ') FROM ({stored}))", [asked] * len(indexes)
    (value,) = values_of([question])
    by_stem: defaultdict[str, list[str]] = defaultdict(list)
    for word in sorted((value or "").split()):
        by_stem[stem(folded(word))].append(word)
    ways = {word: tuple(by_stem[stem(word)]) for word in words}
    return {
        term: tuple(ways[word] for word in term)
        for term in (*wanted, *guesses)
        if all(ways[word] for word in term)
    }


def read_ids(value: str | int | None) -> list[int]:
    """Return the ids that the database gave as one value."""
    return [int(text) for text in str(value or "").split()]


def scoped(columns: str) -> str:
    """Return the words of FTS5's language by which what follows is looked for in these columns."""
    return "{" + " ".join(columns) + "} : "


def any_form(term: SearchTerm) -> str:
    """Return the term in FTS5's language: any of its forms will do, or what begins so if it may be unfinished."""
    forms = list(map(quoted, term.forms))
    if term.is_prefix:
        forms.append(f'"{term.text}" *')
    return f"({' OR '.join(forms)})"


def quoted(term: SearchTerm) -> str:
    """Return the term as a phrase of FTS5's language, with any stored word of a stem in the place of each word.

    Words hold letters and digits only. A long phrase is looked for in two parts that share a word: too many phrases
    would stand for the whole.
    """
    return phrase(ways(term))


def phrase(words: Sequence[Sequence[str]]) -> str:
    """Return any phrase of these words, of which some will do in each place, in FTS5's language."""
    if len(words) > 2 and prod(map(len, words)) > MOST_PHRASES:  # noqa: PLR2004 - two parts of two words
        middle = len(words) // 2
        return f"({phrase(words[: middle + 1])} AND {phrase(words[middle:])})"
    return f"({' OR '.join(f'"{" ".join(each)}"' for each in product(*words))})"


def ways(term: SearchTerm) -> tuple[tuple[str, ...], ...]:
    """Return the words that will do for each word of a term."""
    return term.stored or tuple((word,) for word in term.words)
