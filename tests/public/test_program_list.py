"""The program list in pages, at one address for each list."""

from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest

from catalog.models import Program, Status

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import (
    PROMISING,
    SEED_PROGRAMS,
    STS,
    cards_of,
    listed_programs,
    read,
)
from .entries import EVERY_FILTER

pytestmark = pytest.mark.once


def test_program_list_shows_every_program_with_its_ratings(client, seed):
    page = read(client.get("/programs/"))

    words = {PROMISING: "Scientific rating 3: {} Promising"}
    expected = [
        (name, [words.get(level, "Scientific rating NR: {} Not able to be Rated").format(STS)])
        for name, (level,) in SEED_PROGRAMS
    ]
    assert page.one("title").text == "Programs: 13 results – Evidence Clearinghouse"
    assert page.one("h2", id="count").text == "13 programs"
    assert cards_of(page) == expected


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("", "Scientific rating 1: Adoption Well-Supported"),
        ("topic=behavior", "Scientific rating 3: Behavior Promising"),
        ("rating=NR&rating=3", "Scientific rating 3: Behavior Promising"),
        ("topic=behavior&topic=calm&rating=NR", "Scientific rating NR: Calm Not able to be Rated"),
        ("expert=robin-expert", "Scientific rating NR: Calm Not able to be Rated"),
        ("q=gnus", "Scientific rating 1: Adoption Well-Supported"),
        ("q=behaviour", "Scientific rating 3: Behavior Promising"),
        ("q=behavior", "Scientific rating 3: Behavior Promising"),
        ("topic=calm&q=behavior", "Scientific rating NR: Calm Not able to be Rated"),
    ],
)
def test_rating_that_is_asked_for_stands_first(client, db, query, first):
    program = ProgramFactory(description="Gnus.")
    for name, level in [("Adoption", "1"), ("Behavior", "3"), ("Calm", "NR")]:
        area = TopicAreaFactory(name=name)
        RatingFactory(program=program, topic_area=area, scientific_rating=level)
    area.experts.add(TopicExpertFactory(name="Robin Expert"))
    client.get("/programs/")  # keeps the card

    ((_, ratings),) = cards_of(read(client.get(f"/programs/?{query}", follow=True)))

    assert ratings[0] == first
    assert sorted(ratings) == [
        "Scientific rating 1: Adoption Well-Supported",
        "Scientific rating 3: Behavior Promising",
        "Scientific rating NR: Calm Not able to be Rated",
    ]


def test_card_says_whom_a_program_serves_where_and_since_when(client, db):
    ProgramFactory(
        child_age_min=3,
        caregiver_child_age_max=5,
        delivery_settings=["school", "hospital", "virtual"],
        relevance_level="high",
        research_last_reviewed="2024-06",
    )
    ProgramFactory(name="Unknown")

    known, unknown = read(client.get("/programs/")).all("div", class_="program-facts")

    assert [item.text for item in known.all("li")] == [
        "Ages 3 and older",
        "Parents of children up to 5",
        "Hospital",
        "2 more settings",
        "High relevance",
        "Reviewed 2024",
    ]
    assert unknown.all("li") == []


def test_search_shows_what_else_holds_the_words(client, db):
    # Three of each kind at most; of references any three.
    for n in range(4):
        area = TopicAreaFactory(name=f"Calm {n}")
        area.experts.add(TopicExpertFactory(name=f"Robin Calm {n}"))
        area.further_reading.add(ReferenceFactory(authors=f"Author, {n}.", title="On calm"))

    others = read(client.get("/programs/?q=calm")).one("div", aria_label="Also matching")

    assert others.links == [
        *((f"Calm {n}", f"/topics/calm-{n}/") for n in range(3)),
        *((f"Robin Calm {n}", f"/experts/robin-calm-{n}/") for n in range(3)),
    ]
    citations = {item.text for item in others.all("li")}
    assert len(citations) == 3
    assert citations < {f"Author, {n}. (2020). On calm." for n in range(4)}


@pytest.mark.parametrize(
    ("query", "citations"), [("2020", ["Author, A. (2020). Told."]), ("0", [])]
)
def test_search_finds_references_by_their_year_if_they_have_one(client, db, query, citations):
    area = TopicAreaFactory(name="Calm")
    area.further_reading.add(ReferenceFactory(title="Told"))
    area.further_reading.add(ReferenceFactory(year=None, title="Undated"))

    page = read(client.get(f"/programs/?q={query}"))

    assert [
        i.text for others in page.all("div", class_="others") for i in others.all("li")
    ] == citations


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1", 1),
        ("2", 2),
        ("3", 3),
        ("4", 3),
        ("99999999999999999999", 3),
        ("9" * 5000, 3),
        ("0", 1),
        ("-1", 1),
        ("", 1),
        ("last", 1),
        ("1.5", 1),
        ("NaN", 1),
        ("%00", 1),
        ("１", 1),
    ],
)
def test_page_number_that_does_not_exist_shows_one_that_does(client, db, number, shown):
    now = datetime.now(UTC)
    Program.objects.bulk_create(
        Program(name=f"{n:02}", slug=f"p-{n}", status=Status.PUBLISHED, published_at=now)
        for n in range(41)
    )

    page = read(client.get(f"/programs/?page={number}", follow=True))

    assert page.one("nav", aria_label="Pages").one("span").text == f"Page {shown} of 3"
    names = [name for name, _ in listed_programs(page)]
    assert names == [f"{n:02}" for n in range(41)][20 * (shown - 1) : 20 * shown]


def test_links_between_pages_keep_the_filters(client, db):
    area = TopicAreaFactory(slug="calm")
    for _ in range(41):
        RatingFactory(topic_area=area)

    page = read(client.get("/programs/?topic=calm&rating=3&rating=NR&page=2"))

    assert page.one("nav", aria_label="Pages").links == [
        ("Previous page", "?topic=calm&rating=3&rating=NR"),
        ("Next page", "?topic=calm&rating=3&rating=NR&page=3"),
        ("1", "?topic=calm&rating=3&rating=NR"),
        ("3", "?topic=calm&rating=3&rating=NR&page=3"),
    ]


NORMAL = [
    "",
    "?q=resilience",
    "?topic=secondary-traumatic-stress&rating=3&rating=NR&relevance=high&outcome=safety",
    "?age=0-2&age=7&setting=school&expert=ginny-sprang&reviewed_since=2020",
    "?q=%22stress%22+-sleep&rating=NR&sort=name&page=2",
    "?sort=reviewed",
    # What means nothing stays, under a notice.
    "?topic=nowhere&page=1&nonsense=1&rating=3",
]


@pytest.mark.parametrize("query", NORMAL)
def test_address_in_its_normal_form_is_answered_there(client, seed, query):
    assert client.get(f"/programs/{query}").status_code == 200


@pytest.mark.parametrize(
    ("query", "normal"),
    [
        ("?", ""),
        ("?q=&topic=&age=&sort=rating&page=1", ""),
        ("?nonsense=1", ""),
        ("?q=+two++words+&page=2", "?q=two+words&page=2"),
        ("?rating=NR&rating=1&topic=secondary-traumatic-stress&rating=1", None),
        ("?sort=match", ""),
        ("?q=x&sort=match", "?q=x"),
        ("?reviewed_since=2020&reviewed_since=2023", "?reviewed_since=2023"),
    ],
)
def test_other_forms_of_an_address_lead_to_the_normal_one(client, seed, query, normal):
    if normal is None:
        normal = "?topic=secondary-traumatic-stress&rating=1&rating=NR"

    response = client.get(f"/programs/{query}")

    assert response.get("Location", "/programs/") == f"/programs/{normal}"
    assert response.status_code == (200 if query == "?" else 302)


def test_no_link_to_a_list_of_programs_needs_a_redirect(client, catalog_of):
    ProgramFactory.create_batch(40, relevance_level="high")
    pages = {
        address: read(client.get(address))
        for address in (
            *("/", "/topics/area-0/", "/evidence-map/", "/rating-scale/", "/experts/expert-0/"),
            *("/programs/?relevance=high&page=2", EVERY_FILTER, "/programs/?q=progarm&rating=3"),
        )
    }

    links = {
        urljoin(address, link)
        for address, page in pages.items()
        for _, link in page.links
        if urljoin(address, link).startswith("/programs/?")
    }
    assert len(links) > 30
    assert [link for link in sorted(links) if client.get(link).status_code != 200] == []


@pytest.mark.parametrize(
    ("address", "robots"),
    [
        ("/programs/", []),
        ("/programs/?rating=NR", ["noindex, follow"]),
        ("/programs/?q=stress&page=2", ["noindex, follow"]),
        ("/programs/?topic=nonsense", ["noindex, follow"]),
    ],
)
def test_filtered_lists_are_kept_out_of_search_engines(client, db, address, robots):
    page = read(client.get(address))

    assert page.one("link", rel="canonical").attributes["href"] == "http://testserver/programs/"
    assert [meta.attributes["content"] for meta in page.all("meta", name="robots")] == robots
