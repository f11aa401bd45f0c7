"""The page of a proposal tells from which save of the entry it started, and whether that is still live."""

from datetime import UTC, datetime

import pytest

from catalog.editorial.proposals.changes import propose
from catalog.models import Program, Proposal

from ...conftest import group_user
from ...factories import ProgramFactory
from ..pages import address, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STARTED = "It started from the entry as saved on June 15, 2024, 12:00 PM"


@pytest.fixture
def program(settings):
    settings.TIME_ZONE = "UTC"
    program = ProgramFactory(name="Calm", goals="Rest.")
    Program.history.update(history_date=datetime(2024, 6, 15, 12, tzinfo=UTC))
    return program


@pytest.fixture
def publisher(client):
    client.force_login(group_user("Publishers"))
    return client


def test_proposal_of_an_entry_that_stands_as_it_did_says_so(publisher, program):
    proposal = propose(program, {"goals": "Sleep."}, {}, user=group_user("Editors"))

    text = text_of(publisher.get(proposal.get_absolute_url()))

    assert f"{STARTED}, and that is still live." in text


def test_proposal_of_an_entry_that_was_saved_since_warns(publisher, program):
    proposal = propose(program, {"goals": "Sleep."}, {}, user=group_user("Editors"))
    program.duration = "A week"
    program.save()

    page = publisher.get(proposal.get_absolute_url())

    said = f"{STARTED}. The live entry has been saved again since : see its history ."
    assert said in text_of(page)
    assert f'<a href="{address("history", program)}">see its history</a>' in page.content.decode()


@pytest.mark.parametrize("change", [{"base": None}, {"base": 10**9}, {"state": "discarded"}])
def test_start_that_is_unknown_or_of_no_use_is_not_told(publisher, program, change):
    proposal = propose(program, {"goals": "Sleep."}, {}, user=group_user("Editors"))
    Proposal.objects.update(**change)

    page = publisher.get(proposal.get_absolute_url())

    assert (page.status_code, "It started from" in text_of(page)) == (200, False)
