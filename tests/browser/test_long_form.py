"""The form of a program with much research behind it: not too long, not too wide, and all of it within reach."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
)

pytestmark = pytest.mark.browser

HEIGHT = "document.documentElement.scrollHeight"
# Beside the whole page, what is cut within it: boxes that hide what does not fit into them.
CUT = """() => [document.documentElement, ...document.querySelectorAll("#content *")]
    .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.clientWidth)
    .filter((box) => box.localName === "html" || ["hidden", "clip"].includes(getComputedStyle(box).overflowX))
    .filter((box) => !box.matches(".title, .visually-hidden, .select2-selection__rendered, .select2-hidden-accessible"))
    .map((box) => `${box.localName}.${box.className}: ${box.scrollWidth} of ${box.clientWidth}`)"""


def form_of(program):
    return reverse("admin:catalog_program_change", args=[program.pk])


def much_researched(current):
    """A program with 100 studies, a finding of each, and 21 ratings.

    So many of them are current, each in a topic area of its own.
    """
    program = ProgramFactory(name="Much researched")
    studies = StudyFactory.create_batch(100, program=program)
    for number in range(current):
        name = f"Secondary Traumatic Stress (STS) Prevention & Intervention Programs {number}"
        RatingFactory(program=program, topic_area__name=name, rated_on="2026")
    area = TopicAreaFactory(name="Where it is rated again and again")
    for study in studies:
        FindingFactory(program=program, reference=study.reference, topic_area=area)
    for number in range(21 - current):
        RatingFactory(
            program=program,
            topic_area=area,
            rated_on=f"{2000 + number}",
            is_current=False,
        )
    return program


@pytest.mark.alike(1)
@pytest.mark.parametrize("current", [1, 11, 21])
def test_form_with_100_studies_and_21_ratings_is_not_too_long(new_page, catalog, editor, current):
    page = new_page(editor)
    page.goto(form_of(much_researched(current)))

    assert page.evaluate(HEIGHT) < 6_000
    expect(page.locator("#studies-group .line")).to_have_count(100)
    expect(page.locator("#findings-group .line")).to_have_count(100)
    page.set_viewport_size({"width": 1024, "height": 800})
    assert page.evaluate(CUT) == []


def test_what_is_folded_away_is_opened_by_keyboard(new_page, catalog, editor):
    page = new_page(editor)
    page.goto(form_of(much_researched(21)))

    last_link = page.locator("#ratings-group a", has_text="Re-rate").last
    others = page.get_by_text("Other current ratings (16)")
    others.focus()
    expect(last_link).to_be_hidden()
    page.keyboard.press("Enter")
    expect(last_link).to_be_visible()
    last = page.get_by_role("button", name="Edit reference 100", exact=True)
    expect(last).to_be_hidden()
    page.locator("#studies-group summary").last.focus()
    page.keyboard.press("Enter")
    last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#studies-group .has_original")).to_be_visible()


def test_mistake_in_what_is_folded_away_is_in_sight(new_page, catalog, editor):
    program = much_researched(1)
    page = new_page(editor, java_script_enabled=False)
    page.goto(form_of(program))
    page.locator("#studies-group summary").last.click()
    page.get_by_role("button", name="Edit reference 100", exact=True).click()
    page.locator("#studies-group .has_original").get_by_label("Follow-up, in months:").fill("601")
    page.get_by_role("button", name="Save", exact=True).first.click()

    page.locator(".mistakes a").click()
    field = page.locator("#studies-group .has_original").get_by_label("Follow-up, in months:")
    expect(field).to_be_in_viewport()
