"""Two browsers with one published program: its proposal is written by two, and read by visitors in the end."""

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from catalog.models import Proposal
from tests.conftest import group_user
from tests.factories import UserFactory

from .test_two_editors import settle

pytestmark = pytest.mark.browser

NAME = "Everything Known® about Calm Corners"
KEPT = f"Your changes to “{NAME}” are kept as a proposal. Nothing of them is public yet."
SHOWN = (
    "This form shows the proposal of {}, not what visitors read. Saving changes the proposal alone."
)
FIELDS = ("goals", "duration", "intensity")
NOTE = "New goals, and how long it takes"
BOTH_OPENED = "Changed by others while you had this open"


@pytest.fixture
def writer(catalog):
    return group_user("Editors")


@pytest.fixture
def publisher(catalog):
    return group_user("Publishers")


def open_form(page, program):
    page.goto(reverse("admin:catalog_program_change", args=[program.pk]))
    expect(page.get_by_role("heading", level=1, name="Change program")).to_be_visible()


def propose(page, button="Save as proposal", **texts):
    """Type texts into the form that is open, and keep them as a proposal."""
    for name, text in texts.items():
        page.locator(f"#id_{name}").fill(text)
    page.get_by_role("button", name=button, exact=True).first.click()


def expect_message(page, words):
    expect(page.locator(".messagelist")).to_have_text(words)


def test_proposal_of_two_is_read_by_visitors(new_page, catalog, writer, publisher):
    hers, his, visitor = new_page(writer), new_page(publisher), new_page()
    before = facts(visitor)
    open_form(hers, catalog)
    propose(hers, goals="Sleep well")
    expect_message(hers, KEPT)

    open_form(hers, catalog)
    open_form(his, catalog)
    expect(his.locator(".about-saving")).to_contain_text(SHOWN.format("one-of-editors"))
    expect(his.locator("#id_goals")).to_have_value("Sleep well")
    propose(his, "Save the proposal", duration="12 weeks")
    expect_message(his, KEPT)

    propose(hers, "Save the proposal", duration="16 weeks", intensity="Daily")
    settles_what_both_changed(hers)
    expect_message(hers, KEPT)
    assert facts(visitor) == before

    step(hers, "Submit", "“{}”: Submitted: somebody who may publish reads it now.", NOTE)
    expect(hers.get_by_role("button", name="Approve")).to_have_count(0)
    his.goto(hers.url)
    compares(his)
    step(his, "Approve", "“{}”: Approved. Visitors read it as soon as it is published.")
    assert facts(visitor) == before
    step(his, "Publish", "“{}”: Published: visitors read it from now on.")

    assert facts(visitor) == ("Sleep well", "16 weeks", "Daily")
    reads_what_changed(visitor)
    hers.goto("/admin/")
    told = hers.get_by_role("region", name="Told to you").get_by_role("listitem")
    assert told.locator("a").all_inner_texts() == [
        f"Published: the proposal for “{NAME}”",
        f"Approved: the proposal for “{NAME}”",
    ]
    expect(told.first).to_contain_text("one-of-publishers, ")


def settles_what_both_changed(page):
    """Choose one's own text where another person has changed the same, and lose nothing that was typed."""
    expect(page.get_by_role("heading", name=BOTH_OPENED)).to_be_visible()
    conflict = page.locator(".conflict")
    expect(conflict).to_have_count(1)
    expect(conflict).to_contain_text("one-of-publishers changed the proposal")
    legends = conflict.locator("legend").all_inner_texts()
    assert legends == ["Recommended duration: both of you changed it"]
    typed = [page.locator(f"#id_{name}").input_value() for name in FIELDS]
    assert typed == ["Sleep well", "16 weeks", "Daily"]
    settle(page, "Recommended duration", "Yours")
    propose(page, "Save the proposal")


def compares(page):
    """Read what is live beside what is proposed."""
    rows = page.locator(".proposal table tbody tr")
    compared = [
        (row.locator("th").inner_text(), row.locator("td").first.inner_text(), added(row))
        for row in rows.all()
    ]
    assert compared == [
        ("Goals", "1. Sleep\n2. Calm", ["Sleep well"]),
        ("Recommended intensity", "Weekly sessions of 90 minutes.", ["Daily"]),
        ("Recommended duration", "24 weeks", ["16"]),
    ]


def added(row):
    """Return the words that a field of a comparison marks as new."""
    return row.locator("ins").evaluate_all(
        "(all) => all.map((part) => [...part.childNodes].find((node) => node.nodeType === 3)?.data ?? '')"
    )


def reads_what_changed(visitor):
    items = visitor.get_by_role("region", name="What changed").get_by_role("listitem")
    expect(items).to_have_count(2)
    assert items.first.inner_text().split("\n") == [
        date_format(timezone.localdate(), "F j, Y"),
        NOTE,
    ]


def step(page, label, message, note=""):
    """Take a step with the proposal whose page is open."""
    if note:
        page.get_by_label("What is new, for visitors").fill(note)
    page.get_by_role("button", name=label, exact=True).click()
    expect_message(page, message.format(NAME))


def facts(visitor):
    """Return what visitors read of the fields that are proposed here."""
    visitor.goto("/programs/everything-known/")
    goals = visitor.get_by_role("region", name="Goals").locator(".prose").inner_text()
    parts = [
        visitor.locator("dl.facts > div").filter(has_text=label).locator("dd").inner_text()
        for label in ("Recommended duration", "Recommended intensity")
    ]
    return goals, *parts


def test_two_first_proposals_at_once_become_one(new_page, catalog, writer, publisher):
    other = UserFactory(username="maria", first_name="Maria", last_name="Lopez", is_staff=True)
    other.groups.set(writer.groups.all())
    first, second = new_page(other), new_page(writer)
    open_form(first, catalog)
    open_form(second, catalog)

    propose(first, goals="Hers", duration="12 weeks")
    expect_message(first, KEPT)
    propose(second, goals="Mine", intensity="Daily")

    expect(second.get_by_role("heading", name=BOTH_OPENED)).to_be_visible()
    expect(second.locator(".about-saving")).to_contain_text(SHOWN.format("Maria Lopez"))
    conflict = second.locator(".conflict")
    expect(conflict).to_contain_text("Maria Lopez changed the proposal")
    untouched = "You had not touched Recommended duration: the form below has their text."
    expect(conflict).to_contain_text(untouched)
    assert conflict.locator("legend").all_inner_texts() == ["Goals: both of you changed it"]
    typed = [second.locator(f"#id_{name}").input_value() for name in FIELDS]
    assert typed == ["Mine", "12 weeks", "Daily"]
    settle(second, "Goals", "Yours")
    propose(second, "Save the proposal")

    expect_message(second, KEPT)
    (proposal,) = Proposal.objects.open()
    assert (proposal.author, sorted(proposal.changes)) == (other, sorted(FIELDS))
    assert [proposal.changes[name][1] for name in FIELDS] == ["Mine", "12 weeks", "Daily"]
