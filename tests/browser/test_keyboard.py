"""An editor's work by the keys alone: every stop is seen, and none is a trap."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog.models import Program, Proposal, StaffNote, TopicArea
from tests.factories import RatingFactory

from .busy_desk import fact_checks_of
from .people import FOCUS

pytestmark = pytest.mark.browser

MOST_STOPS = 250


def tab_to(page, name, key="Tab"):
    """Press Tab until what has this name has the focus; every stop on the way is seen. Return their names."""
    stops, names = [], []
    while not stops or (names[-1] != name.capitalize() and len(stops) < MOST_STOPS):
        page.keyboard.press(key)
        stops.append(page.evaluate(FOCUS))
        # The admin writes some links in capitals.
        names.append(stops[-1]["name"].capitalize())
    assert names[-1] == name.capitalize(), names
    assert [stop for stop in stops if stop["outline"] == 0 or not stop["inView"]] == []
    return names


@pytest.fixture
def draft(catalog, editor):
    """A draft of the editor's own, rated once without a rationale."""
    draft = Program(
        name="Quiet Hour", description="An hour of **quiet**, [it says](https://a.org/)."
    )
    draft._history_user = editor
    draft.save()
    area = TopicArea.objects.get(slug="secondary-traumatic-stress")
    RatingFactory(program=draft, topic_area=area, scientific_rating="3", rated_on="2024")
    return draft


def test_from_the_desk_to_a_new_rating(new_page, draft, editor):
    page = new_page(editor)
    page.goto("/admin/")

    tab_to(page, "Quiet Hour")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Change program")
    tab_to(page, "Rate or re-rate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Re-rate")
    tab_to(page, "1 Well-Supported by Research Evidence")
    page.keyboard.press("Space")
    tab_to(page, "Rationale:")
    page.keyboard.type("Two trials.")
    tab_to(page, "Rated on:")
    page.keyboard.type("2025")
    tab_to(page, "Save the rating")
    page.keyboard.press("Enter")

    expect(page.locator(".messagelist")).to_contain_text("Changed from 3 to 1.")
    ratings = draft.ratings.order_by("pk").values_list(
        "scientific_rating", "rationale", "is_current"
    )
    assert list(ratings) == [("3", "", False), ("1", "Two trials.", True)]


def test_preview_of_a_text_is_no_trap(new_page, draft, editor):
    page = new_page(editor)
    page.goto(reverse("admin:catalog_program_change", args=[draft.pk]))
    page.get_by_label("Description:", exact=True).focus()

    tab_to(page, "Preview")
    page.keyboard.press("Space")
    expect(page.get_by_role("region", name="Description as visitors see it")).to_be_visible()
    assert len(tab_to(page, "Scope note:")) <= 3
    assert len(tab_to(page, "Back to the text", key="Shift+Tab")) <= 3
    page.keyboard.press("Enter")
    tab_to(page, "Description:", key="Shift+Tab")


def test_conflict_is_settled_by_the_keys_and_the_form_behind_it_is_reached(new_page, draft, editor):
    page = new_page(editor)
    page.goto(reverse("admin:catalog_program_change", args=[draft.pk]))
    draft.goals = "Theirs"
    draft.save()
    page.get_by_label("Goals:", exact=True).fill("Mine")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_role("group", name="Goals")).to_be_visible()

    page.keyboard.press("Control+Home")
    chosen = page.get_by_role("radio", name="Yours")
    theirs = page.get_by_role("radio", name="Theirs")
    tab_to(page, theirs.evaluate("(radio) => radio.labels[0].innerText.trim()"))
    page.keyboard.press("ArrowDown")
    expect(chosen).to_be_checked()
    passed = tab_to(page, "Add another reference")
    assert {"Name:", "Goals:", "Preview"} <= set(passed)
    tab_to(page, "Save")
    page.keyboard.press("Enter")

    expect(page.locator(".messagelist")).to_contain_text("was changed successfully")
    draft.refresh_from_db()
    assert draft.goals == "Mine"


class Keys:
    """Somebody who opens pages, each of which is looked at, and works there by the keys alone."""

    def __init__(self, page, violations):
        self.page, self.violations, self.found = page, violations, []

    def open(self, address, heading):
        self.page.goto(address)
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(heading)
        self.look(heading)
        # To the content.
        self.page.keyboard.press("Tab")
        self.page.keyboard.press("Enter")

    def look(self, name):
        self.found += self.violations(self.page, name, ["light"])

    def type(self, field, text):
        tab_to(self.page, field)
        self.page.keyboard.type(text)

    def press(self, button, answer):
        tab_to(self.page, button)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("main")).to_contain_text(answer)


def test_what_a_team_has_to_do_is_told_by_the_keys(violations, new_page, busy, editor):
    keys = Keys(new_page(editor), violations)

    keys.open("/admin/search/", "Search")
    keys.type("Search everything", "everything known")
    keys.press("Search", "Everything Known® about Calm Corners")
    keys.look("found")
    keys.open("/admin/recent-changes/", "Recent changes")
    keys.type("By", "editor")
    keys.press("Show", "Acronym, goals and website changed")
    keys.open(reverse("admin:catalog_program_assign", args=[busy.pk]), "Assign")
    keys.type("By whom", "editor")
    keys.type("What else there is to know", "By the keys")
    keys.press("Assign", "By the keys")
    keys.open(reverse("admin:catalog_program_notes", args=[busy.pk]), "Notes")
    keys.type("Text", "They wrote back.")
    keys.press("Add the note", "They wrote back.")
    keys.open(reverse("admin:catalog_notification_changelist"), "Notifications")
    keys.press("Mark all as read", "All of it is marked as read.")

    assert keys.found == []
    assert busy.assignments.get(note="By the keys").person == editor
    assert StaffNote.objects.get(text="They wrote back.").author == editor
    assert not editor.notifications.filter(read_at=None).exists()


def test_what_was_proposed_merged_and_checked_is_decided_by_the_keys(
    violations, new_page, busy, editor
):
    keys = Keys(new_page(editor), violations)
    check, _ = fact_checks_of(busy)
    approved = Proposal.objects.get(state="approved")
    merged = Program.objects.get(name="Merged")

    keys.open(reverse("admin:catalog_proposal_change", args=[approved.pk]), "Proposal")
    tab_to(keys.page, "What is live: the proposal gives it up")
    keys.page.keyboard.press("ArrowDown")
    keys.press("Publish", "Published")
    keys.open(reverse("admin:catalog_program_unmerge", args=[merged.pk]), "Undo")
    keys.type("Why the merge is undone:", "They are two.")
    keys.press("Undo the merge", "undone")
    keys.open(check.get_absolute_url(), "Calm")
    tab_to(keys.page, "This is right")
    keys.page.keyboard.press("Space")
    keys.press("Send your answers", "Thank you")
    keys.open(reverse("admin:catalog_program_fact_checks", args=[busy.pk]), "Fact checks")
    keys.press("Dealt with, without a date", "Dealt with")

    assert keys.found == []
    approved.refresh_from_db()
    merged.refresh_from_db()
    check.refresh_from_db()
    assert (approved.state, approved.program.goals) == ("published", "Rest and sleep.")
    assert merged.merged_into is None
    assert check.settled_at
