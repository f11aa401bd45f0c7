"""Entries that moved, are retired, or are not public yet."""

import pytest

from catalog.models import Program, Status

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import (
    PROMISING,
    cards_of,
    is_rating,
    listed_programs,
    read,
)
from .entries import KINDS, addresses_in, make, rename, retire

pytestmark = pytest.mark.once


@pytest.mark.parametrize("kind", KINDS)
def test_old_address_leads_to_the_new_one(client, db, kind):
    address = KINDS[kind][1]
    entry = make(kind, "first")
    rename(entry, "second")
    rename(entry, "third")

    from_first, from_second = (client.get(address.format(s)) for s in ("first", "second"))

    assert [(r.status_code, r["Location"]) for r in (from_first, from_second)] == [
        (301, address.format("third")),
        (301, address.format("third")),
    ]
    assert client.get(address.format("third")).status_code == 200


@pytest.mark.parametrize("kind", ["program", "topic area", "expert", "page"])
def test_address_belongs_to_the_entry_that_has_it_now(client, db, kind):
    address = KINDS[kind][1]
    rename(make(kind, "shared", name="Earlier"), "moved")
    make(kind, "shared", name="Later")

    page = read(client.get(address.format("shared")))

    assert page.h1 == "Later"


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
@pytest.mark.parametrize("kind", ["program", "topic area", "summary", "page"])
def test_old_address_of_an_unpublished_entry_leads_nowhere(client, db, kind, status):
    rename(make(kind, "first", status=status), "second")

    assert client.get(KINDS[kind][1].format("first")).status_code == 404


@pytest.fixture
def retired(db):
    """Two of each kind, of which one is retired."""
    areas = [TopicAreaFactory(name=f"Area {n}", definition="Told then.") for n in "ab"]
    programs = [ProgramFactory(name=f"Program {n}", description="Told then.") for n in "ab"]
    for n, area in enumerate(areas):
        area.experts.add(TopicExpertFactory(name=f"Expert of {area}"))
        area.further_reading.add(ReferenceFactory(title=f"Read for {area}"))
        for program in programs:
            RatingFactory(topic_area=area, program=program)
        StudyFactory(program=programs[n], reference__title=f"On {programs[n]}")
    retire(areas[0])
    retire(programs[0])


@pytest.mark.parametrize("address", ["/programs/program-a/", "/topics/area-a/"])
def test_retired_entry_keeps_its_address_and_says_when(client, retired, address):
    response = client.get(address)

    page = read(response)
    assert response.status_code == 200
    assert page.h1 == ("Program a" if "program" in address else "Area a")
    assert page.main.one("strong").text == "This entry was retired on March 5, 2026."
    assert page.main.one("time").attributes == {"datetime": "2026-03-05"}
    assert "Told then." not in page.text
    assert [element for element in page.main.all() if is_rating(element)] == []
    assert page.one("meta", name="robots").attributes["content"] == "noindex"
    assert response["X-Robots-Tag"] == "noindex"


def test_retired_entry_is_in_no_list_and_no_count(client, retired):
    home, topics, area, programs, program, references = (
        read(client.get(address))
        for address in (
            "/",
            "/topics/",
            "/topics/area-b/",
            "/programs/",
            "/programs/program-b/",
            "/references/",
        )
    )
    sitemap = [
        address.removeprefix("http://testserver")
        for section in ("topics", "programs", "experts")
        for address in addresses_in(client.get(f"/sitemap-{section}.xml"))
    ]

    assert home.one("h2", id="numbers-heading").text == "1 program"
    assert [i.text for i in home.section("Topic areas").all("li")] == ["Area b 1 program"]
    assert [i.text for i in topics.main.all("li")] == ["Area b 1 program Told then."]
    assert [name for name, _ in listed_programs(area)] == ["Program b"]
    assert cards_of(programs) == [("Program b", ["Scientific rating 3: Area b Promising"])]
    assert programs.one("h2", id="count").text == "1 program"
    choices = programs.all("input", name="topic")
    assert [choice.attributes["value"] for choice in choices] == ["area-b"]
    assert [a.one("h3").text for a in program.all("article")] == [f"{PROMISING} in Area b"]
    assert [p.text for p in references.all("p", class_="citation")] == [
        "Author, A. (2020). On Program b.",
        "Author, A. (2020). Read for Area b.",
    ]
    assert sitemap == ["/topics/area-b/", "/programs/program-b/", "/experts/expert-of-area-b/"]


def test_expert_of_a_retired_area_only_has_no_page(client, retired):
    assert client.get("/experts/expert-of-area-a/").status_code == 404


def test_entry_that_is_no_longer_retired_shows_again(client, retired):
    program = Program.objects.get(slug="program-a")
    program.status = Status.PUBLISHED
    program.save()

    page = read(client.get("/programs/program-a/"))

    assert page.section("About the program").one("p").text == "Told then."


PREVIEWS = ["/programs/draft/", "/topics/draft/", "/topics/draft/summary.pdf"]


@pytest.mark.parametrize("address", PREVIEWS)
def test_preview_is_neither_kept_nor_indexed(editor_client, db, address):
    ProgramFactory(slug="draft", status=Status.DRAFT)
    TopicAreaFactory(slug="draft", status=Status.DRAFT)

    response = editor_client.get(address)

    directives = {d.strip() for d in response["Cache-Control"].split(",")}
    assert response.status_code == 200
    assert directives >= {"no-store", "private"}
    assert response["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.RETIRED])
@pytest.mark.parametrize("kind", ["program", "topic area", "page"])
def test_preview_says_what_it_is(editor_client, db, kind, status):
    make(kind, "hidden", status=status)

    page = read(editor_client.get(KINDS[kind][1].format("hidden")))

    assert page.one(class_="preview-banner").text == (
        f"{status.label}. Only staff see this page as it is here; it is not published."
    )
