"""The studies of a program are lines; one is opened, edited and saved, with a script or without."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from catalog.models import Study

pytestmark = pytest.mark.browser


@pytest.mark.alike(1)
@pytest.mark.parametrize("with_script", [True, False], ids=["JavaScript", "no JavaScript"])
def test_one_study_is_opened_edited_and_saved(new_page, catalog, editor, with_script):
    page = new_page(editor, java_script_enabled=with_script)
    page.goto(reverse("admin:catalog_program_change", args=[catalog.pk]))
    page.locator("#id_duration").fill("12 weeks")
    group = page.locator("#studies-group")
    before = dict(Study.objects.values_list("pk", "location"))
    studies = list(catalog.studies.all())

    page.get_by_role("button", name="Edit reference 2").click()
    row = group.locator(f"#studies-row-{studies[1].pk}")
    expect(row.get_by_label("Location:")).to_have_value(studies[1].location)
    expect(group.locator(".has_original")).to_have_count(1)
    expect(page.locator("#id_duration")).to_have_value("12 weeks")
    if with_script:
        expect(row.get_by_role("heading")).to_be_focused()
        page.get_by_role("button", name="Add another Reference").click()
        page.get_by_role("button", name="Edit reference 1").click()
        expect(group.locator(".has_original")).to_have_count(2)
        ids = page.evaluate("[...document.querySelectorAll('[id]')].map(({ id }) => id)")
        assert len(set(ids)) == len(ids)
        # Each has a box to choose its reference, and one for another study of the same sample.
        expect(group.locator(".select2-selection")).to_have_count(6)
        # With the new row gone, those that are open take its number.
        group.get_by_role("button", name="Remove").click()
    row.get_by_label("Location:").fill("Utah")
    page.get_by_role("button", name="Save", exact=True).first.click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()

    catalog.refresh_from_db()
    assert catalog.duration == "12 weeks"
    assert dict(Study.objects.values_list("pk", "location")) == {**before, studies[1].pk: "Utah"}


def test_row_that_is_only_opened_is_no_unsaved_edit(new_page, catalog, editor):
    page = new_page(editor)
    address = reverse("admin:catalog_program_change", args=[catalog.pk])
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto(address)
    page.get_by_role("button", name="Edit reference 1").click()
    expect(page.locator("#studies-group .has_original")).to_be_visible()

    page.reload()
    expect(page.locator("#studies-group .has_original")).to_be_visible()
    assert asked == []

    page.locator("#studies-group .has_original").get_by_label("Location:").fill("Utah")
    page.reload()
    assert asked == ["beforeunload"]
