"""The page of a fact check: what its representative sees, says and is told, and that nobody else gets in."""

from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.editorial.proposals.changes import propose
from catalog.models import FactCheck, FactCheckSection, Program, Status

from ..admin.pages import fields_of
from ..conftest import StrictClient
from ..factories import (
    ExternalRatingFactory,
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)
from ..hostile_inputs import HOSTILE
from ..pages import read

pytestmark = [pytest.mark.once, pytest.mark.django_db]

SECTIONS = {
    "names": "Names",
    "facts": "At a glance",
    "ratings": "Scientific rating",
    "about": "About the program",
    "population": "Target population",
    "goals": "Goals",
    "components": "Essential components",
    "adverse": "Adverse effects",
    "delivery": "Delivery",
    "research": "Research",
    "registries": "Other registries",
    "implement": "Implementation",
    "contact": "Contact",
    "dates": "Dates",
    "related": "Related programs",
}
SAY = "Say what is to be changed, in a few words."
CHOOSE = "Choose “This is right” or “Please change”."
GIVE = "Give your name, so that editors know who has answered."


def check_of(program, **fields):
    now = timezone.now()
    dates = {"created_at": now - timedelta(days=1), "expires_at": now + timedelta(days=9)}
    return program.fact_checks.create(**{"sent_to": "Ada Lovelace", **dates, **fields})


@pytest.fixture
def program():
    return ProgramFactory(name="Calm Corners", goals="Rest.", description="It helps.")


@pytest.fixture
def check(program):
    return check_of(program)


def send(client, check, **typed):
    """Open the page, type into its form, and send it."""
    address = check.get_absolute_url()
    form = fields_of(client.get(address))
    return client.post(address, {**form, "name": "Ada", **named(typed)})


def named(typed):
    """Return fields as the form calls them: "goals_comment" is "goals-comment"."""
    return {name.replace("_", "-"): value for name, value in typed.items()}


def said_of(check):
    return {a.section: (a.verdict, a.comment) for a in check.answers.all()}


def mistakes_on(response):
    """Return what the list on top says, each with the place that it leads to."""
    page = read(response)
    (box,) = page.all("section", class_="mistakes")
    return [(item.text, [href for _, href in item.links]) for item in box.all("li")]


# --- What is shown


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.DRAFT, Status.IN_REVIEW])
def test_page_asks_at_each_section_as_the_program_would_be(client, program, status):
    Program.objects.update(status=status, published_at=timezone.now())
    check = check_of(program)

    page = read(client.get(check.get_absolute_url()))

    asked = page.all("fieldset", class_="fact-check")
    assert [box.attributes["id"] for box in asked] == [f"check-{key}" for key in SECTIONS]
    assert [box.one("legend").text for box in asked] == [
        f"{label}: is this right?" for label in SECTIONS.values()
    ]
    assert (page.h1, "It helps." in page.main.text) == ("Calm Corners", True)
    assert dict(FactCheckSection.choices) == SECTIONS


def test_sections_stand_with_what_they_ask_about(client, program):
    page = read(client.get(check_of(program).get_absolute_url()))

    for heading in ("About the program", "Target population", "Goals", "Delivery", "Contact"):
        box = page.section(heading).one("fieldset", class_="fact-check")
        assert box.one("legend").text == f"{heading}: is this right?"
    # What is blank is no section of the public page; here it is one that somebody can fill.
    assert "Not recorded" in page.section("Target population").text
    assert page.section("Other registries").text.startswith("Other registries Not recorded.")


def test_what_other_registries_say_is_asked_about_below_their_table(client, program):
    ExternalRatingFactory(program=program, registry__name="Index", rating="Promising")

    section = read(client.get(check_of(program).get_absolute_url())).section("Other registries")

    assert section.one("tbody").all("td")[0].text == "Promising"
    asked = section.one("fieldset", class_="fact-check")
    assert asked.one("legend").text == "Other registries: is this right?"


def test_public_page_asks_nothing(client, program):
    page = read(client.get(program.get_absolute_url()))

    assert page.all("fieldset") == page.all("textarea") == []
    assert "Target population" not in page.main.text


def test_what_is_proposed_is_what_is_checked(client, program, check):
    propose(program, {"goals": "Sleep."}, {}, user=UserFactory())

    page = read(client.get(check.get_absolute_url()))

    assert "Sleep." in page.section("Goals").text
    assert "Rest." not in page.main.text
    assert "it is not published so" in page.one("div", class_="preview-banner").text


def test_page_shows_nothing_of_other_hidden_entries(client, program, check):
    RatingFactory(program=program, topic_area=TopicAreaFactory(name="Open area"))
    hidden = TopicAreaFactory(name="Hidden area", status=Status.DRAFT)
    RatingFactory(program=program, topic_area=hidden, rationale="Hidden words.")
    check_of(program, sent_to="Somebody else")

    text = client.get(check.get_absolute_url()).content.decode()

    found = [
        words
        for words in ("Open area", "Hidden", "Somebody else", "left out", "Cite this page")
        if words in text
    ]
    assert found == ["Open area"]


def test_page_is_kept_by_no_cache_and_told_to_nobody(client, check):
    for response in (
        client.get(check.get_absolute_url()),
        send(client, check, goals_verdict="right"),
        send(client, check, goals_verdict="change"),
        client.get("/fact-check/nonsense/"),
    ):
        assert {"no-store", "private"} <= {*response["Cache-Control"].split(", ")}
        assert not response.has_header("ETag")
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        assert response["Referrer-Policy"] == "no-referrer"
        assert not response.cookies


def test_page_costs_the_same_for_one_study_and_three(client):
    costs = []
    for number in (1, 3):
        program = ProgramFactory()
        StudyFactory.create_batch(number, program=program)
        RatingFactory.create_batch(number, program=program)
        address = check_of(program).get_absolute_url()
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            client.get(address)
        costs.append(len(queries))

    assert costs[0] == costs[1] <= 21


# --- What is said


def test_answers_are_kept_and_shown_with_thanks(client, check):
    response = send(
        client,
        check,
        names_verdict="right",
        goals_verdict="change",
        goals_comment="Sleep is the goal.\n",
        name=" Ada \n Lovelace ",
    )

    page = read(client.get(response["Location"]))
    check.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, check.get_absolute_url())
    assert said_of(check) == {"names": ("right", ""), "goals": ("change", "Sleep is the goal.")}
    assert check.answered_by == "Ada Lovelace"
    thanks = page.one("section", class_="notice")
    assert thanks.one("h2").text == "Thank you, Ada Lovelace"
    assert "1 of 2 sections: please change" in thanks.text
    assert thanks.links == [("Goals", "#check-goals")]
    assert page.one("title").text.startswith("Sent: ")


def test_answers_can_be_changed_until_the_address_is_over(client, check):
    send(client, check, names_verdict="right", goals_verdict="change", goals_comment="Sleep.")

    form = fields_of(client.get(check.get_absolute_url()))
    send(client, check, goals_verdict="right", goals_comment="")

    assert (form["names-verdict"], form["goals-comment"]) == (["right"], ["Sleep."])
    assert form["name"] == ["Ada"]
    assert said_of(check) == {"names": ("right", ""), "goals": ("right", "")}


def test_one_box_says_that_all_else_is_right(client, check):
    send(client, check, goals_verdict="change", goals_comment="Sleep.", rest="on")

    right = dict.fromkeys(SECTIONS, ("right", ""))
    assert said_of(check) == right | {"goals": ("change", "Sleep.")}


def test_mistakes_are_named_on_top_and_at_the_field_in_order(client, check):
    response = send(
        client,
        check,
        name=" ",
        contact_verdict="perhaps",
        goals_comment="Sleep.",
        about_verdict="change",
        delivery_verdict="right",
        delivery_comment="x" * 10_001,
    )

    too_long = "This has 10,001 characters; there may be 10,000 at most."
    assert mistakes_on(response) == [
        (f"About the program: {SAY}", ["#id_about-comment"]),
        (f"Goals: {CHOOSE}", ["#id_goals-verdict_0"]),
        (f"Delivery: {too_long}", ["#id_delivery-comment"]),
        (f"Contact: {CHOOSE}", ["#id_contact-verdict_0"]),
        (f"Your name: {GIVE}", ["#id_name"]),
    ]
    page = read(response)
    ids = {e.attributes.get("id") for e in page.all("input", "textarea", "ul")}
    places = {href[1:] for _, links in mistakes_on(response) for href in links}
    described = page.one("textarea", id="id_about-comment").attributes["aria-describedby"]
    assert places <= ids
    assert described in ids
    assert page.one("title").text.startswith("Not sent yet: ")
    assert response.status_code == 200
    assert said_of(check) == {}


def test_nothing_typed_is_lost_to_a_mistake(client, check):
    response = send(client, check, goals_comment="Sleep. <b>", about_verdict="change", rest="on")

    form = fields_of(response)
    assert form["goals-comment"] == ["Sleep. <b>"]
    assert (form["about-verdict"], form["rest"], form["name"]) == (["change"], ["on"], ["Ada"])


def test_nothing_chosen_is_nothing_sent(client, check):
    ((sentence, places),) = mistakes_on(send(client, check))

    assert sentence.startswith("Nothing is chosen yet.")
    assert places == []


def test_page_that_changed_meanwhile_is_shown_again(client, program, check):
    address = check.get_absolute_url()
    form = fields_of(client.get(address)) | {"name": "Ada", "goals-verdict": "right"}
    program.goals = "Sleep."
    program.save()

    response = client.post(address, form)

    ((sentence, _),) = mistakes_on(response)
    assert sentence.startswith("The page has changed since you opened it")
    assert "Sleep." in read(response).section("Goals").text
    assert said_of(check) == {}
    client.post(address, fields_of(response))
    assert said_of(check) == {"goals": ("right", "")}


def test_too_many_sendings_wait_and_keep_what_was_typed(client, check, settings):
    settings.FACT_CHECK_LIMIT = 1
    send(client, check, goals_verdict="right")

    response = send(client, check, about_verdict="change", about_comment="It is for fathers too.")

    ((sentence, _),) = mistakes_on(response)
    assert "wait 60 minutes" in sentence
    assert (response.status_code, 3590 < int(response["Retry-After"]) <= 3600) == (429, True)
    assert fields_of(response)["about-comment"] == ["It is for fathers too."]
    assert said_of(check) == {"goals": ("right", "")}


def test_no_cookie_of_any_kind_is_asked_for(check):
    client = StrictClient(enforce_csrf_checks=True)

    assert send(client, check, goals_verdict="right").status_code == 302

    assert client.cookies == {}
    assert said_of(check) == {"goals": ("right", "")}


@pytest.mark.parametrize("method", ["put", "patch", "delete", "trace"])
def test_address_takes_a_form_and_nothing_else(client, check, method):
    response = client.generic(method.upper(), check.get_absolute_url(), "a=1")

    assert response.status_code == 405


@pytest.mark.parametrize("fields", [["goals-comment", "name"], ["goals-verdict", "seen", "rest"]])
def test_no_text_breaks_the_form(check, fields, settings, some):
    settings.FACT_CHECK_LIMIT = settings.FACT_CHECK_CLIENT_LIMIT = 0
    address = check.get_absolute_url()
    client = Client()  # the strict one takes what the page repeats for its own markup
    form = fields_of(client.get(address)) | {"name": "Ada", "goals-verdict": "change"}
    form["goals-comment"] = "Sleep."

    texts = some(HOSTILE, 20)
    statuses = {client.post(address, form | dict.fromkeys(fields, t)).status_code for t in texts}

    assert statuses <= {200, 302}
    assert client.get(address).status_code == 200


# --- When it is over


def over(check):
    now, program = timezone.now(), check.program
    retired = ProgramFactory(status=Status.RETIRED)
    merged = ProgramFactory(status=Status.RETIRED, merged_into=program)
    return {
        "expired": check_of(program, expires_at=now - timedelta(seconds=1)).get_absolute_url(),
        "revoked": check_of(program, revoked_at=now).get_absolute_url(),
        "retired": check_of(retired).get_absolute_url(),
        "merged": check_of(merged).get_absolute_url(),
        "forged": f"/fact-check/{check.pk}:forged/",
        "unsigned": f"/fact-check/{check.pk}/",
        "of a preview": f"/fact-check/{Signer(salt='catalog.preview').sign(str(check.pk))}/",
        "gone": f"/fact-check/{FactCheck.signer.sign('9' * 30)}/",
    }


def test_address_that_was_never_made_or_is_over_tells_nothing(client, check):
    pages = {why: client.get(address) for why, address in over(check).items()}

    assert {why: page.status_code for why, page in pages.items()} == dict.fromkeys(pages, 404)
    assert {read(page).h1 for page in pages.values()} == {"This fact check has ended"}
    assert len({page.content for page in pages.values()}) == 1
    assert b"Calm Corners" not in pages["expired"].content


def test_what_was_typed_too_late_is_shown_to_be_copied(client, check):
    sent = {"goals-verdict": "change", "goals-comment": "Sleep.\nAnd <rest>.", "name": "Ada"}
    for address in over(check).values():
        response = client.post(address, sent)

        page = read(response)
        assert (response.status_code, page.h1) == (404, "This fact check has ended")
        assert page.facts == {"Goals": "Sleep. And <rest>."}
    assert said_of(check) == {}
    assert not FactCheck.objects.answered().exists()


@given(token=st.text(min_size=1).filter(lambda text: not set("/?#") & set(text)))
def test_no_token_that_anybody_makes_up_opens_anything(token):
    check_of(ProgramFactory())

    response = StrictClient().get(reverse("catalog:fact_check", args=[token]))

    assert response.status_code == 404


def test_token_of_a_fact_check_opens_no_preview(client, program, check):
    assert client.get(check.get_absolute_url().replace("fact-check", "preview")).status_code == 404
