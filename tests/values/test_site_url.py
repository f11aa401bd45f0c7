"""Wherever the site names itself in full, it has one name: SITE_URL, or else the host that was asked."""

import pytest
from django.test import Client

from catalog.models import PreviewLink, Program

from ..pages import read
from ..public.summary.reading import Summary

pytestmark = pytest.mark.once

SITE = "https://clearinghouse.example"
TOPIC = "/topics/secondary-traumatic-stress/"
SHOWN = {
    "/robots.txt": "/sitemap.xml",
    "/sitemap.xml": "/sitemap-programs.xml",
    "/sitemap-pages.xml": "/glossary/",
    "/sitemap-programs.xml": "/programs/ce-cert/",
    "/programs/?rating=3": "/programs/",
    "/compare/?program=ce-cert": "/compare/",
    "/programs/ce-cert/": "/programs/ce-cert/",
}


@pytest.mark.parametrize(
    ("site_url", "name"), [(SITE, SITE), ("", "http://testserver:8000")], ids=["set", "not set"]
)
def test_pages_name_the_site(seed, settings, site_url, name):
    settings.SITE_URL = site_url
    client = Client(headers={"host": "testserver:8000"})

    texts = {address: client.get(address).content.decode() for address in SHOWN}

    assert [a for a, named in SHOWN.items() if f"{name}{named}" not in texts[a]] == []
    assert [a for a in SHOWN if ("testserver" in texts[a]) is bool(site_url)] == []


def test_summary_names_the_site(client, seed, settings):
    settings.SITE_URL = SITE

    links = Summary(client.get(f"{TOPIC}summary.pdf")).links

    assert f"{SITE}{TOPIC}" in links
    assert [link for link in links if "testserver" in link] == []


def test_preview_names_the_site(editor_client, seed, settings):
    settings.SITE_URL = SITE
    program = Program.objects.get(slug="ce-cert")
    Program.objects.update(status="draft", published_at=None)
    address = f"/admin/catalog/program/{program.pk}/previews/"
    editor_client.post(address, {"days": "7"})

    page = read(editor_client.get(address))

    link = PreviewLink.objects.get()
    assert f"{SITE}{link.get_absolute_url()}" in page.main.text


def test_one_page_is_kept_for_all_ports_of_the_site(seed, settings):
    settings.SITE_URL = SITE
    hosts = ("testserver", "testserver:1234")

    tags = {Client(headers={"host": host}).get("/programs/")["ETag"] for host in hosts}

    assert len(tags) == 1
