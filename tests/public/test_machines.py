"""What crawlers and monitors are told."""

import pytest

from catalog.models import Status

from ..factories import (
    ProgramFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .entries import addresses_in

pytestmark = pytest.mark.once


def test_robots_are_asked_to_leave_filters_and_the_admin_alone(client):
    response = client.get("/robots.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\n"
        "Disallow: /admin/\n"
        "Disallow: /preview/\n"
        "Disallow: /programs/?\n"
        "Disallow: /compare/?\n"
        "Sitemap: http://testserver/sitemap.xml\n"
    )


def test_sitemap_holds_exactly_the_public_addresses(client, db):
    umbrella = TopicAreaFactory(name="Umbrella")
    area = TopicAreaFactory(name="Area", parent=umbrella)
    area.experts.add(TopicExpertFactory(slug="expert"))
    ProgramFactory(slug="program")
    for status in (Status.DRAFT, Status.IN_REVIEW, Status.RETIRED):
        hidden = TopicAreaFactory(status=status)
        hidden.experts.add(TopicExpertFactory())
        ProgramFactory(status=status)
    TopicExpertFactory()

    index = client.get("/sitemap.xml")
    sections = {a: addresses_in(client.get(a)) for a in addresses_in(index)}

    assert sections == {
        "http://testserver/sitemap-pages.xml": [
            "http://testserver/",
            "http://testserver/topics/",
            "http://testserver/programs/",
            "http://testserver/evidence-map/",
            "http://testserver/references/",
            "http://testserver/rating-scale/",
            "http://testserver/glossary/",
            "http://testserver/accessibility/",
        ],
        "http://testserver/sitemap-topics.xml": [
            "http://testserver/topics/area/",
            "http://testserver/topics/umbrella/",
        ],
        "http://testserver/sitemap-programs.xml": ["http://testserver/programs/program/"],
        "http://testserver/sitemap-experts.xml": ["http://testserver/experts/expert/"],
    }
