"""Files of registries, and of what they say of programs."""

import pytest

from catalog.importing.jobs import request_undo
from catalog.models import ExternalRating, Program, Registry

from ..factories import ExternalRatingFactory, RegistryFactory
from .loading import NEW_ROWS, counts, load, problems, stored
from .undoing import bring_in, entries, kept

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ROW = NEW_ROWS["external-ratings"]


@pytest.fixture
def sleep(neighbours):
    """What the old registry says of the old program, for sleep."""
    return ExternalRatingFactory(
        program=Program.objects.get(), registry=Registry.objects.get(), scope="Sleep"
    )


def test_rows_find_their_rating_by_the_exact_letters_of_the_scope(sleep):
    rows = [{**ROW, "rating": "Effective"}, {**ROW, "scope": ""}, {**ROW, "scope": "Mood"}]

    result = load("external-ratings", rows)

    assert (problems(result), result.counts) == ([], counts(new=2, changed=1))
    said = ExternalRating.objects.values_list("scope", "rating")
    assert set(said) == {("Sleep", "Effective"), ("", "Promising"), ("Mood", "Promising")}


def test_scope_in_other_capitals_than_the_recorded_one_is_refused(sleep):
    before = stored()

    result = load("external-ratings", [{**ROW, "scope": "SLEEP"}])

    message = "This scope is recorded as “Sleep”, which differs in nothing but capitals. Write it like that."
    assert problems(result) == [(2, "scope", "SLEEP", message)]
    assert stored() == before


def test_registry_that_is_not_there_is_not_invented(sleep):
    result = load("external-ratings", [{**ROW, "registry": "Old registri"}])

    message = (
        "There is no such registry. Did you mean “old-registry”? "
        "An import adds none: create it first."
    )
    assert problems(result) == [(2, "registry", "Old registri", message)]


def test_blank_state_of_a_registry_stays_as_it_is():
    RegistryFactory(slug="index", state="closed")

    result = load("registries", "slug,name,scale,state\nindex,Index,Yes or no.,\nnew,New,,\n")

    assert problems(result) == []
    states = Registry.objects.order_by("slug").values_list("slug", "scale", "state")
    assert list(states) == [("index", "Yes or no.", "closed"), ("new", "", "active")]


@pytest.mark.parametrize(
    "rows",
    [
        [{"slug": "new", "name": "INDEX"}],
        [{"slug": "other", "name": "Third"}, {"slug": "new", "name": "third"}],
        [{"slug": "other", "name": "Index"}],
    ],
)
def test_name_that_another_registry_has_is_refused(rows):
    RegistryFactory(slug="index", name="Index")
    RegistryFactory(slug="other", name="Other")

    result = load("registries", rows)

    *_, last = rows
    holder = "other" if last["name"] == "third" else "index"
    message = f"The registry “{holder}” has this name."
    assert problems(result) == [(len(rows) + 1, "name", last["name"], message)]


def test_undone_file_of_registries_keeps_one_that_rates_meanwhile(ann, neighbours):
    record = bring_in("registries", [{"name": "New"}, {"name": "Another"}], ann)
    rating = ExternalRatingFactory(registry=Registry.objects.get(slug="new"))

    request_undo(record, ann)

    record.refresh_from_db()
    assert kept(record) == [("New", f"“{rating}” refers to it.")]
    assert set(Registry.objects.values_list("slug", flat=True)) == {"old-registry", "new"}


def test_undone_file_of_external_ratings_leaves_what_was_before(ann, sleep):
    before = entries()
    record = bring_in(
        "external-ratings", [{**ROW, "rating": "Effective"}, {**ROW, "scope": ""}], ann
    )
    assert entries() != before

    request_undo(record, ann)

    assert entries() == before
