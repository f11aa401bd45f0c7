"""An editor's whole day: from a name to a public entry, re-rated, corrected, retired, and read as of the day before."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone
from django.utils.formats import date_format
from playwright.sync_api import expect

from catalog.models import Program, Rating, Study
from tests.conftest import group_user

from .conftest import program_names
from .people import STRESS, sign_in

pytestmark = pytest.mark.browser

NAME, ADDRESS = "Community Resilience Model", "/programs/community-resilience-model/"
SLIP, MENDED = "Two trials with a cotrol group.", "Two trials with a control group."
STORY = [
    ("Retired: Its authors no longer *offer* it.", "publisher"),
    (f"Rating corrected in {STRESS}: 2", "publisher"),
    (f"Re-rated in {STRESS}: 2, was 3", "publisher"),
    ("Published", "publisher"),
    ("Sent to review", "editor"),
    (f"Rated in {STRESS}: 3", "editor"),
    ("Description changed", "editor"),
    ("Added", "editor"),
]


def test_an_editors_day(new_page, catalog):
    people = {"editor": group_user("Editors"), "publisher": group_user("Publishers")}
    desk, publishers_desk, visitor = new_page(), new_page(people["publisher"]), new_page()

    sign_in(desk, people["editor"])
    adds_in_spite_of_a_like_name(desk)
    program = Program.objects.get(name=NAME)
    writes_and_saves_by_keyboard(desk)
    rates(desk)
    preview = shares(desk)
    opens_the_preview(visitor, preview)
    sends_to_review(desk)

    publishes_from_the_desk(publishers_desk, people["editor"])
    finds(visitor, True)
    visitor.goto(preview)
    expect(visitor).to_have_url(re.compile(f"{ADDRESS}$"))

    let_a_day_pass(program)
    program.refresh_from_db()
    yesterday = timezone.localdate(program.published_at)
    rates_again_from_the_topic_area(publishers_desk)
    sees_what_has_changed(visitor)
    corrects(publishers_desk, program)
    visitor.goto(ADDRESS)
    expect(visitor.locator(".rating-card .prose")).to_have_text(MENDED)
    retires(publishers_desk, program)

    reads_why_it_is_retired(visitor)
    finds(visitor, False)
    reads_it_as_of(visitor, yesterday)

    reads_the_story(desk, program, people)


def let_a_day_pass(program):
    """Let all that is recorded of a program have happened earlier, as if a day had passed since."""
    time = timedelta(days=1)
    for model in (Program, Rating, Study):
        model.history.update(history_date=F("history_date") - time)
    for programs in (Program.objects, Program.history):
        programs.filter(slug=program.slug).update(published_at=F("published_at") - time)


def expect_message(page, words):
    expect(page.locator(".messagelist")).to_contain_text(words)


# --- The editor


def adds_in_spite_of_a_like_name(desk):
    expect(desk.get_by_role("heading", level=1)).to_have_text("Desk")
    expect(desk.get_by_role("region", name="My drafts")).to_contain_text("Nothing waits here.")
    desk.locator("#content-main .model-program").get_by_role("link", name="Add").click()
    # Until then the admin's own script puts the cursor into the first field.
    desk.wait_for_load_state()
    desk.locator("#id_name").press_sequentially(NAME)
    desk.get_by_role("button", name="Save", exact=True).first.click()

    likeness = f"“{NAME}” resembles Community Resiliency Model"
    expect(desk.locator(".resembling")).to_contain_text(likeness)
    assert not Program.objects.filter(name=NAME).exists()
    desk.get_by_label("This is another program").check()
    desk.get_by_role("button", name="Save and continue editing").first.click()
    expect_message(desk, "was added successfully")


def writes_and_saves_by_keyboard(desk):
    box = desk.get_by_label("Description:", exact=True)
    box.fill("Teams learn to notice **stress** early.")
    desk.get_by_role("button", name="Preview: Description").click()
    shown = desk.get_by_role("region", name="Description as visitors see it")
    expect(shown.locator("strong")).to_have_text("stress")
    desk.get_by_role("button", name="Back to the text: Description").click()
    box.press("Control+s")
    expect_message(desk, "was changed successfully")


def rate(page, level, texts):
    page.get_by_role("radio", name=level).check()
    for label, text in texts.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Save the rating").click()


def rates(desk):
    desk.get_by_role("link", name="Rate or re-rate").click()
    desk.get_by_role("link", name=f"Rate {STRESS}").click()
    texts = {"Rationale:": "One trial.", "Rated on": "2024"}
    rate(desk, "3 Promising Research Evidence", texts)
    expect_message(desk, "Rated 3.")


def shares(desk):
    """Share a preview, and return its address."""
    desk.get_by_role("link", name="Share a preview").click()
    desk.get_by_role("button", name="Make an address").click()
    return desk.locator(".address").inner_text()


def sends_to_review(desk):
    desk.get_by_role("link", name="Back to the entry").click()
    desk.get_by_role("link", name="Send to review").click()
    desk.get_by_label("Reason").fill("Ready to be read.")
    desk.get_by_role("button", name="Send to review").click()
    expect_message(desk, "In review")
    # That is for somebody else to do.
    expect(desk.get_by_role("link", name="Publish")).to_have_count(0)


def reads_the_story(desk, program, people):
    desk.goto(f"/admin/catalog/program/{program.pk}/change/")
    desk.locator(".object-tools").get_by_role("link", name="History").click()

    expect(desk.locator("#history h3")).to_have_text([what for what, _ in STORY])
    by = [str(people[who]) for _, who in STORY]
    expect(desk.locator("#history .byline b")).to_have_text(by)
    correction = desk.locator("#history li").filter(has_text="Rating corrected")
    expect(correction.locator("del")).to_contain_text("cotrol")
    expect(correction.locator("ins")).to_contain_text("control")
    expect(correction.locator(".reason")).to_contain_text("Typing mistake")


# --- The publisher


def publishes_from_the_desk(desk, editor):
    desk.goto("/admin/")
    waiting = desk.get_by_role("region", name="In review: waits for you")
    line = waiting.get_by_role("listitem").filter(has_text=NAME)
    expect(line).to_contain_text(f"by {editor}")
    line.get_by_role("link", name="Publish …").click()
    desk.get_by_label("Reason").fill("Read and approved.")
    desk.get_by_role("button", name="Publish").click()
    expect_message(desk, "Published since")


def rates_again_from_the_topic_area(desk):
    desk.goto("/admin/")
    desk.locator("#content-main").get_by_role("link", name="Topic areas").click()
    desk.get_by_role("link", name=STRESS).click()
    desk.get_by_role("link", name="Rate programs").click()
    desk.get_by_role("link", name=f"Re-rate {NAME}").click()
    expect(desk.get_by_role("region", name="Current rating")).to_contain_text("One trial.")
    texts = {"Rationale:": SLIP, "Rated on": "2025-06-15", "Why this change": "A second trial."}
    rate(desk, "2 Supported by Research Evidence", texts)
    expect_message(desk, "Changed from 3 to 2.")


def corrects(desk, program):
    desk.goto(f"/admin/catalog/program/{program.pk}/change/")
    desk.get_by_role("link", name="Correct", exact=True).click()
    desk.get_by_label("Rationale:").fill(MENDED)
    desk.get_by_label("Why this correction").fill("Typing mistake")
    desk.get_by_role("button", name="Save", exact=True).first.click()
    expect_message(desk, "was changed successfully")


def retires(desk, program):
    desk.goto(f"/admin/catalog/program/{program.pk}/change/")
    desk.get_by_role("link", name="Retire").click()
    desk.get_by_label("Reason").fill("Its authors no longer *offer* it.")
    desk.get_by_role("button", name="Retire").click()
    expect_message(desk, "Retired on")


# --- The visitor


def opens_the_preview(visitor, address):
    visitor.goto(address)
    expect(visitor.get_by_role("complementary", name="Preview")).to_contain_text(
        "Preview. This page is not published"
    )
    expect(visitor.get_by_role("heading", level=1)).to_have_text(NAME)
    expect(visitor.locator(".rating-card")).to_contain_text("One trial.")
    finds(visitor, False)


def finds(visitor, is_there):
    visitor.goto("/programs/?q=resilience+model")
    names = program_names(visitor)
    assert "Community Resiliency Model" in names
    assert (NAME in names) == is_there


def sees_what_has_changed(visitor):
    visitor.goto(ADDRESS)
    expect(visitor.locator(".rating-card .prose")).to_have_text(SLIP)
    newest = visitor.locator(".timeline li").first
    expect(newest).to_contain_text("June 15, 2025")
    expect(newest).to_contain_text("Changed from 3 to 2.")


def reads_why_it_is_retired(visitor):
    visitor.goto(ADDRESS)
    expect(visitor.get_by_role("main")).to_contain_text("This entry was retired on")
    expect(visitor.locator("main em")).to_have_text("offer")
    expect(visitor.locator(".rating-card")).to_have_count(0)


def reads_it_as_of(visitor, day):
    visitor.goto(ADDRESS)
    visitor.get_by_label("See this page as of a date").fill(str(day))
    visitor.get_by_role("button", name="Show").click()

    banner = visitor.get_by_role("complementary", name="As of a date")
    in_words = date_format(day, "F j, Y")
    expect(banner).to_contain_text(f"As of {in_words}.")
    expect(banner).to_contain_text("It was retired on")
    expect(visitor.locator(".rating-card .prose")).to_have_text("One trial.")
    expect(visitor.locator(".citation")).to_contain_text(
        f"{NAME}: Scientific rating 3 in {STRESS} [Entry as of {in_words}]."
    )
    expect(visitor.locator(".citation-link")).to_have_text(visitor.url)
