"""The evidence behind stored ratings: which edition reads it, and what is said of it."""

import pytest

from catalog.evidence.ratings import Scale, read_area
from catalog.models import Criterion, ScaleEdition

from ..factories import CriterionFactory, RatingFactory, ScaleEditionFactory
from .studied import add_study, rated_program

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def read(rating):
    program = rating.program
    return read_area(Scale.stored(), rating, program, program.studies.all(), program.findings.all())


def test_studies_are_read_by_their_findings_in_the_area_alone():
    rating = rated_program("2")
    study = add_study(rating, months=6)
    add_study(rating, "Bob", counts=False, effect="harm")
    elsewhere = RatingFactory(program=rating.program)

    evidence = read(rating)
    assert (evidence.met, evidence.agrees, evidence.doubt) == ("2", True, "")
    (trials, *_) = evidence.levels_in_question[1].criteria
    assert (trials.state, trials.studies, trials.note) == ("met", [study], "1 of 1")
    assert read(elsewhere).why_none == "No finding of a study is recorded in this topic area."


def test_same_sample_is_that_of_another_study_of_the_program():
    rating = rated_program("1")
    first = add_study(rating, months=12)
    second = add_study(rating, "Bob", months=12, same_sample_as=first.reference)
    assert read(rating).met == "2"

    second.same_sample_as = None
    second.save()
    assert read(rating).met == "1"


@pytest.mark.parametrize(
    ("level", "question", "sentence", "lacking"),
    [
        (
            "1",
            "Why 1",
            "of level 3; the rating is 1. It may rest on more than is recorded here.",
            "",
        ),
        (
            "3",
            "Why 3, and not 2",
            "of level 3.",
            "Level 2 asks for a benefit that held for six months or more after the end, of which nothing is recorded.",
        ),
        (
            "4",
            "Why 4, and not 3",
            "of level 3; the rating is 4. It may rest on more than is recorded here.",
            "",
        ),
        (
            "NR",
            "What the recorded studies say to the rating scale",
            "of level 3; the rating is NR. It may rest on more than is recorded here.",
            "",
        ),
    ],
)
def test_rating_is_explained_beside_the_level_that_is_met(level, question, sentence, lacking):
    rating = rated_program(level)
    add_study(rating)

    evidence = read(rating)

    assert (evidence.question, evidence.sentence, evidence.lacking) == (
        question,
        f"The studies that are recorded here meet the criteria {sentence}",
        lacking,
    )
    assert bool(evidence.doubt) == (level != "3")


def test_rating_is_read_by_its_own_edition_and_a_blank_one_by_that_in_use():
    rating = rated_program("3")
    add_study(rating, design="pre-post")
    older = ScaleEditionFactory(name="2012")
    assert read(rating).edition == ScaleEdition.objects.in_use()

    rating.scale_edition = older
    assert (read(rating).checklist, read(rating).why_none) == (
        None,
        "The criteria of the edition “2012” of the rating scale are not recorded.",
    )

    CriterionFactory(edition=older, level="3", rule="benefit")
    assert (read(rating).edition, read(rating).met) == (older, "3")


def test_nothing_is_said_of_research_that_is_not_recorded():
    rating = rated_program("3")
    assert read(rating).why_none == "No finding of a study is recorded in this topic area."

    add_study(rating, counts=False)
    assert read(rating).why_none == (
        "No finding that is recorded in this topic area counts in its rating."
    )

    add_study(rating, "Bob")
    Criterion.objects.all().delete()
    ScaleEdition.objects.all().delete()
    assert read(rating).why_none == "The rating scale has no edition in use."
