"""An empty list says what to change, and each of its links leads to as many programs as it promises."""

import re

import pytest
from hypothesis import assume, given

from ..conftest import StrictClient
from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory
from ..pages import read
from .catalogs import catalogs, questions, stored
from .list_page import ask
from .oracle import expected, known_part


def help_on(address):
    """Return what an empty list offers: words, address and promised number of programs for each link."""
    page = read(StrictClient().get(address, follow=True))
    (box,) = page.all("div", class_="nothing")
    offers = []
    for part in (*box.all("p", class_="lead"), *box.all("li")):
        ((words, address),) = part.links
        offers.append(
            (
                words,
                address,
                int(re.search(r"\((\d+) programs?( without the filters)?\)$", part.text)[1]),
            )
        )
    return offers


@pytest.mark.django_db
@given(catalogs, questions)
def test_each_way_out_leads_to_as_many_programs_as_it_says(catalog, asked):
    kept, _ = known_part(catalog, asked)
    assume(expected(catalog, kept) == [])
    with stored(catalog):
        assume(ask("/programs/")[0])

        for words, address, promised in help_on(asked.address):
            assert promised == len(ask(f"/programs/{address}")[0]) > 0, words


@pytest.fixture
def one_program(db):
    area = TopicAreaFactory(name="Resilience", slug="resilience")
    program = ProgramFactory(name="Sanctuary Model", description="Trauma and stress.")
    RatingFactory(program=program, topic_area=area, scientific_rating="3")


@pytest.mark.parametrize(
    ("query", "offers"),
    [
        # A filter to drop.
        (
            "topic=resilience&rating=1",
            [
                (
                    "Without Scientific rating: Well-Supported by Research Evidence",
                    "?topic=resilience",
                )
            ],
        ),
        # A word to drop, or all words.
        (
            "q=trauma+zebra",
            [("Without the words", "?"), ("Without the word “zebra”", "?q=trauma")],
        ),
        # What becomes the last word may be unfinished.
        ("q=traum+zebra", [("Without the words", "?"), ("Without the word “zebra”", "?q=traum")]),
        # Two filters are in the way: none alone helps.
        ("rating=1&age=7", []),
        # Slips of one or two letters, in the names of programs and of topic areas.
        ("q=sanctaury", [("sanctuary", "?q=sanctuary"), ("Without the words", "?")]),
        ("q=resilence", [("resilience", "?q=resilience"), ("Without the words", "?")]),
        (
            "q=sanctuary+modle",
            [
                ("sanctuary model", "?q=sanctuary+model"),
                ("Without the words", "?"),
                ("Without the word “modle”", "?q=sanctuary"),
            ],
        ),
        # Under the filters the words that were meant find nothing either: they go with the filters left out.
        ("q=sanctaury&rating=1", [("sanctuary", "?q=sanctuary")]),
        # A slip in a text is none in a name; three letters are too many; so is one in a short word.
        ("q=strses", [("Without the words", "?")]),
        ("q=zzzctuary", [("Without the words", "?")]),
    ],
)
def test_empty_list_offers_what_to_change(one_program, query, offers):
    assert [(words, address) for words, address, _ in help_on(f"/programs/?{query}")] == offers


def test_empty_catalog_says_so(client, db):
    page = read(client.get("/programs/"))

    assert page.one("h2", id="count").text == "0 programs"
    assert "No program is published yet." in page.main.text
