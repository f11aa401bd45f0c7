"""Signing in, and passwords, while the database is busy."""

import pytest
from django.contrib.auth.signals import user_logged_in
from django.urls import reverse

from ..conftest import StrictClient
from ..factories import UserFactory
from .busy_database import Writer, is_told, locked
from .pages import fields_of, notes


@pytest.fixture
def visitor(site):
    user = UserFactory(username="ann", is_staff=True)
    user.set_password("a secret of ann's")
    user.save()
    return StrictClient()


LOGIN = {"username": "ann", "password": "a secret of ann's", "next": "/admin/"}


def test_user_name_comes_back_when_nobody_can_be_signed_in(visitor):
    with locked():
        page = visitor.post(reverse("admin:login"), LOGIN)

    assert is_told(page, "Log in")
    assert fields_of(page)["username"] == ["ann"]
    assert "secret" not in page.content.decode()
    assert visitor.get("/admin/").status_code == 302
    assert visitor.post(reverse("admin:login"), LOGIN).url == "/admin/"
    assert visitor.get("/admin/").status_code == 200


def test_database_locked_while_the_session_is_saved_signs_nobody_in(visitor):
    """The last thing that is written is the session, after the view has answered."""
    writers = []

    def lock(**kwargs):
        writers.append(Writer())

    user_logged_in.connect(lock)
    try:
        page = visitor.post(reverse("admin:login"), LOGIN)
    finally:
        user_logged_in.disconnect(lock)
        for writer in writers:
            writer.let_go()

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert notes(page) == [
        "The database is busy; nothing was saved. Go back, and press the button again in a moment."
    ]
    assert "secret" not in page.content.decode()
    assert visitor.get("/admin/").status_code == 302


def test_new_password_is_neither_saved_nor_shown(visitor):
    visitor.post(reverse("admin:login"), LOGIN)
    new = "another secret of ann's"
    sent = {"old_password": LOGIN["password"], "new_password1": new, "new_password2": new}

    with locked():
        page = visitor.post(reverse("admin:password_change"), sent)

    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert notes(page) == [
        "The database is busy; nothing was saved. Go back, and press the button again in a moment."
    ]
    assert "secret" not in page.content.decode()
    assert visitor.get("/admin/").status_code == 200
    assert visitor.post(reverse("admin:password_change"), sent).status_code == 302
