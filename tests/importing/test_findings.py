"""Files of findings: which finding a row is about, of what it may be, and whether it counts."""

import pytest

from catalog.models import Finding, Program, Reference, TopicArea

from ..factories import FindingFactory, ProgramFactory
from .loading import NEW_ROWS, counts, load, problems, stored

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROW = NEW_ROWS["findings"]


@pytest.fixture
def sleep(neighbours):
    """A finding that does not count."""
    return FindingFactory(
        program=Program.objects.get(),
        reference=Reference.objects.get(),
        topic_area=TopicArea.objects.get(),
        outcome="Sleep",
        counts=False,
        not_counted_reason="measures",
    )


@pytest.mark.parametrize(
    ("cells", "counts_"),
    [({}, True), ({"counts": ""}, True), ({"counts": "yes"}, True), ({"counts": "no"}, False)],
)
def test_new_finding_counts_unless_the_row_says_no(cells, counts_, sleep):
    result = load("findings", [{**ROW, **cells, "outcome": "Mood"}])

    assert (problems(result), result.counts) == ([], counts(new=1))
    assert Finding.objects.get(outcome="Mood").counts is counts_


def test_blank_leaves_a_recorded_finding_as_it_counts(sleep):
    result = load("findings", [{**ROW, "counts": "", "not_counted_reason": "measures"}])

    assert (problems(result), result.counts) == ([], counts(unchanged=1))


@pytest.mark.parametrize("cell", ["yes", ""])
def test_reason_of_a_new_finding_that_counts_is_an_error(cell, sleep):
    row = {**ROW, "outcome": "Mood", "counts": cell, "not_counted_reason": "measures"}

    result = load("findings", [row])

    message = "Only a finding that does not count takes a reason for that."
    assert problems(result) == [(2, "not_counted_reason", "measures", message)]


def test_outcome_in_other_capitals_than_the_recorded_one_is_refused(sleep):
    before = stored()

    result = load("findings", [{**ROW, "outcome": "SLEEP"}])

    message = "This outcome is recorded as “Sleep”, which differs in nothing but capitals. Write it like that."
    assert problems(result) == [(2, "outcome", "SLEEP", message)]
    assert stored() == before


def test_outcomes_of_a_file_that_differ_in_capitals_are_refused(sleep):
    result = load("findings", [{**ROW, "outcome": text} for text in ("Mood", "mood", "Moods")])

    message = "Row 2 writes “Mood”, which differs in nothing but capitals. Write them alike."
    assert problems(result) == [(3, "outcome", "mood", message)]


def test_recorded_outcomes_that_differ_in_capitals_are_each_found(sleep):
    Finding.objects.create(
        program=sleep.program,
        reference=sleep.reference,
        topic_area=sleep.topic_area,
        outcome="SLEEP",
    )

    result = load("findings", [{**ROW, "outcome": text} for text in ("Sleep", "SLEEP")])

    assert (problems(result), result.counts) == ([], counts(unchanged=2))


def test_finding_of_what_is_no_study_of_the_program_is_refused(sleep):
    ProgramFactory(name="Other")

    result = load("findings", [{**ROW, "program": "other", "reference": "OLD-2020"}])

    message = (
        "old-2020 is not among the program’s references: import it with a file of studies first."
    )
    assert problems(result) == [(2, "reference", "OLD-2020", message)]
