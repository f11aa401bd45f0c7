"""What the database refuses of assignments and of notes, and which assignments are open."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from catalog.models import Assignment, Program, Proposal, StaffNote
from catalog.models.assignments import nobodys

from ..factories import ProgramFactory, TermFactory, UserFactory

pytestmark = pytest.mark.django_db


def somebody(**fields):
    return UserFactory(**{"is_staff": True, **fields})


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("assignment_is_of_one_entry", {"program": None}),
        ("assignment_is_of_one_entry", {"term": TermFactory}),
        ("assignment_task_is_known", {"task": "dance"}),
        ("assignment_review_is_of_a_program", {"program": None, "term": TermFactory}),
        ("assignment_at_proposal_names_it", {"task": "finish"}),
    ],
)
def test_database_refuses_an_assignment_that_cannot_be(constraint, values):
    made = {name: value() if callable(value) else value for name, value in values.items()}
    fields = {"program": ProgramFactory(), "task": "review", "person": UserFactory(), **made}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Assignment.objects.create(**fields)


def test_database_refuses_a_second_assignment_of_a_task_until_one_is_ended():
    program, person = ProgramFactory(), UserFactory()
    first = Assignment.objects.create(program=program, person=person)
    Assignment.objects.create(program=program, person=person, task="review")

    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.create(program=program, person=UserFactory())
    Assignment.objects.filter(pk=first.pk).update(ended_at=timezone.now())
    Assignment.objects.create(program=program, person=UserFactory())

    assert Assignment.objects.of(program).count() == 3


@pytest.mark.parametrize(
    ("constraint", "values"),
    [
        ("staffnote_is_of_one_entry", {"program": None}),
        ("staffnote_is_of_one_entry", {"term": TermFactory}),
        ("staffnote_kind_is_known", {"kind": "song"}),
        ("staffnote_has_text", {"text": ""}),
    ],
)
def test_database_refuses_a_note_that_cannot_be(constraint, values):
    made = {name: value() if callable(value) else value for name, value in values.items()}

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StaffNote.objects.create(**{"program": ProgramFactory(), "text": "x", **made})


# --- What is open


@pytest.mark.parametrize(
    ("then", "now", "is_open"),
    [
        ("2024", "2024", True),
        ("2024", "2024-06", True),  # the same review, known more exactly
        ("2024-06", "2024-06-30", False),
        ("2024", "2025", False),
        ("", "", True),
        ("", "2019", False),
        ("2024-06", "", True),
    ],
)
def test_review_is_open_until_its_date_moves_on(then, now, is_open):
    program = ProgramFactory(research_last_reviewed=now)
    Assignment.objects.create(program=program, task="review", person=somebody(), last_reviewed=then)

    assert Assignment.objects.open().exists() is is_open


@pytest.mark.parametrize(
    ("state", "tasks"),
    [
        ("draft", ["finish"]),
        ("submitted", ["decide"]),
        ("approved", ["decide"]),
        ("sent-back", ["finish"]),
        ("published", []),
        ("discarded", []),
    ],
)
def test_tasks_at_a_proposal_are_open_by_its_state(state, tasks):
    proposal = Proposal.objects.create(
        program=ProgramFactory(),
        state=state,
        is_minor=True,
        approved_digest="x",
        published_at=timezone.now() if state == "published" else None,
    )
    for task in ("finish", "decide"):
        Assignment.objects.create(
            program=proposal.program, proposal=proposal, task=task, person=somebody()
        )

    assert list(Assignment.objects.open().values_list("task", flat=True)) == tasks
    assert list(nobodys(Proposal.objects.all())) == ([] if tasks else [proposal])


def test_nothing_is_open_where_nobody_can_do_it():
    merged = ProgramFactory(merged_into=ProgramFactory(), status="retired")
    retired = ProgramFactory(status="retired")
    gone = somebody(is_active=False)
    for fields in (
        {"program": merged, "person": somebody()},
        {"program": retired, "person": somebody(), "task": "review"},
        {"program": ProgramFactory(), "person": gone},
        {"program": ProgramFactory(), "person": somebody(is_staff=False)},
        {"program": ProgramFactory(), "person": somebody(), "ended_at": timezone.now()},
    ):
        Assignment.objects.create(**fields)
    kept = Assignment.objects.create(program=retired, person=somebody())

    assert list(Assignment.objects.open()) == [kept]
    others = Program.objects.exclude(pk__in=[retired.pk, merged.pk])
    assert set(nobodys(Program.objects.all())) == set(others)


def test_what_is_due_today_is_not_overdue_and_comes_before_what_has_no_day():
    today = timezone.localdate()
    made = [
        Assignment.objects.create(program=ProgramFactory(), person=somebody(), due_on=day)
        for day in (None, today, today - timedelta(days=1))
    ]

    assert list(Assignment.objects.overdue()) == [made[2]]
    assert list(Assignment.objects.open().soonest_first()) == made[::-1]
