"""Imports give no entry the slug that another one had, and no way of writing ever does."""

from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.importing.jobs import request_undo
from catalog.models import Program, Reference, Term
from catalog.resources import KINDS

from ..factories import ProgramFactory, StudyFactory
from ..transactions import rolled_back
from .loading import counts, load, problems
from .undoing import bring_in

pytestmark = pytest.mark.django_db

LOST = (
    "An entry that was public had this {} and is deleted; links to it may still exist. "
    "Choose another one, such as “{}”."
)
SLUGGED = ["experts", "topic-areas", "programs"]
each_kind = pytest.mark.parametrize("kind", SLUGGED)


def model_of(kind):
    return KINDS[kind]._meta.model


def was_alpha(kind):
    """Store an entry that is “Beta” now, and had the slug “alpha” before."""
    entry = model_of(kind).objects.create(name="Beta", slug="alpha")
    entry.slug = "beta"
    entry.save()
    return entry


@each_kind
def test_slug_that_is_made_of_a_name_is_none_that_another_entry_had(kind, db):
    was_alpha(kind)

    result = load(kind, [{"name": "Alpha"}, {"name": "Gamma"}])

    assert (problems(result), result.counts) == ([], counts(new=2))
    assert sorted(model_of(kind).objects.values_list("slug", "name")) == [
        ("alpha-2", "Alpha"),
        ("beta", "Beta"),
        ("gamma", "Gamma"),
    ]


@each_kind
def test_name_that_makes_the_former_slug_of_another_may_mean_that_one(kind, db):
    was_alpha(kind)

    result = load(kind, [{"name": "Alpha"}], dry_run=True)

    assert [tuple(warning) for warning in result.warnings] == [
        (2, "name", "Alpha", "Possible duplicate of “beta”.")
    ]


@each_kind
def test_slug_that_another_row_gives_is_not_made_of_a_name(kind, db):
    was_alpha(kind)

    load(kind, [{"slug": "", "name": "Alpha"}, {"slug": "alpha-2", "name": "Other"}])

    assert dict(model_of(kind).objects.values_list("name", "slug")) == {
        "Beta": "beta",
        "Alpha": "alpha-3",
        "Other": "alpha-2",
    }


@each_kind
def test_name_of_signs_alone_asks_for_a_slug_at_its_row(kind, db):
    message = (
        "No slug can be made of “!!!”: it has no letters or digits. "
        "Give a slug, such as “calm-corners”."
    )

    result = load(kind, [{"slug": "", "name": "!!!"}, {"slug": "", "name": "???"}])

    assert problems(result) == [
        (2, "name", "!!!", message),
        (3, "name", "???", message.replace("!!!", "???")),
    ]
    assert problems(load(kind, [{"slug": "signs", "name": "!!!"}])) == []
    assert problems(load(kind, [{"name": "!!!"}])) == []
    assert list(model_of(kind).objects.values_list("slug", flat=True)) == ["signs"]


@each_kind
def test_name_in_another_script_makes_a_slug_that_can_be_read(kind, db):
    load(kind, [{"name": "Тренинг"}, {"name": "親子"}])

    assert sorted(model_of(kind).objects.values_list("slug", flat=True)) == ["qinzi", "trening"]


def test_file_can_be_imported_again_after_it_was_undone(ann):
    rows = [{"slug": "alpha", "name": "Alpha"}, {"slug": "", "name": "Beta"}]
    request_undo(bring_in("programs", rows, ann), ann)
    assert Program.objects.count() == 0

    result = load("programs", rows)

    assert problems(result) == []
    assert sorted(Program.objects.values_list("slug", flat=True)) == ["alpha", "beta"]


def test_slug_of_a_program_that_was_public_is_given_to_no_row(db):
    ProgramFactory(slug="alpha").delete()

    named, given = load("programs", [{"name": "Alpha"}]), [{"slug": "alpha", "name": "New"}]

    assert (problems(named), Program.objects.get().slug) == ([], "alpha-2")
    assert problems(load("programs", given)) == [
        (2, "slug", "alpha", LOST.format("slug", "alpha-3"))
    ]


def test_key_of_a_reference_that_was_public_is_given_to_no_row(db):
    study = StudyFactory(reference__key="bride-2007")
    study.delete()
    study.reference.delete()
    work = {"authors": "Bride, B. E.", "year": "2007", "title": "Trauma"}

    named, given = load("references", [work]), [{**work, "key": "bride-2007", "title": "Other"}]

    assert (problems(named), Reference.objects.get().key) == ([], "bride-2007-2")
    message = LOST.format("key", "bride-2007-3")
    assert problems(load("references", given)) == [(2, "key", "bride-2007", message)]


@each_kind
def test_former_slugs_are_read_once_for_all_rows(kind, db):
    was_alpha(kind)

    few, many = (
        queries_of(kind, [{"name": f"Name {number}"} for number in range(rows)])
        for rows in (2, 200)
    )

    assert len(few) == len(many)


def queries_of(kind, rows):
    """Return the queries that a preview of a file takes."""
    with CaptureQueriesContext(connection) as queries:
        load(kind, rows, dry_run=True)
    return queries.captured_queries


# --- Whatever is renamed


def save(model, place, name, slug):
    """Save an entry as a form does: the one at a place, or else a new one; nothing where that is refused."""
    entries = list(model.objects.order_by("pk"))
    entry = entries[place] if place < len(entries) else model()
    entry.name, entry.slug = name, slug
    if model is Term:
        entry.definition = "What it means."
    with suppress(ValidationError):
        entry.full_clean()
        entry.save()


# How something is written, to the entry at which place, with which name and slug; a place beyond the last is a new one.
WRITINGS = st.lists(
    st.tuples(
        st.sampled_from(["form", "import"]),
        st.integers(0, 2),
        st.sampled_from(["Alpha", "Бета", "!!!"]),
        st.sampled_from(["", "alpha", "beta"]),
    ),
    min_size=5,
    max_size=12,
)


@pytest.mark.alike(2)
@pytest.mark.parametrize("kind", [*SLUGGED, "terms"])
@given(writings=WRITINGS)
def test_no_slug_ever_leads_to_two_entries(kind, writings, db):
    model = Term if kind == "terms" else model_of(kind)
    owners = {}
    with rolled_back():
        for way, place, name, slug in writings:
            if way == "form" or model is Term:
                save(model, place, name, slug)
            else:
                load(kind, [{"name": name, "slug": slug}])
            for entry in model.objects.all():
                assert owners.setdefault(entry.slug, entry) == entry
            for known, owner in owners.items():
                at_home = model.objects.filter(slug=known)
                assert [*at_home, *model.objects.with_former_slug(known)] == [owner]
