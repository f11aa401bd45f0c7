"""What holds for every file: all or nothing, a preview that tells the truth, and nothing to do a second time."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.db import connection
from django.test import TestCase
from hypothesis import given
from hypothesis import strategies as st

from catalog.importing import jobs
from catalog.importing.checking import check
from catalog.models import ImportStatus
from catalog.resources import KINDS, column_guide
from catalog.resources.cells import EntriesWidget, EntryWidget
from catalog.search.documents import EXPERTS, PROGRAMS, REFERENCES, TOPIC_AREAS

from ..transactions import rolled_back
from .hostile_catalog import store_catalog
from .loading import NEW_ROWS, NOTHING, as_csv, load, problems, stored

pytestmark = pytest.mark.django_db

# What people write where they should not, and what machines make of it.
IMPLAUSIBLE = [
    "x", "-1", "12.5", "1e5", "٣", "99999999999999", "03/04/2026", "Jun-24", "2024-02-30", "2999", "a b", "a|b|a",
    "Nowhere", "Twin", "BO", "Workforce well-being", "yes please", "=1+1", "'=1+1", "-", "#REF!", "<b>", "😀", "a\x07b",
    "\u202eabc", "one\n\ntwo", "\x1b", "\u200b", "A" * 101, "A" * 2001, "new", "New", "NEW®", "published", "retired",
    "NR", "5", "10.5555/NEW", "doi:10.1093/sw/52.1.63", "https://example.org/", "robin@example.org",
]  # fmt: skip
# What names an entry of the catalog, by the model.
NAMES = {
    "topicarea": ["burnout", "STS", "Secondary Traumatic Stress"],
    "topicexpert": ["robin-example"],
    "program": ["steady-ground", "Steady Ground®", "calm-corners"],
    "reference": ["bride-2007", "sprang-2007"],
    "scaleedition": ["2026"],
    "registry": ["index", "Index"],
}
# Of each column that tells rows apart: old entries, and a few new ones.
KEYS = {
    ("programs", "slug"): ["steady-ground", "calm-corners", "twin", "new", "other", ""],
    ("programs", "name"): ["Steady Ground", "steady ground®", "Calm Corners", "New", "Other"],
    ("topic-areas", "slug"): ["burnout", "secondary-traumatic-stress", "new", "other", ""],
    ("topic-areas", "name"): ["Burnout", "BOUNDARIES", "New", "Other", "Others"],
    ("experts", "slug"): ["robin-example", "new", "other", ""],
    ("experts", "name"): ["Robin Example", "ROBIN  example", "New", "Other"],
    ("registries", "slug"): ["index", "new", "other", ""],
    ("registries", "name"): ["Index", "INDEX", "New", "Other"],
    ("references", "key"): ["bride-2007", "sprang-2007", "new", "other", ""],
    ("references", "title"): ["Prevalence of stress", "Compassion fatigue", "New", "Other"],
    ("references", "doi"): ["10.1093/sw/52.1.63", "10.5555/new", "10.5555/other", ""],
    ("references", "year"): ["", "2020", "2021"],
    ("programs", "rated_on"): ["", "2020", "2024", "2024-06", "2025-01-31"],
    ("ratings", "rated_on"): ["", "2020", "2024", "2024-06", "2025-01-31"],
}


@pytest.fixture
def catalog(db):
    store_catalog()


def plausible(kind, column):
    """Return cells that may be right in a column."""
    widget = KINDS[kind].fields[column.name].widget
    if isinstance(widget, EntryWidget | EntriesWidget):
        names = NAMES[widget.lookup.model._meta.model_name]
        return [*names, "|".join(names)] if isinstance(widget, EntriesWidget) else names
    if codes := [code for code, _ in column.allowed]:
        return [*codes, ""]
    return KEYS.get((kind, column.name)) or [column.example, ""]


@st.composite
def files(draw, kind):
    """Draw the rows of a file with some of the columns."""
    columns = {column.name: column for column in column_guide(KINDS[kind])}
    key = draw(st.sampled_from(KINDS[kind].keys))
    others = draw(st.lists(st.sampled_from(list(columns)), unique=True, max_size=6))
    if kind == "programs" and draw(st.booleans()):
        others += ["topic_area", "scientific_rating", "rated_on"]
    header = list(dict.fromkeys([*key, *others]))
    row = {name: st.sampled_from(plausible(kind, columns[name])) for name in header}
    rows = draw(st.lists(st.fixed_dictionaries(row), min_size=1, max_size=4))
    wrong = st.sampled_from(IMPLAUSIBLE) | st.text(LETTERS, max_size=5)
    for name in draw(st.lists(st.sampled_from(header), max_size=2)):
        draw(st.sampled_from(rows))[name] = draw(wrong)
    return rows


# A file cannot hold the others: the reader says so.
LETTERS = st.characters(exclude_categories=("Cs",), exclude_characters="\0")


def everything():
    """Return every row of the catalog, of its history, and of its search documents."""
    documents = {}
    with connection.cursor() as cursor:
        for index in (PROGRAMS, TOPIC_AREAS, EXPERTS, REFERENCES):
            cursor.execute(f"SELECT * FROM {index.table}")  # noqa: S608
            documents[index.table] = sorted(map(repr, cursor.fetchall()))
    return {**stored(), **documents}


@pytest.mark.alike(2)
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_import_does_what_was_previewed_or_nothing_and_only_once(kind, catalog, data):
    rows = data.draw(files(kind))
    with rolled_back():
        before = everything()

        preview = load(kind, rows, dry_run=True)
        assert everything() == before
        done = load(kind, rows)

        assert problems(done) == problems(preview)
        assert "The database" not in str(problems(done))
        if done.problems:
            assert everything() == before
            return
        assert (done.plan, done.counts) == (preview.plan, preview.counts)
        assert done.rows == preview.rows
        again = load(kind, rows, dry_run=True)
        assert problems(again) == []
        assert again.rows == []
        assert again.counts["unchanged"] == sum(preview.counts.values())


@given(data=st.data())
def test_file_that_fails_leaves_nothing_and_a_preview_nothing_but_itself(catalog, data):
    """Its record and what it was to do can be forgotten; then nobody can tell that it was there."""
    kind = data.draw(st.sampled_from(list(KINDS)))
    rows = data.draw(files(kind))
    folder = Path(storages["imports"].location)
    with rolled_back():
        before = everything()
        content = ContentFile(as_csv(rows).encode(), name="spring.csv")
        record = jobs.receive(kind, content, user=None)
        check(record)
        itself = ("catalog.Import", "catalog.ImportedRow")
        after = everything()
        assert {name for name in before if before[name] != after[name]} <= set(itself)
        assert record.status in {ImportStatus.FAILED, ImportStatus.READY}
        assert (record.status == ImportStatus.FAILED) == bool(record.mistakes or record.problems)

        with TestCase.captureOnCommitCallbacks(execute=True):
            record.delete()

        assert everything() == before
        assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("unseen", ["\x1b", "\u200b", "\u202e \u200b"])
@pytest.mark.parametrize("kind", ["experts", "programs", "references", "topic-areas"])
def test_key_that_nobody_sees_is_a_blank_one(kind, unseen, db):
    row = {KINDS[kind].key_column or "slug": unseen, **NEW_ROWS[kind]}

    assert load(kind, [row]).counts == {**NOTHING, "new": 1}
    assert load(kind, [row]).counts == {**NOTHING, "unchanged": 1}


def test_signs_that_nobody_sees_tell_no_two_works_apart(db):
    rows = [{"title": "A trial", "year": "2007"}, {"title": "A trial", "year": "2007\u200b"}]

    assert problems(load("references", rows)) == [
        (3, "title", "A trial", "Row 2 is about the same entry. Keep one of the two.")
    ]
