"""What a visitor types is read as it is meant, and marked where it stands."""

import re

import pytest
from django.utils.html import escape
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.search import excerpt, marked, parse

from ..factories import ProgramFactory
from ..plain_words import holds_as_written, plain_words
from .finds import names
from .queries import WORDS, queries


@pytest.mark.parametrize(
    ("q", "terms", "excluded"),
    [
        ("the calm", ["calm"], []),
        ("the of", ["the", "of"], []),
        ('"the calm"', ["the calm"], []),
        ("calm calm calm", ["calm", "calm"], []),  # the last one may be unfinished
        ("TF-CBT -well-being", ["tf cbt"], ["well being"]),
        (" ".join(f"w{n}" for n in range(30)), [f"w{n}" for n in range(20)], []),
    ],
)
def test_words_are_parsed(q, terms, excluded):
    words = parse(q)

    assert [term.text for term in words.terms] == terms
    assert [term.text for term in words.excluded] == excluded


@pytest.mark.once
@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        # Signs as phones, word processors and the sources of pages have them.
        ("calm –school", "calm -school"),
        ("calm —school", "calm -school"),
        ("calm − school", "calm school"),
        ("″calm school″", '"calm school"'),
        ("＂calm school＂", '"calm school"'),
        ("R&amp;D", "R&D"),
        ("&quot;calm school&quot;", '"calm school"'),
        ("parents&note", "parents-note"),
    ],
)
def test_signs_are_read_as_they_are_meant(typed, meant):
    def told(words):
        return [[term.words for term in terms] for terms in (words.terms, words.excluded)]

    assert told(parse(typed)) == told(parse(meant))


COMPOUNDS = [
    ["wellbeing", "well being", "well-being"],
    ["followup", "follow up", "follow-up", "follow-ups"],
    ["4h", "4-H"],
    ["12step", "12-step"],
    ["oconnor", "O'Connor"],
    ["dont", "don't"],
    ["coparenting", "co-parenting"],
]
SPELLINGS = [
    *(["behaviour", "behavior"], ["organisation", "organization"], ["programme", "programs"]),
    *(["counselling", "counseling"], ["centre", "center"], ["paediatric", "pediatric"]),
    *(["analyse", "analyze"], ["enrolment", "enrollment"], ["practised", "practiced"]),
    *(["child", "children"], ["grandchildren", "grandchild"], ["woman", "women"]),
    *(["people", "person"], ["wife", "wives"], ["crisis", "crises"], ["yourself", "yourselves"]),
]


@pytest.mark.parametrize("ways", [*COMPOUNDS, *SPELLINGS], ids=lambda ways: ways[0])
def test_ways_to_write_a_word_are_one(db, ways):
    for way in ways:
        ProgramFactory(name=f"In {way} too")
    ProgramFactory(name="None")

    assert {asked: len(names(asked)) for asked in ways} == dict.fromkeys(ways, len(ways))
    assert names(f"in -{ways[0]}") == []
    phrases = {asked: len(names(f'"{asked} too"')) for asked in ways}
    assert phrases == dict.fromkeys(ways, len(ways))


def test_other_ways_to_write_a_word_are_marked(client, db):
    ProgramFactory(name="Staff well-being")

    page = client.get("/programs/?q=wellbeing").content.decode()

    assert "Staff <mark>well-being</mark>" in page


# --- Marks -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "q", "html"),
    [
        (
            "Training trained trains",
            "train",
            "<mark>Training</mark> <mark>trained</mark> <mark>trains</mark>",
        ),
        ("Élan vital", "elan", "<mark>Élan</mark> vital"),
        (
            "<b>calm</b> & calm",
            "calm",
            "&lt;b&gt;<mark>calm</mark>&lt;/b&gt; &amp; <mark>calm</mark>",
        ),
        ("Parenting", "parenti", "<mark>Parenting</mark>"),
        ("quiet house, quiet", '"quiet house"', "<mark>quiet house</mark>, quiet"),
        ("well-being", "well-being", "<mark>well-being</mark>"),
        ("nothing", "calm", "nothing"),
    ],
)
def test_words_are_marked_in_escaped_text(text, q, html):
    assert marked(text, parse(q)) == html


@given(st.text(max_size=80), queries)
def test_marking_changes_nothing_but_the_marks(text, q):
    assert re.sub("</?mark>", "", marked(text, parse(q))) == escape(text)


single_words = st.sampled_from([word for text in WORDS for word in plain_words(text)])


@given(
    st.lists(single_words | st.text("aeinst", min_size=2, max_size=7), max_size=8),
    single_words | st.text("aeinst", min_size=2, max_size=5),
)
@example(["filing", "file", "sensibility", "sensible", "hopping", "hop"], "sensible")
@example(["relational", "relate", "families", "family", "familiar"], "family")
def test_each_word_is_marked_that_the_search_finds(texts, asked):
    html = marked(" ".join(texts), parse(asked))

    assert html.split() == [
        f"<mark>{word}</mark>" if holds_as_written(word, asked, is_last=len(asked) > 1) else word
        for word in texts
    ]


def test_excerpt_is_the_part_that_holds_the_words():
    text = (
        " ".join(f"word{n}" for n in range(100))
        + " calm "
        + " ".join(f"end{n}" for n in range(100))
    )

    shown = excerpt(text, parse("calm").terms)

    before = " ".join(f"word{n}" for n in range(88, 100))
    after = " ".join(f"end{n}" for n in range(32))
    assert shown == f"… {before} calm {after} …"
    assert excerpt("calm at once", parse("calm").terms) == "calm at once"
    assert excerpt(text, ()) == " ".join(f"word{n}" for n in range(45)) + " …"
