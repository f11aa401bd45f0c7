"""What the page of a program as of a day says."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Proposal, ProposalState, Rating, Status

from ..conftest import StrictClient
from ..factories import (
    ContactFactory,
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import read
from .past import MARKER, ago, change, content, days_pass, get, marked_life

pytestmark = pytest.mark.once

# --- What the page says ----------------------------------------------------------------------------------------------


def test_nothing_that_was_not_public_shows(db):
    program, *_ = marked_life()
    later = TopicAreaFactory(
        name=f"{MARKER} later", published_at=timezone.now() + timedelta(days=9)
    )
    RatingFactory(program=program, topic_area=later, rationale=MARKER, rated_on="2021")
    asked = [*(ago(n).isoformat() for n in range(-2, 6)), MARKER[:0], "nonsense", "0001-01-01"]

    pages = [get(program, text) for text in asked]

    assert [page.status_code for page in pages] == [
        *(404, 404, 200, 200, 200, 404, 404, 404),
        *(200, 400, 404),
    ]
    assert [
        text for text, page in zip(asked, pages, strict=True) if MARKER in page.text.lower()
    ] == []


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW])
def test_what_is_withdrawn_has_no_past_for_anyone(db, editor_client, status):
    program, *_ = marked_life()
    change(program, status=status, description=MARKER)
    unknown = StrictClient().get("/programs/nothing/")

    assert get(program, ago(1).isoformat()).content == unknown.content
    assert editor_client.get("/programs/program/", {"as_of": ago(1)}).status_code == 404


def test_staff_see_of_a_day_what_everyone_saw(db, editor_client):
    marked_life()
    days = [{"as_of": ago(n).isoformat()} for n in range(5)]

    as_staff = [editor_client.get("/programs/program/", day) for day in days]

    as_public = [StrictClient().get("/programs/program/", day) for day in days]
    assert [r.content for r in as_staff] == [r.content for r in as_public]
    assert as_staff[0]["Cache-Control"] == "private, no-cache"


def test_page_is_plainly_marked(db, settings):
    settings.SITE_NAME = "Clearing House"
    program, area, _ = marked_life()
    Rating.objects.create(
        program=program, topic_area=area, scientific_rating="2", rated_on="2026-06"
    )
    other = TopicAreaFactory(name="Other area")
    RatingFactory(program=program, topic_area=other, scientific_rating="NR", rated_on="")
    change(program, name="Program™", goals="New ones.")
    StudyFactory(program=program)
    day = ago(1)
    words = f"{day:%B} {day.day}, {day.year}"

    response = get(program, day.isoformat())

    page = read(response)
    banner = page.one("aside", class_="preview-banner")
    address = f"http://testserver/programs/program/?as_of={day}"
    assert page.h1 == "Program"
    assert page.one("title").text == f"Program as of {words} – Clearing House"
    assert [p.text for p in banner.all("p")] == [
        f"As of {words}. This is how the entry stood that day; see it as it stands now.",
        "What has changed since:",
    ]
    assert banner.links == [("see it as it stands now", "/programs/program/")]
    assert [item.text for item in banner.all("li")] == [
        "Its name is Program™ now.",
        "Area, June 2026: Changed from 3 to 2.",
        "Other area: rated NR.",
        "Its text has been edited.",
        "Its list of research has changed.",
    ]
    assert page.one("meta", name="robots").attributes["content"] == "noindex"
    canonical = page.one("link", rel="canonical").attributes["href"]
    assert canonical == "http://testserver/programs/program/"
    assert page.section("Cite this page").one("p", class_="citation").text == (
        f"Clearing House. ({day.year}, {day:%B} {day.day}). Program: Scientific rating 3 in Area "
        f"[Entry as of {words}]. {address}"
    )
    assert [text for text, _ in page.main.links if text.startswith("Compare")] == []
    assert read(get(program, ago(0).isoformat())).one(class_="preview-banner").all("li") == []


def test_page_of_a_past_day_names_nobody_to_ask_and_leads_to_who_is_asked_now(db):
    program, *_ = marked_life()
    change(program, contact_name="Robin Quill", contact_email="robin@quill.example")
    ContactFactory(program=program, name="Kim Quill")
    days_pass()

    page = read(get(program, ago(1).isoformat()))
    change(program, status=Status.RETIRED)
    of_retired = read(get(program, ago(1).isoformat())).section("Contact")

    contact = page.section("Contact")
    why = (
        "Contact Whom to ask is a question of today, and nobody who is no longer named is named here for ever: "
        "pages of a past day show no contacts."
    )
    assert (contact.text, of_retired.text) == (f"{why} Whom to ask now", why)
    assert contact.links == [("Whom to ask now", "/programs/program/#contact")]
    assert of_retired.links == []
    assert "quill" not in page.text.lower()


def test_correction_changes_no_earlier_day(db):
    program, _, rating = marked_life()
    before = content(get(program, ago(1).isoformat()))
    change(rating, scientific_rating="1", rationale="It was a slip.")
    days_pass()

    response = get(program, ago(2).isoformat())

    assert content(response) == before
    assert read(response).one(class_="preview-banner").all("li")[0].text == (
        "Area: the rating has been corrected from 3 to 1."
    )


def test_area_leads_to_its_page_only_while_it_is_public(db):
    program, area, _ = marked_life()
    change(area, name="Area of today", slug="today")
    before = read(get(program, ago(1).isoformat())).section("Scientific rating").links
    change(area, status=Status.RETIRED)
    after = read(get(program, ago(1).isoformat())).section("Scientific rating")

    assert ("Area", "/topics/today/") in before
    assert "In Area, this program is rated 3" in after.text
    assert [address for _, address in after.links if address.startswith("/topics/")] == []


def test_retired_program_shows_as_of_then_under_a_banner(db):
    program, *_ = marked_life()
    change(program, status=Status.RETIRED, retirement_reason="Its owners stopped it.")
    today = timezone.localdate()

    page = read(get(program, ago(1).isoformat()))
    missing = get(program, today.isoformat())

    words = f"It was retired on {today:%B} {today.day}, {today.year}."
    banner = page.one(class_="preview-banner")
    assert banner.all("p")[1].text == words
    assert banner.one("div", class_="prose").text == "Its owners stopped it."
    assert missing.status_code == 404
    notice = read(missing).one("div", class_="notice").all("p")
    assert notice[2].text == "Its owners stopped it."
    assert notice[0].text.startswith(
        "This page cannot be shown as of that date. This entry was not public at the end of "
    )
    assert notice[1].text == words


@pytest.mark.parametrize("is_public", [True, False])
def test_merged_program_says_where_it_lives_now(db, is_public):
    program, *_ = marked_life()
    into = ProgramFactory(name="Survivor", status="published" if is_public else "draft")
    change(program, status=Status.RETIRED, merged_into=into)

    banner = read(get(program, ago(1).isoformat())).one(class_="preview-banner")

    links = [("Survivor", "/programs/survivor/")] if is_public else []
    assert banner.links[1:] == links
    assert ("Survivor" in banner.text) is is_public


def test_age_of_the_review_is_as_of_the_day(db):
    program = ProgramFactory(research_last_reviewed="2020-01")
    days_pass(400)

    now, then = (read(get(program, day and ago(400).isoformat())) for day in (None, True))

    age = {page: page.one("p", class_="review-age").text for page in (now, then)}
    assert age[now].split(" months")[0] != age[then].split(" months")[0]
    months = [int(text.split()[3]) for text in age.values()]
    assert months[0] - months[1] in (13, 14)


# --- What visitors had been told -------------------------------------------------------------------------------------


def test_page_of_a_day_tells_the_changes_published_by_then(db):
    program = ProgramFactory(slug="program")
    days_pass(5)
    for days, note in ((3, "First"), (2, "Second"), (1, "Third")):
        Proposal.objects.create(
            program=program,
            state=ProposalState.PUBLISHED,
            published_at=timezone.now() - timedelta(days=days),
            change_note=note,
        )

    def notes(days):
        sections = read(get(program, ago(days))).all("section", aria_labelledby="what-changed")
        return [item.text.split()[-1] for section in sections for item in section.all("li")]

    assert [notes(days) for days in (4, 3, 2, 1, 0)] == [
        [],
        ["First"],
        ["Second", "First"],
        ["Third", "Second", "First"],
        ["Third", "Second", "First"],
    ]


def test_only_whom_a_rating_names_in_public_today_is_named_of_a_day(db):
    expert = TopicExpertFactory(name="Ada Expert", slug="ada")
    raters = ["Jane Doe", "John Roe", "Ann Poe", "ada"]
    rating = RatingFactory(topic_area__name="Calm", raters=raters)
    gone = RatingFactory(program=rating.program, topic_area__name="Sleep", raters=["Gone Person"])
    days_pass()
    change(expert, slug="ada-expert")
    change(rating, raters=("John Roe", "Jane Doe (not public)", "New Person", "ada-expert"))
    gone.delete()

    page = read(get(rating.program, ago(1).isoformat()))

    assert [card.facts["Rated by"] for card in page.all("article", class_="rating-card")] == [
        "John Roe; Ada Expert, and 2 more people who are not named in public",
        "1 person who is not named in public",
    ]
    assert [n for n in ("Jane Doe", "Ann Poe", "Gone Person", "New Person") if n in page.text] == []
