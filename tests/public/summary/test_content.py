"""The summary of a topic area, as a PDF: it says what the page says, and everybody can read it."""

import re
from itertools import cycle

import pytest
from django.utils import timezone

from catalog.models import Program, Rating, Status

from ...conftest import StrictClient, load_seed
from ...factories import (
    RatingFactory,
    TopicAreaFactory,
)
from ...pages import SEED_PROGRAMS, SEED_READING, STS, read
from ...transactions import rolled_back
from .reading import HEADINGS, Summary, squeezed, summary_of

pytestmark = pytest.mark.once

SEED_SUMMARY = "/topics/secondary-traumatic-stress/summary.pdf"


@pytest.fixture(scope="module")
def seed_summary(django_db_setup, django_db_blocker):
    """The summary of the seed's topic area, made once."""
    with django_db_blocker.unblock(), rolled_back():
        load_seed()
        return Summary(StrictClient().get(SEED_SUMMARY))


# --- What it says ----------------------------------------------------------------------------------------------------


def test_summary_says_what_the_page_says(client, seed):
    page = read(client.get("/topics/secondary-traumatic-stress/"))

    summary = Summary(client.get(SEED_SUMMARY))

    definition = page.section("Definition")
    facts = definition.facts
    texts = [p.text for p in definition.one("div", class_="prose").all("p")]
    assert summary.missing([page.h1, *texts, *facts.keys(), *facts.values()]) == []
    assert summary.missing([f"Made on {timezone.localdate():%B} {timezone.localdate().day}"]) == []


def test_summary_has_the_headings_of_the_page(seed_summary):
    assert seed_summary.headings == [STS, *HEADINGS]


def test_summary_lists_every_rated_program_in_clearinghouse_order(seed_summary):
    # The acronym and the words for screen readers are the page's.
    expected = [
        (re.sub(r" \([A-Z-]+\)$", "", name), re.sub(r"^Scientific rating (\w+): ", r"\1", level))
        for name, (level,) in SEED_PROGRAMS
    ]
    names = [name for name, _ in expected]
    levels = sorted({level for _, level in expected})

    _, _, listed = seed_summary.text.partition(squeezed("Rated, most support by research first"))
    starts = [listed.index(squeezed(name)) for name in names]
    parts = [listed[a:b] for a, b in zip(starts, [*starts[1:], None], strict=True)]

    found = [[level for level in levels if squeezed(level) in part] for part in parts]
    assert list(zip(names, found, strict=True)) == [(name, [level]) for name, level in expected]
    assert seed_summary.missing(["13 programs: 5 at level 3, 8 not able to be rated (NR)."]) == []


def test_summary_explains_the_scale(seed_summary):
    assert (
        seed_summary.missing(
            [
                "1 Well-Supported by Research Evidence",
                "2 Supported by Research Evidence",
                "3 Promising Research Evidence",
                "4 Evidence Fails to Demonstrate Effect",
                "5 Concerning Practice",
                "NR Not able to be Rated",
                "it is not a low rating",
            ]
        )
        == []
    )


def test_summary_names_the_expert_and_the_rule(seed_summary):
    assert (
        seed_summary.missing(["Ginny Sprang, PhD", "This topic area was added in 2024. The topic"])
        == []
    )


def test_summary_names_each_source_once(seed_summary):
    source = "Source: Retold from a public topic-area page, obtained from the California Evidence-Based Clearinghouse"
    assert seed_summary.missing([source]) == []
    assert squeezed(seed_summary.text).count(squeezed("Source: Retold")) == 1


def test_summary_cites_further_reading(seed_summary):
    assert seed_summary.missing(SEED_READING) == []


def test_summary_links_to_programs_to_dois_and_to_the_page(seed_summary):
    programs = [link for link in seed_summary.links if "/programs/" in link]
    dois = [link for link in seed_summary.links if "doi.org" in link]
    others = set(seed_summary.links) - {*programs, *dois}

    assert programs[0] == "http://testserver/programs/community-resiliency-model/"
    assert len(set(programs)) == 13
    assert list(dict.fromkeys(dois)) == [c.rpartition(" ")[2] for c in SEED_READING]
    assert others == {"http://testserver/topics/secondary-traumatic-stress/"}


def test_summary_says_why_a_program_is_not_rated(db):
    area = TopicAreaFactory()
    RatingFactory(topic_area=area, scientific_rating="NR", not_rated_reason="no-control-group")
    RatingFactory(topic_area=area, scientific_rating="1")

    summary = summary_of(area)

    assert summary.missing(["No study with a control group", "1 not able to be rated (NR)"]) == []


def test_summary_of_an_umbrella_area_warns_and_lists_its_parts(db):
    umbrella = TopicAreaFactory(
        name="Umbrella",
        definition="All of it.",
        cautionary_notes="Groups *may* harm.",
        why_chosen="Many *asked*.",
    )
    hidden = TopicAreaFactory(name="Hidden area", status=Status.DRAFT)
    umbrella.related_areas.add(TopicAreaFactory(name="Near"), hidden)
    TopicAreaFactory(name="First part", parent=umbrella)
    TopicAreaFactory(name="Hidden part", parent=umbrella, status=Status.DRAFT)

    summary = summary_of(umbrella)

    assert summary.headings == [
        "Umbrella",
        "Definition",
        "Cautionary notes",
        "Why this topic area was chosen",
        "Topic areas",
        "Further reading",
        "Related topic areas",
    ]
    said = ["All of it.", "Groups may harm.", "Many asked.", "First part", "Near"]
    assert summary.missing([*said, "Hidden"]) == ["Hidden"]
    assert set(summary.links) == {
        "http://testserver/topics/near/",
        "http://testserver/topics/first-part/",
        "http://testserver/topics/umbrella/",
    }


def test_summary_of_a_bare_area_says_what_is_not_there(db):
    summary = summary_of(TopicAreaFactory(name="Bare"))

    assert (
        summary.missing(
            [
                "Definition Not stated",
                "In order to be rated Not stated",
                "No topic expert is recorded",
                "No program is listed in this topic area yet.",
                "Further reading None listed",
            ]
        )
        == []
    )


@pytest.fixture
def large_area(db):
    """A topic area with 600 programs whose names and descriptions are as long as any that are shown."""
    area = TopicAreaFactory(name="Large", definition="What it is. " * 100)
    programs = Program.objects.bulk_create(
        Program(
            name=f"{n:03} {'Program for families and caseworkers ' * 7}",
            slug=f"program-{n}",
            description="What it does for children, " * 20,
            status=Status.PUBLISHED,
            published_at=timezone.now(),
        )
        for n in range(600)
    )
    Rating.objects.bulk_create(
        Rating(program=program, topic_area=area, scientific_rating=level)
        for program, level in zip(programs, cycle("31"), strict=False)
    )
    return area


def test_long_summary_leaves_the_rest_to_the_site(large_area):
    summary = summary_of(large_area)

    listed = [link for link in summary.links if "/programs/" in link]
    programs = list(dict.fromkeys(listed))
    count = len(programs)
    assert 20 < len(summary.reader.pages) <= 30
    # The best rated come first, by name.
    assert (
        programs == [f"http://testserver/programs/program-{n}/" for n in range(1, 600, 2)][:count]
    )
    rest = f"The page of the topic area lists the other {600 - count} too: {summary.links[-1]}"
    said = [
        "600 programs: 300 at level 1, 300 at level 3.",
        f"The first {count} are listed here, those with most support by research first. {rest}",
    ]
    assert summary.missing(said) == []
    assert summary.links[-1] == "http://testserver/topics/large/"


# --- Who can read it -------------------------------------------------------------------------------------------------


def test_summary_is_tagged_for_screen_readers(seed_summary):
    metadata = seed_summary.root["/Metadata"].get_object().get_data().decode()

    assert seed_summary.root["/MarkInfo"]["/Marked"].value is True
    assert seed_summary.tags >= {"/H1", "/H2", "/H3", "/P", "/Table", "/TH", "/TD", "/Link"}
    assert "<pdfuaid:part>1</pdfuaid:part>" in metadata


def test_summary_has_a_language_and_a_title(seed_summary):
    assert seed_summary.root["/Lang"] == "en-US"
    assert seed_summary.reader.metadata.title == STS
    assert seed_summary.reader.metadata.author == "Evidence Clearinghouse"
    assert seed_summary.root["/ViewerPreferences"]["/DisplayDocTitle"].value is True


def test_summary_is_saved_under_the_name_of_its_area(client, seed):
    response = client.head(SEED_SUMMARY)

    assert response["Content-Disposition"] == (
        'inline; filename="secondary-traumatic-stress-summary.pdf"'
    )
