"""Full-text search by PostgreSQL's own, with GIN indexes.

A configuration of ours, and not "english", because both databases are to find the same: the same words (no hyphens,
host names or signs), the same stems (Porter's of 1980, as in FTS5), no stop words, accents ignored. It needs no
extension. For each column there is a vector of it and all weightier ones, with stems and whole words: asking a vector
is answered by its index alone, where asking one vector by weight would read every document found.
"""

from collections.abc import Iterator

from .documents import Index, Source
from .words import Term, Words

TOKENS = (
    "asciihword, asciiword, email, file, float, host, hword, hword_asciipart, hword_numpart, hword_part, int, "
    "numhword, numword, sfloat, uint, url, url_path, version, word"
)
# Everything that is no letter or digit: ASCII, Latin-1, and the blocks of punctuation and symbols.
NO_LETTERS = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
    r"\u2000-\u2bff\u3000-\u303f]+"
)
EVENTS = {
    "INSERT": ("NEW TABLE AS new_rows", "SELECT {0} FROM new_rows"),
    "UPDATE": (
        "NEW TABLE AS new_rows OLD TABLE AS old_rows",
        "SELECT {0} FROM new_rows UNION SELECT {0} FROM old_rows",
    ),
    "DELETE": ("OLD TABLE AS old_rows", "SELECT {0} FROM old_rows"),
}
ALL_IDS = "string_agg(id::text, ' ')"


def setup() -> Iterator[str]:
    """Yield what all indexes need: the stems, the folding of letters, and the vector of a text."""
    # A search path may lead to several schemas; ours are those that it finds.
    yield f"""DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_ts_config WHERE cfgname = 'catalog_stems' AND pg_ts_config_is_visible(oid)) THEN
            CREATE TEXT SEARCH DICTIONARY catalog_stem (TEMPLATE = snowball, LANGUAGE = porter);
            CREATE TEXT SEARCH CONFIGURATION catalog_stems (PARSER = default);
            ALTER TEXT SEARCH CONFIGURATION catalog_stems ADD MAPPING FOR {TOKENS} WITH catalog_stem;
            CREATE TEXT SEARCH CONFIGURATION catalog_words (PARSER = default);
            ALTER TEXT SEARCH CONFIGURATION catalog_words ADD MAPPING FOR {TOKENS} WITH simple;
        END IF; END $$"""
    yield rf"""CREATE OR REPLACE FUNCTION catalog_fold(content text) RETURNS text
        LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN regexp_replace(
            regexp_replace(lower(normalize(content, NFD)), '[\u0300-\u036f]', '', 'g'), '{NO_LETTERS}', ' ', 'g')"""
    # The sign between two parts keeps a phrase from beginning in one and ending in the next.
    yield """CREATE OR REPLACE FUNCTION catalog_vector(content text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
            to_tsvector('catalog_stems', catalog_fold(content)) || '''¶'':1'::tsvector
            || to_tsvector('catalog_words', catalog_fold(content)) || '''¶'':1'::tsvector"""


def tables(index: Index) -> Iterator[str]:
    """Yield the SQL that makes the index's tables where they are missing."""
    vectors = ", ".join(f"{column} tsvector NOT NULL" for column in index.columns)
    yield (
        f"CREATE TABLE IF NOT EXISTS {index.table} (id bigint PRIMARY KEY, digest text NOT NULL, {vectors})"
    )
    for column in index.columns:
        name = f"{index.table}_{column}"
        yield f"CREATE INDEX IF NOT EXISTS {name} ON {index.table} USING gin ({column})"


def digest(index: Index) -> str:
    return f"md5(concat_ws(chr(31), {', '.join(index.columns)}))"


def refresh(index: Index, documents: str, ids: str = "") -> Iterator[str]:
    """Yield the SQL that makes the documents anew: those whose ids the SQL ids gives, or all. What is right stays."""
    columns = index.columns
    vectors = ", ".join(" || ".join(columns[: i + 1]) for i in range(len(columns)))
    of_each = ", ".join(f"catalog_vector({column}) AS {column}" for column in columns)
    updates = ", ".join(f"{column} = excluded.{column}" for column in columns)
    asked = f"WHERE id IN ({ids})" if ids else ""
    yield (
        f"DELETE FROM {index.table} t WHERE NOT EXISTS (SELECT FROM ({documents}) s WHERE s.id = t.id)"
        + (f" AND id IN ({ids})" if ids else "")
    )
    yield f"""INSERT INTO {index.table} (id, digest, {", ".join(columns)})
        SELECT id, digest, {vectors} FROM (
            SELECT id, digest, {of_each} FROM (SELECT *, {digest(index)} AS digest FROM ({documents}) s {asked}) s
            WHERE NOT EXISTS (SELECT FROM {index.table} t WHERE t.id = s.id AND t.digest = s.digest)
            OFFSET 0) s
        ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, {updates}"""


def triggers(index: Index, documents: str, source: Source) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the table and the SQL of each trigger."""
    for event, (transition, rows) in EVENTS.items():
        name = f"{index.table}_{source.table}_{event.lower()}"
        ids = source.documents.format(changed=rows.format(source.column))
        body = ";\n".join(refresh(index, documents, ids))
        yield (
            name,
            source.table,
            f"""
            CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
            BEGIN {body}; RETURN NULL; END $body$;
            CREATE OR REPLACE TRIGGER {name} AFTER {event} ON {source.table}
            REFERENCING {transition} FOR EACH STATEMENT EXECUTE FUNCTION {name}()""",
        )
    name = f"{index.table}_{source.table}_truncate"
    body = ";\n".join(refresh(index, documents))
    yield (
        name,
        source.table,
        f"""
        CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN {body}; RETURN NULL; END $body$;
        CREATE OR REPLACE TRIGGER {name} AFTER TRUNCATE ON {source.table}
        FOR EACH STATEMENT EXECUTE FUNCTION {name}()""",
    )


def stale(index: Index, documents: str) -> str:
    """Return the SQL for the ids of the documents that are missing, left over or wrong."""
    return f"""SELECT coalesce(t.id, s.id) AS id FROM {index.table} t
        FULL JOIN (SELECT id, {digest(index)} AS digest FROM ({documents}) s) s ON s.id = t.id
        WHERE s.digest IS DISTINCT FROM t.digest"""


def matching(index: Index, words: Words, columns: str) -> tuple[str, list[str]]:
    """Return the SQL for the ids of the documents in which these columns hold the words, and its parameters.

    columns are the first few of the index's: their vector is the last one's.
    """
    conditions: list[str] = []
    params: list[str] = []
    for term in words.terms:
        condition = "phraseto_tsquery('catalog_stems', %s)"
        params.append(term.text)
        if term.is_prefix:
            condition = f"({condition} || %s::tsquery)"
            params.append(beginning(term))
        conditions.append(f"{columns[-1]} @@ {condition}")
    for term in words.excluded:
        conditions.append(
            f"id NOT IN (SELECT id FROM {index.table} "
            f"WHERE {index.columns[-1]} @@ phraseto_tsquery('catalog_stems', %s))"
        )
        params.append(term.text)
    return f"SELECT id FROM {index.table} WHERE {' AND '.join(conditions)}", params


def beginning(term: Term) -> str:
    """Return the term as a tsquery whose last word may go on; its words hold letters and digits only."""
    return " <-> ".join(f"'{word}'" for word in term.words) + ":*"
