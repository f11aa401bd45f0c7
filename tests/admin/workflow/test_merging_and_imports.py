"""Files with rows of merged programs, and imports that are undone after a merge."""

import pytest

from catalog.importing.jobs import request_undo
from catalog.models import Program, Rating

from ...factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)
from ...importing.loading import exported, load, problems, stored
from ...importing.undoing import bring_in
from .merging import put_together, rename

pytestmark = pytest.mark.django_db


@pytest.fixture
def twins(db):
    """“Two” and what was merged into it: “One”, and another “Two”."""
    survivor = ProgramFactory(name="Two", slug="two")
    area, reference = TopicAreaFactory(slug="area"), ReferenceFactory(key="one-2020")
    RatingFactory(program=survivor, topic_area=area, rated_on="2020")
    StudyFactory(program=survivor, reference=reference)
    for name, slug in (("One", "one"), ("Two", "two-2")):
        merged = ProgramFactory(name=name, slug=slug)
        RatingFactory(program=merged, topic_area=area, rated_on="2020")
        StudyFactory(program=merged, reference=reference)
        put_together(merged, survivor)
    return survivor


MERGED = "This program was merged into “Two” (slug two). Use that."


@pytest.mark.parametrize("cell", [{"slug": "one"}, {"name": "One"}, {"slug": "two-2"}])
def test_a_row_of_a_merged_program_names_the_other_one(cell, twins):
    (slug,) = {cell.get("slug", "one")}

    result = load("programs", [{**cell, "goals": "New"}])

    assert problems(result) == [(2, "slug", slug, MERGED)]


def test_a_name_that_both_have_finds_the_one_that_stays(twins):
    assert problems(load("programs", [{"name": "Two", "goals": "New"}])) == []
    row = {"program": "Two", "topic_area": "area", "scientific_rating": "2", "rated_on": "2024"}
    assert problems(load("ratings", [row])) == []

    twins.refresh_from_db()
    assert (twins.goals, twins.ratings.count()) == ("New", 2)


def test_ratings_and_studies_of_a_merged_program_name_the_other_one(twins):
    ReferenceFactory(key="two-2020")
    rating = {"program": "one", "topic_area": "area", "scientific_rating": "2", "rated_on": "2024"}
    study = {"program": "one", "reference": "two-2020"}

    found = [problems(load("ratings", [rating])), problems(load("studies", [study]))]

    assert found == [[(2, "program", "One", MERGED)]] * 2


def test_a_former_address_of_a_merged_program_is_told_as_the_others_now():
    merged, survivor = ProgramFactory(slug="first"), ProgramFactory(slug="two")
    rename(merged, "second")
    put_together(merged, survivor)

    result = load("programs", [{"slug": "first", "goals": "New"}])

    assert problems(result) == [(2, "slug", "first", "first is the former slug of two; write two.")]


@pytest.mark.parametrize("kind", ["programs", "ratings", "studies"])
def test_export_with_merged_programs_is_imported_without_any_change(kind, twins):
    before = stored()

    result = load(kind, exported(kind))

    assert (problems(result), stored()) == ([], before)


def test_undoing_an_import_keeps_what_was_merged_since():
    user = UserFactory(username="ann", is_superuser=True)
    TopicAreaFactory(slug="area")
    place = {"topic_area": "area", "rated_on": "2024"}
    record = bring_in(
        "programs",
        [
            {"name": "One", "scientific_rating": "1", **place},
            {"name": "Two", "scientific_rating": "2", **place},
        ],
        user,
    )
    merged, survivor = Program.objects.order_by("name")
    put_together(merged, survivor, user=user)

    request_undo(record, user)

    record.refresh_from_db()
    assert (record.status, Program.objects.count(), Rating.objects.count()) == ("undone", 2, 2)
    assert sorted(kept["entry"] for kept in record.kept) == ["One", "Two"]
    assert {"ann changed it" in kept["why"] for kept in record.kept} == {True}
