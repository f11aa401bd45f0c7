"""The agency's own pages and its news."""

import html
from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from catalog.models import ScaleEdition, Status

from ..factories import CriterionFactory, PageFactory
from ..pages import read
from .entries import rename, retire

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ATOM = "{http://www.w3.org/2005/Atom}"


def own_links(page):
    """Return the links of the menu after those of the site, and those of the footer between its own."""
    menu = page.one("nav", aria_label="Main").links[5:]
    footer = page.one("footer").links
    return menu, footer


def test_page_shows_its_text_in_its_language(client):
    PageFactory(name="Sobre nosotros", slug="sobre", text="Una *frase*.", language="es")

    page = read(client.get("/sobre/"))

    assert page.h1 == "Sobre nosotros"
    assert page.one("article").attributes["lang"] == "es"
    assert page.one("article").one("p").text == "Una frase."
    assert page.one("meta", name="description").attributes["content"] == "Una frase."


def test_pages_are_linked_where_they_are_placed_in_their_order(client):
    PageFactory(name="Later", place="menu", position=2)
    PageFactory(name="About", place="menu", position=1, language="es")
    PageFactory(name="Privacy", place="footer")
    PageFactory(name="By its address alone")
    PageFactory(name="Draft", place="menu", status=Status.DRAFT)

    page = read(client.get("/later/"))

    menu, footer = own_links(page)
    assert menu == [("About", "/about/"), ("Later", "/later/")]
    assert footer == [
        ("Glossary", "/glossary/"),
        ("Topic experts", "/experts/"),
        ("Accessibility", "/accessibility/"),
        ("Write to us", "/write/"),
        ("Privacy", "/privacy/"),
        ("Staff", "/admin/"),
    ]
    marked = page.one("nav", aria_label="Main").all("a", aria_current="page")
    assert [link.text for link in marked] == ["Later"]
    assert page.one("a", href="/about/").attributes["lang"] == "es"


def test_links_follow_every_change_and_cost_no_query_until_then(client, django_assert_num_queries):
    about = PageFactory(name="About", place="menu")
    client.get("/glossary/")

    # The version; the edition in use; its criteria; the glossary.
    with django_assert_num_queries(4):
        client.get("/rating-scale/")
    rename(about, "us")
    moved = read(client.get("/glossary/"))
    retire(about)
    gone = read(client.get("/glossary/"))

    assert (own_links(moved)[0], own_links(gone)[0]) == ([("About", "/us/")], [])


def test_page_becomes_public_by_itself(client):
    page = PageFactory(name="Soon", place="menu")
    soon = timezone.now() + timedelta(days=1)
    type(page).objects.update(published_at=soon)
    before = client.get("/soon/").status_code, own_links(read(client.get("/glossary/")))[0]
    type(page).objects.update(published_at=timezone.now() - timedelta(seconds=1))

    assert before == (404, [])
    assert client.get("/soon/").status_code == 200
    assert own_links(read(client.get("/glossary/")))[0] == [("Soon", "/soon/")]


def test_error_page_has_the_menu_too(client):
    PageFactory(name="About", place="menu")

    for address in ("/nothing/", "/nothing/at/all/"):
        response = client.get(address)
        assert response.status_code == 404
        assert own_links(read(response))[0] == [("About", "/about/")]


def test_scale_below_a_page_is_that_of_the_data(client):
    ScaleEdition.objects.update(is_current=False)
    edition = ScaleEdition.objects.create(name="Ours", is_current=True)
    CriterionFactory(edition=edition, level="2", text="It held for a year.")
    PageFactory(slug="how", shows_scale=True)
    PageFactory(slug="about")

    how, about = (read(client.get(address)) for address in ("/how/", "/about/"))

    scale = how.section("The rating scale")
    assert [item.text for item in scale.all("li")] == ["It held for a year."]
    assert about.all("dl") == []


def test_statement_on_accessibility_is_no_news(client):
    assert client.get("/accessibility/").status_code == 200
    assert client.get("/news/accessibility/").status_code == 404


def test_own_statement_on_accessibility_takes_the_place_of_ours(client):
    ours = read(client.get("/accessibility/"))
    PageFactory(name="Accessibility", place="footer", text="Call us.", status=Status.PUBLISHED)
    theirs = read(client.get("/accessibility/"))

    assert "(WCAG) 2.2, level AA" in ours.main.text
    assert theirs.main.text == "Accessibility Call us."
    assert [words for words, _ in own_links(theirs)[1]] == [
        "Glossary",
        "Topic experts",
        "Write to us",
        "Accessibility",
        "Staff",
    ]


def test_ours_comes_back_where_the_agency_retires_its_own(client, editor):
    page = PageFactory(name="Accessibility", place="footer", text="Call us.")
    retire(page)

    ours = read(client.get("/accessibility/"))

    assert "(WCAG) 2.2, level AA" in ours.main.text
    assert ("Accessibility", "/accessibility/") in own_links(ours)[1]
    # Whoever may see what is not public sees theirs.
    client.force_login(editor)
    assert "Call us." in read(client.get("/accessibility/")).main.text


def test_retired_page_says_so(client):
    retire(PageFactory(name="Old", slug="old", text="Told then."))

    page = read(client.get("/old/"))

    assert page.main.one("strong").text == "This page was retired on March 5, 2026."
    assert "Told then." not in page.text


# --- News


@pytest.fixture
def news():
    for day, name in (("2026-03-01", "First"), ("2026-03-05", "Latest"), ("2026-03-02", "Second")):
        PageFactory(name=name, news_on=day, text=f"On *{name}*.")
    PageFactory(name="Draft", news_on="2026-03-06", status=Status.DRAFT)
    PageFactory(name="About")


def test_news_is_listed_the_latest_first(client, news):
    page = read(client.get("/news/"))

    assert [item.text for item in page.main.all("li")] == [
        "Latest March 5, 2026 On Latest.",
        "Second March 2, 2026 On Second.",
        "First March 1, 2026 On First.",
    ]
    assert page.main.links[0] == ("Latest", "/news/latest/")


def test_home_shows_the_latest_news_and_leads_to_all(client, news):
    PageFactory(name="Newest", news_on="2026-03-09")

    section = read(client.get("/")).section("What is new")

    assert [heading.text for heading in section.all("h3")] == ["Newest", "Latest", "Second"]
    assert section.links[-1] == ("All news", "/news/")


def test_home_and_footer_do_not_speak_of_news_where_there_is_none(client):
    page = read(client.get("/"))

    assert ("News", "/news/") not in page.links
    assert "What is new" not in page.text
    assert read(client.get("/news/")).main.text == "News There is no news yet."


def test_news_and_pages_lead_to_each_other_where_the_day_came_or_went(client):
    PageFactory(slug="hello", news_on="2026-03-01")
    PageFactory(slug="about")

    found = [client.get(address) for address in ("/hello/", "/news/about/")]

    assert [(r.status_code, r["Location"]) for r in found] == [
        (301, "/news/hello/"),
        (301, "/about/"),
    ]


def test_feed_leads_to_the_site_from_wherever_it_is_read(client, settings):
    settings.SITE_URL = "https://clearinghouse.example"
    PageFactory(news_on="2026-03-01", text="[The scale](/rating-scale/)")

    content = client.get("/news/feed/").content.decode()

    assert 'href="https://clearinghouse.example/rating-scale/"' in html.unescape(content)


def test_feed_tells_the_latest_news(client, news, settings):
    settings.SITE_URL = "https://clearinghouse.example"

    response = client.get("/news/feed/")

    feed = ElementTree.fromstring(response.content)  # noqa: S314 (our own)
    entries = feed.findall(f"{ATOM}entry")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert not response.has_header("Last-Modified")
    assert [entry.findtext(f"{ATOM}title") for entry in entries] == ["Latest", "Second", "First"]
    first = entries[0]
    assert first.find(f"{ATOM}link").attrib["href"] == (
        "https://clearinghouse.example/news/latest/"
    )
    assert first.findtext(f"{ATOM}summary") == "<p>On <em>Latest</em>.</p>\n"
    assert first.findtext(f"{ATOM}updated").startswith("2026-03-05T00:00:00")
    links = {link.attrib["rel"]: link.attrib["href"] for link in feed.findall(f"{ATOM}link")}
    assert links == {
        "alternate": "https://clearinghouse.example/news/",
        "self": "https://clearinghouse.example/news/feed/",
    }
