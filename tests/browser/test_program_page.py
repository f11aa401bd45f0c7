"""What a program's page does by its script: the way back to the list, and the citation that is copied."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


def test_way_back_leads_to_the_list_that_one_came_from(new_page, catalog):
    page = new_page()
    page.goto("/programs/everything-known/")
    back = page.get_by_role("link", name="Back to your list")
    expect(back).to_be_hidden()

    page.goto("/programs/?rating=NR&sort=name")
    page.get_by_role("link", name="CE-CERT").click()
    page.get_by_role("navigation", name="Breadcrumb").get_by_role("link").nth(2).click()
    page.get_by_role("link", name="Resilience Alliance").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Resilience Alliance")
    back.click()

    expect(page).to_have_url(re.compile(r"/programs/\?rating=NR&sort=name$"))


def test_citation_is_copied_and_said_to_be(new_page, catalog):
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/programs/everything-known/")
    page.get_by_role("link", name="Cite", exact=True).click()

    page.get_by_role("button", name="Copy the citation").press("Enter")

    expect(page.locator("#copied")).to_have_text("Copied.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == " ".join(page.locator("#citation").inner_text().split())
