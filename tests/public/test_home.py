"""The first page says whose site it is, how many programs have which rating, what for, and what is new."""

import gzip
from datetime import UTC, datetime

import pytest

from catalog.models import Status

from ..factories import (
    PageFactory,
    ProgramFactory,
    RatingFactory,
    SiteSettingsFactory,
    TopicAreaFactory,
)
from ..pages import STS, read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

MOST_HTML, MOST_SENT = 40_000, 8_000


def test_home_counts_programs_by_rating_and_leads_to_them(client, seed):
    page = read(client.get("/"))

    numbers = page.one("section", aria_labelledby="numbers-heading")
    assert page.h1 == "Which programs work, and how sure is anyone?"
    assert numbers.one("h2").text == "13 programs, each reviewed"
    assert [item.one("a").text for item in numbers.all("li")] == [
        "0 rated 1: Well-Supported by Research Evidence",
        "0 rated 2: Supported by Research Evidence",
        "5 rated 3: Promising Research Evidence",
        "0 rated 4: Evidence Fails to Demonstrate Effect",
        "0 rated 5: Concerning Practice",
        "8 rated NR: Not able to be Rated",
    ]
    for link in numbers.one("ul").all("a"):
        listed = read(client.get(link.attributes["href"]))
        assert listed.one("h2", id="count").text.split()[0] == link.text.split()[0]
    assert page.section("Topic areas").links == [
        (STS, "/topics/secondary-traumatic-stress/"),
        ("The evidence map", "/evidence-map/"),
    ]


def test_home_searches_the_program_list(client, seed):
    SiteSettingsFactory(example_searches=["burned out", "a & b"])

    search = read(client.get("/")).main.one("search")

    form, box = search.one("form"), search.one("input")
    assert (form.attributes["action"], form.attributes["method"]) == ("/programs/", "get")
    assert box.attributes["name"] == "q"
    assert form.one("label", for_=box.attributes["id"]).text.startswith("Find a program")
    assert search.links == [
        ("burned out", "/programs/?q=burned%20out"),
        ("a & b", "/programs/?q=a%20%26%20b"),
    ]


def test_home_has_the_words_of_the_agency(client):
    SiteSettingsFactory(headline="What helps?", introduction="*Ours.*\n\nFor all.")

    page = read(client.get("/"))

    assert page.h1 == "What helps?"
    assert page.main.one("div", class_="lead").text == "Ours. For all."


def test_topic_areas_stand_with_their_umbrella_area(client):
    umbrella = TopicAreaFactory(name="Umbrella")
    part = TopicAreaFactory(name="Part", parent=umbrella)
    TopicAreaFactory(name="Alone")
    TopicAreaFactory(name="Draft", parent=umbrella, status=Status.DRAFT)
    TopicAreaFactory(
        name="Of a draft", parent=TopicAreaFactory(name="Drafted", status=Status.DRAFT)
    )
    RatingFactory(topic_area=part)

    section = read(client.get("/")).section("Topic areas")

    assert [heading.text for heading in section.all("h3")] == ["Umbrella", "More topic areas"]
    assert [item.text for item in section.all("li")] == [
        "Part 1 program",
        "Alone 0 programs",
        "Of a draft 0 programs",
    ]


def test_home_tells_new_programs_and_what_was_rated_again(client):
    area = TopicAreaFactory(name="Calm")
    for day, name in ((1, "First"), (3, "Third"), (2, "Second")):
        program = ProgramFactory(name=name, published_at=datetime(2026, 3, day, 20, tzinfo=UTC))
        RatingFactory(program=program, topic_area=area, rated_on="2025")
    RatingFactory(program=program, topic_area=area, scientific_rating="1", rated_on="2026-02")
    draft = ProgramFactory(name="Draft", status=Status.DRAFT)
    for year in ("2024", "2025"):
        RatingFactory(program=draft, topic_area=area, rated_on=year)

    new, again = read(client.get("/")).section("What is new").all("ul")

    assert [item.text for item in new.all("li")] == [
        "March 3, 2026 Third",
        "March 2, 2026 Second",
        "March 1, 2026 First",
    ]
    assert [item.text for item in again.all("li")] == [
        "February 2026 Second in Calm: Changed from 3 to 1."
    ]


def test_home_is_light_however_much_there_is(client):
    umbrellas = [TopicAreaFactory(name=f"Umbrella area {n}") for n in range(8)]
    for n in range(64):
        TopicAreaFactory(name=f"A topic area of child welfare, {n}", parent=umbrellas[n % 8])
    for n in range(5):
        RatingFactory(rated_on="2024", topic_area__name=f"Area {n}")
        PageFactory(name=f"News {n}", news_on="2026-03-01", text="Words. " * 200)

    content = client.get("/").content

    assert len(content) <= MOST_HTML
    assert len(gzip.compress(content)) <= MOST_SENT
