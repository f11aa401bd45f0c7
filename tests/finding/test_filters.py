"""Each rule of the program list's filters by itself."""

import pytest

from catalog.models import Status, TopicArea

from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, TopicExpertFactory
from ..pages import read
from .list_page import found

pytestmark = pytest.mark.once


@pytest.fixture
def rated_twice(db):
    """A program that is rated 1 in area a, by expert a, and NR in area b, by expert b."""
    program = ProgramFactory(name="Rated twice")
    for letter, level in [("a", "1"), ("b", "NR")]:
        area = TopicAreaFactory(slug=f"area-{letter}")
        area.experts.add(TopicExpertFactory(slug=f"expert-{letter}"))
        RatingFactory(program=program, topic_area=area, scientific_rating=level)
    RatingFactory(program__name="Rated elsewhere", scientific_rating="1")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("topic=area-a&rating=1", ["Rated twice"]),
        ("topic=area-b&rating=NR", ["Rated twice"]),
        ("topic=area-a&rating=NR", []),
        ("topic=area-b&rating=1", []),
        ("topic=area-a&topic=area-b&rating=1", ["Rated twice"]),
        ("topic=area-a&topic=area-b&rating=2&rating=NR", ["Rated twice"]),
        ("expert=expert-a&rating=1", ["Rated twice"]),
        ("expert=expert-a&rating=NR", []),
        ("expert=expert-a&topic=area-b", []),
        ("expert=expert-b&topic=area-b&rating=NR", ["Rated twice"]),
        ("rating=1", ["Rated elsewhere", "Rated twice"]),
    ],
)
def test_topic_rating_and_expert_ask_for_one_rating_that_has_them_all(rated_twice, query, names):
    assert found(f"/programs/?{query}") == names


def test_list_is_ordered_by_the_ratings_that_are_asked_for(rated_twice):
    RatingFactory(
        program__name="Rated 5",
        topic_area=TopicArea.objects.get(slug="area-b"),
        scientific_rating="5",
    )

    # In area b, the program that is rated 1 elsewhere is NR.
    assert found("/programs/?topic=area-b") == ["Rated 5", "Rated twice"]
    assert found("/programs/") == ["Rated elsewhere", "Rated twice", "Rated 5"]


@pytest.fixture
def assorted(db):
    """Programs that differ in one thing each."""
    ProgramFactory(name="High", relevance_level="high")
    ProgramFactory(name="Low", relevance_level="low")
    ProgramFactory(name="Safe", outcomes=["safety", "permanency"])
    ProgramFactory(name="Well", outcomes=["well-being"], relevance_level="low")
    ProgramFactory(name="Child 3–12", child_age_min=3, child_age_max=12)
    ProgramFactory(name="Child 13 on", child_age_min=13)
    ProgramFactory(name="Caregiver of up to 5", caregiver_child_age_max=5)
    ProgramFactory(name="Reviewed 2023", research_last_reviewed="2023-12-31")
    ProgramFactory(name="Reviewed 2024", research_last_reviewed="2024")
    ProgramFactory(name="Hmong", languages=["Hmong", "Español"], manual_available="yes")
    ProgramFactory(name="Spanish", languages=["español"], training_available="no")
    whole = TopicAreaFactory(slug="whole")
    for n in range(2):
        RatingFactory(
            program__name=f"Part {n}", topic_area=TopicAreaFactory(slug=f"part-{n}", parent=whole)
        )


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("relevance=high", ["High"]),
        ("relevance=high&relevance=low", ["High", "Low", "Well"]),
        ("outcome=safety", ["Safe"]),
        ("outcome=permanency&outcome=well-being", ["Safe", "Well"]),
        ("relevance=low&outcome=well-being", ["Well"]),
        ("relevance=high&outcome=well-being", []),
        ("age=2", ["Caregiver of up to 5"]),
        ("age=3", ["Caregiver of up to 5", "Child 3–12"]),
        ("age=5", ["Caregiver of up to 5", "Child 3–12"]),
        ("age=6", ["Child 3–12"]),
        ("age=12", ["Child 3–12"]),
        ("age=13", ["Child 13 on"]),
        ("age=25", ["Child 13 on"]),
        ("reviewed_since=2023", ["Reviewed 2023", "Reviewed 2024"]),
        ("reviewed_since=2024", ["Reviewed 2024"]),
        ("reviewed_since=2025", []),
        ("language=hmong", ["Hmong"]),
        ("language=español", ["Hmong", "Spanish"]),
        ("manual=yes", ["Hmong"]),
        ("training=no", ["Spanish"]),
        ("manual=yes&training=no", []),
        ("topic=whole", ["Part 0", "Part 1"]),
        ("topic=part-1", ["Part 1"]),
    ],
)
def test_any_value_of_a_filter_will_do_and_all_filters_must_fit(assorted, query, names):
    assert found(f"/programs/?{query}") == names


def test_past_rating_is_not_found(db):
    program, area = ProgramFactory(name="Rerated"), TopicAreaFactory(slug="area")
    RatingFactory(program=program, topic_area=area, scientific_rating="2", rated_on="2020")
    RatingFactory(program=program, topic_area=area, scientific_rating="1", rated_on="2024")

    assert found("/programs/?rating=2") == []
    assert found("/programs/?topic=area&rating=1") == ["Rerated"]


@pytest.mark.parametrize(
    ("query", "value", "noun"),
    [
        ("topic=nowhere", "nowhere", "topic area"),
        ("topic=a-draft", "a-draft", "topic area"),
        ("rating=6", "6", "scientific rating"),
        ("rating=nr", "nr", "scientific rating"),
        ("expert=nobody", "nobody", "topic expert"),
        ("relevance=highest", "highest", "child welfare relevance"),
        ("outcome=money", "money", "child-welfare outcome"),
        ("age=26", "26", "child’s age"),
        ("age=-1", "-1", "child’s age"),
        ("age=six", "six", "child’s age"),
        ("age=6.5", "6.5", "child’s age"),
        ("age=Infinity", "Infinity", "child’s age"),
        ("age=1e400", "1e400", "child’s age"),
        ("language=Latin", "Latin", "language"),
        ("manual=maybe", "maybe", "answer about a manual"),
        ("reviewed_since=1066", "1066", "year"),
        ("reviewed_since=yesterday", "yesterday", "year"),
        ("sort=best", "best", "order"),
    ],
)
def test_unknown_value_is_named_and_ignored(client, db, query, value, noun):
    TopicAreaFactory(slug="a-draft", status=Status.DRAFT)
    RatingFactory(program__name="Still here")

    page = read(client.get(f"/programs/?{query}&rating=3"))

    assert [notice.text for notice in page.all("p", class_="notice")] == [
        f"Unknown {noun} “{value}” was ignored."
    ]
    assert found(f"/programs/?{query}&rating=3") == ["Still here"]
    assert page.one("h2", id="count").text == "1 program"


def test_blank_values_ask_for_nothing(client, seed):
    blank = "q=+&topic=&rating=&relevance=&outcome=&age=&reviewed_since=&expert=&sort=&page="

    response = client.get(f"/programs/?{blank}")

    assert (response.status_code, response["Location"]) == (302, "/programs/")


@pytest.mark.parametrize(
    ("repeated", "once"),
    [
        ("rating=3&rating=3", "rating=3"),
        ("topic=secondary-traumatic-stress&topic=secondary-traumatic-stress&topic=x", "topic=x"),
        ("q=nowhere&q=resilience", "q=resilience"),
        ("sort=rating&sort=name", "sort=name"),
        ("page=7&page=1", "page=1"),
    ],
)
def test_repeated_value_asks_for_nothing_more(seed, repeated, once):
    programs = found(f"/programs/?{repeated}")

    assert programs == found(f"/programs/?{once}")
    assert programs != []


def test_form_shows_what_was_asked_for(client, rated_twice):
    address = (
        "/programs/?q=rated&topic=area-b&rating=1&rating=NR&relevance=low&outcome=safety"
        "&age=6-12&age=7&age=9&setting=school&manual=yes&training=no&expert=expert-b&reviewed_since=2020&sort=name"
    )

    page = read(client.get(address))

    form = page.main.one("form", id="finder")
    checked = [
        (box.attributes["name"], box.attributes["value"]) for box in form.all("input", checked=None)
    ]
    typed = {
        box.attributes["name"]: box.attributes["value"]
        for box in form.all("input")
        if box.attributes["type"] != "checkbox"
    }
    selected = [option.attributes["value"] for option in form.all("option", selected=None)]
    assert checked == [
        ("rating", "1"),
        ("rating", "NR"),
        ("age", "6-12"),
        ("age", "9"),
        ("topic", "area-b"),
        ("relevance", "low"),
        ("outcome", "safety"),
        ("setting", "school"),
        ("manual", "yes"),
        ("training", "no"),
    ]
    assert typed == {"q": "rated", "age": "7", "expert": "expert-b", "sort": "name"}
    assert selected == ["2020"]
    # Where a chosen value stands behind a button, it is open.
    assert [d.attributes["id"] for d in form.all("details", open=None)] == ["more-setting"]


def test_active_filters_stand_above_the_results_and_can_be_taken_off(client, rated_twice):
    page = read(client.get("/programs/?q=rated&topic=area-b&rating=1&rating=NR&age=7&sort=name"))

    links = page.one("ul", class_="chips").links
    area = TopicArea.objects.get(slug="area-b").name
    assert links == [
        (
            f"Remove the filter Topic area: {area}",
            "?q=rated&rating=1&rating=NR&age=7&sort=name",
        ),
        (
            "Remove the filter Scientific rating: 1 Well-Supported by Research Evidence",
            "?q=rated&topic=area-b&rating=NR&age=7&sort=name",
        ),
        (
            "Remove the filter Scientific rating: NR Not able to be Rated",
            "?q=rated&topic=area-b&rating=1&age=7&sort=name",
        ),
        (
            "Remove the filter Child’s age: 7",
            "?q=rated&topic=area-b&rating=1&rating=NR&sort=name",
        ),
        ("Clear all filters, keep the words", "?q=rated&sort=name"),
    ]


def test_choices_are_the_topic_areas_in_which_programs_can_be_rated(client, db):
    umbrella = TopicAreaFactory(name="Umbrella")
    TopicAreaFactory(name="Part", parent=umbrella)
    TopicAreaFactory(name="alone")
    TopicAreaFactory(name="Draft", status=Status.DRAFT)

    page = read(client.get("/programs/"))

    assert [c.attributes["value"] for c in page.all("input", name="topic")] == [
        "alone",
        "part",
        "umbrella",
    ]


@pytest.mark.parametrize(
    ("query", "order"),
    [
        ("", ["Beta", "alpha", "Gamma", "Delta"]),
        ("sort=rating", ["Beta", "alpha", "Gamma", "Delta"]),
        ("sort=name", ["alpha", "Beta", "Delta", "Gamma"]),
        ("sort=reviewed", ["Gamma", "alpha", "Delta", "Beta"]),
        ("sort=match", ["Beta", "alpha", "Gamma", "Delta"]),
        # Best match first, without being asked; all else in the order of ratings.
        ("q=GAMMA", ["Gamma", "Beta", "alpha"]),
        ("q=gamma&sort=match", ["Gamma", "Beta", "alpha"]),
        ("q=gamma&sort=rating", ["Beta", "alpha", "Gamma"]),
    ],
)
def test_order_is_the_one_that_is_asked_for(db, query, order):
    area = TopicAreaFactory()
    programs = {
        "Gamma": ("NR", "2024-02", ""),
        "Delta": (None, "2023", ""),
        "alpha": ("5", "2024", "like gamma"),
        "Beta": ("2", "", "unlike gamma"),
    }
    for name, (level, reviewed, description) in programs.items():
        program = ProgramFactory(
            name=name, research_last_reviewed=reviewed, description=description
        )
        if level:
            RatingFactory(program=program, topic_area=area, scientific_rating=level)

    assert found(f"/programs/?{query}") == order


def test_best_match_has_every_word_in_its_names(db):
    ProgramFactory(name="Another calm", description="For a school.")
    ProgramFactory(name="Calm", also_known_as=["School of breath"])
    ProgramFactory(name="Zeal", acronym="School", description="Calm.")

    assert found("/programs/?q=calm+school") == ["Calm", "Another calm", "Zeal"]
