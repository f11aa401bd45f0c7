"""What the page of a form asks: who is signed in, and the token of their session."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Program

from ..factories import ProgramFactory, UserFactory
from .pages import BrowserForm, address

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADDRESS = reverse("session")


@pytest.fixture
def browser(editor):
    """A browser whose tokens are checked, in which an editor is signed in."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(editor)
    return client


def test_page_learns_who_is_signed_in_and_when_nobody_is(browser, editor):
    assert browser.get(ADDRESS).json()["person"] == str(editor.pk)

    browser.logout()

    assert browser.get(ADDRESS).json()["person"] == ""


def test_who_is_no_staff_is_nobody(client):
    client.force_login(UserFactory(is_staff=False))

    assert client.get(ADDRESS).json()["person"] == ""


def test_form_of_before_is_saved_with_the_new_token(browser, editor):
    program = ProgramFactory(status="draft")
    typed = {**BrowserForm(browser.get(address("change", program))).data, "goals": "Sleep."}
    browser.cookies.clear()
    browser.force_login(editor)

    assert browser.post(address("change", program), typed).status_code == 403
    typed["csrfmiddlewaretoken"] = browser.get(ADDRESS).json()["token"]
    assert browser.post(address("change", program), typed).status_code == 302
    assert Program.objects.get().goals == "Sleep."


def test_answer_is_never_kept_and_only_read(browser):
    answer = browser.get(ADDRESS)

    assert "no-store" in answer["Cache-Control"]
    assert Client().post(ADDRESS).status_code == 405
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("page", ["change", "rate"])
def test_forms_ask_and_tell(editor_client, page):
    content = editor_client.get(address(page, ProgramFactory())).content.decode()

    assert (content.count('id="session"'), content.count("catalog/session.js")) == (1, 1)


def test_sign_in_page_does_not_ask(client):
    assert 'id="session"' not in client.get(reverse("admin:login")).content.decode()
