"""Giving people something to do: all of it or nothing, with a reason for each entry that is in the way."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.editorial.assignments import (
    GONE,
    MERGED,
    NOTHING_TO_DECIDE,
    NOTHING_TO_FINISH,
    RETIRED,
    Errand,
    NotAssigned,
    assign,
    people_for,
    tasks_at,
    why_not_by,
)
from catalog.models import Assignment, Program, Proposal, Task, Term, TopicArea

from ..conftest import group_user
from ..factories import ProgramFactory, TermFactory, TopicAreaFactory, UserFactory

pytestmark = pytest.mark.django_db


def refused(*args, **kwargs):
    """Return which entries are in the way, each with why."""
    with pytest.raises(NotAssigned) as error:
        assign(*args, **kwargs)
    return [(entry and entry.name, sentence) for entry, sentence in error.value.refused]


def test_whoever_is_given_a_task_has_it_in_the_place_of_the_one_before(ann, bob):
    program = ProgramFactory(research_last_reviewed="2024")
    (first,) = assign(Program, [program.pk], Errand(Task.REVIEW, ann), user=bob)

    (second,) = assign(Program, [program.pk], Errand(Task.REVIEW, bob, note="Soon."), user=ann)

    first.refresh_from_db()
    assert (first.ended_by, second.ended_at) == (ann, None)
    assert list(Assignment.objects.open()) == [second]
    assert (second.last_reviewed, second.assigned_by_id, second.note) == ("2024", ann.pk, "Soon.")


def test_what_is_so_already_stays_and_is_not_told_as_new(ann, bob):
    program = ProgramFactory()
    errand = Errand(Task.EDIT, ann)
    assign(Program, [program.pk], errand, user=bob)

    assert assign(Program, [program.pk], errand, user=bob) == []
    assert Assignment.objects.count() == 1


def test_one_entry_in_the_way_leaves_all_as_they_are(ann, bob):
    good = ProgramFactory(name="Good")
    retired = ProgramFactory(name="Retired", status="retired")
    merged = ProgramFactory(name="Merged", status="retired", merged_into=good)
    pks = [good.pk, retired.pk, merged.pk, 10**9]

    found = refused(Program, pks, Errand(Task.REVIEW, ann), user=bob)

    assert found == [("Retired", RETIRED), ("Merged", MERGED), (None, GONE)]
    assert not Assignment.objects.exists()


def test_proposal_is_given_to_who_can_do_what_it_waits_for(ann, bob):
    program = ProgramFactory(name="Calm")
    nothing = refused(Program, [program.pk], Errand(Task.FINISH, ann), user=bob)
    proposal = Proposal.objects.create(
        program=program, state="submitted", is_minor=True, submitted_by=bob
    )
    submitted = refused(Program, [program.pk], Errand(Task.FINISH, ann), user=bob)
    own = refused(Program, [program.pk], Errand(Task.DECIDE, bob), user=ann)
    other = UserFactory(is_superuser=True)
    (given,) = assign(Program, [program.pk], Errand(Task.DECIDE, other), user=ann)

    assert nothing == submitted == [("Calm", NOTHING_TO_FINISH)]
    sentence = "one-of-publishers has submitted its proposal: somebody else decides on it."
    assert own == [("Calm", sentence)]
    assert given.proposal == proposal


def test_team_of_one_decides_on_its_own_proposal(bob, settings):
    settings.AUTHORS_MAY_APPROVE = True
    program = ProgramFactory()
    Proposal.objects.create(program=program, state="submitted", is_minor=True, submitted_by=bob)

    assert assign(Program, [program.pk], Errand(Task.DECIDE, bob), user=bob)


def test_draft_of_a_proposal_waits_for_no_decision(ann, bob):
    program = ProgramFactory(name="Calm")
    Proposal.objects.create(program=program, author=ann)

    found = refused(Program, [program.pk], Errand(Task.DECIDE, bob), user=ann)

    assert found == [("Calm", NOTHING_TO_DECIDE)]


def test_page_offers_the_tasks_that_there_are_the_proposal_first():
    program, term = ProgramFactory(), TermFactory()
    assert tasks_at(program) == [Task.EDIT, Task.REVIEW]
    assert tasks_at(term) == [Task.EDIT]

    Proposal.objects.create(program=program)
    Proposal.objects.create(term=term, state="submitted", is_minor=True)

    assert tasks_at(program) == [Task.FINISH, Task.EDIT, Task.REVIEW]
    assert tasks_at(term) == [Task.DECIDE, Task.EDIT]


def test_people_to_choose_are_the_staff_who_may_change_such_entries(ann, bob):
    group_user("Viewers")
    UserFactory(is_superuser=True)  # no staff
    root = UserFactory(is_superuser=True, is_staff=True)
    UserFactory(is_superuser=True, is_staff=True, is_active=False)

    assert set(people_for(TopicArea)) == {ann, bob, root}


@pytest.mark.parametrize(
    ("task", "sentence"),
    [
        (Task.EDIT, ""),
        (Task.FINISH, ""),
        (
            Task.DECIDE,
            "one-of-editors may not publish glossary terms: choose somebody who may.",
        ),
    ],
)
def test_who_may_not_publish_cannot_decide(ann, task, sentence):
    assert why_not_by(Term, task, ann) == sentence


def test_many_entries_cost_no_more_queries_than_one(ann, bob, django_assert_num_queries):
    few = [TopicAreaFactory().pk]
    many = [TopicAreaFactory().pk for _ in range(20)]
    with CaptureQueriesContext(connection) as found:
        assign(TopicArea, few, Errand(Task.EDIT, ann), user=bob)
    with django_assert_num_queries(len(found)):
        assign(TopicArea, many, Errand(Task.EDIT, ann), user=bob)
