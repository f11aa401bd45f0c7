"""What entries say of themselves: the topic-expert rule, ages, and what a rating means."""

import pytest

from catalog.models import (
    Finding,
    Program,
    Rating,
    Reference,
    ReferenceType,
    ScientificRating,
    Study,
    TopicArea,
    TopicExpert,
)
from catalog.models.ages import ages_in_words
from catalog.models.levels import change_since, explain
from catalog.models.raters import expert_involvement
from catalog.models.ratings import name_raters

from ..factories import (
    RatingFactory,
    TopicAreaFactory,
)
from .examples import DRAFT

pytestmark = pytest.mark.django_db


# --- The topic-expert rule

LOADED_2024 = "Loaded in 2024, the year in which the topic area was added."
LOADED_2025 = "Loaded in 2025, after the topic area was added in 2024."
RATED_2024 = (
    "The earliest rating recorded here is of 2024, the year in which the topic area was added."
)
BOTH_OTHERS = (
    "Loaded in 2020, before the topic area was added in 2024, "
    "and the earliest rating recorded here is of 2025."
)
LOADED_2020 = (
    "Loaded in 2020, before the topic area was added in 2024; whether it was placed here at the "
    "launch is not recorded."
)
NO_LOAD_DATE = "The program's load date is not recorded."


@pytest.mark.parametrize(
    ("earliest_rated", "has_undated", "loaded_on", "answer", "reason"),
    [
        # Loaded in that year, whatever is recorded of ratings: the earliest on record need not be the first.
        ("", True, "2024", "Yes", LOADED_2024),
        ("2025-03", False, "2024-05", "Yes", LOADED_2024),
        ("2025-01-01", True, "2024", "Yes", LOADED_2024),
        ("2024", False, "2024-12-31", "Yes", LOADED_2024),
        # Rated here in that year.
        ("2024", False, "", "Yes", RATED_2024),
        ("2024", True, "2020", "Yes", RATED_2024),
        ("2024-12-31", False, "2025", "Yes", RATED_2024),
        # Loaded later.
        ("", True, "2025-01", "No", LOADED_2025),
        ("2025", False, "2025", "No", LOADED_2025),
        ("2025", True, "2025", "No", LOADED_2025),
        # Both dates are known, and neither is of that year.
        ("2025", False, "2020", "No", BOTH_OTHERS),
        # A rating without a date may be of that year.
        ("2025", True, "2020", "Not recorded", LOADED_2020),
        ("", True, "2020", "Not recorded", LOADED_2020),
        ("2023", False, "2020", "No", BOTH_OTHERS.replace("2025", "2023")),
        ("2025", False, "", "Not recorded", NO_LOAD_DATE),
        ("2023-06", False, "", "Not recorded", NO_LOAD_DATE),
        ("", True, "", "Not recorded", NO_LOAD_DATE),
    ],
)
def test_expert_involvement_in_every_case(earliest_rated, has_undated, loaded_on, answer, reason):
    involvement = expert_involvement(2024, earliest_rated, has_undated, loaded_on)

    assert involvement == (answer, reason)


@pytest.mark.parametrize("loaded_on", ["", "2024"])
def test_expert_involvement_is_not_recorded_without_the_year_of_the_area(loaded_on):
    involvement = expert_involvement(None, "2024", False, loaded_on)

    assert involvement == (
        "Not recorded",
        "The year in which the topic area was added is not recorded.",
    )


def test_with_earliest_rated_looks_at_all_ratings_of_the_program_in_the_area():
    area = TopicAreaFactory(year_added=2024)
    dated = RatingFactory(topic_area=area, rated_on="2025-03")
    for date in ("2024-11", "2024-12-05"):
        RatingFactory(program=dated.program, topic_area=area, rated_on=date, is_current=False)
    RatingFactory(program=dated.program, rated_on="2010")
    RatingFactory(topic_area=area, rated_on="2011")
    mixed = RatingFactory(topic_area=area, rated_on="2025")
    RatingFactory(program=mixed.program, topic_area=area, rated_on="", is_current=False)
    undated = RatingFactory(topic_area=area, rated_on="", program__loaded_on="2024")

    ratings = Rating.objects.with_earliest_rated().in_bulk()

    found = [ratings[r.pk] for r in (dated, mixed, undated)]
    name_raters(found)
    assert [(rating.earliest_rated_on, rating.has_undated) for rating in found] == [
        ("2024-11", False),
        ("2025", True),
        (None, True),
    ]
    assert [rating.expert_involvement.answer for rating in found] == ["Yes", "Not recorded", "Yes"]


# --- What entries say of themselves


@pytest.mark.parametrize(
    ("youngest", "oldest", "words"),
    [
        (3, 12, "3–12"),
        (0, 5, "0–5"),
        (3, None, "3 and older"),
        (0, None, "0 and older"),
        (None, 12, "Up to 12"),
        (None, 0, "Up to 0"),
        (7, 7, "7"),
        (None, None, ""),
    ],
)
def test_ages_in_words(youngest, oldest, words):
    program = Program(
        child_age_min=youngest,
        child_age_max=oldest,
        caregiver_child_age_min=youngest,
        caregiver_child_age_max=oldest,
    )

    assert ages_in_words(youngest, oldest) == words
    assert (program.child_ages, program.caregiver_child_ages) == (words, words)


def test_scientific_rating_scale_is_the_seeds():
    assert ScientificRating.choices == [
        ("1", "Well-Supported by Research Evidence"),
        ("2", "Supported by Research Evidence"),
        ("3", "Promising Research Evidence"),
        ("4", "Evidence Fails to Demonstrate Effect"),
        ("5", "Concerning Practice"),
        ("NR", "Not able to be Rated"),
    ]
    assert len({level.meaning for level in ScientificRating}) == 6
    assert "it is not a low rating" in ScientificRating.NOT_RATED.meaning


CRITERIA = "Research must examine sleep."
ASKED = "What this area asks of research: “Research must examine sleep.”"
EXPLAINED = {
    "1": "this program is rated 1: at least two rigorous randomized trials in usual care, of samples that do not "
    "overlap, found that it works better than a suitable comparison; in at least one of them the effect lasted a "
    "year or more after the end of the program.",
    "2": "this program is rated 2: at least one rigorous randomized trial in usual care found that it works better "
    "than a suitable comparison, and that the effect lasted six months or more after the end of the program.",
    "3": "this program is rated 3: at least one controlled study found a benefit, or results as good "
    "as those of a suitable comparison.",
    "4": "this program is rated 4: at least two rigorous randomized trials found that it works no better than usual "
    "care.",
    "5": "this program is rated 5: the evidence points to harm, or to more risk than benefit.",
    "NR": "this program is not able to be rated (NR): when it was rated, the published, peer-reviewed research that "
    "a level needs had not been found. That says nothing against the program: it is not a low rating.",
}


@pytest.mark.parametrize("level", ScientificRating)
# The sentence ends once, with the full stop of the criteria or without.
@pytest.mark.parametrize("criteria", [CRITERIA, CRITERIA.rstrip(".")])
def test_rating_is_explained_before_the_criteria_of_its_area(level, criteria):
    assert explain(level, criteria) == f"{EXPLAINED[level]} {ASKED}"
    assert explain(level, "") == EXPLAINED[level]


def test_rating_is_explained_in_plain_text():
    rating = Rating(
        scientific_rating="4",
        topic_area=TopicArea(rating_criteria="Research *must*\nexamine sleep."),
    )

    assert rating.explanation == f"{EXPLAINED['4']} {ASKED}"


@pytest.mark.parametrize(
    ("level", "before", "change"),
    [
        ("2", "3", "Changed from 3 to 2."),
        ("4", "2", "Changed from 2 to 4."),
        ("3", "3", "Reviewed again: still 3."),
        ("NR", "NR", "Reviewed again: still NR."),
        ("5", "NR", "Able to be rated now: 5. It was NR before."),
        ("NR", "1", "No longer able to be rated: NR. It was 1 before."),
    ],
)
def test_change_of_a_rating_treats_nr_as_no_step_of_the_scale(level, before, change):
    assert change_since(ScientificRating(level), ScientificRating(before)) == change


def test_program_labels_its_outcomes_and_settings():
    program = Program(outcomes=("safety", "well-being"), delivery_settings=("school",))

    assert program.outcome_labels == ["Safety", "Child/family well-being"]
    assert program.delivery_setting_labels == ["School"]


@pytest.mark.parametrize(
    "field",
    ["website", "contact_name", "contact_organization", "contact_email", "contact_phone"],
)
def test_program_has_a_contact_where_any_part_of_it_is_known(field):
    assert Program(**{field: "x"}).has_contact is True
    assert Program().has_contact is False


def test_study_tells_what_is_known_of_it():
    study = Study(
        design="rct",
        enrolled=1204,
        analysed=0,
        location="Utah",
        follow_up_months=0,
        independent="no",
    )

    assert study.facts == [
        ("Type of study", "Randomized controlled trial"),
        ("Participants", "1,204 enrolled, 0 analysed"),
        ("Location", "Utah"),
        ("Last compared", "at the end"),
        ("Independent of the developer", "No"),
    ]
    assert Study(follow_up_months=1).facts == [("Last compared", "1 month after the end")]
    assert Study().facts == []


def test_finding_says_no_more_than_is_recorded():
    assert Finding().in_words == ""
    assert Finding(sustained_months=6).in_words == ""
    assert Finding(effect="no-effect").in_words == "No effect"
    assert Finding(effect="benefit", sustained_months=1).in_words == (
        "Benefit, still found 1 month after the end"
    )
    assert Finding(counts=False).why_not_counted == ""
    measures = Finding(counts=False, not_counted_reason="measures")
    assert measures.why_not_counted == "Measures not reliable or valid"


def test_entries_name_themselves():
    program, area = Program(name="Steady Ground®"), TopicArea(name="Home Visiting")
    reference = Reference(authors="Bride, B. E.", year=2007, title="Title", doi="10.1000/x")

    named = [
        program,
        area,
        Rating(program=program, topic_area=area, scientific_rating="NR"),
        reference,
        Study(program=program, reference=reference),
        TopicExpert(name="Ginny Sprang", credentials="PhD"),
        TopicExpert(name="Ginny Sprang"),
    ]

    assert [str(obj) for obj in named] == [
        "Steady Ground®",
        "Home Visiting",
        "Steady Ground®: NR in Home Visiting",
        "Bride, B. E. (2007). Title. https://doi.org/10.1000/x",
        "Steady Ground®: Bride, B. E. (2007). Title. https://doi.org/10.1000/x",
        "Ginny Sprang, PhD",
        "Ginny Sprang",
    ]


def test_topic_area_has_five_criteria_in_the_order_of_the_page():
    area = TopicArea(
        target_population="a",
        services_types="b",
        delivered_by="c",
        inclusion_criteria="d",
        rating_criteria="e",
    )

    assert area.criteria == [
        ("Target population", "a"),
        ("Services/types that fit", "b"),
        ("Delivered by", "c"),
        ("In order to be included", "d"),
        ("In order to be rated", "e"),
    ]


def test_new_entries_are_drafts_that_claim_nothing():
    program = Program(name="New")

    assert (program.status, TopicArea().status) == (DRAFT, DRAFT)
    assert (program.manual_available, program.training_available) == ("not-known", "not-known")
    assert Rating().is_current is True
    assert Reference().reference_type == ReferenceType.JOURNAL_ARTICLE
