"""The program list while it is narrowed: in place where scripts run, and just the same where they do not."""

import re

import pytest
from playwright.sync_api import expect

from ..factories import TopicAreaFactory
from .conftest import program_names

pytestmark = pytest.mark.browser

PROMISING = "3 Promising Research Evidence"
NOT_RATED = "NR Not able to be Rated"
STRESS = "Secondary Traumatic Stress (STS) Prevention & Intervention Programs"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}

# Lives as long as the page: a page load takes it away. What the status says is kept in it.
WATCH_STATUS = """() => {
    window.said = [];
    const status = document.getElementById("status");
    new MutationObserver(() => window.said.push(status.textContent))
        .observe(status, { childList: true, characterData: true, subtree: true });
}"""


def said(page):
    """What the status has said since the page was opened; None after a page load."""
    return page.evaluate("window.said ?? null")


def box(page, name):
    return page.get_by_role("checkbox", name=name)


def counts(page, name):
    """The values of a filter, each with the count that is shown with it."""
    values = page.locator(f"input[name={name}]").evaluate_all("(all) => all.map((b) => b.value)")
    shown = page.locator(f"label:has(input[name={name}]) .option-count").all_inner_texts()
    return {
        value: int(re.search(r"\d+", count)[0]) for value, count in zip(values, shown, strict=True)
    }


@pytest.fixture
def listed(page, catalog):
    """The list of programs, with an ear at its status."""
    page.goto("/programs/")
    page.evaluate(WATCH_STATUS)
    return page


def test_tick_updates_the_list_in_place_and_says_so_once(listed):
    assert counts(listed, "topic") == {
        "secondary-traumatic-stress": 14,
        "sleep-of-staff": 5,
        "workforce-well-being": 5,
    }

    box(listed, PROMISING).check()

    expect(listed.locator("#count")).to_have_text("6 programs")
    expect(listed).to_have_url(re.compile(r"/programs/\?rating=3$"))
    expect(listed).to_have_title("Programs: 6 results – Evidence Clearinghouse")
    expect(box(listed, PROMISING)).to_be_checked()
    expect(box(listed, PROMISING)).to_have_accessible_name(re.compile(rf"^{PROMISING} \( 6 \)$"))
    expect(box(listed, PROMISING)).to_be_focused()
    assert counts(listed, "topic") == {
        "secondary-traumatic-stress": 5,
        "sleep-of-staff": 1,
        "workforce-well-being": 1,
    }
    assert len(program_names(listed)) == 6
    assert said(listed) == ["6 programs"]


def test_two_choices_in_a_row_say_what_both_give(listed):
    box(listed, PROMISING).check()
    box(listed, STRESS).check()

    expect(listed.locator("#count")).to_have_text("5 programs")
    expect(listed).to_have_url(re.compile(r"\?topic=secondary-traumatic-stress&rating=3$"))
    assert said(listed)[-1] == "5 programs"


def test_words_are_looked_for_in_place(listed):
    listed.get_by_label("Name, need or topic").fill("calm corners")
    listed.keyboard.press("Enter")

    expect(listed.locator("#count")).to_have_text("1 program for “calm corners”")
    expect(listed.get_by_label("Name, need or topic")).to_be_focused()
    assert program_names(listed) == ["Everything Known® about Calm Corners"]
    assert said(listed) == ["1 program for “calm corners”"]


def test_back_restores_boxes_and_results(listed):
    before = program_names(listed)
    box(listed, PROMISING).check()
    expect(listed.locator("#count")).to_have_text("6 programs")
    box(listed, STRESS).check()
    expect(listed.locator("#count")).to_have_text("5 programs")

    listed.go_back()
    expect(listed.locator("#count")).to_have_text("6 programs")
    expect(box(listed, STRESS)).not_to_be_checked()
    expect(box(listed, PROMISING)).to_be_checked()
    listed.go_back()
    expect(listed.locator("#count")).to_have_text("18 programs")

    expect(listed).to_have_url(re.compile(r"/programs/$"))
    expect(box(listed, PROMISING)).not_to_be_checked()
    assert program_names(listed) == before
    assert said(listed) == ["6 programs", "5 programs", "6 programs", "18 programs"]


def test_chip_is_taken_away_in_place_and_the_count_is_read_next(listed):
    box(listed, PROMISING).check()
    box(listed, STRESS).check()
    expect(listed.locator("#count")).to_have_text("5 programs")

    listed.get_by_role("link", name=f"Remove the filter Topic area: {STRESS}").press("Enter")

    expect(listed.locator("#count")).to_have_text("6 programs")
    expect(listed.locator("#count")).to_be_focused()
    expect(box(listed, STRESS)).not_to_be_checked()
    assert said(listed)[-1] == "6 programs"


def test_programs_that_were_chosen_to_compare_stay_chosen(listed):
    chosen = ["Mockingbird Family™", "Community Resiliency Model"]
    for name in chosen:
        box(listed, f"Compare {name}").check()

    box(listed, PROMISING).check()
    expect(listed.locator("#count")).to_have_text("6 programs")
    for name in chosen:
        expect(box(listed, f"Compare {name}")).to_be_checked()
    assert said(listed) == ["6 programs"]
    listed.get_by_role("button", name="Compare", exact=True).click()

    expect(listed).to_have_url(
        re.compile(r"/compare/\?program=mockingbird-family&program=community-resiliency-model$")
    )


def test_request_that_fails_ends_in_an_ordinary_page_load(watch, listed):
    asked = []

    def handle(route):
        if route.request.is_navigation_request():
            route.continue_()
            return
        asked.append(route.request.url)
        route.abort()

    watch.expect_missing("/programs/?rating=3")
    listed.route("**/programs/?rating=3", handle)
    box(listed, PROMISING).check()

    expect(listed.locator("#count")).to_have_text("6 programs")
    expect(listed).to_have_url(re.compile(r"/programs/\?rating=3$"))
    expect(box(listed, PROMISING)).to_be_checked()
    assert len(asked) == 1
    assert said(listed) is None


def test_slow_line_loads_the_list_once_and_shows_that_it_is_coming(listed):
    asked = []

    def handle(route):
        asked.append(route.request.url)
        expect(listed.locator("#finder")).to_have_attribute("aria-busy", "true")
        listed.wait_for_timeout(6_000)
        route.continue_()

    listed.route("**/programs/?rating=3", handle)
    box(listed, PROMISING).check()

    expect(listed.locator("#count")).to_have_text("6 programs")
    expect(listed.locator("#finder")).not_to_have_attribute("aria-busy", "true")
    assert len(asked) == 1
    assert said(listed) == ["6 programs"]


def test_filters_of_a_phone_say_how_many_and_lead_to_them(new_page, catalog):
    TopicAreaFactory.create_batch(8)
    phone = new_page(**PHONE)
    phone.goto("/programs/")
    button = phone.locator("#facets > button")
    phone.locator("#drawer > summary").tap()
    expect(button).to_have_text("Show 18 programs")
    expect(button).to_be_in_viewport(ratio=1)

    box(phone, PROMISING).tap()
    expect(button).to_have_text("Show 6 programs")
    phone.get_by_label("Find a topic area").fill("SLEEP")
    expect(box(phone, STRESS)).to_be_hidden()
    box(phone, "Sleep of staff").tap()
    expect(button).to_have_text("Show 1 program")
    button.tap()

    expect(box(phone, PROMISING)).to_be_hidden()
    expect(phone.locator("#count")).to_be_focused()
    expect(phone.locator("#count")).to_be_in_viewport()


@pytest.mark.parametrize("look", ["desk", "phone"])
def test_button_gives_the_same_list_without_javascript(new_page, listed, look):
    plain = new_page(java_script_enabled=False, **(PHONE if look == "phone" else {}))
    plain.goto("/programs/")
    if look == "phone":
        expect(box(plain, PROMISING)).to_be_hidden()
        plain.locator("#drawer > summary").tap()

    for page in (listed, plain):
        box(page, PROMISING).check()
        box(page, NOT_RATED).check()
        box(page, STRESS).check()
        page.get_by_label("Research reviewed since").select_option("")
    plain.get_by_role("button", name="Apply filters").click()

    for page in (listed, plain):
        expect(page).to_have_url(
            re.compile(r"/programs/\?topic=secondary-traumatic-stress&rating=3&rating=NR$")
        )
        expect(page.locator("#count")).to_have_text("13 programs")
    assert program_names(plain) == program_names(listed)
    assert plain.title() == listed.title()


def test_jump_within_the_page_asks_for_nothing(listed):
    asked = []
    listed.on("request", lambda request: asked.append(request.url))

    listed.get_by_role("link", name="Skip to the content").press("Enter")
    expect(listed).to_have_url(re.compile(r"/programs/#main$"))
    box(listed, PROMISING).check()
    expect(listed.locator("#count")).to_have_text("6 programs")

    lists = [address.partition("/programs/")[2] for address in asked if "/programs/" in address]
    assert lists == ["?rating=3"]


def test_words_typed_while_an_answer_is_on_its_way_are_kept(listed):
    held = []
    listed.route("**/programs/?rating=3", lambda route: held.append(route))  # noqa: PLW0108
    with listed.expect_request("**/programs/?rating=3"):
        box(listed, PROMISING).check()

    listed.get_by_label("Name, need or topic").fill("calm")
    held[0].continue_()

    expect(listed.locator("#count")).to_have_text("6 programs")
    expect(listed.get_by_label("Name, need or topic")).to_have_value("calm", timeout=2000)
