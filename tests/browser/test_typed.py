"""Nothing typed is lost: what was not saved is offered again, and a session that ends is renewed under an open form."""

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from playwright.sync_api import expect

from catalog.models import Program, Rating, Reference, Study

from .conftest import session_cookie
from .looks import sideways, violations
from .typed import kept

pytestmark = pytest.mark.browser

# Storage that takes nothing more.
FULL = """
const store = Storage.prototype.setItem;
Storage.prototype.setItem = function (key, value) {
    if (key.startsWith("typed ")) throw new DOMException("full", "QuotaExceededError");
    store.call(this, key, value);
};
"""
ASK = "window.dispatchEvent(new Event('focus'))"


def form_of(program):
    return reverse("admin:catalog_program_change", args=[program.pk])


@pytest.fixture
def page(new_page, catalog, editor):
    """An editor's page, who leaves what is not saved when asked, and on which time goes by when it is told to."""
    page = new_page(editor, session=True)
    page.on("dialog", lambda dialog: dialog.accept())
    page.clock.install()
    return page


def leave_and_return(page, path):
    page.clock.run_for(1_500)
    page.goto("/admin/")
    page.goto(path)
    return page.locator(".typed-before")


def test_unsaved_texts_are_offered_put_back_and_forgotten_once_saved(page, catalog):
    page.goto(form_of(catalog))
    assert kept(page) == 0
    page.get_by_label("Goals:", exact=True).fill("An hour of work.")
    page.locator("#studies-group .add-row button").click()
    page.locator("#studies-group .inline-related").last.get_by_label("Summary:").fill(
        "A new study."
    )
    page.get_by_role("button", name="Edit reference 2").click()
    page.locator("#studies-group .has_original").get_by_label("Location:").fill("Kentucky")
    assert kept(page) == 1

    notice = leave_and_return(page, form_of(catalog))
    expect(notice).to_contain_text("and did not save it: Goals, Location, Summary.")
    expect(page.get_by_label("Goals:", exact=True)).to_have_value("1. Sleep\n2. Calm")
    assert violations(page, "offer", ["light"]) == []
    page.get_by_role("button", name="Show it").click()

    expect(page.get_by_label("Goals:", exact=True)).to_have_value("An hour of work.")
    row = page.locator("#studies-group .inline-related:not(.has_original)")
    expect(row.get_by_label("Summary:")).to_have_value("A new study.")
    stored = page.locator("#studies-group .has_original")
    expect(stored.get_by_label("Location:")).to_have_value("Kentucky")
    expect(notice).to_contain_text("Not saved yet, and in the form again: Goals, ")
    # The new row lacks its reference: what comes back with a mistake is not saved.
    page.keyboard.press("Control+s")
    expect(page.locator(".mistakes")).to_be_visible()
    assert (notice.inner_text(), kept(page)) == ("", 1)
    row.get_by_role("button", name="Remove").click()
    page.keyboard.press("Control+s")

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert (notice.inner_text(), kept(page)) == ("", 0)
    assert Program.objects.get(pk=catalog.pk).goals == "An hour of work."
    assert Study.objects.filter(program=catalog, location="Kentucky").count() == 1


def test_shown_texts_are_compared_with_what_was_saved_since(page, catalog):
    page.goto(form_of(catalog))
    page.get_by_label("Goals:", exact=True).fill("Mine.")
    study = catalog.studies.first()
    page.get_by_role("button", name="Edit reference 1").click()
    page.locator("#studies-group .has_original").get_by_label("Location:").fill("Kentucky")
    page.clock.run_for(1_500)
    page.goto("/admin/")
    catalog.goals = "Theirs."
    catalog.save()
    study.delete()

    notice = leave_and_return(page, form_of(catalog))
    page.get_by_role("button", name="Show it").click()
    expect(notice).to_contain_text("you are asked where both changed the same")
    # The row is gone, and with it the place of the text.
    expect(notice.locator("dd")).to_have_text("Kentucky")
    page.keyboard.press("Control+s")

    expect(page.get_by_role("group", name="Goals: both of you changed it")).to_be_visible()
    assert Program.objects.get(pk=catalog.pk).goals == "Theirs."


def test_texts_are_nobody_elses(page, catalog, publisher, live_server):
    new = reverse("admin:catalog_reference_add")
    page.goto(new)
    page.get_by_label("Title:", exact=True).fill("Typed before.")
    notice = leave_and_return(page, new)
    page.get_by_label("Title:", exact=True).fill("Typed anew.")
    page.get_by_role("button", name="Show it").click()
    # Nothing that was typed on this page is overwritten.
    expect(notice.locator("dd")).to_have_text("Typed before.")
    expect(page.get_by_label("Title:", exact=True)).to_have_value("Typed anew.")

    notice = leave_and_return(page, new)
    page.get_by_role("button", name="Throw it away").first.click()
    expect(notice).to_contain_text("Thrown away.")
    assert kept(page) == 1

    page.context.add_cookies([session_cookie(publisher, live_server.url)])
    page.goto(new)
    assert (notice.inner_text(), kept(page)) == ("", 0)
    page.get_by_label("Title:", exact=True).fill("Typed by another.")
    assert kept(page) == 1
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("link", name="Log in again")).to_be_visible()
    assert (kept(page), Reference.objects.filter(title__startswith="Typed").count()) == (0, 0)


def test_where_nothing_can_be_kept_the_form_works(page, catalog):
    page.add_init_script(FULL)
    page.goto(form_of(catalog))
    page.get_by_label("Goals:", exact=True).fill("Saved.")
    page.clock.run_for(1_500)
    page.keyboard.press("Control+s")

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Program.objects.get(pk=catalog.pk).goals == "Saved."


@pytest.mark.alike(1)
@pytest.mark.parametrize("which", ["form", "rate"])
def test_session_that_ended_is_told_within_a_minute_and_renewed(
    new_page, catalog, editor, live_server, which
):
    page = new_page(editor, session=True)
    page.clock.install()
    rate = f"{reverse('admin:catalog_program_rate', args=[catalog.pk])}?area=sleep-of-staff"
    page.goto({"form": form_of(catalog), "rate": rate}[which])
    label = {"form": "Goals:", "rate": "Rationale:"}[which]
    page.get_by_label(label, exact=True).fill("An hour of work.")
    Session.objects.all().delete()

    page.clock.run_for(60_000)
    expect(page.get_by_text("You are signed out. What you typed stays")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Sign in in another tab")).to_be_visible()
    # What signing in in another tab does: another session, and another token.
    page.context.clear_cookies()
    page.context.add_cookies([session_cookie(editor, live_server.url)])
    page.evaluate(ASK)
    expect(page.get_by_text("You are signed in again. You can save now.")).to_be_visible()
    if which == "form":
        page.keyboard.press("Control+s")
        expect(page.get_by_text("was changed successfully")).to_be_visible()
        assert Program.objects.get(pk=catalog.pk).goals == "An hour of work."
    else:
        page.get_by_role("radio", name="2 Supported by Research Evidence").check()
        page.get_by_label("Rated on:").fill("2026")
        page.get_by_role("button", name="Save the rating").click()
        page.wait_for_url("**/change/**")
        assert Rating.objects.filter(rationale="An hour of work.", is_current=True).count() == 1


def test_what_is_sent_while_signed_out_is_held_and_saved_after_signing_in(
    new_page, catalog, editor, watch
):
    editor.set_password("dusk-Harbour-71")
    editor.save()
    page = new_page(editor, session=True)
    watch.expect_missing(form_of(catalog))
    page.goto(form_of(catalog))
    goals = f"An hour of work. {'x' * 200}"
    page.get_by_label("Goals:", exact=True).fill(goals)
    Session.objects.all().delete()

    page.keyboard.press("Control+s")
    page.get_by_text("What you typed, to be copied").click()
    expect(page.get_by_text(goals)).to_be_visible()
    assert violations(page, "held") + sideways(page, "held") == []
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in (in a new tab)").click()
    opened.value.get_by_label("Username:").fill(editor.username)
    opened.value.get_by_label("Password:").fill("dusk-Harbour-71")
    opened.value.get_by_role("button", name="Log in").click()
    expect(opened.value.get_by_role("heading", level=1)).to_be_visible()
    token = page.locator("main [name=csrfmiddlewaretoken]")
    former = token.input_value()
    page.evaluate(ASK)
    expect(token).not_to_have_value(former)
    page.get_by_role("button", name="Try again").click()

    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert Program.objects.get(pk=catalog.pk).goals == goals


def test_another_person_who_signed_in_is_told(page, catalog, publisher, live_server):
    page.goto(form_of(catalog))
    page.context.add_cookies([session_cookie(publisher, live_server.url)])

    page.evaluate(ASK)

    expect(page.get_by_text("Somebody else is signed in in this browser now.")).to_be_visible()
