"""The public pages say what they should, to people and to machines."""

import json
import re
from datetime import UTC, datetime
from urllib.parse import urljoin

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from catalog.models import NOT_PROVIDED, Program, Reference, Status, StudyRole, TopicArea
from catalog.models.status import PublishableQuerySet

from ..conftest import StrictClient, catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..pages import (
    HEADINGS,
    NOT_RATED,
    PROMISING,
    SCALE,
    SEED_PROGRAMS,
    SEED_READING,
    STS,
    internals,
    is_rating,
    listed_programs,
    map_of,
    read,
)

# --- The first page, topic areas -------------------------------------------------------------------------------------


def test_home_counts_programs_and_leads_to_topic_areas(client, seed):
    page = read(client.get("/"))

    assert page.h1 == "Which programs work, and how sure is anyone?"
    assert page.main.one("p", class_="lead").text.startswith("13 programs for children, families")
    assert map_of(page.section("The evidence map")) == {STS: [0, 0, 5, 0, 0, 8, 13]}
    assert page.main.links[0] == (STS, "/topics/secondary-traumatic-stress/")
    scale = page.section("How to read a rating")
    assert [item.text for item in scale.all("li")] == SCALE


def test_home_searches_the_program_list(client, seed):
    page = read(client.get("/"))

    form = page.main.one("form")
    box = form.one("input")
    assert form.attributes["action"] == "/programs/"
    assert form.attributes["method"] == "get"
    assert box.attributes["name"] == "q"
    assert form.one("label", for_=box.attributes["id"]).text.startswith("Find a program")


def test_home_leaves_out_umbrella_areas(client, db):
    umbrella = TopicAreaFactory(name="Umbrella")
    TopicAreaFactory(name="Part", parent=umbrella)

    page = read(client.get("/"))

    assert map_of(page) == {"Part": [0, 0, 0, 0, 0, 0, 0]}


def test_topic_areas_show_umbrella_areas_with_their_parts(client, db):
    umbrella = TopicAreaFactory(name="Trauma", definition="Wide *and* deep.")
    second = TopicAreaFactory(name="trauma, second part", parent=umbrella)
    TopicAreaFactory(name="Trauma, first part", parent=umbrella)
    TopicAreaFactory(name="Alone")
    RatingFactory.create_batch(2, topic_area=second)

    page = read(client.get("/topics/"))

    areas = [item for item in page.main.all("li") if item.all("h2")]
    assert page.h1 == "Topic areas"
    assert [item.text for item in areas] == [
        "Alone 0 programs",
        "Trauma Wide and deep. Trauma, first part 0 programs trauma, second part 2 programs",
    ]
    assert page.main.links == [
        ("Alone", "/topics/alone/"),
        ("Trauma", "/topics/trauma/"),
        ("Trauma, first part", "/topics/trauma-first-part/"),
        ("trauma, second part", "/topics/trauma-second-part/"),
    ]


def test_topic_area_shows_its_definition_and_the_five_criteria_under_fixed_labels(
    client, seed, fixtures
):
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
    assert expert.links == [("Ginny Sprang, PhD", "/experts/ginny-sprang/")]
    assert expert.all("p")[0].text == (
        "This topic area was added in 2024. The topic expert helped to identify and rate the "
        "programs that were loaded that year, and those loaded earlier that were placed here at the "
        "launch. Programs that came later were identified and rated without the topic expert."
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
    assert page.section("Programs 0").one("li").text == "No program is published in this area yet."


def test_umbrella_area_shows_its_parts_and_no_programs(client, db):
    umbrella = TopicAreaFactory(name="Trauma", definition="All of it.")
    part = TopicAreaFactory(name="Part", parent=umbrella)
    RatingFactory(topic_area=part)

    page = read(client.get("/topics/trauma/"))
    page_of_part = read(client.get("/topics/part/"))

    parts = page.section("Topic areas within it")
    assert [section.all(*HEADINGS)[0].text for section in page.main.all("section")] == [
        "Definition",
        "Topic areas within it",
        "The scale",
    ]
    assert [item.text for item in parts.all("li")] == ["Part 1 program"]
    assert page_of_part.one("nav", aria_label="Breadcrumb").links == [
        ("Topic areas", "/topics/"),
        ("Trauma", "/topics/trauma/"),
    ]


# --- The page of a program -------------------------------------------------------------------------------------------

# Every field that an editor fills in: its value, and what the page says of it.
PROGRAM_FIELDS = {
    "name": ("Steady Ground® for Teams™", "Steady Ground® for Teams™ (SGT)"),
    "acronym": ("SGT", "(SGT)"),
    "also_known_as": (("Firm Footing", "Solid Soil"), "Also known as Firm Footing, Solid Soil"),
    "description": ("First *stressed* text.\n\n- a point", "First stressed text. a point"),
    "scope_note": ("Only the **standard** form.", "What was reviewed Only the standard form."),
    "target_population": ("Casework teams.", "Target population Casework teams."),
    "child_age_min": (3, "Children/adolescents, ages 3–12"),
    "child_age_max": (12, "Children/adolescents, ages 3–12"),
    "caregiver_child_age_min": (0, "Parents/caregivers of children, ages 0–17"),
    "caregiver_child_age_max": (17, "Parents/caregivers of children, ages 0–17"),
    "relevance_level": ("medium", "Child welfare relevance Medium"),
    "goals": ("Fewer symptoms.", "Goals Fewer symptoms."),
    "essential_components": ("Closed groups.", "Essential components Closed groups."),
    "delivery_settings": (("hospital", "school"), "Settings Hospital, School"),
    "intensity": ("Weekly hour.", "Recommended intensity Weekly hour."),
    "duration": ("16 weeks.", "Recommended duration 16 weeks."),
    "languages": (("English", "Español"), "Languages English, Español"),
    "manual_available": ("yes", "Manual Yes"),
    "manual_notes": ("Free of charge.", "Manual Yes Free of charge."),
    "training_available": ("no", "Training No"),
    "training_notes": ("None at present.", "Training No None at present."),
    "outcomes": (
        ("safety", "permanency", "well-being"),
        "Child-welfare outcomes Safety, Permanency, Child/family well-being",
    ),
    "website": ("https://example.org/steady", "https://example.org/steady"),
    "contact_name": ("Robin Example", "Contact Robin Example"),
    "contact_organization": ("Example County", "Robin Example Example County"),
    "contact_email": ("robin@example.org", "robin@example.org"),
    "contact_phone": ("555-0100", "555-0100"),
    "is_nonresponder": (True, "Nonresponder: the program's representative did not answer"),
    "research_last_reviewed": ("2025-06-15", "Research last reviewed June 15, 2025"),
    "content_last_reviewed": ("2025-05", "Content last reviewed by the program May 2025"),
    "loaded_on": ("2023", "Originally loaded 2023"),
}


@pytest.fixture
def full_program(db):
    """A program in which nothing is left blank."""
    return ProgramFactory(
        slug="steady", **{name: value for name, (value, _) in PROGRAM_FIELDS.items()}
    )


def test_program_shows_every_field(client, full_program):
    page = read(client.get("/programs/steady/"))

    missing = [name for name, (_, words) in PROGRAM_FIELDS.items() if words not in page.main.text]
    assert missing == []


def test_every_field_of_a_program_is_in_the_table_above():
    written_by_editors = {field.name for field in Program._meta.fields if field.editable}

    assert set(PROGRAM_FIELDS) == written_by_editors - {"id", "slug", "status"}


def test_program_shows_dates_at_the_precision_that_is_known(client, full_program):
    page = read(client.get("/programs/steady/"))

    times = [(t.attributes["datetime"], t.text) for t in page.section("Dates").all("time")]
    assert times == [
        ("2025-06-15", "June 15, 2025"),
        ("2025-05", "May 2025"),
        ("2023", "2023"),
    ]


def test_program_contact_links_to_mail_and_website(client, full_program):
    page = read(client.get("/programs/steady/"))

    assert page.section("Contact").links == [
        ("robin@example.org", "mailto:robin@example.org"),
        ("https://example.org/steady", "https://example.org/steady"),
    ]


def test_program_says_what_is_not_recorded(client, db):
    ProgramFactory(name="Bare")

    page = read(client.get("/programs/bare/"))

    assert page.section("Delivery").facts == {
        "Settings": "Not recorded",
        "Recommended intensity": "Not recorded",
        "Recommended duration": "Not recorded",
        "Languages": "Not recorded",
        "Manual": "Not known",
        "Training": "Not known",
    }
    assert page.section("At a glance").facts == {
        "Children/adolescents, ages": "Not recorded",
        "Parents/caregivers of children, ages": "Not recorded",
        "Child welfare relevance": "Not recorded",
        "Child-welfare outcomes": "Not recorded",
    }
    assert page.section("Dates").facts == {
        "Research last reviewed": "Not recorded",
        "Content last reviewed by the program": "Not recorded",
        "Originally loaded": "Not recorded",
    }
    assert page.section("Contact").text == "Contact Not recorded"
    assert page.section("Research").text == "Research No studies are listed with this program yet."
    assert page.section("Scientific rating").all("p")[0].text == (
        "Not rated in a published topic area."
    )


def test_program_shows_what_the_representative_did_not_provide(client, db):
    ProgramFactory(
        name="Silent", goals=NOT_PROVIDED, intensity=NOT_PROVIDED, languages=[NOT_PROVIDED]
    )

    page = read(client.get("/programs/silent/"))

    assert page.section("Goals").text == "Goals Not provided by the representative"
    delivery = page.section("Delivery").facts
    assert delivery["Recommended intensity"] == "Not provided by the representative"
    assert delivery["Languages"] == "Not provided by the representative"
    assert delivery["Recommended duration"] == "Not recorded"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(0, 0, "0"), (0, None, "0 and older"), (None, 0, "Up to 0"), (6, 17, "6–17")],
)
def test_program_shows_ages_from_birth_on(client, db, low, high, words):
    ProgramFactory(name="Young", child_age_min=low, child_age_max=high)

    page = read(client.get("/programs/young/"))

    assert page.section("At a glance").facts["Children/adolescents, ages"] == words


def test_program_shows_each_rating_with_its_topic_area_best_first(client, db):
    program = ProgramFactory(name="Rated", loaded_on="2024")
    first = TopicAreaFactory(name="Zeal", year_added=2024)
    first.experts.add(TopicExpertFactory())
    RatingFactory(
        program=program,
        topic_area=TopicAreaFactory(name="Calm"),
        scientific_rating="NR",
        not_rated_reason="no-control-group",
    )
    RatingFactory(
        program=program,
        topic_area=first,
        scientific_rating="1",
        rationale="Two *good* trials.",
        rated_on="2024-03",
        scale_edition="2023",
    )

    page = read(client.get("/programs/rated/"))

    cards = page.section("Scientific rating").all("article")
    assert [card.one("h3").text for card in cards] == [SCALE[0], NOT_RATED]
    assert [card.links for card in cards] == [
        [(SCALE[0], "/rating-scale/#level-1"), ("Zeal", "/topics/zeal/")],
        [(NOT_RATED, "/rating-scale/#level-nr"), ("Calm", "/topics/calm/")],
    ]
    assert cards[0].all("p")[0].text.startswith("In Zeal, this program is rated 1: at least two ")
    assert "Two good trials." in [p.text for p in cards[0].all("p")]
    assert cards[0].facts == {
        "Rated": "March 2024",
        "Edition of the scale": "2023",
        "Topic expert took part": "Yes. First rated here in 2024; the topic area was added in 2024.",
    }
    assert cards[1].all("p")[0].text.endswith("Why: no study with a control group.")
    assert cards[1].facts == {"Rated": "Date not recorded"}


def test_program_shows_past_ratings_newest_first(client, db):
    program, area = ProgramFactory(name="Rerated"), TopicAreaFactory()
    for level, day in [("NR", ""), ("4", "2019"), ("3", "2021-05"), ("2", "2024-01-31")]:
        RatingFactory(program=program, topic_area=area, scientific_rating=level, rated_on=day)

    page = read(client.get("/programs/rerated/"))

    card = page.section("Scientific rating").one("article")
    assert card.one("h3").text == SCALE[1]
    assert card.facts == {"Rated": "January 31, 2024"}
    # Nobody knows what came between the one without a date and the others.
    assert [item.text for item in card.one("ol", class_="timeline").all("li")] == [
        f"January 31, 2024 {SCALE[1]} Changed from 3 to 2.",
        f"May 2021 {PROMISING} Changed from 4 to 3.",
        f"2019 {SCALE[3]}",
        f"Date not recorded {NOT_RATED}",
    ]


@pytest.mark.parametrize("first", ["", "2019"])
def test_program_shows_what_a_second_rating_changed(client, db, first):
    program, area = ProgramFactory(name="Rerated"), TopicAreaFactory()
    for level, day in [("NR", first), ("3", "")]:
        RatingFactory(program=program, topic_area=area, scientific_rating=level, rated_on=day)

    page = read(client.get("/programs/rerated/"))

    assert [item.text for item in page.one("ol", class_="timeline").all("li")] == [
        f"Date not recorded {PROMISING} Able to be rated now: 3. It was NR before.",
        f"{first or 'Date not recorded'} {NOT_RATED} First rating on record here.",
    ]


def test_program_rated_once_has_no_timeline_and_nothing_to_compare(client, db):
    RatingFactory(program__name="Once")

    page = read(client.get("/programs/once/"))

    assert (page.all("ol", class_="timeline"), page.all("table")) == ([], [])


def rows(page):
    """Return the rows of the page's only table, as texts."""
    return [[cell.text for cell in row.all("th", "td")] for row in page.one("table").all("tr")]


def test_program_shows_why_its_ratings_differ(client, db):
    program = ProgramFactory(name="Rated")
    calm = TopicAreaFactory(name="Calm", rating_criteria="Research on *calm*.")
    levels = {calm: ("NR", "measures"), TopicAreaFactory(name="Zeal"): ("2", "")}
    levels[TopicAreaFactory(name="Ease")] = ("NR", "")
    for area, (level, reason) in levels.items():
        RatingFactory(
            program=program, topic_area=area, scientific_rating=level, not_rated_reason=reason
        )
    hidden = TopicAreaFactory(name="Draft", status=Status.DRAFT)
    RatingFactory(program=program, topic_area=hidden)

    page = read(client.get("/programs/rated/"))

    section = page.section("Why the ratings differ")
    assert rows(section) == [
        ["Topic area", "Zeal", "Calm", "Ease"],
        ["Scientific rating", SCALE[1], NOT_RATED, NOT_RATED],
        ["In order to be rated", "Not stated", "Research on calm.", "Not stated"],
        ["Why it is NR", "It is rated", "Measures not reliable or valid", "Reason not stated"],
    ]
    region = section.one("div", role="region").attributes
    assert (region["tabindex"], region["aria-labelledby"]) == (
        "0",
        section.one("h2").attributes["id"],
    )


def test_program_of_one_level_in_all_areas_has_them_side_by_side(client, db):
    program = ProgramFactory(name="Rated")
    for name in ("Calm", "Zeal"):
        RatingFactory(program=program, topic_area__name=name)

    page = read(client.get("/programs/rated/"))

    assert rows(page.section("The ratings side by side")) == [
        ["Topic area", "Calm", "Zeal"],
        ["Scientific rating", PROMISING, PROMISING],
        ["In order to be rated", "Not stated", "Not stated"],
    ]


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        (24, "Research last reviewed (2000); every 24 months is the aim. This review is overdue."),
        (9999, "Research last reviewed (2000); every 9999 months is the aim."),
    ],
)
def test_program_says_how_old_the_review_is_and_whether_it_is_overdue(
    client, db, settings, interval, words
):
    settings.REVIEW_INTERVAL_MONTHS = interval
    ProgramFactory(name="Old", research_last_reviewed="2000")

    page = read(client.get("/programs/old/"))

    # The number grows from month to month; test_reviews.py counts it.
    age, is_told = re.subn(
        r" at least \d{3} months ago", "", page.one("p", class_="review-age").text
    )
    assert (age, is_told) == (words, 1)


def test_program_lists_studies_by_role_with_what_is_known(client, db):
    program = ProgramFactory(name="Studied")
    references = {
        role: ReferenceFactory(authors=f"{role.title()}, A.", title=f"On {role}", year=2020)
        for role in StudyRole.values
    }
    StudyFactory(program=program, reference=references["additional"], role="additional")
    StudyFactory(
        program=program,
        reference=references["not-used"],
        role="not-used",
        exclusion_reason="No control group.",
    )
    StudyFactory(
        program=program,
        reference=references["relevant"],
        design="Randomized controlled trial",
        sample_size=184,
        population="Caseworkers",
        location="Example County",
        follow_up_months=0,
        summary="It *helped*.",
    )

    page = read(client.get("/programs/studied/"))

    research = page.section("Relevant published, peer-reviewed research").one("li")
    assert research.all("p")[0].text == "Relevant, A. (2020). On relevant."
    assert research.all("p")[-1].text == "It helped."
    assert research.facts == {
        "Type of study": "Randomized controlled trial",
        "Participants": "184",
        "Population": "Caseworkers",
        "Location": "Example County",
        "Controlled follow-up": "0 months",
    }
    assert page.section("Not used in the rating").one("li").text == (
        "Not-Used, A. (2020). On not-used. Why it is not used: No control group."
    )
    assert page.section("Additional reference").one("li").text == (
        "Additional, A. (2020). On additional."
    )


# --- The other pages -------------------------------------------------------------------------------------------------


def test_program_list_shows_every_program_with_its_ratings(client, seed):
    page = read(client.get("/programs/"))

    expected = [(name, ratings) for name, ratings in SEED_PROGRAMS]
    assert page.one("title").text == "Programs: 13 results – Evidence Clearinghouse"
    assert page.one("h2", id="count").text == "13 programs"
    assert listed_programs(page) == expected
    first = page.one("ol", class_="programs").all("li", class_="program")[0]
    assert [item.text for item in first.all("li")] == [f"{PROMISING} in {STS}"]


MAPS = {"/": 1, "/evidence-map/": 1, "/topics/calm/": 2}


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
    assert map_of(page) == {"Calm": [1, 1, 1, 1, 1, 2, 7], "Sleep": [0, 1, 0, 0, 0, 0, 1]}


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


def test_search_shows_what_else_holds_the_words(client, db):
    # Three of each kind at most.
    for n in range(4):
        area = TopicAreaFactory(name=f"Calm {n}")
        area.experts.add(TopicExpertFactory(name=f"Robin Calm {n}"))
        area.further_reading.add(ReferenceFactory(authors=f"Author, {n}.", title="On calm"))

    others = read(client.get("/programs/?q=calm")).one("div", aria_label="Also matching")

    assert others.links == [
        *((f"Calm {n}", f"/topics/calm-{n}/") for n in range(3)),
        *((f"Robin Calm {n}", f"/experts/robin-calm-{n}/") for n in range(3)),
    ]
    assert [item.text for item in others.all("li")] == [
        f"Author, {n}. (2020). On calm." for n in range(3)
    ]


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
    RatingFactory(topic_area=area)

    page = read(client.get("/experts/zoe-example/"))

    assert page.h1 == "Zoë Example, PhD"
    assert page.main.one("p", class_="lead").text == "Professor, Example University"
    assert page.main.one("em").text == "hard"
    assert page.main.links == [
        ("https://example.org/zoe", "https://example.org/zoe"),
        ("Calm", "/topics/calm/"),
    ]
    areas = page.section("Topic expert for")
    assert [item.text for item in areas.all("li")] == ["Calm Added in 2024. 1 program"]


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
        "The program's representative did not respond",
        "Reason not stated",
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

    assert home.main.one("p", class_="lead").text.startswith("0 programs ")
    assert (home.all("table"), evidence.all("table")) == ([], [])
    assert [i.text for i in topics.main.all("li")] == ["No topic area is published yet."]
    assert programs.one("h2", id="count").text == "0 programs"
    assert references.main.one("li").text == "No references are published yet."


# --- What goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/nothing/",
        "/topics/nothing/",
        "/topics/nothing/summary.pdf",
        "/programs/nothing/",
        "/experts/nothing/",
        "/sitemap-nothing.xml",
        "/.env",
        "/static/../config/settings.py",
        "/programs/not%20a%20slug/",
    ],
)
def test_unknown_address_says_so_and_no_more(client, db, address):
    response = client.get(address)

    page = read(response)
    assert response.status_code == 404
    assert page.h1 == "There is no such page"
    assert [link for _, link in page.main.links] == ["/programs/", "/topics/"]
    assert internals(response) == []


def test_fault_of_the_site_says_so_and_no_more(db, monkeypatch):
    def fail(_):
        raise RuntimeError("a secret from /srv/clearinghouse/views.py")

    monkeypatch.setattr(PublishableQuerySet, "published", fail)
    client = StrictClient(raise_request_exception=False)

    response = client.get("/programs/")

    assert response.status_code == 500
    assert read(response).h1 == "Something went wrong on our side"
    assert internals(response) == []
    assert "secret" not in response.content.decode()


def test_request_that_cannot_be_read_says_so_and_no_more(client, db, settings):
    too_many = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1
    response = client.get("/programs/", query_params={f"p{n}": "1" for n in range(too_many)})

    assert response.status_code == 400
    assert read(response).h1 == "This request makes no sense to the site"
    assert internals(response) == []


def test_unknown_host_is_refused(client, db):
    response = client.get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert read(response).h1 == "This request makes no sense to the site"
    assert "elsewhere" not in response.content.decode()


# --- What machines ask for -------------------------------------------------------------------------------------------


def addresses(sitemap):
    return re.findall("<loc>(.*?)</loc>", sitemap.content.decode())


def test_robots_are_asked_to_leave_filters_and_the_admin_alone(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\n"
        "Disallow: /admin/\n"
        "Disallow: /preview/\n"
        "Disallow: /programs/?\n"
        "Disallow: /compare/?\n"
        "Sitemap: http://testserver/sitemap.xml\n"
    )


def test_sitemap_holds_exactly_the_public_addresses(client, db):
    umbrella = TopicAreaFactory(name="Umbrella")
    area = TopicAreaFactory(name="Area", parent=umbrella)
    area.experts.add(TopicExpertFactory(slug="expert"))
    ProgramFactory(slug="program")
    for status in (Status.DRAFT, Status.IN_REVIEW, Status.RETIRED):
        hidden = TopicAreaFactory(status=status)
        hidden.experts.add(TopicExpertFactory())
        ProgramFactory(status=status)
    TopicExpertFactory()

    index = client.get("/sitemap.xml")
    sections = {a: addresses(client.get(a)) for a in addresses(index)}

    assert sections == {
        "http://testserver/sitemap-pages.xml": [
            "http://testserver/",
            "http://testserver/topics/",
            "http://testserver/programs/",
            "http://testserver/evidence-map/",
            "http://testserver/references/",
            "http://testserver/rating-scale/",
            "http://testserver/glossary/",
            "http://testserver/accessibility/",
        ],
        "http://testserver/sitemap-topics.xml": [
            "http://testserver/topics/area/",
            "http://testserver/topics/umbrella/",
        ],
        "http://testserver/sitemap-programs.xml": ["http://testserver/programs/program/"],
        "http://testserver/sitemap-experts.xml": ["http://testserver/experts/expert/"],
    }


def test_healthz_says_ok(client, db):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok\n")


def test_healthz_says_so_when_the_database_fails(client, db):
    def fail(*_):
        raise OperationalError("the server at 10.0.0.7 is gone")

    with connection.execute_wrapper(fail):
        response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"database unavailable\n")


# --- Addresses that moved, entries that are retired ------------------------------------------------------------------

KINDS = {
    "program": (ProgramFactory, "/programs/{}/"),
    "topic area": (TopicAreaFactory, "/topics/{}/"),
    "summary": (TopicAreaFactory, "/topics/{}/summary.pdf"),
    "expert": (TopicExpertFactory, "/experts/{}/"),
}


def make(kind, slug, **fields):
    """Return a new public entry of this kind."""
    entry = KINDS[kind][0](slug=slug, **fields)
    if kind == "expert":
        TopicAreaFactory().experts.add(entry)
    return entry


def rename(entry, slug):
    entry.slug = slug
    entry.save()


@pytest.mark.parametrize("kind", KINDS)
def test_old_address_leads_to_the_new_one(client, db, kind):
    address = KINDS[kind][1]
    entry = make(kind, "first")
    rename(entry, "second")
    rename(entry, "third")

    from_first, from_second = (client.get(address.format(s)) for s in ("first", "second"))

    assert [(r.status_code, r["Location"]) for r in (from_first, from_second)] == [
        (301, address.format("third")),
        (301, address.format("third")),
    ]
    assert client.get(address.format("third")).status_code == 200


@pytest.mark.parametrize("kind", ["program", "topic area", "expert"])
def test_address_belongs_to_the_entry_that_has_it_now(client, db, kind):
    address = KINDS[kind][1]
    rename(make(kind, "shared", name="Earlier"), "moved")
    make(kind, "shared", name="Later")

    page = read(client.get(address.format("shared")))

    assert page.h1 == "Later"


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
@pytest.mark.parametrize("kind", ["program", "topic area", "summary"])
def test_old_address_of_an_unpublished_entry_leads_nowhere(client, db, kind, status):
    rename(make(kind, "first", status=status), "second")

    assert client.get(KINDS[kind][1].format("first")).status_code == 404


def retire(entry):
    entry.status = Status.RETIRED
    entry.retired_at = datetime(2026, 3, 5, 20, tzinfo=UTC)
    entry.save()


@pytest.fixture
def retired(db):
    """Two of each kind, of which one is retired."""
    areas = [TopicAreaFactory(name=f"Area {n}", definition="Told then.") for n in "ab"]
    programs = [ProgramFactory(name=f"Program {n}", description="Told then.") for n in "ab"]
    for n, area in enumerate(areas):
        area.experts.add(TopicExpertFactory(name=f"Expert of {area}"))
        area.further_reading.add(ReferenceFactory(title=f"Read for {area}"))
        for program in programs:
            RatingFactory(topic_area=area, program=program)
        StudyFactory(program=programs[n], reference__title=f"On {programs[n]}")
    retire(areas[0])
    retire(programs[0])


@pytest.mark.parametrize("address", ["/programs/program-a/", "/topics/area-a/"])
def test_retired_entry_keeps_its_address_and_says_when(client, retired, address):
    response = client.get(address)

    page = read(response)
    assert response.status_code == 200
    assert page.h1 == ("Program a" if "program" in address else "Area a")
    assert page.main.one("strong").text == "This entry was retired on March 5, 2026."
    assert page.main.one("time").attributes == {"datetime": "2026-03-05"}
    assert "Told then." not in page.text
    assert [element for element in page.main.all() if is_rating(element)] == []
    assert page.one("meta", name="robots").attributes["content"] == "noindex"
    assert response["X-Robots-Tag"] == "noindex"


def test_retired_entry_is_in_no_list_and_no_count(client, retired):
    home, topics, area, programs, program, references = (
        read(client.get(address))
        for address in (
            "/",
            "/topics/",
            "/topics/area-b/",
            "/programs/",
            "/programs/program-b/",
            "/references/",
        )
    )
    sitemap = [
        address.removeprefix("http://testserver")
        for section in ("topics", "programs", "experts")
        for address in addresses(client.get(f"/sitemap-{section}.xml"))
    ]

    assert home.main.one("p", class_="lead").text.startswith("1 program for")
    assert map_of(home) == {"Area b": [0, 0, 1, 0, 0, 0, 1]}
    assert [i.text for i in topics.main.all("li")] == ["Area b Told then. 1 program"]
    assert [name for name, _ in listed_programs(area)] == ["Program b"]
    assert listed_programs(programs) == [("Program b", [PROMISING])]
    assert programs.one("h2", id="count").text == "1 program"
    choices = programs.all("input", name="topic")
    assert [choice.attributes["value"] for choice in choices] == ["area-b"]
    assert [a.one("h3").text for a in program.all("article")] == [PROMISING]
    assert [p.text for p in references.all("p", class_="citation")] == [
        "Author, A. (2020). On Program b.",
        "Author, A. (2020). Read for Area b.",
    ]
    assert sitemap == ["/topics/area-b/", "/programs/program-b/", "/experts/expert-of-area-b/"]


def test_expert_of_a_retired_area_only_has_no_page(client, retired):
    assert client.get("/experts/expert-of-area-a/").status_code == 404


def test_entry_that_is_no_longer_retired_shows_again(client, retired):
    program = Program.objects.get(slug="program-a")
    program.status = Status.PUBLISHED
    program.save()

    page = read(client.get("/programs/program-a/"))

    assert page.section("About the program").one("p").text == "Told then."


# --- Pages of a list -------------------------------------------------------------------------------------------------


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


# --- Headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/programs/?q=x", 200),
        ("/topics/secondary-traumatic-stress/summary.pdf", 200),
        ("/programs/once/", 301),
        ("/nothing/", 404),
        ("/robots.txt", 200),
        ("/sitemap.xml", 200),
        ("/healthz", 200),
    ],
)
def test_every_response_tells_browsers_what_not_to_do(client, seed, address, status):
    rename(ProgramFactory(slug="once"), "now")

    response = client.get(address)

    names = (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "X-Frame-Options",
        "Cross-Origin-Opener-Policy",
    )
    assert response.status_code == status
    assert {name: response.get(name) for name in names} == {
        "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
    }


PREVIEWS = ["/programs/draft/", "/topics/draft/", "/topics/draft/summary.pdf"]


@pytest.mark.parametrize("address", PREVIEWS)
def test_preview_is_neither_kept_nor_indexed(editor_client, db, address):
    ProgramFactory(slug="draft", status=Status.DRAFT)
    TopicAreaFactory(slug="draft", status=Status.DRAFT)

    response = editor_client.get(address)

    directives = {d.strip() for d in response["Cache-Control"].split(",")}
    assert response.status_code == 200
    assert directives >= {"no-store", "private"}
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.RETIRED])
@pytest.mark.parametrize("kind", ["program", "topic area"])
def test_preview_says_what_it_is(editor_client, db, kind, status):
    make(kind, "hidden", status=status)

    page = read(editor_client.get(KINDS[kind][1].format("hidden")))

    assert page.one(class_="preview-banner").text == (
        f"{status.label}. Only staff see this page as it is here; it is not published."
    )


def viewer():
    """Return someone who may see drafts."""
    staff = UserFactory(is_staff=True)
    staff.user_permissions.set(catalog_permissions("view"))
    return staff


PAGES = [
    *("/", "/topics/", "/topics/secondary-traumatic-stress/", "/evidence-map/", "/programs/"),
    *("/programs/?q=stress&rating=3", "/programs/ce-cert/", "/compare/?program=ce-cert"),
    *("/experts/ginny-sprang/", "/references/", "/rating-scale/", "/glossary/", "/accessibility/"),
]


@pytest.mark.parametrize("address", PAGES)
def test_public_page_is_the_same_for_staff_and_kept_for_nobody_else(client, seed, address):
    as_public = client.get(address)
    client.force_login(viewer())

    as_staff = client.get(address)

    assert as_staff.content == as_public.content
    assert as_public["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert as_staff["Cache-Control"] == "private, no-cache"
    assert "X-Robots-Tag" not in as_staff.headers


@pytest.mark.parametrize("address", [*PAGES, "/topics/secondary-traumatic-stress/summary.pdf"])
def test_page_is_sent_once_until_something_changes(
    client, seed, address, django_assert_num_queries
):
    first = client.get(address)

    # The version of the catalog.
    with django_assert_num_queries(1):
        again = client.get(address, headers={"if-none-match": first["ETag"]})
    Program.objects.filter(slug="ce-cert").update(description="Another text.")
    changed = client.get(address, headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again["ETag"] == first["ETag"] != changed["ETag"]


# --- Queries ---------------------------------------------------------------------------------------------------------

EVERY_FILTER = (
    "/programs/?q=program&topic=area-0&topic=area-1&rating=3&relevance=high&outcome=safety&age=7"
    "&setting=school&expert=expert-0&reviewed_since=2000&sort=reviewed"
)

EVERY_COMPARISON = (
    "/compare/?program=program-0&program=program-1&program=program-2&program=unknown&add=program"
)


@pytest.fixture(params=[1, 3])
def catalog_of(request, db):
    """One or three of everything, and of everything that belongs to it; two topic areas at least.

    The word "program" is in all of it.
    """
    size = request.param
    umbrella = TopicAreaFactory(slug="umbrella")
    experts = [
        TopicExpertFactory(name=f"Expert for program {n}", slug=f"expert-{n}") for n in range(size)
    ]
    references = [ReferenceFactory(title=f"On program {n}") for n in range(size)]
    areas = []
    for n in range(size + 1):
        areas.append(
            TopicAreaFactory(
                name=f"Program area {n}", slug=f"area-{n}", parent=umbrella, year_added=2024
            )
        )
        areas[-1].experts.set(experts)
        areas[-1].further_reading.set(references)
    for n in range(size):
        program = ProgramFactory(
            name=f"Program {n}",
            slug=f"program-{n}",
            relevance_level="high",
            outcomes=["safety"],
            delivery_settings=["school"],
            child_age_min=0,
            research_last_reviewed="2024",
        )
        for area in areas:
            RatingFactory(program=program, topic_area=area, rated_on="2020", scientific_rating="NR")
            RatingFactory(program=program, topic_area=area, rated_on="2024")
        for reference in references:
            StudyFactory(program=program, reference=reference)
    return size


QUERIES = {
    # On every page, the version of the catalog; on these, nothing else.
    "/": 1,
    "/evidence-map/": 1,
    "/compare/": 1,
    "/accessibility/": 1,
    # Topic areas with their counts and umbrella areas.
    "/topics/": 2,
    # The area; its umbrella area; ratings with programs; parts; experts; further reading; the glossary.
    "/topics/area-0/": 8,
    # The area; its parts with their counts; experts; further reading.
    "/topics/umbrella/": 5,
    # As on the page, without the glossary.
    "/topics/area-0/summary.pdf": 7,
    # The programs of the page; their ratings.
    "/programs/": 3,
    # What holds the words; the references among it; the programs; their ratings.
    EVERY_FILTER: 5,
    # What holds the words; the references among it; what holds the words as they may have been meant.
    "/programs/?q=progarm": 4,
    # The addresses in use; former ones; the programs; their ratings with topic areas; the roles of their studies;
    # the programs that may be added.
    EVERY_COMPARISON: 7,
    # The program; its ratings with topic areas; their experts; the studies with references; since when
    # it is on record; the glossary.
    "/programs/program-0/": 7,
    # The program; since when it is on record; its row; ratings, topic areas, studies and references by their
    # histories, and those without one; the ratings and the studies of now; the areas of now; the glossary.
    f"/programs/program-0/?as_of={timezone.localdate()}": 16,
    # The expert; the topic areas with their counts.
    "/experts/expert-0/": 3,
    # The count; the references; the areas that read them; the studies that cite them.
    "/references/": 5,
    # The glossary.
    "/rating-scale/": 2,
    "/glossary/": 2,
    "/robots.txt": 0,
    # Whether there is a program.
    "/healthz": 1,
    # The counts of topic areas, programs and experts, for the number of sitemap pages.
    "/sitemap.xml": 3,
    # The count, and the entries.
    "/sitemap-topics.xml": 2,
    "/sitemap-programs.xml": 2,
    "/sitemap-experts.xml": 2,
    "/sitemap-pages.xml": 0,
}
# The version once more; areas that became public by themselves; the programs as sets: programs, ratings, topic areas,
# their experts. Once after each change, for all pages together.
SETS = 6


@pytest.mark.parametrize("address", QUERIES)
def test_queries_do_not_grow_with_the_catalog(
    client, catalog_of, address, django_assert_num_queries
):
    client.get(address)

    with django_assert_num_queries(QUERIES[address]):
        response = client.get(address)

    assert response.status_code == 200


@pytest.mark.parametrize("address", ["/", "/evidence-map/", "/programs/", EVERY_FILTER])
def test_first_page_after_a_change_reads_the_sets_and_the_next_one_does_not(
    client, catalog_of, address, django_assert_num_queries
):
    client.get("/")
    Program.objects.update(goals="Others.")

    with django_assert_num_queries(QUERIES[address] + SETS):
        client.get(address)
    with django_assert_num_queries(QUERIES[address]):
        client.get(address)


def test_list_takes_few_queries_even_cold_and_at_its_worst(
    client, catalog_of, django_assert_num_queries
):
    # No program holds the mistyped word, but a reference does.
    reference = ReferenceFactory(title="On the progarm area")
    TopicArea.objects.get(slug="area-0").further_reading.add(reference)

    # The version; the sets; what holds the words; the references among it; what holds one word alone; the vocabulary;
    # what holds the words as they may have been meant.
    with django_assert_num_queries(6 + SETS):
        response = client.get("/programs/?q=progarm+area&rating=3&age=7")

    page = read(response)
    ways = page.one("div", class_="nothing").links
    assert page.one("h2", id="count").text == "0 programs for “progarm area”"
    assert ways == [
        ("program area", "?q=program+area&rating=3&age=7"),
        ("Without the words", "?rating=3&age=7"),
        ("Without the word “progarm”", "?q=area&rating=3&age=7"),
    ]
    assert "On the progarm area." in page.one("div", class_="others").text


def test_queries_do_not_grow_with_what_is_asked_for(client, db, django_assert_num_queries):
    TopicAreaFactory()
    asked = "&".join(f"topic=t-{n}&expert=e-{n}" for n in range(100))
    client.get(f"/programs/?{asked}")

    # The version; there is no program to read.
    with django_assert_num_queries(1):
        response = client.get(f"/programs/?{asked}")

    assert read(response).one("h2", id="count").text == "0 programs"


def test_every_filter_above_leaves_something_to_show(client, catalog_of):
    page = read(client.get(EVERY_FILTER))

    assert [name for name, _ in listed_programs(page)] == [
        f"Program {n}" for n in range(catalog_of)
    ]
