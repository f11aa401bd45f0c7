"""What people come to do, from the first page to the last, in a real browser."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from catalog.models import Program, TopicArea

from .conftest import MISSING, PREVIEW, PUBLIC_PAGES, program_names
from .people import FOCUS, STRESS, sign_in

pytestmark = pytest.mark.browser


def test_visitor_without_javascript_finds_reads_and_takes_away(new_page, catalog):
    page = new_page(java_script_enabled=False)

    page.goto("/")
    page.get_by_label("Find a program by name, need or topic").fill("traumatic stress")
    page.get_by_role("button", name="Search").press("Enter")
    expect(page.locator("#count")).to_have_text("14 programs for “traumatic stress”")

    page.get_by_role("checkbox", name="3 Promising Research Evidence").press("Space")
    page.get_by_role("checkbox", name=STRESS).press("Space")
    page.get_by_role("button", name="Apply filters").press("Enter")
    expect(page.locator("#count")).to_have_text("5 programs for “traumatic stress”")
    expect(page.get_by_role("checkbox", name="3 Promising Research Evidence")).to_be_checked()
    # The one with the words in its name before those that are only placed in an area of that name.
    assert program_names(page) == [
        "Compassion-Focused Therapy for Secondary Traumatic Stress",
        "Community Resiliency Model",
        "Emotion-Focused Training for Helping Professionals",
        "Mockingbird Family™",
        "Self-Compassion for Healthcare Communities",
    ]

    page.get_by_role("link", name="Mockingbird Family™").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Mockingbird Family™")
    expect(page.locator(".rating-card")).to_contain_text("Promising Research Evidence")

    page.get_by_role("link", name=STRESS).first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(STRESS)

    link = page.get_by_role("link", name="Downloadable Topic Area Summary (PDF)")
    summary = page.request.get(link.get_attribute("href"))
    assert summary.headers["content-type"] == "application/pdf"
    assert summary.body().startswith(b"%PDF-")


def test_keyboard_alone_reaches_and_applies_the_filters(page, catalog):
    page.goto("/programs/")

    stops = []
    while not stops or (not stops[-1]["name"].startswith("Show ") and len(stops) < 120):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUS))

    reached = [stop["name"] for stop in stops]
    assert reached[0] == "Skip to the content"
    assert reached[-1] == "Show 18 programs"
    # The order of the page: every box of the filters comes on the way to their button.
    boxes = page.locator(".filters").get_by_role("checkbox")
    assert len(stops) > boxes.count() > 10
    assert [stop for stop in stops if stop["outline"] < 2 or not stop["inView"]] == []


def test_keyboard_alone_skips_to_the_content_and_searches(page, catalog):
    page.goto("/programs/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"

    page.get_by_label("Name, need or topic").focus()
    page.keyboard.type("calm corners")
    page.keyboard.press("Enter")
    expect(page.locator("#count")).to_have_text("1 program for “calm corners”")
    assert program_names(page) == ["Everything Known® about Calm Corners"]


def run_action(page, name, action):
    """Tick an entry in the admin's list and run an action on it."""
    row = page.locator("#result_list tbody tr", has=page.get_by_role("link", name=name, exact=True))
    row.get_by_role("checkbox").check()
    page.get_by_label("Action:").select_option(label=action)
    page.get_by_role("button", name="Run").click()


def test_editor_corrects_a_topic_area(new_page, catalog, editor):
    desk, visitor = new_page(), new_page()

    sign_in(desk, editor)
    desk.locator("#content").get_by_role("link", name="Topic areas", exact=True).click()
    desk.get_by_role("link", name=STRESS).click()
    desk.get_by_label("Definition:").fill("Programs that keep *helpers* well.")
    desk.get_by_role("button", name="Save", exact=True).first.click()
    expect(desk.locator(".messagelist")).to_contain_text("was changed successfully")

    visitor.goto("/topics/secondary-traumatic-stress/")
    definition = visitor.get_by_role("region", name="Definition")
    expect(definition.locator("p").first).to_have_text("Programs that keep helpers well.")
    expect(definition.locator("em").first).to_have_text("helpers")
    change = TopicArea.objects.get(slug="secondary-traumatic-stress").history.first()
    assert change.history_user == editor


def test_editor_adds_publishes_and_retires_a_program(new_page, catalog, editor):
    desk, visitor = new_page(editor), new_page()

    desk.goto("/admin/catalog/program/add/")
    desk.locator("#id_name").press_sequentially("Quiet Hour")
    expect(desk.get_by_label("Slug:")).to_have_value("quiet-hour")
    desk.get_by_label("Description:").fill("An hour of **quiet**.")
    desk.get_by_role("button", name="Save", exact=True).first.click()
    expect(desk.locator(".messagelist")).to_contain_text("was added successfully")
    desk.get_by_role("link", name="Rate it in a topic area …").click()
    desk.get_by_role("link", name=f"Rate {STRESS}").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Rate for the first time")
    desk.get_by_role("radio", name="3 Promising Research Evidence").check()
    expect(desk.get_by_label("Why it is NR")).to_be_hidden()
    desk.get_by_label("Rated on").fill("June 2025")
    desk.get_by_role("button", name="Save the rating").click()
    expect(desk.locator(".messagelist")).to_contain_text("Rated 3.")
    visitor.goto("/programs/?q=quiet")
    assert program_names(visitor) == []

    desk.goto("/admin/catalog/program/")
    run_action(desk, "Quiet Hour", "Send to review")
    desk.get_by_role("button", name="Send to review: 1 program").click()
    expect(desk.locator(".messagelist")).to_contain_text("Sent to review: 1 program.")
    run_action(desk, "Quiet Hour", "Publish")
    desk.get_by_role("button", name="Publish: 1 program").click()
    expect(desk.locator(".messagelist")).to_contain_text("Published: 1 program.")
    visitor.goto("/")
    visitor.get_by_label("Find a program by name, need or topic").fill("quiet")
    visitor.get_by_role("button", name="Search").click()
    visitor.get_by_role("link", name="Quiet Hour").click()
    expect(visitor.get_by_role("heading", level=1)).to_have_text("Quiet Hour")
    rating = visitor.locator(".rating-card")
    expect(rating).to_contain_text("Promising Research Evidence")
    expect(rating).to_contain_text("June 2025")

    run_action(desk, "Quiet Hour", "Retire")
    desk.get_by_label("Reason").fill("Nobody *offers* it any more.")
    desk.get_by_role("button", name="Retire: 1 program").click()
    expect(desk.locator(".messagelist")).to_contain_text("Retired: 1 program.")
    visitor.reload()
    expect(visitor.locator("main em")).to_have_text("offers")
    expect(visitor.get_by_role("main")).to_contain_text("This entry was retired on")
    expect(visitor.get_by_text("Promising Research Evidence")).to_have_count(0)
    visitor.goto("/programs/?q=quiet")
    assert program_names(visitor) == []


def upload(page, file):
    page.goto("/admin/catalog/program/import/")
    page.get_by_label("CSV or Excel file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def cells(page, table):
    """The text of a table's body, row by row."""
    rows = page.locator(table).locator("tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows]


def test_editor_imports_programs(new_page, catalog, editor, fixtures):
    for kind, file in (("experts", "experts"), ("references", "references")):
        call_command("import_csv", kind, fixtures / f"{file}.csv", verbosity=0)
    call_command("import_csv", "topic-areas", fixtures / "topic_areas.csv", verbosity=0)
    before = Program.objects.count()
    page = new_page(editor)
    new = [
        "Example: Calm Classroom Corners",
        "Example: Foster Parent Listening Circles",
        "Example: Quiet Hour Peer Support",
        "Example: Steady Ground® for Casework Teams",
    ]

    upload(page, fixtures / "programs.csv")
    expect(page.get_by_role("heading", name="this is what would happen")).to_be_visible()
    assert {row[1] for row in cells(page, "table.changes")} == set(new)
    assert Program.objects.count() == before

    page.get_by_role("button", name="Confirm import").click()
    expect(page.locator(".messagelist")).to_contain_text("Imported: 4 new")
    page.goto("/admin/catalog/program/?status__exact=draft")
    assert page.locator("#result_list .field-program_name").all_inner_texts() == [
        *new,
        "Not out yet",
    ]


def test_editor_sees_every_mistake_of_a_file(new_page, catalog, editor):
    before = Program.objects.count()
    page = new_page(editor)
    lines = [
        "name,topic_area,scientific_rating,rated_on",
        "Good,STS,3,2024",
        "Bad level,STS,9,2024",
        "Bad area and date,nowhere,3,03/04/2026",
    ]

    upload(
        page,
        {"name": "broken.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()},
    )

    heading = page.get_by_role("heading", name=re.compile("nothing was imported"))
    expect(heading).to_have_text("3 mistakes to fix: nothing was imported")
    assert sorted(row[:3] for row in cells(page, "table.mistakes")) == [
        ["Row 3", "scientific_rating", "9"],
        ["Row 4", "rated_on", "03/04/2026"],
        ["Row 4", "topic_area", "nowhere"],
    ]
    expect(page.get_by_role("button", name="Confirm import")).to_have_count(0)
    assert Program.objects.count() == before


# Where a page is too wide, the elements that reach out furthest.
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    const right = (element) => element.getBoundingClientRect().right;
    const leaves = [...document.body.querySelectorAll(":not(:has(*))")];
    leaves.sort((one, other) => right(other) - right(one));
    return leaves.slice(0, 2).map((leaf) => `${Math.round(right(leaf))}: ${leaf.outerHTML}`);
}"""


@pytest.mark.alike(1)
@pytest.mark.parametrize(
    ("size", "text"),
    [((390, 844), "100%"), ((320, 256), "100%"), ((640, 900), "200%")],
    ids=["phone", "enlarged to 400 %", "text at 200 %"],
)
def test_no_public_page_scrolls_sideways(new_page, watch, catalog, size, text):
    page = new_page(viewport=dict(zip(("width", "height"), size, strict=True)))
    watch.expect_missing(*map(PUBLIC_PAGES.get, MISSING))

    too_wide = {}
    for name, address in PUBLIC_PAGES.items():
        page.goto(address)
        page.evaluate("(size) => { document.documentElement.style.fontSize = size }", text)
        if found := page.evaluate(TOO_WIDE):
            too_wide[name] = found

    assert too_wide == {}


@pytest.mark.parametrize("how", ["keyboard", "touch"])
def test_definition_opens_in_place_and_closes_without_a_script(new_page, catalog, how):
    page = new_page(
        java_script_enabled=False, has_touch=True, viewport={"width": 390, "height": 844}
    )
    page.goto("/programs/everything-known/")
    word = page.get_by_role("button", name="Child-welfare outcomes")
    definition = page.locator(".definition", has_text="Child-welfare outcomes:")
    expect(definition).to_be_hidden()

    if how == "keyboard":
        word.press("Enter")
    else:
        word.tap()
    expect(definition).to_be_visible()

    if how == "keyboard":
        page.keyboard.press("Escape")
        expect(word).to_be_focused()
    else:
        page.touchscreen.tap(380, 20)  # beside the name of the site
    expect(definition).to_be_hidden()

    word.press("Enter")
    definition.get_by_role("link", name="In the glossary").press("Enter")
    expect(page).to_have_url(re.compile(r"/glossary/#child-welfare-outcomes$"))


def test_printed_page_holds_the_content_alone(page, catalog):
    page.goto("/programs/everything-known/")
    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    page.get_by_role("button", name="Child-welfare outcomes").click()
    expect(page.locator(".definition:popover-open")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".definition:popover-open")).to_be_hidden()

    page.goto("/programs/?rating=2")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.locator(".filters")).to_be_hidden()
    expect(page.locator(".program .rating").first).to_be_visible()
    expect(page.locator(".chip")).to_have_text(
        "Remove the filter Scientific rating: 2 Supported by Research Evidence ×"
    )
    expect(page.locator(".print-only")).to_contain_text("/programs/?rating=2, as of ")
    assert page.locator("button:visible, .chip [aria-hidden]:visible").count() == 0

    page.goto("/evidence-map/")
    expect(page.locator(".map .shade-4").first).to_have_css("print-color-adjust", "exact")

    page.goto("/programs/everything-known/")
    expect(page.get_by_role("navigation", name="Main")).to_be_hidden()
    expect(page.get_by_role("navigation", name="Breadcrumb")).to_be_hidden()
    ratings = page.locator(".rating-card h3 .rating-words")
    assert [rating.inner_text() for rating in ratings.all()] == [
        "Scientific rating 2:\nSupported by Research Evidence",
        "Scientific rating NR:\nNot able to be Rated",
    ]
    for rating in ratings.all():
        expect(rating).to_be_visible()
    expect(page.locator(".timeline .rating-words").last).to_be_visible()


def test_forced_colors_keep_ratings_and_controls_apart_from_the_paper(page, catalog):
    page.emulate_media(forced_colors="active")
    page.goto("/programs/")

    marks = page.locator(".programs .rating-mark").evaluate_all(
        """(marks) => marks.map((mark) => {
            const style = getComputedStyle(mark);
            const paper = getComputedStyle(document.body).backgroundColor;
            return style.backgroundColor !== paper || style.borderStyle !== "none";
        })"""
    )
    edges = page.locator("main button, main select, main [type=search]").evaluate_all(
        """(controls) => controls.map((control) => getComputedStyle(control).borderStyle)"""
    )
    page.keyboard.press("Tab")

    assert len(marks) >= 19
    assert all(marks)
    assert "none" not in set(edges)
    assert page.evaluate(FOCUS)["outline"] >= 2


def test_staff_preview_a_draft_that_nobody_else_sees(new_page, watch, catalog, editor):
    desk, visitor = new_page(editor), new_page()
    watch.expect_missing(PREVIEW)

    desk.goto(PREVIEW)
    visitor.goto(PREVIEW)

    banner = desk.get_by_role("complementary", name="Preview")
    expect(banner).to_have_text(re.compile("Draft. Only staff see this page"))
    expect(desk.get_by_role("heading", level=1)).to_have_text("Not out yet")
    expect(visitor.get_by_role("heading", level=1)).to_have_text("There is no such page")
