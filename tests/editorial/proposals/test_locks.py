"""Publishing a proposal while its entry's form is being saved: neither waits for the other for ever."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.editorial.proposals.changes import propose
from catalog.editorial.proposals.schedule import publish_due
from catalog.editorial.proposals.steps import APPROVE, PUBLISH, SCHEDULE, SUBMIT, Said, take
from catalog.editorial.workflow import Hindered
from catalog.models import Program, Proposal, ProposalState

from ...transactions import wait_for_one_who_waits

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.fixture
def approved(program, ann, bob):
    proposal = propose(program, {"goals": "Sleep."}, {}, user=ann)
    take(proposal, SUBMIT, Said(is_minor=True), user=ann)
    return take(proposal, APPROVE, user=bob)


def publish_now(proposal, bob):
    with pytest.raises(Hindered, match="It is submitted"):
        take(proposal, PUBLISH, user=bob)


def publish_at_its_moment(proposal, bob):
    assert publish_due() == []


@pytest.mark.parametrize("publish", [publish_now, publish_at_its_moment])
def test_who_publishes_waits_for_the_form_that_changes_the_proposal(approved, ann, bob, publish):
    if publish is publish_at_its_moment:
        now = timezone.now()
        take(approved, SCHEDULE, Said(moment=now + timedelta(minutes=5)), user=bob)
        Proposal.objects.update(publish_at=now)
    failed = []

    def press():
        try:
            publish(approved, bob)
        except BaseException as error:  # to be seen in the other thread
            failed.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        program = Program.objects.select_for_update(no_key=True).get(pk=approved.program_id)
        other = threading.Thread(target=press)
        other.start()
        wait_for_one_who_waits()
        propose(program, {"goals": "Work."}, {}, user=ann)
    other.join()

    assert failed == []
    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.changes) == (
        ProposalState.SUBMITTED,
        {"goals": ["Rest.", "Work."]},
    )
    assert Program.objects.get().goals == "Rest."
