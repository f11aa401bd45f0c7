"""The agency's own pages in the admin, and the drafts that a site begins with."""

from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse

from catalog.editorial.requirements import HAS_GAPS, blockers
from catalog.models import Page, PreviewLink, Proposal, Status

from ..factories import PageFactory
from ..pages import read
from ..public.entries import retire
from .pages import BrowserForm, address

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STARTING = import_module("catalog.migrations.0027_starting_pages")


def test_drafts_that_a_site_begins_with_wait_for_what_the_agency_fills_in():
    STARTING.make_pages(apps, None)

    pages = Page.objects.all()
    assert len(pages) == 7
    for page in pages:
        page.full_clean()
        assert blockers(page, Status.PUBLISHED) == [HAS_GAPS]
        page.text = page.text.replace("[fill in", "[filled in")
        assert blockers(page, Status.PUBLISHED) == []


def test_site_that_has_pages_gets_no_drafts():
    PageFactory()

    STARTING.make_pages(apps, None)

    assert Page.objects.count() == 1


def test_page_without_text_is_not_published(editor_client):
    page = PageFactory(text="", status=Status.IN_REVIEW)

    asked = editor_client.get(address("status", page, "published"))

    assert "It has no text." in read(asked).main.text


def test_drafts_and_what_is_in_review_stand_on_the_desk(client, publisher):
    draft = PageFactory(name="Our draft", status=Status.DRAFT)
    waits = PageFactory(name="To be read", status=Status.IN_REVIEW)
    client.force_login(publisher)

    links = read(client.get(reverse("admin:index"))).main.links

    assert {("Our draft", address("change", draft)), ("To be read", address("change", waits))} <= {
        *links
    }


def test_writer_proposes_and_the_preview_shows_it(client, writer):
    page = PageFactory(name="About", text="Then.")
    client.force_login(writer)
    form = BrowserForm(client.get(address("change", page))).data

    client.post(address("change", page), {**form, "text": "Soon."})
    client.post(address("previews", page), {"days": "7"})
    client.logout()
    preview = read(client.get(PreviewLink.objects.get().get_absolute_url()))

    assert Proposal.objects.get().changes == {"text": ["Then.", "Soon."]}
    assert preview.one("article").text == "About Soon."
    assert preview.one(class_="preview-banner").text.startswith("Preview.")
    assert read(client.get("/about/")).one("article").text == "About Then."


def test_retired_page_can_be_published_again(editor_client):
    page = PageFactory()
    retire(page)

    ways = read(editor_client.get(address("change", page))).main.text

    assert "Publish again" in ways
