"""What visitors read of other registries: on a program's page, beside others, and as a filter of the list."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Proposal, Status

from ..factories import ExternalRatingFactory, ProgramFactory, RegistryFactory, UserFactory
from ..finding.comparison_page import table as compared
from ..pages import listed_programs, read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

HEADING = "Other registries"


@pytest.fixture
def calm():
    """A program that two registries rate."""
    program = ProgramFactory(name="Calm", slug="calm")
    index = RegistryFactory(
        name="index",
        slug="index",
        url="https://index.example/",
        scale="*Two* levels.",
        state="closed",
    )
    guide = RegistryFactory(name="Guide", slug="guide", state="frozen")
    said = {"program": program, "registry": index}
    ExternalRatingFactory(**said, scope="Sleep", rating="Effective", rated_on="2019")
    ExternalRatingFactory(
        **said, rating="Promising", url="https://index.example/calm", checked_on="2025-03"
    )
    ExternalRatingFactory(program=program, registry=guide, rating="Top", checked_by="Secret")
    return program


def rows_of(page):
    """Return the rows of the table of other registries, cell by cell."""
    rows = page.section(HEADING).one("tbody").all("tr")
    return [[cell.text for cell in row.all("th", "td")] for row in rows]


def registries_offered(page):
    """Return the registries to filter by, each with the number of programs."""
    return {
        box.one("input").attributes["value"]: box.one("span", class_="option-count").text
        for box in page.all("label", class_="option")
        if box.one("input").attributes["name"] == "registry"
    }


def test_page_tells_what_each_registry_says_in_its_words(client, calm):
    page = read(client.get("/programs/calm/"))

    section = page.section(HEADING)
    first, *_ = section.all("p")
    assert first.text == "Other registries rated it as follows; their criteria differ."
    no_date = "Not recorded"
    assert rows_of(page) == [
        ["Guide (no longer updated)", "Top", "Not stated", no_date, no_date],
        ["index (closed)", "Promising", "Not stated", no_date, "March 2025"],
        ["index (closed)", "Effective", "Sleep", "2019", no_date],
    ]
    index = ("index", "https://index.example/")
    assert section.links == [index, ("Promising", "https://index.example/calm"), index]
    assert section.one("details").facts == {"index": "Two levels."}
    assert "Secret" not in page.text


def test_page_of_a_program_that_nobody_else_rates_says_nothing_of_it(client):
    ProgramFactory(slug="alone")

    page = read(client.get("/programs/alone/"))

    assert HEADING not in [h2.text for h2 in page.all("h2")]


def test_comparison_has_a_line_for_other_registries(client, calm):
    ProgramFactory(slug="alone")

    page = read(client.get("/compare/?program=calm&program=alone"))

    assert compared(page)["Research and review"]["Rated by other registries"] == [
        "Guide: Top; index: Promising; index (Sleep): Effective",
        "Not recorded",
    ]


def test_list_is_filtered_by_who_rates_programs_too(client, calm):
    ExternalRatingFactory(program__name="Other", registry__name="Third")
    ProgramFactory(name="Alone")

    page = read(client.get("/programs/?registry=guide&registry=third"))

    assert [name for name, _ in listed_programs(page)] == ["Calm", "Other"]
    assert registries_offered(page) == {"guide": "1", "index": "1", "third": "1"}


def test_registry_that_rates_no_public_program_is_unknown_until_it_does(client):
    draft = ProgramFactory(status=Status.DRAFT)
    ExternalRatingFactory(program=draft, registry__slug="index", registry__name="Index")

    page = read(client.get("/programs/?registry=index"))

    assert [p.text for p in page.all("p", class_="notice")] == [
        "Unknown registry “index” was ignored."
    ]
    assert "Also rated by" not in page.text
    draft.status = Status.PUBLISHED
    draft.save()
    assert registries_offered(read(client.get("/programs/?registry=index"))) == {"index": "1"}


def test_preview_shows_what_is_proposed_of_other_registries(client, calm):
    kept, gone, _ = calm.external_ratings.on_page()
    third = RegistryFactory(name="Third")
    rows = {
        str(kept.pk): {"rating": ["Top", "Middle"]},
        str(gone.pk): {"DELETE": [None, None]},
        "+1": {"registry": [None, third.pk], "rating": [None, "Good"]},
    }
    Proposal.objects.create(program=calm, rows={"external_ratings": rows}, author=UserFactory())
    now = timezone.now()
    link = calm.preview_links.create(created_at=now, expires_at=now + timedelta(days=1))

    page = read(client.get(link.get_absolute_url()))

    assert [cells[:3] for cells in rows_of(page)] == [
        ["Guide (no longer updated)", "Middle", "Not stated"],
        ["index (closed)", "Effective", "Sleep"],
        ["Third", "Good", "Not stated"],
    ]
