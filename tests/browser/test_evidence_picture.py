"""The picture of a topic area's evidence: drawn to its numbers, to be told apart on any paper, and printed whole."""

import pytest
from playwright.sync_api import expect

from tests.factories import FindingFactory, RatingFactory, TopicAreaFactory

HEADING = "The evidence behind these ratings"
# Of each kind of design one study more: level, effect, design, how many.
STUDIES = [
    ("1", "benefit", "rct", 5),
    ("1", "benefit", "quasi-experiment", 4),
    ("1", "mixed", "pre-post", 3),
    ("NR", "harm", "other", 2),
    ("NR", "not-reported", "", 1),
]
WHITE = [255, 255, 255, 255]
# The colours of an element as they are painted, each as [red, green, blue, alpha].
PAINTED = """
(elements) => elements.map((element) => {
  const style = getComputedStyle(element);
  const brush = new OffscreenCanvas(1, 1).getContext("2d");
  return [style.fill, style.stroke, style.backgroundColor].map((color) => {
    brush.clearRect(0, 0, 1, 1);
    if (color !== "none" && !color.startsWith("url")) { brush.fillStyle = color; brush.fillRect(0, 0, 1, 1); }
    return [...brush.getImageData(0, 0, 1, 1).data];
  });
})
"""
# What is wider than the page, or than the region that it may be moved in.
CUT_OFF = """
(width) => [...document.querySelectorAll("main svg.picture, main table, main .scroll, main h3")]
  .filter((element) => element.getBoundingClientRect().right > width).map((element) => element.tagName)
"""


@pytest.fixture
def picture(live_server, page):
    """The section of the picture, on the page of an area of which some research is recorded."""
    area = TopicAreaFactory(name="Calm", slug="calm")
    programs = {
        level: RatingFactory(topic_area=area, scientific_rating=level).program
        for level in ("1", "NR")
    }
    for level, effect, design, number in STUDIES:
        for _ in range(number):
            finding = FindingFactory(program=programs[level], topic_area=area, effect=effect)
            programs[level].studies.filter(reference=finding.reference).update(design=design)
    page.goto("/topics/calm/")
    return page.get_by_role("region", name=HEADING)


def luminance(red, green, blue, _alpha):
    """Return the relative luminance of a color, as WCAG defines it."""
    parts = [value / 255 for value in (red, green, blue)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    lighter, darker = sorted((luminance(*one), luminance(*other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_bars_are_as_long_as_the_numbers_say(page, picture):
    drawing = picture.get_by_role("img").first
    widths = {
        design: drawing.locator(f"rect.design-{design}").bounding_box()["width"]
        for design in ("trial", "quasi", "alone", "other", "unknown")
    }
    per_study = [widths[name] / n for name, n in zip(widths, (5, 4, 3, 2, 1), strict=True)]
    assert max(per_study) / min(per_study) < 1.1


@pytest.mark.parametrize("look", ["light", "dark", "print"])
def test_each_design_stands_out_from_the_paper(page, picture, look):
    # Whoever reads in dark prints on white paper all the same.
    page.emulate_media(
        media="print" if look == "print" else "screen",
        color_scheme="light" if look == "light" else "dark",
    )
    [(_, _, paper)] = page.locator("body").evaluate_all(PAINTED)
    bars = picture.get_by_role("img").first.locator("rect[class^=design]")

    edges = [stroke if stroke[3] else fill for fill, stroke, _ in bars.evaluate_all(PAINTED)]

    assert (paper == WHITE) == (look != "dark")
    assert len(edges) == len(STUDIES)
    assert min(contrast(edge, paper) for edge in edges) >= 3


def test_picture_is_moved_in_its_own_region_on_a_phone(page, picture, violations):
    page.set_viewport_size({"width": 390, "height": 844})

    assert page.evaluate("document.documentElement.scrollWidth") == 390
    text = picture.get_by_role("img").first.locator("text").first
    assert text.bounding_box()["height"] >= 11
    assert violations(page, "topic area with its evidence") == []


def test_picture_is_printed_whole_with_its_numbers(page, picture):
    page.emulate_media(media="print")
    # A4 without its margins.
    page.set_viewport_size({"width": 643, "height": 971})

    for drawing in picture.get_by_role("img").all():
        expect(drawing).to_be_visible()
    expect(picture.get_by_role("table").first).to_be_visible()
    assert page.evaluate(CUT_OFF, 643) == []
