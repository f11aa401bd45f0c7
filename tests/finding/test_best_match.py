"""Which programs stand first for words, which follow where few hold them all, and what the list says of it."""

import pytest

from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory
from ..pages import read
from .list_page import found, programs_in


def test_best_match_is_an_exact_name_then_names_areas_texts_and_details(db):
    def program(name, level="NR", area="Elsewhere", **texts):
        by_name = TopicAreaFactory._meta.model.objects.filter(name=area).first()
        RatingFactory(
            program=ProgramFactory(name=name, **texts),
            topic_area=by_name or TopicAreaFactory(name=area),
            scientific_rating=level,
        )

    program("Other names", also_known_as=["Quiet House", "Men"])
    program("Men and boys")
    program("Mentoring", "1")
    program("Placed low", "5", "Groups for men")
    program("Placed high", "1", "Groups for men")
    program("Placed by a beginning", "1", "Mentors")
    program("Goal", goals="For men.")
    program("Said twice", description="Men help men.")
    program("Said once", "1", description="Fathers and other men.")
    program("Said by a beginning", "1", description="Mental health")
    program("Detail", "1", intensity="Groups of men")

    assert found("/programs/?q=men") == [
        *("Other names", "Men and boys", "Mentoring"),
        *("Placed high", "Placed low", "Placed by a beginning"),
        *("Goal", "Said twice", "Said once", "Said by a beginning"),
        "Detail",
    ]


def test_topic_area_that_matches_decides_and_stands_first(client, db):
    violence = TopicAreaFactory(name="Family Violence")
    other = TopicAreaFactory(name="Other")
    for here, there in (("5", "1"), ("2", "NR"), ("NR", "3")):
        program = ProgramFactory(name=f"Rated {here} here")
        RatingFactory(program=program, topic_area=violence, scientific_rating=here)
        RatingFactory(program=program, topic_area=other, scientific_rating=there)

    page = read(client.get("/programs/?q=family+violence"))

    cards = page.one("ol", class_="programs").all("li", class_="program")
    first = [card.one("div", class_="program-ratings").all("p")[0].text for card in cards]
    assert first == [
        "Scientific rating 2: Family Violence Supported",
        "Scientific rating 5: Family Violence Concerning Practice",
        "Scientific rating NR: Family Violence Not able to be Rated",
    ]
    # A filter that asks for a rating says which one counts.
    assert found(f"/programs/?q=family+violence&topic={other.slug}") == [
        f"Rated {here} here" for here in ("5", "NR", "2")
    ]


def test_words_of_two_areas_are_no_match_of_areas(db):
    both = ProgramFactory(name="Both")
    one = ProgramFactory(name="One")
    for name, program in (("Calm", both), ("School", both), ("Calm school", one)):
        RatingFactory(
            program=program, topic_area=TopicAreaFactory(name=name), scientific_rating="1"
        )

    assert found("/programs/?q=calm+school") == ["One", "Both"]


@pytest.fixture
def calm(db):
    ProgramFactory(name="Calm quiet schools")
    ProgramFactory(name="Calm schools", relevance_level="high")
    ProgramFactory(name="Quiet")
    ProgramFactory(name="Calm house school", status="draft")


def test_where_few_hold_all_words_those_that_hold_half_follow(client, calm):
    page = read(client.get("/programs/?q=calm+quiet+school"))

    assert page.one("h2", id="count").text == "1 program for “calm quiet school”"
    assert page.one("h2", id="following").text == "Programs with some of these words"
    following = page.one("ol", class_="programs-following")
    assert [item.one("h3").text for item in following.all("li", class_="program")] == [
        "Calm schools"
    ]
    # Filters and words that are left out hold for them, too.
    for narrower in ("&relevance=low", "+-schools"):
        narrowed = read(client.get(f"/programs/?q=calm+quiet+school{narrower}"))
        assert "Calm schools" not in narrowed.main.text
    assert programs_in(read(client.get("/programs/?q=calm")), "programs-following") == []


def test_none_follow_five_that_hold_all_words(client, calm):
    ProgramFactory.create_batch(4, name="Calm quiet schools")

    page = read(client.get("/programs/?q=calm+quiet+school"))

    assert page.all("h2", id="following") == []
