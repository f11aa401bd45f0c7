"""django-import-export's own contract: ``Resource.import_data`` takes a dataset and returns the package's result."""

import csv
from datetime import date, datetime

import pytest
import tablib
from django.db import connection
from import_export.exceptions import ImportError as RowImportError
from import_export.results import Result, RowResult

from catalog.models import Program, Rating, Reference
from catalog.resources import (
    CSV,
    KINDS,
    ProgramResource,
    RatingResource,
    ReferenceResource,
    TopicAreaResource,
)

from ..conftest import catalog_permissions
from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    RelatedProgramFactory,
    TopicAreaFactory,
    UserFactory,
)
from ..importing.loading import stored

pytestmark = pytest.mark.django_db

HEADERS = ["slug", "name", "child_age_min"]


def dataset(*rows, headers=HEADERS):
    return tablib.Dataset(*rows, headers=headers)


def import_types(result):
    return [row.import_type for row in result.rows]


def invalid(result):
    """Return the number of each invalid row, with what is wrong by column."""
    return {row.number: row.error_dict for row in result.invalid_rows}


@pytest.fixture
def old(db):
    return ProgramFactory(name="Old", slug="old", child_age_min=3)


def test_dry_run_says_what_rows_would_do_and_writes_nothing(old):
    before = stored()

    result = ProgramResource().import_data(
        dataset(("old", "Old", 3), ("old-2", "New", 4), ("", "Another", "")), dry_run=True
    )

    assert type(result) is Result
    assert import_types(result) == ["skip", "new", "new"]
    assert result.totals == {
        "new": 2,
        "update": 0,
        "delete": 0,
        "skip": 1,
        "error": 0,
        "invalid": 0,
    }
    assert (result.has_errors(), result.has_validation_errors()) == (False, False)
    assert (result.total_rows, len(result.valid_rows())) == (3, 3)
    assert stored() == before


def test_import_writes_rows_with_their_history(old):
    user = UserFactory(is_superuser=True)

    result = ProgramResource().import_data(
        dataset(("old", "Renamed", 3), ("new", "New", 4)), user=user, reason="A test"
    )

    assert import_types(result) == ["update", "new"]
    assert not result.has_errors()
    assert list(Program.objects.order_by("pk").values_list("slug", "name", "child_age_min")) == [
        ("old", "Renamed", 3),
        ("new", "New", 4),
    ]
    assert [(row.object_id, row.object_repr) for row in result.rows] == [
        (old.pk, "Renamed"),
        (Program.objects.get(slug="new").pk, "New"),
    ]
    for program in Program.objects.all():
        latest = program.history.latest()
        assert (latest.history_user, latest.history_change_reason) == (user, "A test")


def test_wrong_row_is_invalid_by_its_number_and_column(old):
    before = stored()

    result = ProgramResource().import_data(dataset(("old", "Renamed", 4), ("new", "New", "many")))

    assert (result.has_errors(), result.has_validation_errors()) == (False, True)
    assert invalid(result) == {
        2: {"child_age_min": ["Write a whole number in digits, such as 12."]}
    }
    [row] = result.invalid_rows
    assert row.field_specific_errors == row.error_dict
    assert dict(zip(result.diff_headers, row.values, strict=True))["child_age_min"] == "many"
    assert import_types(result) == ["update", "invalid"]
    assert result.totals[RowResult.IMPORT_TYPE_INVALID] == 1
    assert stored() == before


def test_rows_are_called_by_the_packages_numbers_in_messages_too(old):
    result = ProgramResource().import_data(dataset(("one", "One", ""), ("one", "One", "")))

    assert invalid(result) == {
        2: {
            "topic_area": [
                "Row 1 is about the same program; a further row names a further topic area."
            ]
        }
    }


@pytest.mark.parametrize(
    ("headers", "messages"),
    [
        (
            ["slug", "nmae"],
            ["“nmae”: There is no such column in a file of programs. Did you mean “name”?"],
        ),
        (["goals"], ["The column that tells the rows apart is missing: slug or name."]),
        (None, ["The column that tells the rows apart is missing: slug or name."]),
    ],
)
def test_wrong_header_is_an_error_of_the_dataset(headers, messages, old):
    rows = [] if headers is None else [["x"] * len(headers)]

    result = ProgramResource().import_data(dataset(*rows, headers=headers))

    assert result.has_errors()
    assert [error.error.messages[0] for error in result.base_errors] == messages


# What no rule of ours knows, and the database holds to.
REFUSING = {
    "sqlite": "CREATE TRIGGER refuse BEFORE INSERT ON catalog_program WHEN NEW.name = 'Null' "
    "BEGIN SELECT RAISE(ABORT, 'refused'); END",
    "postgresql": "SET CONSTRAINTS ALL IMMEDIATE; "
    "ALTER TABLE catalog_program ADD CONSTRAINT refuse CHECK (name <> 'Null')",
}


def test_what_the_database_refuses_is_an_error_of_the_dataset(old):
    before = stored()
    with connection.cursor() as cursor:
        cursor.execute(REFUSING[connection.vendor])

    result = ProgramResource().import_data(dataset(("new", "New", ""), ("null", "Null", "")))

    (message,) = [error.error.messages[0] for error in result.base_errors]
    assert message.startswith("The database refused the file.")
    assert stored() == before


@pytest.mark.parametrize("is_dry", [True, False])
def test_first_error_is_raised_where_that_is_asked_for(is_dry, old):
    before = stored()
    rows = [("new", "New", ""), ("old", "Old", "x"), ("old-2", "", "y")]

    with pytest.raises(RowImportError) as raised:
        ProgramResource().import_data(dataset(*rows), dry_run=is_dry, raise_errors=True)

    assert raised.value.number == 2
    assert raised.value.row["slug"] == "old"
    assert "child_age_min" in raised.value.error.message_dict
    assert stored() == before


def test_error_of_the_dataset_is_raised_where_that_is_asked_for(old):
    with pytest.raises(RowImportError, match="There is no such column"):
        ProgramResource().import_data(
            dataset(("new", "x"), headers=["slug", "zzz"]), raise_errors=True
        )


def test_failed_rows_are_collected_where_that_is_asked_for(old):
    rows = [("new", "New", "4"), ("old", "Old", "x")]

    result = ProgramResource().import_data(dataset(*rows), collect_failed_rows=True)

    assert result.failed_dataset.headers == [*HEADERS, "Error"]
    assert list(result.failed_dataset) == [
        ("old", "Old", "x", "Write a whole number in digits, such as 12.")
    ]


def test_import_without_a_transaction_is_refused(old):
    before = stored()

    with pytest.raises(ValueError, match="one transaction"):
        ProgramResource().import_data(dataset(("new", "New", "")), use_transactions=False)

    assert stored() == before


def test_user_without_the_permission_does_not_retire(old):
    user = UserFactory()
    user.user_permissions.set(catalog_permissions("import", "add", "change"))
    rows = dataset(("old", "retired"), headers=["slug", "status"])

    result = ProgramResource().import_data(rows, user=user)

    assert invalid(result) == {1: {"status": ["Your account may not publish or retire."]}}


def test_values_that_are_no_texts_are_understood(db):
    TopicAreaFactory(name="Area")
    headers = ["name", "is_nonresponder", "child_age_min", "loaded_on", "research_last_reviewed"]
    rows = dataset(
        ("A", True, 3.0, date(2024, 6, 15), datetime(2024, 6, 16)),
        (None, None, None, None, None),
        ("B", False, None, "2024-06", None),
        headers=headers,
    )

    result = ProgramResource().import_data(rows)

    assert import_types(result) == ["new", "skip", "new"]
    assert list(Program.objects.values_list(*headers)) == [
        ("A", True, 3, "2024-06-15", "2024-06-16"),
        ("B", False, None, "2024-06", ""),
    ]


def test_export_is_imported_as_rows_that_change_nothing(seed):
    FindingFactory()
    RatingFactory()
    ContactFactory()
    RelatedProgramFactory()
    ExternalRatingFactory()
    for kind, resource in KINDS.items():
        exported = resource().export()

        result = resource().import_data(exported)

        assert len(exported), kind
        assert set(import_types(result)) == {"skip"}, kind
        assert result.totals["skip"] == len(exported)


def test_dataset_that_the_package_has_read_from_a_file_is_understood(db):
    ProgramFactory(name="=Sum", slug="sum", goals="-x")
    text = CSV().export_data(ProgramResource().export()).decode("utf-8-sig")
    read = tablib.Dataset().load(text, format="csv")
    assert "'=Sum" in next(csv.reader(text.splitlines()[1:]))

    result = ProgramResource().import_data(read)

    assert import_types(result) == ["skip"]


def test_every_kind_is_imported_by_its_resource(old):
    TopicAreaResource().import_data(dataset(("Area",), headers=["name"]))
    ReferenceResource().import_data(
        dataset(("Bride, B. E.", 2007, "A trial"), headers=["authors", "year", "title"])
    )
    rated = RatingResource().import_data(
        dataset(("old", "area", 2), headers=["program", "topic_area", "scientific_rating"])
    )

    assert import_types(rated) == ["new"]
    assert Reference.objects.get().key == "bride-2007"
    assert Rating.objects.get().scientific_rating == "2"
