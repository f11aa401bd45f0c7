"""Visitors write to the clearinghouse by plain forms; what they send changes nothing by itself."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import PlannedReview, Program, Status, Submission

from ..factories import PlannedReviewFactory, ProgramFactory, SiteSettingsFactory, SubmissionFactory
from ..pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

SAID = {"text": "It has ended.", "name": "Ada", "email": "ada@example.org"}


@pytest.fixture
def program():
    return ProgramFactory(name="Calm", slug="calm")


def test_correction_is_stored_and_changes_nothing(client, program):
    before = Program.objects.values().get()
    page = read(client.get("/programs/calm/"))
    address = dict(page.links)["Suggest a correction"]
    asked = read(client.get(address))
    # No session, no token: whoever sends a form is nobody here.
    response = Client(enforce_csrf_checks=True).post(address, SAID)

    (stored,) = Submission.objects.values()
    thanks = read(client.get(response["Location"]))
    assert asked.h1 == "Suggest a correction"
    assert "set-cookie" not in response.headers
    assert thanks.main.one("strong").text == stored["receipt"]
    kept = ("kind", "program_slug", "subject", "text", "name", "email", "state", "sent_from")
    assert {name: stored[name] for name in kept} == {
        **SAID,
        "kind": "correction",
        "program_slug": "calm",
        "subject": "",
        "state": "new",
        "sent_from": "127.0.0.1",
    }
    assert Program.objects.values().get() == before


@pytest.mark.parametrize(
    ("address", "kind", "label"),
    [
        ("/write/program/", "program", "Name of the program"),
        ("/write/topic-area/", "topic-area", "Name of the topic area"),
    ],
)
def test_nomination_has_a_name(client, address, kind, label):
    refused = read(client.post(address, SAID))
    client.post(address, {**SAID, "subject": "Quiet\n hours"})

    mistakes = refused.one("section", class_="mistakes")
    assert [item.text for item in mistakes.all("li")] == [f"{label}: Give the {label.lower()}."]
    assert refused.one("textarea").text == "It has ended."
    assert [(s.kind, s.subject) for s in Submission.objects.all()] == [(kind, "Quiet hours")]


def test_nothing_is_stored_without_words_or_with_an_address_that_is_none(client):
    page = read(client.post("/write/", {"text": " \n ", "email": "ada"}))

    mistakes = page.one("section", class_="mistakes")
    assert [item.text for item in mistakes.all("li")] == [
        "Your message: Write a few words here.",
        "Your e-mail address: Enter a valid email address.",
    ]
    assert page.one("title").text.startswith("Not sent yet: ")
    assert not Submission.objects.exists()


def test_what_is_far_too_long_is_not_even_read(client):
    longest = client.post("/write/", {**SAID, "text": "語" * 5_000})
    longer = client.post("/write/", {**SAID, "text": "語" * 5_001})
    far_too_long = client.post("/write/", {**SAID, "text": "x" * 100_000})

    assert [r.status_code for r in (longest, longer, far_too_long)] == [302, 200, 413]
    said = read(far_too_long).one("section", class_="mistakes")
    assert said.one("li").text == "That was too long. Write 5,000 characters at most."
    assert Submission.objects.count() == 1


def test_program_that_fills_in_every_field_believes_that_it_was_heard(client):
    hidden = read(client.get("/write/")).one("input", name="homepage")

    response = client.post("/write/", {**SAID, "homepage": "https://spam.example"})

    assert hidden.attributes["autocomplete"] == "off"
    assert client.get(response["Location"]).status_code == 200
    assert not Submission.objects.exists()


def test_much_from_one_address_waits_and_another_is_heard(client, settings):
    settings.SUBMISSION_CLIENT_LIMIT = 2
    answers = [client.post("/write/", SAID) for _ in range(3)]
    other = client.post("/write/", SAID, REMOTE_ADDR="192.0.2.7")
    # An hour later it counts no more, nor is the address kept.
    Submission.objects.update(created_at=timezone.now() - timedelta(hours=1, seconds=1))
    later = client.post("/write/", SAID)

    assert [answer.status_code for answer in (*answers, other, later)] == [302, 302, 429, 302, 302]
    assert int(answers[2]["Retry-After"]) in range(3590, 3601)
    page = read(answers[2])
    assert "wait 60 minutes, then send it again" in page.one("section", class_="mistakes").text
    assert page.one("textarea").text == SAID["text"]
    assert [s.sent_from for s in Submission.objects.order_by("pk")] == [None] * 3 + ["127.0.0.1"]


def test_there_is_a_limit_for_all_together(client, settings):
    settings.SUBMISSION_LIMIT = 1
    client.post("/write/", SAID)

    assert client.post("/write/", SAID, REMOTE_ADDR="192.0.2.7").status_code == 429


def test_what_has_had_its_time_goes_with_the_next(client):
    SubmissionFactory(created_at=timezone.now() - timedelta(days=361))
    client.post("/write/", SAID)

    assert [s.text for s in Submission.objects.all()] == ["It has ended."]


def test_nominations_are_taken_while_the_settings_say(client, monkeypatch):
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 3, 5))
    SiteSettingsFactory(nominations_from="2026-04-01", nominations_until="2026-04-30")

    ahead = client.get("/write/program/")
    client.post("/write/program/", {**SAID, "subject": "Calm"})
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 5, 1))
    over = client.get("/write/topic-area/")
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 4, 30))
    now = client.get("/write/program/")

    assert "They are taken from April 1, 2026 to April 30, 2026." in read(ahead).main.text
    assert "They were taken until April 30, 2026." in read(over).main.text
    assert "Nominations are taken until April 30, 2026." in read(now).main.text
    assert not Submission.objects.exists()


def test_forms_are_for_what_is_public_and_kept_by_nobody(client, program):
    ProgramFactory(slug="draft", status=Status.DRAFT)

    assert client.get("/programs/draft/correction/").status_code == 404
    assert client.get("/write/sent/no-receipt/").status_code == 404
    assert "no-store" in client.get("/programs/calm/correction/")["Cache-Control"]


def test_reviews_that_are_announced_are_listed_until_they_are_not(client):
    PlannedReviewFactory(name="Calm", note="*Soon.*", since="2026-03-01")
    PlannedReviewFactory(name="Quiet", state="under-way", since="2026-02-01")

    page = read(client.get("/planned-reviews/"))
    PlannedReview.objects.all().delete()

    assert [(part.tag, part.text) for part in page.main.all("h2", "li")] == [
        ("h2", "Under way"),
        ("li", "Quiet, since February 1, 2026"),
        ("h2", "Planned"),
        ("li", "Calm, since March 1, 2026 Soon."),
    ]
    assert "No review is announced just now." in read(client.get("/planned-reviews/")).main.text
