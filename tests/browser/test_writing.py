"""Writing texts in Markdown: what is pasted from other programs, and the toolbar."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from .looks import PHONE, show, violations
from .pasted import HTML, PLAIN, TEXTS

pytestmark = pytest.mark.browser

# Pastes at the caret as a browser does, and says whether the page took it on.
PASTE = """(box, [html, text]) => {
    const clipboardData = new DataTransfer();
    if (html) clipboardData.setData("text/html", html);
    clipboardData.setData("text/plain", text);
    const paste = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    return !box.dispatchEvent(paste);
}"""
SELECTED = "(box) => box.value.slice(box.selectionStart, box.selectionEnd)"


@pytest.fixture
def page(new_page, catalog, editor):
    page = new_page(editor)
    page.goto(reverse("admin:catalog_program_change", args=[catalog.pk]))
    return page


@pytest.fixture
def box(page):
    return page.get_by_label("Scope note:", exact=True)


def test_pasted_html_and_bullets_become_markdown(box):
    pasted = {}
    cases = {name: (html, "Plain.", markdown) for name, (html, markdown) in HTML.items()}
    cases |= {name: ("", text, markdown) for name, (text, markdown) in TEXTS.items()}
    for name, (html, text, _) in cases.items():
        box.fill("")
        box.evaluate(PASTE, [html, text])
        pasted[name] = box.input_value()

    assert pasted == {name: markdown.strip("\n") for name, (*_, markdown) in cases.items()}
    taken_on = [name for name, content in PLAIN.items() if box.evaluate(PASTE, list(content))]
    assert taken_on == []


def test_paste_has_lines_of_its_own_is_undone_in_one_step_and_may_be_plain(page, box):
    box.fill("Before after")
    box.evaluate("(box) => box.setSelectionRange(6, 7)")
    box.evaluate(PASTE, ["<ul><li>one<li>two</ul>", "one\ntwo"])
    assert box.input_value() == "Before\n\n- one\n- two\n\nafter"

    page.keyboard.press("Control+z")
    assert box.input_value() == "Before after"
    page.keyboard.press("Control+Shift+z")
    assert box.input_value() == "Before\n\n- one\n- two\n\nafter"

    page.keyboard.down("Control")
    page.keyboard.down("Shift")
    page.keyboard.down("v")
    assert box.evaluate(PASTE, ["<b>one</b>", "one"]) is False
    page.keyboard.up("v")
    page.keyboard.up("Shift")
    page.keyboard.up("Control")
    assert box.evaluate(PASTE, ["<b>one</b>", "one"]) is True
    # Other fields hold no Markdown.
    name = page.locator("#id_name")
    assert name.evaluate(PASTE, ["<b>one</b>", "one"]) is False


def test_toolbar_by_keyboard(page, box):
    toolbar = page.get_by_role("toolbar", name="Format: Scope note")
    expect(toolbar).to_have_attribute("aria-controls", box.get_attribute("id"))
    box.fill("Calm rooms")
    focused = []

    box.press("Shift+Tab")
    for key in ("ArrowRight", "End", "ArrowRight", "ArrowLeft", "ArrowLeft", "Home"):
        page.keyboard.press(key)
        focused.append(page.evaluate("document.activeElement.textContent"))
    assert focused == ["Italic", "Heading", "Bold", "Heading", "List", "Bold"]
    page.keyboard.press("Tab")
    expect(box).to_be_focused()

    # The button that was used last is the toolbar's one stop.
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(box).to_be_focused()
    assert box.input_value() == "## Calm rooms"
    page.keyboard.press("Shift+Tab")
    expect(toolbar.get_by_role("button", name="Heading")).to_be_focused()
    page.keyboard.press("Enter")
    assert box.input_value() == "Calm rooms"


def test_tools_change_what_is_selected_and_back(page, box):
    toolbar = page.get_by_role("toolbar", name="Format: Scope note")
    box.fill("Calm rooms")
    box.press("Control+a")
    states = []
    for keys in ("Control+b", "Control+i", "Control+b", "Control+i", "Control+k"):
        page.keyboard.press(keys)
        states.append((box.input_value(), box.evaluate(SELECTED)))
    assert states == [
        ("**Calm rooms**", "Calm rooms"),
        ("***Calm rooms***", "Calm rooms"),
        ("*Calm rooms*", "Calm rooms"),
        ("Calm rooms", "Calm rooms"),
        ("[Calm rooms](https://)", "https://"),
    ]
    page.keyboard.press("Control+z")
    assert box.input_value() == "Calm rooms"

    box.fill("one \n\n two")
    box.press("Control+a")
    states = []
    for name in ("List", "Bold", "Bold", "List"):
        toolbar.get_by_role("button", name=name).click()
        states.append(box.input_value())
    assert states == [
        "- one \n\n-  two",
        "- **one** \n\n-  **two**",
        "- one \n\n-  two",
        "one \n\n two",
    ]

    box.fill("https://example.org/x")
    box.press("Control+a")
    page.keyboard.press("Control+k")
    page.keyboard.type("Site")
    assert box.input_value() == "[Site](https://example.org/x)"


def test_toolbars_break_no_rule_and_fit_a_phone(page):
    assert violations(page, "form") == []

    show(page, "phone")
    buttons = page.locator(".markdown-toolbar button").all()
    places = [button.bounding_box() for button in buttons if button.is_visible()]
    small = [place for place in places if min(place["width"], place["height"]) < 24]
    outside = [place for place in places if place["x"] + place["width"] > PHONE["width"]]
    assert (len(places) > 0, small, outside) == (True, [], [])

    page.get_by_role("button", name="Preview: Scope note").click()
    expect(page.get_by_role("toolbar", name="Format: Scope note")).to_be_hidden()


def test_toolbar_of_a_row_that_was_added(page):
    page.locator("#studies-group .add-row button").click()
    row = page.locator("#studies-group .inline-related").last
    summary = row.get_by_label("Summary:", exact=True)
    summary.fill("New")

    row.get_by_role("toolbar", name="Format: Summary").get_by_role("button", name="List").click()

    expect(summary).to_have_value("- New")
