"""Words have one stem, whoever makes it: PostgreSQL, or the package that SQLite's search and the marks use."""

from itertools import product

import pytest
from django.db import connection

from catalog.demo.words import WORDS
from catalog.search import words_of
from catalog.search.words import stem

from ..factories import ProgramFactory
from .finds import names

# Every ending that Porter's algorithm knows, some that look like one, and some of two.
ENDINGS = """
s es ies ied sses ss eed ed ing ings ingly edly ly y i e er ers or ational ation ations ator tional enci ency anci ancy
izer izers abli ably bli bly alli ally entli ently eli ousli ously ization alism iveness fulness ousness aliti ality
iviti ivity biliti bility logi logy icate ative alize iciti icity ical ful ness al ance ence ic able ible ant ement ment
ent ion tion sion ou ism ate iti ous ive ize
"""


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite makes no stems")
def test_stems_of_a_hundred_thousand_words_are_those_of_postgresql(db):
    beginnings = {word for texts in WORDS.values() for text in texts for word in words_of(text)}
    words = sorted({one + other for one, other in product(beginnings, ["", *ENDINGS.split()])})
    assert len(words) > 100_000

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word, stem FROM unnest(%s::text[]) word, "
            "LATERAL (SELECT (ts_lexize('catalog_stem', word))[1] stem) s",
            [words],
        )
        stems = dict(cursor.fetchall())

    assert {word: stems[word] for word in words if stems[word] != stem(word)} == {}


@pytest.mark.parametrize(
    "words", [("ecology", "ecologies"), ("possibly", "possibli"), ("analogy", "analogi")]
)
def test_words_that_other_stemmers_take_apart_or_together_are_found_alike(db, words):
    for word in words:
        ProgramFactory(name=f"On {word} too")
    ProgramFactory(name="On ecological and possible analogues")

    assert [names(f"{word} too") for word in words] == [[f"On {w} too" for w in words]] * 2
