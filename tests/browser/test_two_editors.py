"""Two browsers with one program open: both edits survive, and each is told of the other."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog.models import Program

from .looks import THREE_LOOKS, show, violations

pytestmark = pytest.mark.browser


@pytest.fixture
def maria(django_user_model):
    return django_user_model.objects.create_superuser(
        "maria", first_name="Maria", last_name="Lopez"
    )


def open_form(page, program):
    """Open the form of a program, and in it the studies."""
    places = " ".join(f"studies-{study.pk}" for study in program.studies.all())
    page.goto(reverse("admin:catalog_program_change", args=[program.pk], query={"open": places}))
    expect(page.get_by_role("heading", level=1, name="Change program")).to_be_visible()


def save(page):
    page.get_by_role("button", name="Save", exact=True).first.click()


def settle(page, legend, side):
    page.get_by_role("group", name=legend).get_by_role("radio", name=side).check()


@pytest.mark.alike(1)
@pytest.mark.parametrize("with_script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_both_edits_survive(new_page, catalog, editor, maria, with_script):
    first = new_page(maria)
    second = new_page(editor, signs_of_life=True, java_script_enabled=with_script)
    open_form(first, catalog)
    open_form(second, catalog)
    line = second.locator("#presence")
    expect(line).to_have_text(
        re.compile(r"Maria Lopez has had this entry open since \d?\d:\d\d [AP]M\.")
    )
    first.locator("#id_goals").fill("Hers")
    first.locator("#id_duration").fill("12 weeks")
    first.locator("#id_studies-0-location").fill("Iowa")
    save(first)
    expect(first.get_by_text("was changed successfully")).to_be_visible()

    if with_script:
        second.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        expect(line).to_have_text(re.compile("Maria Lopez has saved this entry at"))
    second.locator("#id_goals").fill("His")
    second.locator("#id_intensity").fill("Daily")
    second.locator("#id_studies-0-location").fill("Utah")
    second.locator("#id_studies-1-summary").fill("His summary")
    save(second)
    expect(second.get_by_role("heading", name="Changed by others")).to_be_visible()
    expect(second.locator("#id_goals")).to_have_value("His")
    expect(second.locator("#id_duration")).to_have_value("12 weeks")
    settle(second, "Goals", "Yours")
    save(second)
    expect(second.get_by_text("Choose for “Location”")).to_be_visible()
    settle(second, "Location", "Theirs")
    save(second)
    expect(second.get_by_text("was changed successfully")).to_be_visible()

    program = Program.objects.get(pk=catalog.pk)
    assert (program.goals, program.duration, program.intensity) == ("His", "12 weeks", "Daily")
    locations, summaries = zip(*program.studies.values_list("location", "summary"), strict=True)
    assert sorted(locations) == ["Iowa", "Ohio", "Ohio"]
    assert sorted(summaries) == ["His summary", "It **helped**.", "It **helped**."]


@pytest.mark.thorough
def test_conflict_page_breaks_no_rule(new_page, catalog, editor, maria):
    first, second = new_page(maria), new_page(editor)
    open_form(first, catalog)
    open_form(second, catalog)
    found = violations(second, "somebody else is here", ("phone", "light"))
    first.locator("#id_goals").fill("Hers")
    first.locator("#id_studies-0-location").fill("Iowa")
    first.locator("#id_studies-1-DELETE").check()
    save(first)
    second.locator("#id_goals").fill("His")
    second.locator("#id_studies-0-location").fill("Utah")
    second.locator("#id_studies-1-location").fill("Utah")

    save(second)
    expect(second.get_by_role("group", name="Goals")).to_be_visible()
    found += violations(second, "conflict")
    save(second)
    expect(second.get_by_text("Choose for “Goals”")).to_be_visible()
    found += violations(second, "choices left out", ("phone", "light"))

    assert not found, "\n".join(found)
    for look in THREE_LOOKS:
        show(second, look)
        assert second.evaluate(
            "[...document.querySelectorAll('.conflicts, .conflicts *')]"
            ".every((part) => part.getBoundingClientRect().right <= innerWidth)"
        )
