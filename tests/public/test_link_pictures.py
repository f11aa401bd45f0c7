"""What messengers and networks show beside a link: title, description and a picture."""

import struct

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from catalog.models import Status
from catalog.public import typesetting

from ..factories import ProgramFactory, RatingFactory, SiteSettingsFactory, TopicAreaFactory
from ..pages import read
from .entries import retire

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def told(page):
    """Return what a page tells of itself for link previews, by property."""
    metas = [meta.attributes for meta in page.all("meta")]
    return {m["property"]: m["content"] for m in metas if m.get("property", "").startswith("og:")}


def drawn(response):
    """Return the bytes of a picture, which has the size that networks ask for."""
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", response.content[16:24]) == (1200, 630)
    return response.content


def test_pages_tell_their_title_description_and_picture(client):
    rating = RatingFactory(
        program__name="Calm & “Co”", program__slug="calm", program__description="What it *is*."
    )
    TopicAreaFactory(slug="area", name="Area")
    SiteSettingsFactory(site_name="What Works", social_text="All of it.")

    site = {"og:type": "website", "og:site_name": "What Works"}
    assert told(read(client.get("/programs/calm/"))) == {
        **site,
        "og:title": "Calm & “Co” – What Works",
        "og:description": "What it is.",
        "og:image": "http://testserver/programs/calm/preview.png",
    }
    area = told(read(client.get(rating.topic_area.get_absolute_url())))
    assert area["og:image"] == f"http://testserver{rating.topic_area.get_absolute_url()}preview.png"
    assert told(read(client.get("/"))) == {
        **site,
        "og:title": "What Works",
        "og:description": "All of it.",
        "og:image": "http://testserver/preview.png",
    }


def test_sharing_image_of_the_agency_takes_the_place_of_ours(client):
    content = b"\xff\xd8\xff" + b"x" * 50
    SiteSettingsFactory().sharing_image.save("share.jpg", ContentFile(content))

    address = told(read(client.get("/glossary/")))["og:image"].removeprefix("http://testserver")

    response = client.get(address)
    assert (response["Content-Type"], response.content) == ("image/jpeg", content)


def test_pictures_are_drawn_of_names_and_ratings(client):
    rating = RatingFactory(program__slug="calm", topic_area__slug="area")
    addresses = ["/preview.png", "/programs/calm/preview.png", "/topics/area/preview.png"]

    first = [drawn(client.get(address)) for address in addresses]
    RatingFactory(program=rating.program, topic_area=rating.topic_area, scientific_rating="1")
    second = [drawn(client.get(address)) for address in addresses]

    assert len(set(first)) == 3
    assert [a == b for a, b in zip(first, second, strict=True)] == [True, False, False]
    assert client.get("/preview.png?again=1")["Location"] == "/preview.png"


def test_only_what_is_public_has_a_picture(editor_client):
    ProgramFactory(slug="draft", status=Status.DRAFT)
    retire(ProgramFactory(slug="old"))

    for somebody in (Client(), editor_client):
        for slug in ("draft", "old"):
            assert somebody.get(f"/programs/{slug}/preview.png").status_code == 404
    page = read(editor_client.get("/programs/draft/"))
    assert told(page)["og:image"] == "http://testserver/preview.png"


def test_whoever_asks_for_what_cannot_be_drawn_is_asked_to_come_again(client, monkeypatch, caplog):
    monkeypatch.setattr(typesetting, "SECONDS", 0.001)

    response = client.get("/preview.png")

    assert (response.status_code, response["Retry-After"]) == (503, "60")
    assert "timed out" in caplog.text
