"""Two people who send their first proposals for one entry at the same moment: the second one is told."""

import threading

import pytest
from django.db import connection, connections

from catalog.models import Proposal

from ...conftest import group_user
from ...factories import ProgramFactory, UserFactory
from ...transactions import committed_later
from ..pages import address, fields_of, text_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


def opened(client, user, program, **typed):
    """Let somebody open the form of a program and type into it; return what saves it."""
    client.force_login(user)
    path = address("change", program)
    form = {**fields_of(client.get(path)), **typed, "_propose": "Save as proposal"}
    return lambda: client.post(path, form)


def test_second_of_two_first_proposals_comes_back_with_its_text(client):
    ann = group_user("Editors")
    maria = UserFactory(username="maria", first_name="Maria", last_name="Lopez", is_staff=True)
    maria.groups.set(ann.groups.all())
    program = ProgramFactory(name="Calm", goals="Rest.", description="What it is.")
    hers = opened(client, maria, program, goals="Sleep.")
    mine = opened(type(client)(), ann, program, goals="Work.", duration="A week")
    answers = []

    def send():
        answers.append(mine())
        connections.close_all()

    with committed_later(hers) as commit:
        second = threading.Thread(target=send)
        second.start()
        second.join(1)
        is_waiting = second.is_alive()
        commit()
    second.join()

    (page,) = answers
    text = text_of(page)
    assert (is_waiting, page.status_code) == (True, 200)
    assert "Maria Lopez changed the proposal" in text
    assert "Goals: both of you changed it" in text
    assert [fields_of(page)[name] for name in ("goals", "duration")] == [["Work."], ["A week"]]
    assert Proposal.objects.get().changes == {"goals": ["Rest.", "Sleep."]}
