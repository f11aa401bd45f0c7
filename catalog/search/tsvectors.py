"""How PostgreSQL reads a text: its words and stems, and which of them stand side by side."""

from collections.abc import Iterator

from .words import MARKS

TOKENS = (
    "asciihword, asciiword, email, file, float, host, hword, hword_asciipart, hword_numpart, hword_part, int, "
    "numhword, numword, sfloat, uint, url, url_path, version, word"
)
# Everything that is no letter, digit or space: ASCII, Latin-1, and the blocks of punctuation and symbols.
NO_LETTERS = (
    r"[\u0001-\u001f\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf"
    r"\u2000-\u2bff\u3000-\u303f]"
)


def functions() -> Iterator[str]:
    """Yield the SQL of the stems, the folding of letters, and what is made of a text."""
    # A search path may lead to several schemas; ours are those that it finds.
    yield f"""DO $$ BEGIN
        IF NOT EXISTS (SELECT FROM pg_ts_config WHERE cfgname = 'catalog_stems' AND pg_ts_config_is_visible(oid)) THEN
            CREATE TEXT SEARCH DICTIONARY catalog_stem (TEMPLATE = snowball, LANGUAGE = porter);
            CREATE TEXT SEARCH CONFIGURATION catalog_stems (PARSER = default);
            ALTER TEXT SEARCH CONFIGURATION catalog_stems ADD MAPPING FOR {TOKENS} WITH catalog_stem;
            CREATE TEXT SEARCH CONFIGURATION catalog_words (PARSER = default);
            ALTER TEXT SEARCH CONFIGURATION catalog_words ADD MAPPING FOR {TOKENS} WITH simple;
        END IF; END $$"""
    yield rf"""CREATE OR REPLACE FUNCTION catalog_folded(content text) RETURNS text
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
        BEGIN
            IF octet_length(content) > length(content) THEN -- Plain ASCII has no marks.
                -- Before: the letters of ™ are no word.
                content := normalize(regexp_replace(content, '{NO_LETTERS}', ' ', 'g'), NFKD);
                content := normalize(regexp_replace(content, '[{MARKS}]', '', 'g'), NFC);
                content := replace(replace(lower(content), 'ς', 'σ'), 'ß', 'ss');
            END IF;
            RETURN regexp_replace(lower(content), '{NO_LETTERS}', ' ', 'g');
        END $body$"""
    # The sign keeps a phrase from beginning among the stems and ending among the words.
    yield r"""CREATE OR REPLACE FUNCTION catalog_vector(content text) RETURNS tsvector
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
        BEGIN
            content := catalog_folded(content);
            RETURN to_tsvector('catalog_stems', content) || '''¶'':1'::tsvector
                || to_tsvector('catalog_words', content);
        END $body$"""
    # Of each two words that stand side by side, by their stems: 64 bits, which no two pairs share by chance.
    yield """CREATE OR REPLACE FUNCTION catalog_pairs(content text, weight integer) RETURNS bigint[]
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
        DECLARE stems text[];
        BEGIN
            content := catalog_folded(content);
            IF octet_length(content) > length(content) THEN
                content := regexp_replace(content, '[^[:alnum:]]+', ' ', 'g');
            END IF;
            stems := ARRAY(
                SELECT (ts_lexize('catalog_stem', word))[1]
                FROM unnest(string_to_array(content, ' ', '')) word WHERE word IS NOT NULL
            );
            RETURN ARRAY(
                SELECT hashtextextended(one || ' ' || next, weight)
                FROM unnest(stems, stems[2:]) pair (one, next) WHERE next IS NOT NULL
            );
        END $body$"""
    # Of a vector as it is made above, the stems that are there twice; without the places of phrases.
    yield """CREATE OR REPLACE FUNCTION catalog_repeated(vector tsvector) RETURNS tsvector
        LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $body$
        DECLARE place integer := (SELECT positions[1] FROM unnest(vector) WHERE lexeme = '¶');
        BEGIN
            RETURN array_to_tsvector(ARRAY(SELECT lexeme FROM unnest(vector) WHERE positions[2] < place));
        END $body$"""
