"""Words are found and marked in every script, however their letters are written."""

import unicodedata

import pytest

from catalog.search import marked, parse

from ..factories import ProgramFactory
from .finds import names


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        *(
            ("가족 지원", "가족"),
            ("परिवार सहायता", "परिवार"),
            ("ΛΌΓΟΣ", "λόγος"),
            ("λογος", "ΛΌΓΟΣ"),
        ),
        *(
            ("أسرة", "اسرة"),
            ("がくしゅう", "か\u3099くしゅう"),
            ("Straße", "strasse"),
            ("Łódź", "łodz"),
        ),
        # Other forms of Latin letters and digits.
        *(
            ("oﬃces", "office"),
            ("ﬁrst", "first"),
            ("ＡＢＣ", "abc"),
            ("m²", "m2"),
            ("e\u0301lan", "Élan"),
        ),
        ("office", "oﬃce"),
    ],
)
def test_words_are_found_and_marked_whatever_their_letters_look_like(db, written, asked):
    ProgramFactory(name=f"On {written} too")
    ProgramFactory(name="Calm™")

    for way in ("NFC", "NFD"):
        assert names(f"{unicodedata.normalize(way, asked)} too") == [f"On {written} too"]
    word = written.split()[0]
    assert marked(written, parse(f"{asked} too")).startswith(f"<mark>{word}</mark>")
    assert names("calm") == ["Calm™"]
