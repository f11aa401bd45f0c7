"""The export: what it writes is imported again without any change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import (
    Program,
)
from catalog.resources import CSV, KINDS, XLSX, base

from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..importing.catalogs import CATALOGS, as_set, empty, keep, store
from ..importing.loading import (
    LOADING_ORDER,
    counts,
    exported,
    exported_rows,
    load,
    problems,
    stored,
)
from ..transactions import rolled_back

pytestmark = pytest.mark.django_db

FORMATS = st.sampled_from([CSV, XLSX])


def test_lists_are_stored_as_tidily_as_other_texts(db):
    """What the import writes and what the admin writes must be the same, or every export would change it."""
    program = ProgramFactory.build(name="A", languages=("Cafe\u0301", "two\r\nlines"))

    keep(program)

    assert Program.objects.get().languages == ("Café", "two lines")


@pytest.mark.once
@given(form=FORMATS, catalog=CATALOGS)
def test_export_is_imported_without_any_change(form, catalog):
    with rolled_back():
        store(catalog)
        before = stored()

        for kind in LOADING_ORDER:
            rows = exported_rows(kind)
            result = load(kind, exported(kind, form))

            assert (kind, problems(result), result.warnings) == (kind, [], [])
            assert [change for row in result.rows for change in row.changes] == []
            assert (kind, result.counts) == (kind, counts(unchanged=len(rows)))
        assert stored() == before


@given(form=FORMATS, catalog=CATALOGS)
def test_export_makes_the_same_catalog_in_an_empty_database(form, catalog):
    with rolled_back():
        store(catalog)
        files = {kind: exported(kind, form) for kind in LOADING_ORDER}
        rows = {kind: as_set(exported_rows(kind)) for kind in LOADING_ORDER}
        empty()

        for kind in LOADING_ORDER:
            assert (kind, problems(load(kind, files[kind]))) == (kind, [])

        for kind in LOADING_ORDER:
            assert (kind, as_set(exported_rows(kind)) ^ rows[kind]) == (kind, set())


# --- What it costs

# The queries that a batch of entries takes.
QUERIES = {
    "experts": 1,
    "references": 1,
    "topic-areas": 4,  # their experts, further reading and related areas
    "programs": 3,  # their current ratings, with the topic areas; their related programs
    "ratings": 1,
    "studies": 1,
    "findings": 1,
    "contacts": 1,
    "registries": 1,
    "external-ratings": 1,
}


def complete_entries(number):
    """Make number entries of each kind, but two topic areas and two ratings for each."""
    for _ in range(number):
        area = TopicAreaFactory(parent=TopicAreaFactory())
        area.experts.add(TopicExpertFactory())
        area.further_reading.add(ReferenceFactory())
        area.related_areas.add(area.parent)
        program = ProgramFactory()
        RatingFactory(program=program, topic_area=area)
        RatingFactory(program=program, topic_area=area.parent)
        FindingFactory(program=program, topic_area=area)
        ContactFactory(program=program)
        ExternalRatingFactory(program=program)


def keys_of(kind):
    return list(KINDS[kind]._meta.model.objects.values_list("pk", flat=True))


@pytest.mark.alike(8)
@pytest.mark.once
@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("kind", QUERIES)
def test_export_takes_the_same_queries_for_one_and_three(kind, number, django_assert_num_queries):
    complete_entries(number)
    keys = keys_of(kind)

    with django_assert_num_queries(QUERIES[kind]):
        rows = list(KINDS[kind]().rows(keys))

    # Each program has two ratings, and so two rows.
    assert len(rows) == 1 + len(keys) * (2 if kind == "programs" else 1)


@pytest.mark.alike(5)
@pytest.mark.once
@pytest.mark.parametrize("kind", QUERIES)
def test_export_takes_the_same_queries_for_each_batch(kind, monkeypatch, django_assert_num_queries):
    complete_entries(5)
    keys, all_at_once = keys_of(kind), list(KINDS[kind]().rows(keys_of(kind)))
    monkeypatch.setattr(base, "BATCH", 2)
    batches = -(-len(keys) // 2)

    with django_assert_num_queries(batches * QUERIES[kind]):
        rows = list(KINDS[kind]().rows(keys))

    assert rows == all_at_once


def test_export_is_in_the_order_of_the_keys_and_tells_how_far_it_is(monkeypatch):
    monkeypatch.setattr(base, "BATCH", 2)
    keys = [ProgramFactory(slug=slug).pk for slug in "cbaed"]
    reports = []

    header, *rows = KINDS["programs"]().rows(keys, reports.append)

    assert header == KINDS["programs"].columns()
    assert [row[0] for row in rows] == list("cbaed")
    assert reports == [2, 4, 5]


def test_entry_that_is_deleted_meanwhile_has_no_row(monkeypatch):
    monkeypatch.setattr(base, "BATCH", 1)
    keys = [ProgramFactory(slug=slug).pk for slug in "abc"]

    def delete(done):
        Program.objects.filter(slug="b").delete()

    _, *rows = KINDS["programs"]().rows(keys, delete)

    assert [row[0] for row in rows] == ["a", "c"]
