"""The address of a topic area's summary: who gets it, and what is sent instead."""

import fcntl
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from catalog.models import Status
from catalog.public.summary import kept
from catalog.public.typesetting import typeset

from ..factories import RatingFactory, TopicAreaFactory
from ..pages import read
from .summary.reading import Summary, summary_of

pytestmark = pytest.mark.once

# --- Uploaded instead ------------------------------------------------------------------------------------------------

UPLOADED = b"%PDF-1.7 uploaded by the clearinghouse"


@pytest.fixture
def area_with_document(db):
    area = TopicAreaFactory(name="Calm")
    area.summary_document.save("any name.pdf", ContentFile(UPLOADED))
    return area


def test_uploaded_document_is_served_instead(client, area_with_document):
    response = client.get("/topics/calm/summary.pdf")

    assert b"".join(response) == UPLOADED
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Disposition"] == 'inline; filename="calm-summary.pdf"'


@pytest.mark.parametrize("prefix", ["/", "/media/", "/var/", "/static/", "/topics/calm/"])
def test_uploaded_document_has_no_other_address(client, area_with_document, prefix):
    response = client.get(f"{prefix}{area_with_document.summary_document.name}")

    assert response.status_code == 404


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.RETIRED])
def test_uploaded_document_of_a_hidden_area_is_hidden(client, area_with_document, status):
    area_with_document.status = status
    area_with_document.save()

    response = client.get("/topics/calm/summary.pdf")

    assert response.status_code == 404
    assert UPLOADED not in response.content


def test_editor_sees_the_uploaded_document_of_a_draft(editor_client, area_with_document):
    area_with_document.status = Status.DRAFT
    area_with_document.save()

    response = editor_client.get("/topics/calm/summary.pdf")

    assert b"".join(response) == UPLOADED


# --- Hidden areas ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.RETIRED])
def test_hidden_area_has_no_summary(client, db, status):
    TopicAreaFactory(name="Calm", status=status, published_at=timezone.now())

    response = client.get("/topics/calm/summary.pdf")

    assert response.status_code == 404
    assert read(response).h1 == "There is no such page"


def test_retired_area_has_no_summary_for_editors_either(editor_client, db):
    TopicAreaFactory(name="Calm", status=Status.RETIRED, published_at=timezone.now())

    assert editor_client.get("/topics/calm/summary.pdf").status_code == 404


def test_editor_sees_the_summary_of_a_draft(editor_client, db):
    area = TopicAreaFactory(name="Calm", status=Status.DRAFT, definition="Not public yet.")
    RatingFactory(topic_area=area, program__name="Draft program", program__status=Status.DRAFT)

    summary = summary_of(area, editor_client)

    assert summary.missing(["Not public yet.", "Draft program"]) == []


# --- One address -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["x=1", "page=2&page=3"])
def test_address_with_more_leads_to_the_one_summary(client, db, query):
    TopicAreaFactory(name="Calm")

    response = client.get(f"/topics/calm/summary.pdf?{query}")

    assert (response.status_code, response["Location"]) == (302, "/topics/calm/summary.pdf")


# --- Not just now ----------------------------------------------------------------------------------------------------


def test_who_waits_for_too_long_is_told_when_to_come_again(client, db, settings, monkeypatch):
    area = TopicAreaFactory(name="Calm")
    monkeypatch.setattr(kept, "PATIENCE", 0)
    folder = Path(settings.CACHES["summaries"]["LOCATION"])
    folder.mkdir()
    with (folder / f"{area.pk}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        response = client.get("/topics/calm/summary.pdf")

    page = read(response)
    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "no-store" in response["Cache-Control"]
    assert page.h1 == "The summary is not ready"
    assert ("the page of Calm", "/topics/calm/") in page.links
    assert Summary(client.get("/topics/calm/summary.pdf")).missing(["Calm"]) == []


def test_fault_of_the_template_is_told_in_words(client, db, caplog, monkeypatch):
    TopicAreaFactory(name="Calm")
    monkeypatch.setattr(kept, "typeset", lambda content: typeset("{}"))

    response = client.get("/topics/calm/summary.pdf")

    assert (response.status_code, read(response).h1) == (503, "The summary is not ready")
    assert "dictionary does not contain key" in caplog.text
