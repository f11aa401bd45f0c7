"""What a program's page says of whom to ask."""

import pytest

from ..factories import ContactFactory, ProgramFactory
from ..pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def contacts(client):
    section = read(client.get("/programs/calm/")).section("Contact")
    return [
        ([heading.text for heading in entry.all("h3")], [line.text for line in entry.all("li")])
        for entry in section.one("ul", class_="plain contacts").children
        if not isinstance(entry, str)
    ]


def test_main_contact_comes_first_then_the_others_by_purpose_and_name(client):
    program = ProgramFactory(slug="calm", contact_name="Robin", contact_email="robin@example.org")
    texts = {"title": "Director", "organization": "County", "phone": "555-0100"}
    ContactFactory(program=program, purpose="other", name="Ann")
    ContactFactory(program=program, name="Zoe", website="https://example.org/training")
    ContactFactory(program=program, name="kim", email="kim@example.org", **texts)
    ContactFactory(name="Of another program")

    assert contacts(client) == [
        (["Main contact"], ["Robin", "robin@example.org"]),
        (["Training"], ["kim", "Director", "County", "kim@example.org", "555-0100"]),
        (["Training"], ["Zoe", "https://example.org/training"]),
        (["Other"], ["Ann"]),
    ]


def test_main_contact_alone_needs_no_heading(client):
    ProgramFactory(slug="calm", contact_name="Robin")

    assert contacts(client) == [([], ["Robin"])]


def test_other_contacts_alone_are_contacts(client):
    ContactFactory(program__slug="calm", name="", organization="County")

    assert contacts(client) == [(["Training"], ["County"])]
