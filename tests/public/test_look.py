"""What the agency says of itself on every page, and how its site looks."""

import pytest
from django.core.files.base import ContentFile

from catalog.models import SiteSettings

from ..factories import PageFactory, SiteSettingsFactory
from ..pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50


def change(**fields):
    SiteSettings.objects.update(**fields)


def test_settings_stand_on_every_page_at_once(client):
    PageFactory(slug="about")
    SiteSettingsFactory()
    before = read(client.get("/about/"))
    change(
        site_name="What Works",
        agency="The Agency",
        disclaimer="*Mind* this.",
        footer="Paid by all.",
        contact="Call 1.",
        contact_email="us@agency.example",
    )
    after = read(client.get("/about/"))

    own = after.one("footer").one("div", class_="foot")
    assert before.one("footer").text.startswith("Evidence Clearinghouse A rating says how strong")
    assert own.text == (
        "What Works, published by The Agency Mind this. Paid by all. Call 1. "
        "Contact: us@agency.example"
    )
    assert after.one("title").text.endswith(" – What Works")
    assert after.one("a", class_="site-name").text == "What Works"


def test_blank_names_are_those_of_the_server(client, settings):
    settings.SITE_NAME, settings.CONTACT_EMAIL = "The Server's", "server@agency.example"
    SiteSettingsFactory()

    page = read(client.get("/glossary/"))

    assert page.one("a", class_="site-name").text == "The Server's"
    assert page.one("a", href="mailto:server@agency.example").text == "server@agency.example"


def test_name_of_the_site_is_that_of_the_settings_in_the_admin_too(editor_client):
    SiteSettingsFactory(site_name="What Works")

    assert read(editor_client.get("/admin/")).one("div", id="site-name").text == "What Works"


def test_site_without_colors_of_its_own_has_one_style_sheet(client):
    sheets = read(client.get("/")).all("link", rel="stylesheet")

    assert [sheet.attributes["href"] for sheet in sheets] == ["/static/catalog/site.css"]
    assert client.get("/colors-anything.css").status_code == 404


def test_colors_are_a_style_sheet_that_may_be_kept_until_they_change(client):
    SiteSettingsFactory(accent="#005500")
    address = read(client.get("/")).all("link", rel="stylesheet")[1].attributes["href"]
    kept = client.get(address)
    change(accent="#550000")
    late = client.get(address)

    assert kept["Content-Type"] == "text/css"
    assert kept["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "--accent: light-dark(#005500, #86c3ec);" in kept.content.decode()
    # A page that somebody has kept for a minute asks at the former address.
    assert "#550000" in late.content.decode()
    assert "immutable" not in late["Cache-Control"]
    assert read(client.get("/")).all("link", rel="stylesheet")[1].attributes["href"] != address


def test_logo_is_served_at_an_address_that_changes_with_it(client):
    site = SiteSettingsFactory()
    site.logo.save("Our logo.PNG", ContentFile(PNG))
    first = read(client.get("/")).one("a", class_="site-name").one("img").attributes
    sent = client.get(first["src"])
    site.logo.save("Our logo.PNG", ContentFile(PNG + b"new"))
    second = read(client.get("/")).one("a", class_="site-name").one("img").attributes

    assert (first["alt"], sent.content) == ("", PNG)
    assert sent["Content-Type"] == "image/png"
    assert sent["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(first["src"])["Location"] == second["src"] != first["src"]
    site.logo.storage.delete(site.logo.name)
    assert client.get(second["src"]).status_code == 404
    change(logo="")
    assert read(client.get("/")).one("a", class_="site-name").all("img") == []
    assert client.get(second["src"]).status_code == 404
