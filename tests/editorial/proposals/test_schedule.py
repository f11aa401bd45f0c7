"""Proposals that are published by themselves at their moment."""

from datetime import timedelta
from io import StringIO
from threading import Event

import pytest
from django.core.management import call_command
from django.utils import timezone

from catalog.editorial.proposals.changes import propose
from catalog.editorial.proposals.schedule import publish_due, publish_one
from catalog.editorial.proposals.steps import (
    APPROVE,
    PUBLISH,
    SCHEDULE,
    SEND_BACK,
    SUBMIT,
    UNSCHEDULE,
    Said,
    take,
)
from catalog.editorial.workflow import Hindered
from catalog.management.commands.db_worker import work
from catalog.models import Notification, Program, Proposal, ProposalState

from ...factories import ProgramFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheduled(program, ann, bob):
    proposal = propose(program, {"goals": "Sleep."}, {}, user=ann)
    take(proposal, SUBMIT, Said(note="New goals"), user=ann)
    take(proposal, APPROVE, user=bob)
    ahead = timezone.now() + timedelta(days=1)
    return take(proposal, SCHEDULE, Said(moment=ahead), user=bob)


def come(proposal):
    """Let the moment of a proposal come."""
    Proposal.objects.filter(pk=proposal.pk).update(publish_at=timezone.now())


def goals():
    return Program.objects.get(name="Calm").goals


def standing(proposal):
    stored = Proposal.objects.get(pk=proposal.pk)
    return stored.state, stored.publish_at, stored.scheduled_by


def test_it_is_published_at_its_moment_in_the_name_of_who_scheduled_it(scheduled, bob):
    assert (publish_due(), goals()) == ([], "Rest.")

    come(scheduled)

    assert [(p.pk, why) for p, why in publish_due()] == [(scheduled.pk, "")]
    assert (goals(), standing(scheduled)) == ("Sleep.", (ProposalState.PUBLISHED, None, None))
    assert Program.history.latest("history_id").history_user == bob
    assert publish_due() == []


@pytest.mark.django_db(transaction=True)  # between two tasks the worker lets its connection go
def test_worker_publishes_what_is_due(scheduled):
    come(scheduled)

    work(Event(), queue_name="default", exclude_queues="", backend_name="default", worker_id="one")

    assert goals() == "Sleep."


def test_command_says_what_was_published_and_what_was_not(scheduled, program):
    come(scheduled)
    program.goals = "Work."
    program.save()
    out, err = StringIO(), StringIO()

    call_command("publish_due", stdout=out, stderr=err)

    why = "The same fields were changed meanwhile, and somebody has to choose."
    assert err.getvalue() == f"“Calm” was not published: {why}\n"
    assert (goals(), standing(scheduled)) == ("Work.", (ProposalState.APPROVED, None, None))
    last = Proposal.history.latest("history_id").history_change_reason
    assert last == f"Not published at its moment: {why}"

    take(scheduled, PUBLISH, user=scheduled.approved_by, choices={"goals": "mine"})
    assert goals() == "Sleep."


@pytest.mark.parametrize("step", [UNSCHEDULE, SEND_BACK, PUBLISH])
def test_moment_that_somebody_takes_away_just_then_is_none(scheduled, bob, step):
    come(scheduled)
    # Found to be due, and waited for: others are published first.
    taken = take(scheduled, step, Said(reason="Not yet."), user=bob)
    before = goals(), standing(taken), Notification.objects.count()

    assert publish_one(scheduled.pk) is None
    assert (goals(), standing(taken), Notification.objects.count()) == before


def test_later_moment_is_waited_for(scheduled, bob):
    come(scheduled)
    tomorrow = timezone.now() + timedelta(days=1)
    take(scheduled, SCHEDULE, Said(moment=tomorrow), user=bob)

    assert publish_one(scheduled.pk) is None
    assert (goals(), standing(scheduled)) == ("Rest.", (ProposalState.APPROVED, tomorrow, bob))


def test_who_may_no_longer_publish_does_not(scheduled, bob):
    come(scheduled)
    bob.groups.clear()

    assert [why for _, why in publish_due()] == ["Your account may not do this."]
    assert (goals(), standing(scheduled)) == ("Rest.", (ProposalState.APPROVED, None, None))


def test_account_that_is_gone_publishes_nothing(scheduled, bob):
    come(scheduled)
    bob.delete()

    assert [why for _, why in publish_due()] == ["Your account may not do this."]


@pytest.mark.parametrize("step", [UNSCHEDULE, SEND_BACK])
def test_moment_goes_with_the_schedule_and_the_approval(scheduled, bob, step):
    stored = take(scheduled, step, Said(reason="Not yet."), user=bob)

    assert (stored.publish_at, stored.scheduled_by) == (None, None)


def test_moment_goes_where_something_else_is_proposed(scheduled, program, ann):
    Notification.objects.all().delete()
    propose(program, {"goals": "Work."}, {}, user=ann)

    assert standing(scheduled) == (ProposalState.SUBMITTED, None, None)
    (told,) = Notification.objects.all()
    assert (told.recipient, told.by, told.kind) == (scheduled.scheduled_by, ann, "not-published")
    assert told.words.startswith("It was changed after it was approved")


@pytest.mark.parametrize(
    ("step", "moment", "sentence"),
    [
        (SCHEDULE, None, "A date of publication lies in the future"),
        (SCHEDULE, timedelta(minutes=-1), "A date of publication lies in the future"),
        (PUBLISH, timedelta(days=1), "You gave a date: press “Publish later”"),
    ],
)
def test_moment_fits_the_step(scheduled, bob, step, moment, sentence):
    when = moment and timezone.now() + moment

    with pytest.raises(Hindered) as hindered:
        take(scheduled, step, Said(moment=when), user=bob)

    assert hindered.value.sentences[0].startswith(sentence)


def test_one_that_cannot_be_stored_keeps_no_other_one_waiting(scheduled, program, ann, bob):
    other = ProgramFactory(goals="Rest.")
    second = propose(other, {"goals": "Sleep."}, {}, user=ann)
    take(second, SUBMIT, Said(is_minor=True), user=ann)
    take(second, APPROVE, user=bob)
    take(second, SCHEDULE, Said(moment=timezone.now() + timedelta(days=1)), user=bob)
    come(scheduled)
    come(second)
    # A value that no form lets through.
    Proposal.objects.filter(pk=scheduled.pk).update(changes={"merged_into": [None, program.pk]})
    broken = Proposal.objects.get(pk=scheduled.pk)
    Proposal.objects.filter(pk=scheduled.pk).update(approved_digest=broken.digest)

    found = {p.pk: why for p, why in publish_due()}

    assert found[second.pk] == ""
    assert found[scheduled.pk] != ""
    other.refresh_from_db()
    assert (other.goals, standing(scheduled)) == ("Sleep.", (ProposalState.APPROVED, None, None))
