"""The column of programs' files that says to which others a program is related: written, refused, undone."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.importing.jobs import request_undo
from catalog.importing.permissions import LIVE
from catalog.models import Program, RelatedProgram

from ..conftest import catalog_permissions
from ..factories import ProgramFactory, RelatedProgramFactory, UserFactory
from .loading import counts, load, problems, stored
from .undoing import bring_in, entries, history_is_complete, kept

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def calm(db):
    """A version of Still Waters, with a neighbour."""
    calm = ProgramFactory(name="Calm Corners")
    RelatedProgramFactory(program=calm, other=ProgramFactory(name="Still Waters"))
    ProgramFactory(name="Firm Ground")
    return calm


def related():
    found = RelatedProgram.objects.order_by("program__slug", "kind", "other__slug")
    return list(found.values_list("program__slug", "kind", "other__slug"))


def row(cell, slug="calm-corners"):
    return {"slug": slug, "related_programs": cell}


HOW = (
    "Write family:, version: or adaptation: before the program, such as family:calm-corners. "
    "Separate several by |."
)
WATERS = ("calm-corners", "version", "still-waters")
GROUND = ("calm-corners", "family", "firm-ground")


@pytest.mark.parametrize(
    ("cell", "expected", "changed"),
    [
        ("version:still-waters", [WATERS], 0),
        ("family:firm-ground | version:Still  Waters", [GROUND, WATERS], 1),
        ("Family: FIRM-GROUND", [GROUND], 1),
        (
            "version:firm-ground|version:Firm Ground",
            [("calm-corners", "version", "firm-ground")],
            1,
        ),
        ("", [], 1),
    ],
)
def test_program_is_related_to_those_that_the_cell_names(cell, expected, changed, calm):
    result = load("programs", [row(cell)])

    assert (problems(result), related()) == ([], expected)
    assert result.counts == counts(changed=changed, unchanged=1 - changed)


def test_absent_column_leaves_the_relations(calm):
    load("programs", [{"slug": "calm-corners", "goals": "Rest."}])

    assert related() == [WATERS]


def test_programs_of_one_file_name_one_another_wherever_they_stand(calm, monkeypatch):
    monkeypatch.setattr("catalog.importing.importer.BATCH", 1)
    rows = [
        {"name": "First", "related_programs": "version:Second|family:calm-corners"},
        {"name": "Second", "related_programs": "adaptation:first|family:first"},
    ]

    result = load("programs", rows)

    assert (problems(result), result.counts) == ([], counts(new=2))
    assert related()[1:] == [
        ("first", "family", "calm-corners"),
        ("first", "version", "second"),
        ("second", "adaptation", "first"),
        ("second", "family", "first"),
    ]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("family:calm-corners", "A program is not related to itself."),
        (
            "version:nowhere",
            "“nowhere”: There is no such program, neither in the catalog nor in this file.",
        ),
        (
            "still-waters",
            f"“still-waters”: {HOW}",
        ),
        (
            "sequel:still-waters",
            f"“sequel:still-waters”: {HOW}",
        ),
        ("family:once", "“once”: once is the former slug of firm-ground; write firm-ground."),
        (
            "family:merged",
            "“merged”: This program was merged into “Still Waters” (slug still-waters). Use that.",
        ),
        (
            "family:Twice",
            "“Twice”: Several programs have this name; write the slug: two-a, two-b.",
        ),
    ],
)
def test_cell_that_names_no_other_program_is_refused(cell, message, calm):
    ground = Program.objects.get(slug="firm-ground")
    for slug in ("once", "firm-ground"):
        ground.slug = slug
        ground.save()
    waters = Program.objects.get(slug="still-waters")
    ProgramFactory(name="Merged", status="retired", merged_into=waters)
    for slug in ("two-a", "two-b"):
        ProgramFactory(name="Twice", slug=slug)
    before = stored()

    result = load("programs", [row(cell)])

    assert problems(result) == [(2, "related_programs", cell, message)]
    assert stored() == before


@pytest.mark.parametrize(
    ("cell", "action"), [("version:still-waters|family:firm-ground", "add"), ("", "delete")]
)
def test_relations_take_permissions_of_their_own(cell, action, calm):
    user = UserFactory()
    codes = catalog_permissions("view", "add", "change", "delete", "import", "publish")
    user.user_permissions.set([p for p in codes if p.codename != f"{action}_relatedprogram"])

    result = load("programs", [row(cell)], user=user)

    message = f"Your account may not {action} relations between programs."
    assert problems(result) == [(2, "related_programs", cell, message)]


def test_relations_of_what_visitors_read_take_the_permission_to_publish(calm):
    user = UserFactory()
    user.user_permissions.set(catalog_permissions("view", "add", "change", "delete", "import"))

    result = load("programs", [row("")], user=user)

    assert [(p.row, p.message) for p in result.problems] == [(2, LIVE)]


def test_undo_takes_back_what_was_added_and_brings_back_what_was_taken_out(calm, ann):
    before = entries()
    rows = [{**row("family:firm-ground|adaptation:new"), "name": "Calm Corners"}]
    record = bring_in("programs", [*rows, {"slug": "new", "name": "New"}], ann)
    assert related() == [("calm-corners", "adaptation", "new"), GROUND]

    request_undo(record, ann)

    assert (entries(), record.kept) == (before, [])
    assert history_is_complete()


def test_relation_that_was_recorded_again_is_kept_and_named(calm, ann):
    record = bring_in("programs", [row("")], ann)
    RelatedProgramFactory(program=calm, other=Program.objects.get(slug="still-waters"))

    request_undo(record, ann)

    name = "Calm Corners: A version of Still Waters"
    assert kept(record) == [(name, "It has been recorded again since.")]
    assert related() == [WATERS]


def test_relation_to_what_was_deleted_since_is_named(calm, ann):
    record = bring_in("programs", [row("")], ann)
    Program.objects.get(slug="still-waters").delete()

    request_undo(record, ann)

    assert [why for _, why in kept(record)] == ["A program that it was about has been deleted."]


def test_column_takes_no_query_for_each_row(calm):
    def rows(number):
        ProgramFactory.create_batch(number)
        return [
            row("version:still-waters", p.slug)
            for p in Program.objects.exclude(slug="still-waters")
        ]

    few, many = rows(1), rows(10)
    counted = []
    for found in (few, many):
        with CaptureQueriesContext(connection) as queries:
            assert not load("programs", found, dry_run=True).problems
        counted.append(len(queries))

    assert counted[0] == counted[1]
