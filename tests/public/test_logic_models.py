"""The file of a program's logic model: who gets it, and what the pages say of it."""

import pytest
from django.core.files.base import ContentFile

from catalog.models import Program

from ..factories import ProgramFactory
from ..pages import read
from .entries import preview_link
from .hidden import HIDDEN, PAST

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PDF = b"%PDF-1.7\n" + b"x" * 2000 + b"\n%%EOF"
ADDRESS = "/programs/calm/logic-model.pdf"


@pytest.fixture
def program(db):
    program = ProgramFactory(slug="calm", logic_model="yes")
    program.logic_model_file.save("any name.pdf", ContentFile(PDF))
    return program


def said(page):
    """Return what a page says of the logic model, and where that leads."""
    facts = page.section("Implementation").all("div")
    [fact] = [div for div in facts if div.all("dt") and div.one("dt").text == "Logic model"]
    return fact.text, fact.links


def test_page_offers_the_file_with_type_and_size(client, program):
    words, links = said(read(client.get("/programs/calm/")))

    assert words == "Logic model Provided Logic model (PDF, 2.0 KB)"
    assert links == [("Logic model (PDF, 2.0 KB)", ADDRESS)]


def test_file_is_sent_under_the_name_of_the_program(client, program):
    response = client.get(ADDRESS)

    assert b"".join(response) == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == 'inline; filename="calm-logic-model.pdf"'


@pytest.mark.parametrize("kind", HIDDEN)
def test_file_of_what_is_not_public_is_not_sent(client, program, kind):
    status, published_at = HIDDEN[kind]
    retired_at = PAST if status == "retired" else None
    Program.objects.update(status=status, published_at=published_at, retired_at=retired_at)

    assert client.get(ADDRESS).status_code == 404


def test_staff_see_the_file_of_a_draft_others_with_a_link_its_size(client, editor_client, program):
    Program.objects.update(status="draft")
    link = preview_link(program)

    assert b"".join(editor_client.get(ADDRESS)) == PDF
    words, links = said(read(client.get(link.get_absolute_url())))
    assert (words, links) == ("Logic model Provided Logic model (PDF, 2.0 KB)", [])


def test_file_that_is_missing_is_not_offered(client, program):
    program.logic_model_file.storage.delete(program.logic_model_file.name)

    assert said(read(client.get("/programs/calm/"))) == ("Logic model Provided", [])
    assert client.get(ADDRESS).status_code == 404


def test_program_without_a_file_has_no_such_address(client):
    ProgramFactory(slug="calm", logic_model="no")

    assert client.get(ADDRESS).status_code == 404
    assert said(read(client.get("/programs/calm/"))) == ("Logic model None provided", [])
