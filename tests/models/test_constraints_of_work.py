"""What the database refuses of imports, exports and proposals."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import (
    Export,
    Import,
    Proposal,
)

from ..factories import (
    ProgramFactory,
    TermFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("import_kind_is_known", {"kind": "people"}),
        ("import_status_is_known", {"status": "lost"}),
        ("import_finished_has_date", {"status": "done"}),
        ("import_finished_has_date", {"status": "undoing"}),
        ("import_finished_has_date", {"status": "undone"}),
    ],
)
def test_database_refuses_an_import_that_cannot_be(constraint, values, db):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Import.objects.create(**{"kind": "programs", "file_name": "spring.csv", **values})

    assert not Import.objects.exists()


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("export_kind_is_known", {"kind": "people"}),
        ("export_format_is_known", {"format": "html"}),
        ("export_status_is_known", {"status": "lost"}),
        ("export_done_has_file", {"status": "done"}),
    ],
)
def test_database_refuses_an_export_that_cannot_be(constraint, values, db):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Export.objects.create(**{"kind": "programs", "format": "csv", "total": 1, **values})

    assert not Export.objects.exists()


def test_database_refuses_a_second_export_in_the_making(db):
    user = UserFactory()
    Export.objects.create(kind="programs", format="csv", total=1, user=user)

    with pytest.raises(IntegrityError), transaction.atomic():
        Export.objects.create(kind="ratings", format="csv", total=1, user=user)

    assert Export.objects.get().kind == "programs"


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("proposal_is_of_one_entry", {"program": None}),
        ("proposal_is_of_one_entry", {"term": TermFactory}),
        ("proposal_state_is_known", {"state": "lost"}),
        ("proposal_says_what_is_new", {"state": "submitted"}),
        ("proposal_says_what_is_new", {"state": "published", "published_at": timezone.now()}),
        ("proposal_published_has_moment", {"state": "published", "is_minor": True}),
        ("proposal_published_has_moment", {"state": "draft", "published_at": timezone.now()}),
        ("proposal_approved_has_digest", {"state": "approved", "is_minor": True}),
    ],
)
def test_database_refuses_a_proposal_that_cannot_be(constraint, values, db):
    made = {name: value() if callable(value) else value for name, value in values.items()}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Proposal.objects.create(**{"program": ProgramFactory(), **made})

    assert not Proposal.objects.exists()


def test_database_refuses_a_second_open_proposal_for_an_entry(db):
    program = ProgramFactory()
    Proposal.objects.create(program=program, state="discarded")
    Proposal.objects.create(program=program, state="sent-back")
    Proposal.objects.create(program=ProgramFactory())

    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.create(program=program)

    assert Proposal.objects.count() == 3


def test_database_refuses_a_row_that_does_what_no_row_does(db):
    record = Import.objects.create(kind="programs", file_name="spring.csv")

    with (
        pytest.raises(IntegrityError, match="importedrow_action_is_known"),
        transaction.atomic(),
    ):
        record.rows.create(number=2, action="lost", entry="A")

    assert not record.rows.exists()


def test_database_refuses_a_second_row_of_the_same_number(db):
    record = Import.objects.create(kind="programs", file_name="spring.csv")
    record.rows.create(number=2, action="new", entry="A")

    with pytest.raises(IntegrityError), transaction.atomic():
        record.rows.create(number=2, action="changed", entry="B")

    assert [row.entry for row in record.rows.all()] == ["A"]
