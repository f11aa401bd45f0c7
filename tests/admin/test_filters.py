"""Filters and search of the admin's lists."""

import re

import pytest

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea, TopicExpert

from ..factories import (
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import read
from .pages import address, column, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def rated(db):
    """Programs that differ in status, relevance, and where they are rated how."""
    stress = TopicAreaFactory(name="Stress", slug="stress")
    sleep = TopicAreaFactory(name="Sleep", slug="sleep", status=Status.DRAFT)
    both = ProgramFactory(name="Both", relevance_level="high")
    RatingFactory(program=both, topic_area=stress, scientific_rating="NR", rated_on="2020")
    RatingFactory(program=both, topic_area=stress, scientific_rating="2", rated_on="2024")
    RatingFactory(program=both, topic_area=sleep, scientific_rating="NR")
    one = ProgramFactory(name="One", status=Status.DRAFT, relevance_level="low")
    RatingFactory(program=one, topic_area=stress, scientific_rating="NR")
    gone = ProgramFactory(name="Gone", status=Status.RETIRED, is_nonresponder=True)
    RatingFactory(program=gone, topic_area=sleep, scientific_rating="5")
    ProgramFactory(name="Unrated", status=Status.IN_REVIEW, relevance_level="high")


@pytest.mark.once
@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Both", "Gone", "One", "Unrated"]),
        ("status__exact=draft", ["One"]),
        ("status__exact=in-review", ["Unrated"]),
        ("status__exact=published", ["Both"]),
        ("status__exact=retired", ["Gone"]),
        ("area=stress", ["Both", "One"]),
        ("area=sleep", ["Both", "Gone"]),
        ("area=nowhere", []),
        # A past rating is not what a program is rated.
        ("rating=NR", ["Both", "One"]),
        ("rating=2", ["Both"]),
        ("rating=5", ["Gone"]),
        ("rating=1", []),
        ("rating=none", ["Unrated"]),
        ("relevance_level__exact=high", ["Both", "Unrated"]),
        ("relevance_level__exact=low", ["One"]),
        ("is_nonresponder__exact=1", ["Gone"]),
        ("status__exact=published&relevance_level__exact=high", ["Both"]),
        # That rating in that topic area, as on the public list.
        ("area=stress&rating=NR", ["One"]),
        ("area=sleep&rating=NR", ["Both"]),
    ],
)
def test_program_list_filters(editor_client, rated, query, names):
    response = editor_client.get(f"/admin/catalog/program/?{query}")

    assert listed(response) == names


def test_program_list_offers_every_filter(editor_client, rated):
    content = editor_client.get("/admin/catalog/program/").content.decode()

    offered = re.findall(
        r'href="\?((?:area|rating|status|review|relevance_level__exact)=[\w-]+)"', content
    )
    assert sorted(offered) == sorted(
        [
            *(
                f"status={status}"
                for status in ("draft", "in-review", "scheduled", "published", "retired", "merged")
            ),
            *(f"review={age}" for age in ("overdue", "due", "recent", "future", "unknown")),
            *(f"area={slug}" for slug in ("sleep", "stress")),
            *(f"rating={level}" for level in ("none", "1", "2", "3", "4", "5", "NR")),
            *(f"relevance_level__exact={level}" for level in ("high", "medium", "low")),
        ]
    )


def folds(response):
    """Return the titles of a list's filters in their order, each with whether it is unfolded."""
    details = [fold.attributes for fold in read(response).all("details")]
    return [
        (fold["data-filter-title"], "open" in fold)
        for fold in details
        if "data-filter-title" in fold
    ]


def test_topic_areas_come_first_and_filters_are_folded_until_something_is_chosen(
    editor_client, rated
):
    titles = [
        *("topic area", "status", "scientific rating", "review of the research", "completeness"),
        *("work", "child welfare relevance level", "nonresponder"),
    ]
    for query, chosen in {
        "": set(),
        "complete=no": {"completeness"},
        "complete=no&area=sleep": {"topic area", "completeness"},
        "is_nonresponder__exact=1": {"nonresponder"},
    }.items():
        page = editor_client.get(f"/admin/catalog/program/?{query}")
        assert folds(page) == [(title, title in chosen) for title in titles]


def test_program_list_shows_current_ratings(editor_client, rated):
    response = editor_client.get("/admin/catalog/program/")

    assert column(response, "program_name") == ["Both", "Gone", "One", "Unrated"]
    assert column(response, "current_ratings") == [
        "2 in Stress, NR in Sleep",
        "5 in Sleep",
        "NR in Stress",
        "-",
    ]


@pytest.mark.parametrize(
    ("query", "levels"),
    [
        ("", ["2", "5", "NR", "NR", "NR"]),
        ("is_current__exact=1", ["2", "5", "NR", "NR"]),
        ("is_current__exact=0", ["NR"]),
        ("area=stress", ["2", "NR", "NR"]),
        ("area=stress&is_current__exact=0", ["NR"]),
        ("scientific_rating__exact=5", ["5"]),
    ],
)
def test_rating_list_filters(editor_client, rated, query, levels):
    response = editor_client.get(f"/admin/catalog/rating/?{query}")

    found = [rating.scientific_rating for rating in response.context["cl"].result_list]
    assert sorted(found) == levels


def test_topic_area_list_counts_programs(editor_client):
    area = TopicAreaFactory(name="Area")
    TopicAreaFactory(name="Empty")
    for status in Status:
        RatingFactory(program__status=status, topic_area=area)
    rerated = ProgramFactory()
    RatingFactory(program=rerated, topic_area=area, scientific_rating="3")
    RatingFactory(program=rerated, topic_area=area, scientific_rating="2")
    umbrella = TopicAreaFactory(name="Umbrella")
    for name, programs in {"Part": Program.objects.all(), "Other part": [rerated]}.items():
        part = TopicAreaFactory(name=name, parent=umbrella)
        for program in programs:
            RatingFactory(program=program, topic_area=part)

    response = editor_client.get("/admin/catalog/topicarea/")

    assert column(response, "area_name") == ["Area", "Empty", "Other part", "Part", "Umbrella"]
    assert column(response, "program_count") == ["5", "0", "1", "5", "5"]
    assert column(response, "public_count") == ["2", "0", "1", "2", "2"]


def test_umbrella_area_finds_what_is_rated_in_its_parts(editor_client, rated):
    umbrella = TopicAreaFactory(name="Umbrella")
    TopicArea.objects.filter(slug__in=["stress", "sleep"]).update(parent=umbrella)

    pages = {
        query: listed(editor_client.get(f"/admin/catalog/program/?area={query}"))
        for query in ("umbrella", "umbrella&rating=NR")
    }
    ratings = editor_client.get("/admin/catalog/rating/?area=umbrella").context["cl"].result_list

    assert pages == {"umbrella": ["Both", "Gone", "One"], "umbrella&rating=NR": ["Both", "One"]}
    assert len(ratings) == Rating.objects.count()


@pytest.mark.parametrize("query", ["year_added__exact=2024", "status__exact=draft"])
def test_topic_area_list_filters(editor_client, query):
    TopicAreaFactory(name="New", year_added=2024, status=Status.DRAFT)
    TopicAreaFactory(name="Old", year_added=2010)

    response = editor_client.get(f"/admin/catalog/topicarea/?{query}")

    assert listed(response) == ["New"]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (Program, "calm corners"),
        (Program, "CORNERS calm"),
        (Program, "cc"),
        (Program, "calm-corners"),
        (TopicArea, "sts"),
        (TopicArea, "traumatic"),
        (TopicExpert, "somewhere"),
        (Reference, "bride"),
        (Reference, "prevalence"),
        (Reference, "10.1093/SW"),
        (Rating, "corners"),
        (Study, "prevalence"),
        (Study, "calm"),
    ],
)
def test_search_finds_entry_and_no_other(editor_client, entries, model, words):
    other_program = ProgramFactory(name="Quiet", slug="quiet")
    StudyFactory(program=other_program)
    RatingFactory(program=other_program)
    TopicExpertFactory()

    found = editor_client.get(address("changelist", model), {"q": words})
    missed = editor_client.get(address("changelist", model), {"q": "nothing like it"})

    assert listed(found) == [str(entries[model])]
    assert listed(missed) == []


@pytest.mark.parametrize("words", ["(", "[a", "*", "\\", "calm (", "%", "_", "\0", "'", '"', "®"])
def test_search_takes_every_sign_for_itself(editor_client, words):
    ProgramFactory(name="Calm Corners")

    response = editor_client.get("/admin/catalog/program/", {"q": words})

    # Without ® and NUL, which nobody types into a search, nothing is left to look for.
    assert listed(response) == (["Calm Corners"] if words in {"®", "\0", "calm ("} else [])


def test_search_ignores_case_of_accented_letters(editor_client):
    ProgramFactory(name="Élan vital")

    response = editor_client.get("/admin/catalog/program/", {"q": "élan"})

    assert listed(response) == ["Élan vital"]
