"""The page of a program says all that is recorded of it."""

import re

import pytest
from django.utils import timezone

from catalog.models import NOT_PROVIDED, Program, Status, Study

from ..factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    ScaleEditionFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import (
    NOT_RATED,
    PROMISING,
    SCALE,
    read,
)
from .entries import rename

pytestmark = pytest.mark.once

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
    "adverse_effects": ("No *harm*.", "Adverse effects No harm."),
    "child_services": ("Fear of sleep.", "Services to children and adolescents Fear of sleep."),
    "caregiver_services": ("Worry.", "Services to parents and caregivers Worry."),
    "group_format": ("Six to ten.", "Group format and size Six to ten."),
    "homework": ("A diary.", "Homework A diary."),
    "resources_needed": ("A room.", "Resources needed A room."),
    "provider_qualifications": ("A degree.", "Provider qualifications A degree."),
    "logic_model": ("yes", "Logic model Provided https://example.org/logic"),
    "logic_model_url": (
        "https://example.org/logic",
        "Logic model Provided https://example.org/logic",
    ),
    "pre_implementation": ("yes", "Pre-implementation materials Provided A checklist."),
    "pre_implementation_notes": ("A checklist.", "Provided A checklist."),
    "formal_support": ("yes", "Formal support Provided Monthly calls."),
    "formal_support_notes": ("Monthly calls.", "Provided Monthly calls."),
    "fidelity_measures": ("no", "Fidelity measures None provided Being written."),
    "fidelity_measures_notes": ("Being written.", "None provided Being written."),
    "implementation_guides": ("yes", "Implementation guides or manuals Provided A guide."),
    "implementation_guides_notes": ("A guide.", "Provided A guide."),
    "implementation_research": (
        "not-known",
        "Research on how to implement it Not known Asked in 2024.",
    ),
    "implementation_research_notes": ("Asked in 2024.", "Not known Asked in 2024."),
    "cost": ("$2,000 for a team.", "Cost (2024) $2,000 for a team."),
    "cost_year": (2024, "Cost (2024) $2,000"),
    "source": ("Retold from a registry.", "Source: Retold from a registry."),
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


# Not words of the page, or with tests of their own.
ELSEWHERE = {"id", "slug", "status", "not_provided", "logic_model_file"}


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

    assert set(PROGRAM_FIELDS) == written_by_editors - ELSEWHERE


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

    assert page.main.facts == {}
    assert page.section("Delivery").text == (
        "Delivery Not recorded: services to children and adolescents; services to parents and caregivers; settings; "
        "recommended intensity; recommended duration; group format and size; homework; languages; resources needed; "
        "provider qualifications; manual; training."
    )
    assert page.section("Implementation").text == (
        "Implementation Not recorded: logic model; pre-implementation materials; formal support; fidelity measures; "
        "implementation guides or manuals; research on how to implement it; cost."
    )
    assert page.section("At a glance").all("p")[0].text == (
        "Not recorded: child welfare relevance; child-welfare outcomes."
    )
    assert page.section("Dates").text == (
        "Dates Not recorded: research last reviewed; originally loaded."
    )
    assert "Adverse effects" not in page.main.text
    assert "Source:" not in page.main.text
    assert (
        page.section("Contact").text == "Contact This site has no contact of the program on record."
    )
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
    assert "Recommended duration" not in delivery


def test_a_long_text_is_folded_under_its_first_words(client, db):
    words = [f"word{number}" for number in range(100)]
    ProgramFactory(name="Long", homework=" ".join(words), resources_needed="A room.")

    page = read(client.get("/programs/long/"))

    (folded,) = page.all("details", class_="folded")
    assert folded.one("summary").text == f"{' '.join(words[:24])} … Show less"
    assert folded.one("p").text == " ".join(words)


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
        scale_edition=ScaleEditionFactory(name="2023"),
    )

    page = read(client.get("/programs/rated/"))

    cards = page.section("Scientific rating").all("article")
    assert [card.one("h3").text for card in cards] == [
        f"{SCALE[0]} in Zeal",
        f"{NOT_RATED} in Calm",
    ]
    assert [card.links for card in cards] == [
        [(SCALE[0], "/rating-scale/#level-1"), ("Zeal", "/topics/zeal/")],
        [(NOT_RATED, "/rating-scale/#level-nr"), ("Calm", "/topics/calm/")],
    ]
    assert cards[0].all("p")[0].text == "Rated March 2024."
    assert cards[0].all("p")[1].text.startswith("In Zeal, this program is rated 1: at least two ")
    assert "Two good trials." in [p.text for p in cards[0].all("p")]
    assert cards[0].facts == {
        "Edition of the scale": "2023",
        "Topic expert took part": "Yes. Loaded in 2024, the year in which the topic area was added.",
    }
    assert cards[1].all("p")[0].text == (
        "Date not recorded. Why NR: no study with a control group."
    )
    assert cards[1].facts == {}


def test_program_shows_past_ratings_newest_first(client, db):
    program, area = ProgramFactory(name="Rerated"), TopicAreaFactory()
    for level, day in [("NR", ""), ("4", "2019"), ("3", "2021-05"), ("2", "2024-01-31")]:
        RatingFactory(program=program, topic_area=area, scientific_rating=level, rated_on=day)

    page = read(client.get("/programs/rerated/"))

    card = page.section("Scientific rating").one("article")
    assert card.one("h3").text == f"{SCALE[1]} in {area}"
    assert card.all("p")[0].text == "Rated January 31, 2024."
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

    section = page.one("details", class_="side-by-side")
    assert section.one("summary").text == "Why the ratings differ"
    assert rows(section) == [
        ["Topic area", "Zeal", "Calm", "Ease"],
        ["Scientific rating", SCALE[1], NOT_RATED, NOT_RATED],
        ["In order to be rated", "Not stated", "Research on calm.", "Not stated"],
        ["Why it is NR", "It is rated", "Measures not reliable or valid", "Reason not stated"],
    ]
    region = section.one("div", role="region").attributes
    assert (region["tabindex"], region["aria-labelledby"]) == (
        "0",
        section.one("summary").attributes["id"],
    )


def test_program_of_one_level_in_all_areas_has_them_side_by_side(client, db):
    program = ProgramFactory(name="Rated")
    for name in ("Calm", "Zeal"):
        RatingFactory(program=program, topic_area__name=name)

    page = read(client.get("/programs/rated/"))

    section = page.one("details", class_="side-by-side")
    assert section.one("summary").text == "The ratings side by side"
    assert rows(section) == [
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


def test_program_lists_studies_by_the_part_that_they_play_with_what_is_known(client, db):
    program, area = ProgramFactory(name="Studied"), TopicAreaFactory(name="Sleep")
    references = {
        part: ReferenceFactory(authors=f"{part}, A.", title=f"On {part}", year=2020)
        for part in ("Counts", "Not", "Other", "Hidden")
    }
    RatingFactory(program=program, topic_area=area)
    FindingFactory(
        program=program,
        reference=references["Counts"],
        topic_area=area,
        outcome="Hours of sleep",
        effect="benefit",
        sustained_months=12,
    )
    FindingFactory(
        program=program,
        reference=references["Not"],
        topic_area=area,
        counts=False,
        not_counted_reason="no-control-group",
        note="Only one group was seen.",
    )
    FindingFactory(
        program=program,
        reference=references["Hidden"],
        topic_area=TopicAreaFactory(status=Status.DRAFT),
    )
    StudyFactory(program=program, reference=references["Other"])
    Study.objects.filter(reference=references["Counts"]).update(
        design="rct",
        enrolled=184,
        participants_status="Caseworkers",
        location="Example County",
        follow_up_months=0,
        summary="It *helped*.",
        limitations="Few stayed.",
    )

    page = read(client.get("/programs/studied/"))

    research = page.section("Research that counts in a rating").one("ul", class_="studies")
    assert research.all("p")[0].text == "Counts, A. (2020). On Counts."
    assert (
        research.one("ul", class_="findings").text
        == "Sleep: Hours of sleep – benefit, still found 12 months after the end."
    )
    assert [p.text for p in research.all("p")[1:]] == ["It helped.", "Few stayed."]
    assert research.facts == {
        "Type of study": "Randomized controlled trial",
        "Participants": "184 enrolled",
        "Who took part": "Caseworkers",
        "Location": "Example County",
        "Last compared": "at the end",
    }
    assert page.section("Research that does not count in a rating").one(
        "ul", class_="studies"
    ).text == (
        "Not, A. (2020). On Not. Sleep – effect not recorded. Does not count in the rating there: no control group. "
        "Only one group was seen."
    )
    assert [li.text for li in page.section("Other references").all("li")] == [
        "Hidden, A. (2020). On Hidden.",
        "Other, A. (2020). On Other.",
    ]


# --- Who rated it ----------------------------------------------------------------------------------------------------


def test_rating_names_who_gave_it_and_what_they_declared(client, db):
    area = TopicAreaFactory()
    area.experts.add(TopicExpertFactory(name="Ada Expert", credentials="PhD"))
    raters = ["ada-expert", "Jane Doe", "Hidden Person (not public)"]
    rating = RatingFactory(
        program__slug="steady",
        topic_area=area,
        raters=raters,
        conflict_statement="Jane Doe *trains* for it.",
    )
    RatingFactory(
        program=rating.program,
        topic_area=area,
        raters=["First Hidden (not public)", "Second Hidden (not public)"],
        rated_on="2020",
        is_current=False,
    )

    page = read(client.get("/programs/steady/"))

    card = page.one("article", class_="rating-card")
    assert card.facts["Rated by"] == (
        "Ada Expert, PhD; Jane Doe, and 1 more person who is not named in public"
    )
    assert ("Ada Expert, PhD", "/experts/ada-expert/") in card.links
    assert card.facts["Conflicts of interest"] == "Jane Doe trains for it."
    assert "Not recorded:" not in card.text
    assert (
        card.one("ol").all("li")[1].text.endswith("Rated by 2 people who are not named in public.")
    )
    assert "Hidden" not in page.text


def test_rating_says_in_one_line_what_is_not_recorded_of_who_gave_it(client, db):
    told = {
        "none": ({}, "Not recorded: who rated it; conflicts of interest."),
        "people": ({"raters": ["Jane Doe"]}, "Not recorded: conflicts of interest."),
        "interests": ({"conflict_statement": "None."}, "Not recorded: who rated it."),
    }
    for slug, (fields, _) in told.items():
        RatingFactory(program__slug=slug, **fields)

    cards = {
        slug: read(client.get(f"/programs/{slug}/")).one("article", class_="rating-card")
        for slug in told
    }

    assert {slug: card.all("p", class_="muted")[0].text for slug, card in cards.items()} == {
        slug: words for slug, (_, words) in told.items()
    }


def test_program_begins_with_a_sentence_and_what_there_is_at_a_glance(client, db):
    ProgramFactory(
        name="Calm",
        description="It helps *staff*, e.g. Dr. Ada, to rest. More follows.",
        child_age_min=3,
        delivery_settings=("school",),
        duration=" ".join(["Eight weeks."] * 7),
        research_last_reviewed="2001-05",
        intensity=NOT_PROVIDED,
        languages=[NOT_PROVIDED],
    )

    page = read(client.get("/programs/calm/"))

    assert page.one("p", class_="lead").text == "It helps staff, e.g. Dr. Ada, to rest."
    assert page.section("At a glance").facts == {
        "Children/adolescents, ages": "3 and older",
        "Settings": "School",
        "Duration": f"{' '.join(['Eight weeks.'] * 6)}…",
        "Research reviewed": "May 2001, overdue",
    }


def test_program_stands_under_the_topic_area_of_its_best_rating(client, db):
    program = ProgramFactory(name="Calm")
    lead_to = [("Programs", "/programs/")]
    unrated = read(client.get("/programs/calm/")).one("nav", aria_label="Breadcrumb")
    for area, level in ("Sleep", "3"), ("Worry", "2"):
        RatingFactory(program=program, topic_area__name=area, scientific_rating=level)

    page = read(client.get("/programs/calm/"))

    back = ("Back to your list", "/programs/")
    assert unrated.links == [back, *lead_to]
    assert page.one("nav", aria_label="Breadcrumb").links == [
        back,
        ("Topic areas", "/topics/"),
        ("Worry", "/topics/worry/"),
    ]
    assert page.section("In the same topic area").links == [
        (
            f"Programs rated 1 to 3 in {name}",
            f"/programs/?topic={name.lower()}&rating=1&rating=2&rating=3",
        )
        for name in ("Worry", "Sleep")
    ]


def test_citation_is_there_for_reference_managers(client, db, settings):
    settings.SITE_NAME = "Clearing House"
    program = ProgramFactory(name="Calm & {Co}", slug="calm")
    day = timezone.localdate()
    rename(program, "quiet")

    ris, bibtex = (client.get(f"/programs/quiet.{form}") for form in ("ris", "bib"))

    address = f"http://testserver/programs/quiet/?as_of={day}"
    assert ris.content.decode().split("\r\n") == [
        "TY  - ELEC",
        "AU  - Clearing House,",
        "TI  - Calm & {Co}",
        f"PY  - {day.year}",
        f"DA  - {day:%Y/%m/%d}",
        "PB  - Clearing House",
        f"UR  - {address}",
        "ER  - ",
        "",
    ]
    assert bibtex.content.decode() == (
        "@misc{quiet,\n  author = {{Clearing House}},\n  title = {{Calm \\& \\{Co\\}}},\n"
        f"  year = {{{day.year}}},\n  note = {{Entry as of {day}}},\n  url = {{{address}}},\n}}\n"
    )
    assert [answer["Content-Disposition"] for answer in (ris, bibtex)] == [
        'attachment; filename="quiet.ris"',
        'attachment; filename="quiet.bib"',
    ]
    of_no_day = client.get("/programs/quiet.ris", {"as_of": ""})
    assert (of_no_day.status_code, of_no_day["Location"]) == (302, "/programs/quiet.ris")
    of_day = client.get("/programs/quiet.ris", {"as_of": day})
    assert of_day.content == ris.content
    moved = client.get("/programs/calm.bib", {"as_of": day})
    assert moved["Location"] == f"/programs/quiet.bib?as_of={day}"
    Program.objects.update(status=Status.DRAFT)
    assert client.get("/programs/quiet.ris").status_code == 404
