"""Writing in the admin's forms: the preview of Markdown, saving by keyboard, and no edit left by accident."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from catalog.models import Program, Proposal

from .looks import THREE_LOOKS, show, violations

pytestmark = pytest.mark.browser

# How far down the page an element begins, wherever the page is scrolled to.
PLACE = "(element) => element.getBoundingClientRect().top + scrollY"


def form_of(program):
    return reverse("admin:catalog_program_change", args=[program.pk])


@pytest.fixture
def form(new_page, catalog, editor):
    page = new_page(editor)
    page.goto(form_of(catalog))
    return page


def test_preview_stands_in_the_place_of_the_text_and_gives_way_to_it(form, catalog):
    box = form.get_by_label("Description:", exact=True)
    panel = form.get_by_role("region", name="Description as visitors see it")
    below = form.get_by_label("Scope note:", exact=True)
    box.fill("What it **is** now.\n\n- [one](https://example.org/)")
    before = below.evaluate(PLACE)

    button = form.get_by_role("button", name="Preview: Description")
    button.focus()
    form.keyboard.press("Enter")
    expect(panel.locator("strong")).to_have_text("is")
    expect(panel.get_by_role("link", name="one")).to_have_attribute("target", "_blank")
    expect(box).to_be_hidden()
    assert below.evaluate(PLACE) == before

    # The same button leads back, and nothing else was touched.
    back = form.get_by_role("button", name="Back to the text: Description")
    expect(back).to_be_focused()
    form.keyboard.press("Enter")
    expect(panel).to_be_hidden()
    expect(box).to_have_value("What it **is** now.\n\n- [one](https://example.org/)")
    assert below.evaluate(PLACE) == before
    catalog.refresh_from_db()
    assert catalog.description.startswith("What it **is**, with")


def test_preview_of_a_row_that_was_added(form):
    form.locator("#studies-group .add-row button").click()
    row = form.locator("#studies-group .inline-related").last
    row.get_by_label("Summary:").fill("*New*")

    row.get_by_role("button", name="Preview: Summary").click()

    expect(row.get_by_role("region", name="Summary as visitors see it").locator("em")).to_have_text(
        "New"
    )


def test_preview_says_when_there_is_nothing_and_when_it_failed(form, watch):
    watch.expect_missing("/admin/markdown/")
    panel = form.get_by_role("region", name="Description as visitors see it")
    form.get_by_label("Description:", exact=True).fill("")
    form.get_by_role("button", name="Preview: Description").click()
    expect(panel).to_have_text("There is no text yet.")
    form.get_by_role("button", name="Back to the text: Description").click()

    form.get_by_label("Description:", exact=True).fill("x" * 50_001)
    form.get_by_role("button", name="Preview: Description").click()
    expect(panel).to_contain_text("This text is too long to preview")
    form.get_by_role("button", name="Back to the text: Description").click()

    form.get_by_label("Description:", exact=True).fill("Text.")
    form.context.clear_cookies()
    form.get_by_role("button", name="Preview: Description").click()
    expect(panel).to_contain_text("The preview could not be loaded. Your text is as it was")


def test_form_with_open_previews_breaks_no_rule(new_page, catalog, editor):
    page = new_page(editor)
    page.goto(form_of(catalog))

    for field in ("Description", "Goals", "Essential components"):
        page.get_by_role("button", name=f"Preview: {field}").click()
        expect(page.get_by_role("region", name=f"{field} as visitors see it")).not_to_be_empty()

    assert violations(page, "form") == []
    for look in THREE_LOOKS:
        show(page, look)
        width = page.evaluate("document.querySelector('.preview:not([hidden])').scrollWidth")
        assert width <= page.viewport_size["width"]


def test_without_javascript_the_boxes_are_as_they_are(new_page, catalog, editor):
    page = new_page(editor, java_script_enabled=False)
    page.goto(form_of(catalog))

    expect(page.get_by_label("Description:", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Preview")).to_have_count(0)


@pytest.mark.alike(1)
@pytest.mark.parametrize("keys", ["Control+s", "Meta+s"])
def test_keys_save_and_go_on_editing(form, catalog, keys):
    box = form.get_by_label("Scope note:", exact=True)
    box.fill("Saved by keyboard.")
    button = form.get_by_role("button", name="Save and continue editing").last
    expect(button).to_have_attribute("aria-keyshortcuts", "Control+S Meta+S")
    expect(form.get_by_text("Ctrl+S: save and continue editing")).to_be_visible()

    box.press(keys)

    expect(
        form.get_by_text("was changed successfully. You may edit it again below.")
    ).to_be_visible()
    expect(form).to_have_url(f"{form.url.partition('/admin')[0]}{form_of(catalog)}")
    catalog.refresh_from_db()
    assert catalog.scope_note == "Saved by keyboard."


def test_keys_save_a_new_entry(new_page, catalog, editor):
    page = new_page(editor)
    page.goto(reverse("admin:catalog_program_add"))
    page.locator("#id_name").fill("Made by keyboard")

    page.keyboard.press("Control+s")

    expect(page.get_by_text("was added successfully. You may edit it again below.")).to_be_visible()
    assert Program.objects.filter(slug="made-by-keyboard").exists()


def test_keys_do_nothing_where_nothing_can_be_saved(new_page, catalog, editor):
    page = new_page(editor)
    past = catalog.ratings.filter(is_current=False).get()
    page.goto(reverse("admin:catalog_rating_change", args=[past.pk]))

    page.keyboard.press("Control+s")
    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text("View rating")
    expect(page.locator(".shortcut")).to_have_count(0)


def test_leaving_warns_of_unsaved_edits_and_of_nothing_else(form):
    asked = []
    form.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    # Looked at, previewed, typed and taken back: nothing to lose.
    box = form.get_by_label("Scope note:", exact=True)
    text = box.input_value()
    form.get_by_role("button", name="Preview: Description").click()
    box.fill("Something else.")
    box.fill(text)
    form.reload()
    assert asked == []

    form.get_by_label("Scope note:", exact=True).fill("Something else.")
    form.reload()
    assert asked == ["beforeunload"]

    # What is refused is not saved.
    form.locator("#id_name").fill("")
    form.keyboard.press("Control+s")
    expect(form.locator(".errornote")).to_be_visible()
    assert asked == ["beforeunload"]
    form.locator("#id_name").click()  # browsers ask nobody who has not touched the page
    form.goto("/admin/")
    assert asked == ["beforeunload", "beforeunload"]


def test_leaving_the_page_of_a_step_warns_too(new_page, catalog, editor):
    page, asked = new_page(editor), []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    proposal = Proposal.objects.create(program=catalog, changes={"goals": ["", "Sleep."]})
    steps = {
        reverse("admin:catalog_program_status", args=[catalog.pk, "retired"]): "Reason",
        f"{reverse('admin:catalog_program_rate', args=[catalog.pk])}?area=sleep-of-staff": "Rationale:",
        proposal.get_absolute_url(): "What is new, for visitors:",
    }

    for number, (address, label) in enumerate(steps.items()):
        page.goto(address)
        page.get_by_label(label).first.fill("Typed.")
        assert len(asked) == number
        page.reload()
        assert len(asked) == number + 1


def test_session_that_ends_under_a_form_is_told_and_loses_nothing(new_page, watch, catalog, editor):
    watch.expect_missing(form_of(catalog))  # 401
    form = new_page(editor, session=True)
    form.goto(form_of(catalog))
    form.get_by_label("Scope note:", exact=True).fill("An hour of work, and more of it.")
    Session.objects.all().delete()

    form.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(form.get_by_text("You are signed out. What you typed stays")).to_be_visible()
    form.get_by_role("button", name="Save", exact=True).first.click()

    expect(form.get_by_role("heading", level=1)).to_have_text("You are signed out")
    form.get_by_text("What you typed, to be copied").click()
    expect(form.get_by_text("An hour of work, and more of it.")).to_be_visible()
    with form.expect_popup() as opened:
        form.get_by_role("link", name="Sign in").click()
    tab = opened.value
    editor.set_password("dusk-Harbour-71")
    editor.save()
    tab.get_by_label("Username").fill(editor.username)
    tab.get_by_label("Password").fill("dusk-Harbour-71")
    tab.get_by_role("button", name="Log in").click()
    expect(tab.get_by_role("heading", level=1)).to_have_text("Desk")

    form.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(form.get_by_text("You are signed in again.")).to_be_visible()
    form.get_by_role("button", name="Try again").click()
    expect(form.get_by_text("was changed successfully")).to_be_visible()

    assert Program.objects.filter(scope_note="An hour of work, and more of it.").count() == 1


def test_second_click_on_log_in_is_not_sent(new_page, catalog):
    """It would come while the password is checked, and be told to wait."""
    page = new_page()
    page.goto("/admin/")
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill("long enough to pass")

    sent = page.evaluate("""() => {
        const form = document.querySelector("#login-form");
        let sent = 0;
        form.addEventListener("submit", (event) => {
            if (!event.defaultPrevented) sent += 1;
            event.preventDefault();
        });
        form.requestSubmit();
        form.requestSubmit();
        return sent;
    }""")

    assert sent == 1


def test_rating_form_stands_beside_what_is_recorded(new_page, catalog, editor):
    page = new_page(editor)
    page.goto(f"{reverse('admin:catalog_program_rate', args=[catalog.pk])}?area=sleep-of-staff")

    form, recorded = (page.locator(part).bounding_box() for part in ("#rate_form", ".recorded"))

    heading, preview = (
        page.get_by_role("button", name=name).first for name in ("Heading", "Preview")
    )
    assert form["y"] == recorded["y"]
    assert (
        heading.bounding_box()["x"] + heading.bounding_box()["width"] < preview.bounding_box()["x"]
    )
    assert (
        form["x"] + form["width"] < recorded["x"] or recorded["x"] + recorded["width"] < form["x"]
    )
