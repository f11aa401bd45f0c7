"""The export: what it writes is imported again without any change."""

import pytest
from hypothesis import given

from catalog.models import (
    Program,
)
from catalog.resources import CSV, XLSX

from ..factories import (
    ProgramFactory,
)
from ..importing.catalogs import CATALOGS, as_set, empty, examples_own_data, keep, store
from ..importing.loading import (
    LOADING_ORDER,
    counts,
    exported,
    exported_rows,
    load,
    problems,
    stored,
)

pytestmark = pytest.mark.django_db


def test_lists_are_stored_as_tidily_as_other_texts(db):
    """What the import writes and what the admin writes must be the same, or every export would change it."""
    program = ProgramFactory.build(name="A", languages=("Cafe\u0301", "two\r\nlines"))

    keep(program)

    assert Program.objects.get().languages == ("Café", "two\nlines")


@pytest.mark.parametrize("form", [CSV, XLSX])
@given(catalog=CATALOGS)
def test_export_is_imported_without_any_change(form, catalog):
    with examples_own_data():
        store(catalog)
        before = stored()

        for kind in LOADING_ORDER:
            rows = exported_rows(kind)
            result = load(kind, exported(kind, form))

            assert (kind, problems(result), result.warnings) == (kind, [], [])
            assert [change for row in result.rows for change in row.changes] == []
            assert (kind, result.counts) == (kind, counts(unchanged=len(rows)))
        assert stored() == before


@pytest.mark.parametrize("form", [CSV, XLSX])
@given(catalog=CATALOGS)
def test_export_makes_the_same_catalog_in_an_empty_database(form, catalog):
    with examples_own_data():
        store(catalog)
        files = {kind: exported(kind, form) for kind in LOADING_ORDER}
        rows = {kind: as_set(exported_rows(kind)) for kind in LOADING_ORDER}
        empty()

        for kind in LOADING_ORDER:
            assert (kind, problems(load(kind, files[kind]))) == (kind, [])

        for kind in LOADING_ORDER:
            assert (kind, as_set(exported_rows(kind)) ^ rows[kind]) == (kind, set())
