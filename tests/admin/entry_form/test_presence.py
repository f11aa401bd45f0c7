"""Who else has the entry open."""

import re
import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.admin.entry_form import presence

from ...conftest import catalog_permissions
from ...factories import ProgramFactory, UserFactory
from ..pages import address
from .open_form import Form

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def test_form_tells_who_else_has_the_entry_open(mine, client, maria, publisher):
    program = ProgramFactory()
    path = address("change", program)
    first = client.get(path)
    client.force_login(maria)

    second = client.get(path)

    assert line_of(first) == ""
    assert re.fullmatch(
        r"one-of-publishers has had this entry open since \d?\d:\d\d [AP]M\.", line_of(second)
    )
    client.force_login(publisher)
    assert line_of(client.get(path)).startswith("Maria Lopez has had this entry open since ")


def line_of(response):
    found = re.search(r'<p id="presence"[^>]*>(.*?)</p>', response.content.decode())
    return found[1] if found else None


def beat(client, entry, **data):
    return client.post(address("presence", entry), data)


def test_sign_of_life_answers_who_is_there_and_who_has_saved(mine, other, maria):
    program = ProgramFactory()
    form = Form(mine, program)
    version = form.data["version"][0]
    presence.enter(program, maria)

    there = beat(mine, program, version=version).json()["line"]
    other(program, goals="Theirs")
    saved = beat(mine, program, version=version).json()["line"]

    assert there.startswith("Maria Lopez has had this entry open since ")
    assert saved.startswith("Maria Lopez has saved this entry at ")
    # She has saved, and with that left.
    assert "has had" not in saved


def test_who_leaves_is_forgotten(mine, publisher):
    program = ProgramFactory()
    Form(mine, program)
    assert set(presence.editors_of(program)) == {publisher.pk}

    beat(mine, program, leaving="1")

    assert presence.editors_of(program) == {}


def test_who_gives_no_sign_of_life_is_forgotten(mine, publisher, monkeypatch):
    program = ProgramFactory()
    Form(mine, program)
    now = time.time()

    monkeypatch.setattr(presence.time, "time", lambda: now + presence.FORGOTTEN_AFTER + 1)

    assert presence.editors_of(program) == {}


def test_reader_does_not_count_and_is_not_told(client, publisher):
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(catalog_permissions("view"))
    program = ProgramFactory()
    presence.enter(program, publisher)
    client.force_login(reader)

    page = client.get(address("change", program))

    assert line_of(page) is None
    assert "presence.js" not in page.content.decode()
    assert beat(client, program).status_code == 403
    assert set(presence.editors_of(program)) == {publisher.pk}


def test_presence_is_asked_by_post_with_a_token(mine, publisher):
    program = ProgramFactory()
    checked = Client(enforce_csrf_checks=True)
    checked.force_login(publisher)

    answers = [
        mine.get(address("presence", program)).status_code,
        beat(checked, program).status_code,
        mine.post("/admin/catalog/program/999999/presence/").status_code,
        beat(mine, program, version="x").status_code,
    ]

    assert answers == [405, 403, 404, 200]


def test_name_of_somebody_is_text(mine, maria):
    maria.first_name = "<script>"
    program = ProgramFactory()
    presence.enter(program, maria)

    form = Form(mine, program)

    assert line_of(form.page).startswith("&lt;script&gt; Lopez has had")
    assert (
        beat(mine, program, version=form.data["version"])
        .json()["line"]
        .startswith("<script> Lopez has had")
    )


def test_sign_of_life_asks_no_more_for_more_people(mine, other):
    program = ProgramFactory()
    beat(mine, program)
    with CaptureQueriesContext(connection) as few:
        beat(mine, program)
    for user in UserFactory.create_batch(5):
        presence.enter(program, user)

    with CaptureQueriesContext(connection) as many:
        beat(mine, program)

    assert len(many) == len(few)
