"""What words mean that a filter knows is offered as a link that asks for it."""

import pytest

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import read

pytestmark = pytest.mark.once


@pytest.fixture
def program(db):
    area = TopicAreaFactory(name="Home Visiting", slug="home-visiting", abbreviation="HV")
    area.experts.add(TopicExpertFactory(name="Ginny Sprang", slug="ginny-sprang"))
    program = ProgramFactory(
        name="Calm", slug="calm", child_age_min=0, child_age_max=25, languages=["Spanish", "Hmong"]
    )
    RatingFactory(program=program, topic_area=area, scientific_rating="NR")
    return program


@pytest.mark.parametrize(
    ("typed", "filters", "address"),
    [
        ("7 year old", "Child’s age: 7", "?age=7"),
        ("for a 7-year-old", "Child’s age: 7", "?age=7"),
        ("anxiety 7 yo", "Child’s age: 7, with “anxiety”", "?q=anxiety&age=7"),
        ("ages 6 to 12", "Child’s age: 6 to 12", "?age=6-12"),
        ("aged 6–12 years", "Child’s age: 6 to 12", "?age=6-12"),
        ("ages 6 to 12 years old", "Child’s age: 6 to 12", "?age=6-12"),
        ("4-6 year olds", "Child’s age: 4 to 6", "?age=4&age=5&age=6"),
        ("Spanish", "Language: Spanish", "?language=spanish"),
        (
            "spanish or hmong calm",
            "Language: Hmong; Language: Spanish, with “or calm”",
            "?q=or+calm&language=hmong&language=spanish",
        ),
        ("NR", "Scientific rating: NR Not able to be Rated", "?rating=NR"),
        ("nr", "Scientific rating: NR Not able to be Rated", "?rating=NR"),
        (
            "calm rated nr",
            "Scientific rating: NR Not able to be Rated, with “calm”",
            "?q=calm&rating=NR",
        ),
        ("hv", "Topic area: Home Visiting", "?topic=home-visiting"),
        ("Ginny Sprang", "Topic expert: Ginny Sprang", "?expert=ginny-sprang"),
        ("sprang", "Topic expert: Ginny Sprang", "?expert=ginny-sprang"),
    ],
)
def test_words_that_a_filter_knows_are_offered_as_that_filter(
    client, program, typed, filters, address
):
    page = read(client.get("/programs/", {"q": typed}))

    offered = page.one("p", id="meaning")
    assert offered.links == [(filters, address)]
    # Where words are left, it would take a search to count.
    assert offered.text.endswith(" (1 program)") == ("q=" not in address)
    assert client.get(f"/programs/{address}").status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        # In quotation marks, left out, chosen already, of no program, of nobody.
        *('"Spanish"', "calm -spanish", "-spanish", "French", "30 year old", "12 to 6 year olds"),
        *("7 years of practice", "level 1", "genre", "calm", "-sprang", "ginny -sprang"),
        *("calm \N{NON-BREAKING HYPHEN}spanish", "calm \N{EN DASH}NR"),
    ],
)
def test_other_words_are_no_filter(client, program, typed):
    page = read(client.get("/programs/", {"q": typed}))

    assert page.all("p", id="meaning") == []


def test_filter_that_is_chosen_is_not_offered(client, program):
    page = read(client.get("/programs/?q=Spanish&language=spanish"))

    assert page.all("p", id="meaning") == []


@pytest.mark.parametrize("typed", ["10.1093/SW/52.1.63", "https://doi.org/10.1093/sw/52.1.63."])
def test_doi_finds_its_reference_and_the_programs_that_cite_it(client, program, typed):
    reference = ReferenceFactory(doi="10.1093/sw/52.1.63", title="Prevalence")
    StudyFactory(program=program, reference=reference)

    others = read(client.get("/programs/", {"q": typed})).one("div", class_="others")

    assert others.one("summary").text == "The reference with this DOI"
    assert ("Calm", "/programs/calm/") in others.links


def test_what_is_only_left_out_matches_nothing_else(client, program):
    ReferenceFactory(title="Prevalence")
    StudyFactory(program=program, reference__title="Outcomes of parents")

    page = read(client.get("/programs/?q=-parent"))

    assert page.all("div", class_="others") == []
