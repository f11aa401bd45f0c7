"""What crawlers and monitors are told."""

import pytest

from catalog.models import Status
from catalog.public.sitemaps import EntrySitemap

from ..factories import (
    PageFactory,
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
        "Disallow: /fact-check/\n"
        "Disallow: /programs/?\n"
        "Disallow: /compare/?\n"
        "Sitemap: http://testserver/sitemap.xml\n"
    )


def test_sitemap_holds_exactly_the_public_addresses(client, db):
    umbrella = TopicAreaFactory(name="Umbrella")
    area = TopicAreaFactory(name="Area", parent=umbrella)
    area.experts.add(TopicExpertFactory(slug="expert"))
    ProgramFactory(slug="program")
    PageFactory(slug="about")
    PageFactory(slug="accessibility")
    PageFactory(slug="hello", news_on="2026-03-01")
    for status in (Status.DRAFT, Status.IN_REVIEW, Status.RETIRED):
        hidden = TopicAreaFactory(status=status)
        hidden.experts.add(TopicExpertFactory())
        ProgramFactory(status=status)
        PageFactory(status=status)
        PageFactory(status=status, news_on="2026-03-01")
    TopicExpertFactory()

    index = client.get("/sitemap.xml")
    sections = {a: addresses_in(client.get(a)) for a in addresses_in(index)}

    assert sections == {
        "http://testserver/sitemap-pages.xml": [
            "http://testserver/",
            "http://testserver/topics/",
            "http://testserver/programs/",
            "http://testserver/evidence-map/",
            "http://testserver/experts/",
            "http://testserver/references/",
            "http://testserver/rating-scale/",
            "http://testserver/glossary/",
            "http://testserver/news/",
            "http://testserver/accessibility/",
        ],
        "http://testserver/sitemap-topics.xml": [
            "http://testserver/topics/umbrella/",
            "http://testserver/topics/area/",
        ],
        "http://testserver/sitemap-programs.xml": ["http://testserver/programs/program/"],
        "http://testserver/sitemap-experts.xml": ["http://testserver/experts/expert/"],
        "http://testserver/sitemap-agency.xml": ["http://testserver/about/"],
        "http://testserver/sitemap-news.xml": ["http://testserver/news/hello/"],
    }


def test_sitemap_goes_on_in_another_file(client, db, monkeypatch):
    monkeypatch.setattr(EntrySitemap, "limit", 2)
    for slug in ("c", "a", "b"):
        ProgramFactory(slug=slug)

    files = [a for a in addresses_in(client.get("/sitemap.xml")) if "programs" in a]

    assert files == ["http://testserver/sitemap-programs.xml" + more for more in ("", "?p=2")]
    # A new program comes last, so that the files before stay as they are.
    assert [addresses_in(client.get(file)) for file in files] == [
        ["http://testserver/programs/c/", "http://testserver/programs/a/"],
        ["http://testserver/programs/b/"],
    ]
    assert client.get(f"{files[0]}?p=3").status_code == 404


@pytest.mark.parametrize("address", ["/sitemap.xml", "/sitemap-programs.xml"])
def test_sitemap_is_kept_like_a_page(client, db, address):
    ProgramFactory()
    first = client.get(address)

    again = client.get(address, headers={"if-none-match": first["ETag"]})
    ProgramFactory()
    changed = client.get(address, headers={"if-none-match": first["ETag"]})

    assert first["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert (again.status_code, changed.status_code) == (304, 200)
