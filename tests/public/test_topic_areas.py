"""The pages of topic areas and the evidence maps say what they should."""

import json

import pytest

from catalog.models import Rating, Status, TopicArea

from ..factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import (
    HEADINGS,
    SEED_PROGRAMS,
    SEED_READING,
    STS,
    listed_programs,
    map_of,
    read,
)

pytestmark = pytest.mark.once


def test_topic_areas_show_umbrella_areas_with_their_parts(client, db):
    umbrella = TopicAreaFactory(name="Trauma", definition="Wide *and* deep.")
    second = TopicAreaFactory(name="trauma, second part", parent=umbrella)
    first = TopicAreaFactory(name="Trauma, first part", parent=umbrella)
    TopicAreaFactory(name="Alone")
    TopicAreaFactory(name="alone, too")
    both, _ = RatingFactory.create_batch(2, topic_area=second)
    RatingFactory(program=both.program, topic_area=first)

    page = read(client.get("/topics/"))

    areas = page.main.all("li", class_="entry")
    assert page.h1 == "Topic areas"
    assert [item.text for item in areas] == [
        "Alone 0 programs",
        "alone, too 0 programs",
        "Trauma 2 programs Wide and deep. Trauma, first part 1 program trauma, second part 2 programs",
    ]
    assert [heading.text for heading in page.main.all("h2")] == ["A", "T"]
    assert page.main.links == [
        ("Alone", "/topics/alone/"),
        ("alone, too", "/topics/alone-too/"),
        ("Trauma", "/topics/trauma/"),
        ("Trauma, first part", "/topics/trauma-first-part/"),
        ("trauma, second part", "/topics/trauma-second-part/"),
    ]


def test_programs_of_a_topic_area_are_the_public_ones_rated_in_it_now(client, db):
    umbrella = TopicAreaFactory(slug="umbrella")
    rated = TopicAreaFactory(name="Rated", parent=umbrella)
    expert = TopicExpertFactory(slug="expert")
    for area in (rated, umbrella):
        area.experts.add(expert)
    twice = ProgramFactory()
    RatingFactory(program=twice, topic_area=rated, rated_on="2019")
    RatingFactory(program=twice, topic_area=rated, rated_on="2024")
    RatingFactory(topic_area=rated, is_current=False)
    RatingFactory(topic_area=rated)
    for status in (Status.DRAFT, Status.IN_REVIEW, Status.RETIRED):
        RatingFactory(topic_area=rated, program__status=status)

    pages = [read(client.get(a)) for a in ("/topics/", "/topics/umbrella/", "/experts/expert/")]

    assert ["Rated 2 programs" in page.main.text for page in pages] == [True] * 3
    cards = pages[2].section("Topic expert for").all("li", class_="card")
    assert [card.one("p", class_="muted").text for card in cards] == ["2 programs"] * 2


def test_topic_area_shows_a_hundred_programs_to_a_page(client, db):
    area = TopicAreaFactory(slug="sleep")
    for number in range(101):
        program = ProgramFactory(name=f"Program {number:03}")
        RatingFactory(topic_area=area, program=program, scientific_rating="2")

    first, second = (read(client.get("/topics/sleep/", query)) for query in ({}, {"page": "2"}))

    assert first.section("Programs 1 to 100 of 101")
    assert second.section("Programs 101 to 101 of 101")
    assert [name for name, _ in listed_programs(first)] == [f"Program {n:03}" for n in range(100)]
    assert [name for name, _ in listed_programs(second)] == ["Program 100"]
    assert ("Next page", "?page=2#programs") in first.main.links
    assert ("Previous page", "?#programs") in second.main.links


@pytest.mark.parametrize("number", ["0", "9", "x", "", "9" * 5000])
def test_page_of_a_topic_area_that_is_none_is_the_last_or_the_first(client, seed, number):
    address = "/topics/secondary-traumatic-stress/"

    page = read(client.get(address, {"page": number}))

    assert listed_programs(page) == listed_programs(read(client.get(address)))


def test_topic_area_shows_definition_and_criteria_under_fixed_labels(client, seed, fixtures):
    records = json.loads((fixtures / "secondary_traumatic_stress.json").read_text())
    (stated,) = [r["fields"] for r in records if r["model"] == "catalog.topicarea"]

    page = read(client.get("/topics/secondary-traumatic-stress/"))

    definition = page.section("Definition")
    assert page.h1 == STS
    # The definition is Markdown, of which it uses emphasis only.
    assert definition.one("div", class_="prose").text == " ".join(
        stated["definition"].replace("*", "").split()
    )
    assert definition.facts == {
        "Target population": stated["target_population"],
        "Services/types that fit": stated["services_types"],
        "Delivered by": stated["delivered_by"],
        "In order to be included": stated["inclusion_criteria"],
        "In order to be rated": stated["rating_criteria"],
    }


def test_topic_area_lists_its_programs_in_clearinghouse_order(client, seed):
    page = read(client.get("/topics/secondary-traumatic-stress/"))

    assert listed_programs(page) == SEED_PROGRAMS
    assert ("CE-CERT", "/programs/ce-cert/") in page.section("Programs 13").links


def test_topic_area_orders_by_rating_nr_last_then_by_name(client, db):
    area = TopicAreaFactory()
    levels = {"b": "NR", "c": "5", "D": "5", "A": "NR", "z": "1", "y": "4", "x": "2"}
    for name, level in levels.items():
        RatingFactory(program__name=name, topic_area=area, scientific_rating=level)

    page = read(client.get(area.get_absolute_url()))

    assert [name for name, _ in listed_programs(page)] == ["z", "x", "y", "c", "D", "A", "b"]


def test_topic_area_names_its_expert_and_the_rule(client, seed):
    page = read(client.get("/topics/secondary-traumatic-stress/"))

    expert = page.section("Topic expert")
    assert expert.links == [
        ("Ginny Sprang, PhD", "/experts/ginny-sprang/"),
        ("All topic experts", "/experts/"),
    ]
    assert expert.all("p")[0].text == (
        "This topic area was added in 2024. The topic expert helped to identify and rate any program "
        "whose original load date, which stands on its page, is in that year, and any that was loaded "
        "earlier and placed here at the launch. As the area grows, programs that are added later are "
        "identified by the staff, the Scientific Panel and/or the Advisory Committee; the topic expert "
        "did not take part in identifying or rating these, unless a rating names them among those who "
        "gave it."
    )


def test_topic_area_lists_further_reading_with_doi_links(client, seed):
    page = read(client.get("/topics/secondary-traumatic-stress/"))

    reading = page.section("For further reading")
    links = [citation.rpartition(" ")[2] for citation in SEED_READING]
    assert [item.text for item in reading.all("li")] == SEED_READING
    assert reading.links == [(link, link) for link in links]
    assert [i.text for i in reading.all("li")[0].all("i")] == ["Social Work", "52"]


def test_topic_area_without_criteria_says_so(client, db):
    area = TopicAreaFactory()

    page = read(client.get(area.get_absolute_url()))

    assert list(page.section("Definition").facts.values()) == ["Not stated"] * 5
    assert (
        page.section("Programs 0").all("p")[-1].text == "No program is published in this area yet."
    )


def test_umbrella_area_shows_its_parts_with_their_programs_sums_and_map(client, db):
    umbrella = TopicAreaFactory(name="Trauma", definition="All of it. And more.")
    part = TopicAreaFactory(name="Part", parent=umbrella, year_added=2024)
    program = RatingFactory(topic_area=part, program__name="Both").program
    for n in range(6):
        RatingFactory(topic_area=part, program__name=f"P{n}", scientific_rating="NR")
    RatingFactory(
        program=program,
        topic_area=TopicAreaFactory(name="Twin", parent=umbrella),
        scientific_rating="1",
    )

    page = read(client.get("/topics/trauma/"))
    page_of_part = read(client.get("/topics/part/"))

    assert [section.all(*HEADINGS)[0].text for section in page.main.all("section")] == [
        "Definition",
        "Topic areas within it",
        "The programs by topic area",
        "The scale",
    ]
    assert page.main.one("p", class_="lead").text == "All of it."
    assert ("All 7 programs in the list with filters", "/programs/?topic=trauma") in page.main.links
    cards = page.section("Topic areas within it").all("li", class_="card")
    assert [card.text for card in cards] == [
        (
            "Part Added in 2024. 7 programs Rated 3: Both Rated NR: P0 Rated NR: P1 Rated NR: P2 "
            "Rated NR: P3 All 7 programs"
        ),
        "Twin 1 program Rated 1: Both",
    ]
    assert cards[1].links == [("Twin", "/topics/twin/"), ("Both", "/programs/both/")]
    assert map_of(page) == {"Part": [0, 0, 1, 0, 0, 6, 7], "Twin": [1, 0, 0, 0, 0, 0, 1]}
    assert [cell.text.split()[0] for cell in page.one("tfoot").all("td")] == [*"1010067"]
    assert page_of_part.one("nav", aria_label="Breadcrumb").links == [
        ("Topic areas", "/topics/"),
        ("Trauma", "/topics/trauma/"),
    ]


def test_topic_area_begins_with_its_ratings_and_parts_nr_from_the_levels(client, seed):
    page = read(client.get("/topics/secondary-traumatic-stress/"))

    bar = [
        {name: rect.attributes[name] for name in ("class", "x", "width")}
        for rect in page.one("svg", class_="rating-bar").all("rect")
    ]
    assert bar == [
        {"class": "rating-3", "x": "0.0", "width": "38.46"},
        {"class": "rating-nr", "x": "38.46", "width": "61.54"},
    ]
    groups = page.section("Programs 13").all("h3")
    assert [group.text for group in groups] == [
        "Scientific rating 3: Promising Research Evidence",
        "Scientific rating NR: Not able to be Rated",
    ]
    jumps = page.one("nav", aria_label="On this page")
    assert [address for _, address in jumps.links] == [
        "#definition",
        "#programs",
        "#reading",
        "#experts",
    ]
    assert {f"#{e.attributes.get('id')}" for e in page.all("h2")} >= {a for _, a in jumps.links}


MAPS = {"/evidence-map/": 1, "/topics/calm/": 2}


@pytest.fixture
def mapped(db):
    """Programs of every level in one area and of some in another, of several ages and outcomes."""
    umbrella = TopicAreaFactory(name="Umbrella")
    calm = TopicAreaFactory(name="Calm", parent=umbrella)
    sleep = TopicAreaFactory(name="Sleep", parent=umbrella)
    outcomes = [(), ("safety",), ("safety", "permanency")]
    for n, level in enumerate(["1", "2", "3", "4", "5", "NR", "NR"]):
        program = ProgramFactory(outcomes=outcomes[n % 3], child_age_min=n, child_age_max=3 * n)
        RatingFactory(program=program, topic_area=calm, scientific_rating=level)
    RatingFactory(program=program, topic_area=sleep, scientific_rating="2")
    RatingFactory(program=program, topic_area__status=Status.DRAFT, scientific_rating="1")


def test_evidence_map_counts_programs_by_topic_area_and_level(client, mapped):
    page = read(client.get("/evidence-map/"))

    # The second program of level NR is rated in both.
    assert page.h1 == "The evidence map"
    assert page.main.one("p", class_="lead").text.startswith("Where the 7 programs of the catalog")
    calm, sleep = [1, 1, 1, 1, 1, 2, 7], [0, 1, 0, 0, 0, 0, 1]
    once = [1, 2, 1, 1, 1, 2, 7]
    assert map_of(page) == {"Umbrella": once, "Calm": calm, "Sleep": sleep}
    assert [cell.text.split()[0] for cell in page.one("tfoot").all("td")] == list(map(str, once))


def test_map_shades_each_level_by_itself_and_no_sums(client, db):
    umbrella = TopicAreaFactory(name="Umbrella")
    for name, levels in {"Calm": ["1"] * 9 + ["2"], "Sleep": ["1"] * 4}.items():
        area = TopicAreaFactory(name=name, parent=umbrella)
        for level in levels:
            RatingFactory(topic_area=area, scientific_rating=level)

    page = read(client.get("/evidence-map/"))

    shades = {
        row.one("th").text: [c.attributes["class"].split()[1] for c in row.all("td")[:2]]
        for row in page.one("tbody").all("tr")
    }
    assert shades == {
        "Umbrella": ["shade-0", "shade-0"],
        "Calm": ["shade-4", "shade-4"],
        "Sleep": ["shade-3", "shade-0"],
    }


def test_evidence_map_counts_the_studies_that_count_where_they_do(client, mapped):
    calm, sleep = TopicArea.objects.get(slug="calm"), TopicArea.objects.get(slug="sleep")
    draft = TopicArea.objects.get(status=Status.DRAFT)
    both = Rating.objects.get(topic_area=sleep).program
    hidden = RatingFactory(topic_area=calm, program__status=Status.DRAFT).program
    shared = ReferenceFactory()
    studied = {rating.scientific_rating: rating.program for rating in calm.ratings.all()}
    # Two outcomes are one study, which counts in an area only where it is said to; a publication on two programs is
    # a study of each.
    for program, reference, area, outcome, counts in [
        (studied["1"], shared, calm, "Sleep", True),
        (studied["1"], shared, calm, "Worry", True),
        (studied["1"], ReferenceFactory(), calm, "", True),
        (studied["1"], ReferenceFactory(), calm, "", False),
        (studied["1"], shared, sleep, "", True),  # where the program is not rated
        (studied["2"], shared, calm, "", True),
        (both, shared, calm, "", True),
        (both, shared, sleep, "", True),
        (both, shared, draft, "", True),
        (hidden, shared, calm, "", True),
    ]:
        FindingFactory(
            program=program, reference=reference, topic_area=area, outcome=outcome, counts=counts
        )
    # A past rating of another level holds no studies.
    RatingFactory(program=both, topic_area=sleep, scientific_rating="4", is_current=False)

    page = read(client.get("/evidence-map/?count=studies"))

    assert page.h1 == "The evidence map: studies"
    assert page.one("table", class_="map").one("caption").text == (
        "Studies that count in a rating, by topic area and scientific rating"
    )
    assert map_of(page) == {"Calm": [2, 1, 0, 0, 0, 1, 4], "Sleep": [0, 1, 0, 0, 0, 0, 1]}
    number = page.one("table", class_="map").all("a")[1]
    assert number.text == "2 studies of programs rated 1: Calm"
    assert number.attributes["href"] == "/programs/?topic=calm&rating=1"
    assert page.one("nav", aria_label="What the map counts").links == [
        ("Count programs", "/evidence-map/"),
        ("Count studies", "/evidence-map/?count=studies"),
    ]


def test_maps_of_an_area_count_the_studies_of_the_programs_in_each_row(client, db):
    calm = TopicAreaFactory(slug="calm")
    young = ProgramFactory(child_age_min=0, child_age_max=4, outcomes=["safety"])
    old = ProgramFactory(child_age_min=4, child_age_max=8)
    for program, level, studies in [(young, "1", 2), (old, "3", 3)]:
        RatingFactory(program=program, topic_area=calm, scientific_rating=level)
        found = FindingFactory.create_batch(studies, program=program, topic_area=calm)
        FindingFactory(
            program=program, reference=found[0].reference, topic_area=calm, outcome="Again"
        )
        FindingFactory(program=program, topic_area=calm, counts=False)
        FindingFactory(program=program)

    page = read(client.get("/topics/calm/?count=studies"))

    tables = [
        [[row.one("th").text, *map(first_number, row.all("td"))] for row in table.all("tr")[1:]]
        for table in page.all("table", class_="map")
    ]
    assert [table.one("caption").text for table in page.all("table", class_="map")] == [
        "Studies that count in a rating here, by child’s age and scientific rating",
        "Studies that count in a rating here, by child-welfare outcome and scientific rating",
    ]
    assert tables == [
        [
            ["0–2, infants and toddlers", 2, 0, 0, 0, 0, 0, 2],
            ["3–5, preschool", 2, 0, 3, 0, 0, 0, 5],
            ["6–12, school age", 0, 0, 3, 0, 0, 0, 3],
            ["13–17, adolescents", 0, 0, 0, 0, 0, 0, 0],
            ["18–25, young adults", 0, 0, 0, 0, 0, 0, 0],
        ],
        [
            ["Safety", 2, 0, 0, 0, 0, 0, 2],
            ["Permanency", 0, 0, 0, 0, 0, 0, 0],
            ["Child/family well-being", 0, 0, 0, 0, 0, 0, 0],
        ],
    ]


def first_number(cell):
    return int(cell.text.partition(" ")[0])


@pytest.mark.parametrize("address", MAPS)
def test_each_number_of_an_evidence_map_leads_to_as_many_programs(client, mapped, address):
    maps = read(client.get(address)).all("table", class_="map")

    cells = [cell for table in maps for cell in table.all("td")]
    numbers = [(cell.text.partition(" ")[0], cell.links) for cell in cells]
    told = [(int(number), links[0][1]) for number, links in numbers if links]
    led_to = [(len(listed_programs(read(client.get(link)))), link) for _, link in told]
    assert len(maps) == MAPS[address]
    assert [number for number, links in numbers if not links and number != "0"] == []
    assert len(told) > 7
    assert told == led_to


def test_topic_area_warns_says_why_it_was_chosen_and_leads_to_related_areas(client, db):
    area = TopicAreaFactory(
        slug="area",
        cautionary_notes="Groups *may* harm.",
        why_chosen="Agencies asked.",
        source="Retold from a registry.",
    )
    drafted = TopicAreaFactory(name="Drafted", status=Status.DRAFT)
    area.related_areas.set([TopicAreaFactory(name="Calm", slug="calm"), drafted])

    page = read(client.get("/topics/area/"))

    assert page.one("div", class_="notice prose").text == "Cautionary notes Groups may harm."
    assert page.section("Why this topic area was chosen").text.endswith(" Agencies asked.")
    assert page.section("Related topic areas").links == [("Calm", "/topics/calm/")]
    assert page.main.one("p", class_="muted source").text == "Source: Retold from a registry."
    assert "Related topic areas" not in read(client.get("/topics/calm/")).main.text


def test_experts_and_references_say_from_where_they_are_retold(client, db):
    area = TopicAreaFactory()
    area.experts.add(TopicExpertFactory(slug="ada", source="From her page."))
    area.further_reading.add(ReferenceFactory(source="From a registry."))

    pages = [read(client.get(address)) for address in ("/experts/ada/", "/references/")]

    sources = [page.main.one("p", class_="muted source").text for page in pages]
    assert sources == ["Source: From her page.", "Source: From a registry."]
