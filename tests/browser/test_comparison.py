"""The comparison where it is read: on a phone, with the keyboard, and on paper."""

import io

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from ..factories import ProgramFactory

pytestmark = pytest.mark.browser

# Four programs of the seed, with the longest names and texts that it has.
FOUR = "/compare/?" + "&".join(
    f"program={slug}"
    for slug in (
        "community-resiliency-model",
        "compassion-focused-therapy-for-secondary-traumatic-stress",
        "stress-less-initiative",
        "resilience-and-coping-for-the-healthcare-community",
    )
)

# Where the names of rows and columns stand in the region that scrolls.
PLACES = """(region) => {
    const box = (selector) => region.querySelector(selector).getBoundingClientRect();
    const frame = region.getBoundingClientRect();
    return {
        rowName: box("th[scope=row]").left - frame.left,
        rowNameWidth: box("th[scope=row]").width / innerWidth,
        groupName: box("th[scope=rowgroup] span").left - frame.left,
        columnName: box("th[scope=col]").top - frame.top,
        scrolled: [region.scrollLeft, region.scrollTop],
    };
}"""


def test_phone_keeps_the_names_of_rows_and_columns_in_sight(new_page, catalog):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(FOUR)
    region = page.get_by_role("region", name="4 programs side by side")

    region.evaluate("(region) => region.scrollTo(300, 400)")

    places = region.evaluate(PLACES)
    assert places["scrolled"] == [300, 400]
    assert (places["rowName"], places["groupName"], places["columnName"]) == (0, 0, 0)
    assert 0.2 < places["rowNameWidth"] <= 0.4
    # The page itself stays where it is.
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_keyboard_alone_scrolls_the_comparison(new_page, catalog):
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(FOUR)
    region = page.get_by_role("region", name="4 programs side by side")

    page.get_by_role("link", name="Show only what differs").focus()
    page.keyboard.press("Tab")
    assert region.evaluate("(region) => region === document.activeElement")
    last = region.get_by_role("columnheader", name="Resilience and Coping")
    expect(last).not_to_be_in_viewport()
    for _ in range(20):
        page.keyboard.press("ArrowRight")

    expect(last).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("paper", ["Letter", "A4"])
def test_four_programs_are_printed_on_one_landscape_page(page, catalog, paper):
    page.goto(FOUR)

    (sheet,) = PdfReader(io.BytesIO(page.pdf(format=paper, prefer_css_page_size=True))).pages

    text = " ".join(sheet.extract_text().split())
    names = page.locator("th[scope=col] > a:first-child").all_inner_texts()
    assert sheet.mediabox.width > sheet.mediabox.height
    last = page.get_by_role("rowheader").last.inner_text()
    assert len(names) == 4
    assert [name for name in [*names, last] if name not in text] == []
    assert "Remove" not in text
    assert "Add a program" not in text


def test_choices_are_kept_over_pages_and_a_fifth_is_refused(new_page, catalog):
    ProgramFactory.create_batch(20)
    page = new_page()
    page.goto("/programs/?sort=name")
    boxes = page.get_by_role("checkbox", name="Compare")
    told = page.locator("#chosen [role=status]")
    expect(told).to_be_hidden()

    for n in range(3):
        boxes.nth(n).check()
    expect(told).to_have_text("3 chosen")
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#count")).to_be_focused()
    expect(told).to_have_text("3 chosen")
    boxes.nth(0).check()
    boxes.nth(1).click()
    expect(told).to_have_text("4 programs fit side by side: take one out first.")
    expect(boxes.nth(1)).not_to_be_checked()

    page.goto("/")
    page.goto("/programs/?sort=name")
    assert [boxes.nth(n).is_checked() for n in range(4)] == [True, True, True, False]
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.get_by_role("region", name="4 programs side by side")).to_be_visible()
    page.get_by_role("link", name="Remove").first.click()
    expect(page.get_by_role("region", name="3 programs side by side")).to_be_visible()

    page.goto("/programs/?sort=name")
    expect(told).to_have_text("3 chosen")
    page.get_by_role("button", name="Clear").click()
    expect(told).to_be_hidden()
    expect(boxes.nth(1)).not_to_be_checked()
