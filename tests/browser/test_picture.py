"""The picture of a topic area's evidence where it is seen: on a phone, in the dark, and on paper."""

import io
from unicodedata import normalize

import pytest
from pypdf import PdfReader

from catalog.evidence.picture import DesignGroup

pytestmark = pytest.mark.browser

# The least contrast with the page of the bars, by what is seen of them, and of the texts.
LEAST = """(DESIGNS) => {
    const dot = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const light = (color) => {
        dot.fillStyle = color;
        dot.fillRect(0, 0, 1, 1);
        const [r, g, b] = [...dot.getImageData(0, 0, 1, 1).data].map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const paper = light(getComputedStyle(document.body).backgroundColor);
    const contrast = (color) => {
        const ink = light(color);
        return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    };
    const seen = (bar) => {
        const {fill, stroke} = getComputedStyle(bar);
        return Math.max(...[fill, stroke].filter((c) => c.startsWith("rgb") || c.startsWith("color")).map(contrast));
    };
    const all = (selector) => [...document.querySelectorAll(`.picture ${selector}`)];
    const bar = all("rect")[0], design = bar.getAttribute("class");
    const bars = DESIGNS.map((name) => {
        bar.setAttribute("class", name);
        return seen(bar);
    });
    bar.setAttribute("class", design);
    return {
        paper: Math.round(paper * 100),
        bars: Math.min(...bars),
        texts: Math.min(...all("text").map((text) => contrast(getComputedStyle(text).fill))),
    };
}"""

# What is wider than the sheet that it is printed on.
CUT_OFF = """() => [...document.querySelectorAll("main :is(svg, table)")]
    .filter((part) => part.getBoundingClientRect().right > document.documentElement.clientWidth)
    .map((part) => part.textContent)"""


def test_picture_is_seen_on_a_phone_in_the_dark_and_on_paper(new_page, catalog, violations):
    page = new_page(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto("/topics/sleep-of-staff/")
    papers = []
    for look in ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"media": "print"}):
        page.emulate_media(**look)
        least = page.evaluate(LEAST, [f"design-{design}" for design in DesignGroup.values])
        assert (look, least["bars"] >= 3, least["texts"] >= 4.5) == (look, True, True), least
        papers.append(least["paper"])
    # Printed from the dark, it is on light paper too.
    assert (papers[0] > 90, papers[1] < 10) == (True, True)
    assert papers[2] > 90

    page.emulate_media(media="screen", color_scheme="light")
    region = page.get_by_role("region", name="What the studies found").first
    wide = region.evaluate("r => [r.scrollWidth > r.clientWidth, r.tabIndex]")
    assert (page.evaluate("document.documentElement.scrollWidth"), wide) == (390, [True, 0])

    assert violations(page, "topic area with its evidence") == []

    page.emulate_media(media="print")
    # A4 between its margins, in CSS pixels.
    page.set_viewport_size({"width": 643, "height": 971})
    assert page.evaluate(CUT_OFF) == []
    printed = PdfReader(io.BytesIO(page.pdf(format="A4")))
    said = normalize("NFKC", " ".join(sheet.extract_text() for sheet in printed.pages))
    text = " ".join(said.split())
    # In the drawings, and in the tables that are folded on the screen.
    heads = ("Benefit", "No effect", "1 to 2 years", "To the end only")
    assert [text.count(head) for head in heads] == [2] * len(heads)
