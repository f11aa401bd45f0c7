"""Experts, references, the rating scale and the pages around them say what they should."""

import pytest

from catalog.models import Reference, Status

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import (
    SCALE,
    SEED_READING,
    read,
)

pytestmark = pytest.mark.once


def test_expert_page_shows_who_it_is_and_the_topic_areas(client, db):
    expert = TopicExpertFactory(
        name="Zoë Example",
        credentials="PhD",
        position="Professor",
        organization="Example University",
        biography="Works *hard*.",
        website="https://example.org/zoe",
    )
    area = TopicAreaFactory(name="Calm", year_added=2024)
    area.experts.add(expert)
    RatingFactory(topic_area=area, program__name="Steady")

    page = read(client.get("/experts/zoe-example/"))

    assert page.h1 == "Zoë Example, PhD"
    assert page.main.one("p", class_="lead").text == "Professor, Example University"
    assert page.main.one("em").text == "hard"
    assert page.main.links == [
        ("Topic experts", "/experts/"),
        ("https://example.org/zoe", "https://example.org/zoe"),
        ("1 program in these areas, in the list with filters", "/programs/?expert=zoe-example"),
        ("Calm", "/topics/calm/"),
        ("Steady", "/programs/steady/"),
    ]
    (area,) = page.section("Topic expert for").all("li", class_="card")
    assert area.text == "Calm Added in 2024. 1 program Rated 3: Steady"


def test_experts_are_listed_with_their_public_areas(client, db):
    calm, draft = TopicAreaFactory(name="Calm"), TopicAreaFactory(status=Status.DRAFT)
    for name, areas in {"Zoë": [calm, draft], "Ada": [calm], "Hidden": [draft]}.items():
        TopicExpertFactory(name=name, organization="University").topic_areas.set(areas)

    page = read(client.get("/experts/"))

    assert [item.text for item in page.main.all("li")] == [
        "Ada University Calm",
        "Zoë University Calm",
    ]
    assert page.main.links[:2] == [("Ada", "/experts/ada/"), ("Calm", "/topics/calm/")]


def test_references_say_who_uses_them(client, db):
    area, program = TopicAreaFactory(name="Calm"), ProgramFactory(name="Steady")
    read_there = ReferenceFactory(authors="Bride, B.", title="One", doi="10.1000/a")
    cited = ReferenceFactory(authors="adams, C.", title="Two", url="https://example.org/two")
    area.further_reading.add(read_there)
    StudyFactory(program=program, reference=read_there)
    StudyFactory(program=program, reference=cited)
    ReferenceFactory(title="Unused")

    page = read(client.get("/references/"))

    items = page.main.one("ul", class_="references").all("li")
    assert page.main.one("p", class_="lead").text.startswith("2 publications ")
    assert [item.text for item in items] == [
        "adams, C. (2020). Two. https://example.org/two Research on Steady",
        (
            "Bride, B. (2020). One. https://doi.org/10.1000/a Further reading for Calm "
            "Research on Steady"
        ),
    ]
    assert items[1].attributes["id"] == "bride-2020"
    assert items[1].links == [
        ("https://doi.org/10.1000/a", "https://doi.org/10.1000/a"),
        ("Calm", "/topics/calm/"),
        ("Steady", "/programs/steady/"),
    ]


@pytest.mark.parametrize(
    ("address", "titles", "notices"),
    [
        ("?q=ada+first", ["First"], []),
        ("?type=book", ["Second"], []),
        ("?since=2001&until=2010", ["Second"], []),
        ("?since=2001&q=ada&type=journal-article", ["Third"], []),
        (
            "?q=!!&type=x&since=10000000000000000000000",
            ["First", "Second", "Third"],
            [
                "“x” was ignored: it is no type of reference.",
                "“10000000000000000000000” was ignored: a year lies between 1500 and 2100.",
                "“!!” was ignored: it has no letter or digit.",
            ],
        ),
        ("?q=nothing", [], []),
    ],
)
def test_references_are_found_by_words_type_and_year(client, db, address, titles, notices):
    area = TopicAreaFactory()
    for title, year, kind in [
        ("First", 2000, "journal-article"),
        ("Second", 2010, "book"),
        ("Third", 2020, "journal-article"),
    ]:
        area.further_reading.add(
            ReferenceFactory(authors="Ada, A.", title=title, year=year, reference_type=kind)
        )
    ReferenceFactory(authors="Ada, A.", title="First, of nothing public")

    page = read(client.get(f"/references/{address}"))

    found = [p.text.split("). ")[1].rstrip(".") for p in page.all("p", class_="citation")]
    assert found == titles
    assert [note.text for note in page.all("p", class_="notice")] == notices


def test_references_of_the_seed_are_its_further_reading(client, seed):
    page = read(client.get("/references/"))

    citations = [p.text for p in page.main.all("p", class_="citation")]
    # By author string, then year: Sprang with Steckler comes before Sprang with Whitt-Woosley.
    assert citations == SEED_READING


def test_rating_scale_explains_each_level_and_each_reason(client, db):
    page = read(client.get("/rating-scale/"))

    levels = page.section("The levels")
    assert [term.text for term in levels.all("dt")] == SCALE
    assert [address for _, address in levels.links] == [
        f"/programs/?rating={level}" for level in ["1", "2", "3", "4", "5", "NR"]
    ]
    apart = page.section("NR is not a low rating")
    assert [item.text for item in apart.all("li")] == [
        "No eligible study",
        "No study with a control group",
        "Measures not reliable or valid",
        "Research not peer-reviewed",
        "Outcomes outside the topic area",
    ]
    relevance = page.section("Child welfare relevance is not a rating")
    assert [b.text for b in relevance.all("strong")] == ["High:", "Medium:", "Low:"]


@pytest.mark.parametrize(
    ("email", "links"), [("", []), ("help@example.org", ["mailto:help@example.org"])]
)
def test_accessibility_names_the_standard_and_whom_to_write_to(client, db, settings, email, links):
    settings.CONTACT_EMAIL = email

    page = read(client.get("/accessibility/"))

    assert page.h1 == "Accessibility"
    assert "(WCAG) 2.2, level AA" in page.main.text
    assert [address for _, address in page.main.links] == links


def test_navigation_marks_the_page_that_is_open(client, db):
    page = read(client.get("/references/"))

    navigation = page.one("nav", aria_label="Main")
    assert navigation.links == [
        ("Programs", "/programs/"),
        ("Topic areas", "/topics/"),
        ("Evidence map", "/evidence-map/"),
        ("References", "/references/"),
        ("Rating scale", "/rating-scale/"),
    ]
    assert [link.text for link in navigation.all("a", aria_current="page")] == ["References"]


def test_skip_link_leads_to_the_content(client, db):
    page = read(client.get("/"))

    assert page.one("body").links[0] == ("Skip to the content", "#main")
    assert page.one(id="main").tag == "main"


def test_empty_catalog_has_pages_all_the_same(client, db):
    home, topics, programs, evidence, references = (
        read(client.get(address))
        for address in ("/", "/topics/", "/programs/", "/evidence-map/", "/references/")
    )

    assert home.one("h2", id="numbers-heading").text == "0 programs"
    assert home.section("Topic areas").all("p")[0].text == "No topic area is published yet."
    assert (home.all("table"), evidence.all("table")) == ([], [])
    assert topics.main.all("p")[-1].text == "No topic area is published yet."
    assert programs.one("h2", id="count").text == "0 programs"
    assert references.main.one("li").text == "No references are published yet."


@pytest.mark.parametrize(
    ("number", "shown", "count"), [("1", 1, 100), ("2", 2, 1), ("3", 2, 1), ("x", 1, 100)]
)
def test_page_of_references_that_does_not_exist_shows_one_that_does(
    client, db, number, shown, count
):
    references = Reference.objects.bulk_create(
        Reference(key=f"r-{n}", authors="Author, A.", title=f"{n:03}") for n in range(101)
    )
    TopicAreaFactory().further_reading.set(references)

    page = read(client.get(f"/references/?page={number}"))

    assert page.one("nav", aria_label="Pages").one("span").text == f"Page {shown} of 2"
    assert len(page.all("p", class_="citation")) == count
