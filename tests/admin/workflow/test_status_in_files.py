"""Files keep the rules of the steps."""

import pytest

from catalog.editorial import requirements
from catalog.editorial.transitions import WorkflowState
from catalog.models import Program, Status, TopicArea

from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory
from ...importing.loading import load, places, problems
from .steps import make

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PROGRAM = "slug,name,description,status,topic_area,scientific_rating\n"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("a,A,What.,published,area,3\n", []),
        ("a,A,,published,area,3\n", [(2, requirements.NO_DESCRIPTION.sentence)]),
        ("a,A,What.,published,,\n", [(2, requirements.NOT_RATED.sentence)]),
        # Of each cell, the first mistake.
        ("a,A,,published,,\n", [(2, requirements.NO_DESCRIPTION.sentence)]),
        # A later row rates it.
        ("a,A,What.,published,,\nb,B,,,,\na,,,,area,3\n", []),
        ("a,A,,draft,,\n", []),
        ("old,Old,,published,,\n", [(2, requirements.NO_DESCRIPTION.sentence)]),
        ("old,Old,What.,published,,\n", []),
    ],
)
@pytest.mark.parametrize("dry_run", [True, False])
def test_file_publishes_only_programs_that_lack_nothing(rows, found, dry_run):
    area = TopicAreaFactory(slug="area")
    RatingFactory(
        program=ProgramFactory(slug="old", name="Old", status=Status.DRAFT), topic_area=area
    )

    result = load("programs", PROGRAM + rows, dry_run=dry_run)

    assert [(row, message) for row, _, _, message in problems(result)] == found
    assert set(places(result)) <= {(2, "status")}
    published = set(Program.objects.published().values_list("slug", flat=True))
    wanted = {"old" if "old" in rows else "a"} if ",published" in rows else set()
    assert published == (set() if found or dry_run else wanted)


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("a,A,,What.,Which.,published\n", []),
        ("a,A,,,Which.,published\n", [(2, requirements.NO_DEFINITION.sentence)]),
        ("a,A,,What.,,published\n", [(2, requirements.NO_CRITERIA.sentence)]),
        # An umbrella area takes none, and shows as one only further down.
        ("a,A,,What.,,published\nb,B,a,What.,Which.,draft\n", []),
    ],
)
def test_file_publishes_only_topic_areas_that_lack_nothing(rows, found):
    result = load("topic-areas", "slug,name,parent,definition,rating_criteria,status\n" + rows)

    assert [(row, message) for row, _, _, message in problems(result)] == found
    assert set(places(result)) <= {(2, "status")}
    assert TopicArea.objects.published().count() == (0 if found else 1)


def test_file_leaves_alone_what_was_published_without(db):
    ProgramFactory(slug="bare", name="Bare")

    result = load("programs", "slug,name,acronym,status\nbare,Bare,B,published\n")

    assert problems(result) == []
    assert Program.objects.get().acronym == "B"


@pytest.mark.parametrize("status", ["draft", "in-review", "published"])
def test_file_does_not_take_up_a_merged_program(status):
    program = make(Program, WorkflowState.RETIRED, slug="gone", merged_into=ProgramFactory())

    result = load("programs", f"slug,status\ngone,{status}\n")

    assert problems(result) == [(2, "status", status, requirements.MERGED.sentence)]
    assert Program.objects.get(pk=program.pk).is_retired
