"""A form that was open while a session ended, or while its person signed in once more: what was typed is held."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from catalog.models import Program, Status

from ..conftest import group_user
from ..factories import ProgramFactory
from .pages import BrowserForm, address, fields_of, notes, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TEXT = "A text that took an hour to write, with “quotes” & signs <b>."


@pytest.fixture
def ann(db):
    """Somebody who writes, in a browser whose tokens are checked."""
    user = group_user("Publishers")
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    return client


def typed(client, program):
    """What the open form of a program would send, with something typed."""
    page = client.get(address("change", program))
    return {**BrowserForm(page).data, "description": TEXT, "_save": "Save"}


def description():
    return Program.objects.get().description


def test_form_is_held_until_its_person_has_signed_in_again(ann):
    program = ProgramFactory(status=Status.DRAFT)
    path, sent = address("change", program), typed(ann, ProgramFactory._meta.model.objects.get())
    user = get_user_model().objects.get()
    del ann.cookies["sessionid"]

    held = ann.post(path, sent)

    assert (held.status_code, description()) == (401, "")
    assert notes(held)[0].startswith("You are signed out, and nothing was saved.")
    assert TEXT in text_of(held)
    # Signing in in another tab makes another token.
    ann.force_login(user)
    ann.cookies["csrftoken"] = ann.get(reverse("admin:index")).cookies.get("csrftoken", "x" * 32)
    again = ann.post(path, fields_of(held))
    if again.status_code == 403:
        again = ann.post(path, fields_of(again))
    assert (again.status_code, description()) == (302, TEXT)


def test_form_with_an_older_token_is_sent_once_more(ann):
    program = ProgramFactory(status=Status.DRAFT)
    path, sent = address("change", program), typed(ann, program)

    held = ann.post(path, {**sent, "csrfmiddlewaretoken": "y" * 64})

    assert (held.status_code, description()) == (403, "")
    assert notes(held)[0].startswith("This page was opened before you signed in last")
    assert fields_of(held)["description"] == [TEXT]
    assert ann.post(path, fields_of(held)).status_code == 302
    assert description() == TEXT


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
def test_what_another_site_sends_is_not_held(ann, headers):
    program = ProgramFactory(status=Status.DRAFT)
    sent = {**typed(ann, program), "csrfmiddlewaretoken": "y" * 64}

    answer = ann.post(address("change", program), sent, headers=headers)

    assert (answer.status_code, TEXT in text_of(answer)) == (403, False)
    assert "Try again" not in text_of(answer)


def test_no_password_is_held(ann):
    answer = ann.post(reverse("admin:login"), {"username": "ann", "password": "dusk-Harbour-71"})

    assert answer.status_code == 403
    assert "dusk-Harbour-71" not in answer.content.decode()


def test_sign_of_life_tells_the_page_that_the_session_has_ended(ann):
    program = ProgramFactory(status=Status.DRAFT)
    sent = {"version": "1", "csrfmiddlewaretoken": typed(ann, program)["csrfmiddlewaretoken"]}
    assert ann.post(address("presence", program), sent).status_code == 200
    del ann.cookies["sessionid"]

    assert ann.post(address("presence", program), sent).status_code == 401
