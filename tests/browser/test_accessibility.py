"""Every page against the rules of WCAG 2.2 AA that a machine can check, in light, dark, and on a phone."""

import re
import time

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.apps import apps
from django.core.cache import caches
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from playwright.sync_api import expect

from catalog.imports import Progress, progress_key
from catalog.models import Import, Program, TopicArea

from .conftest import PREVIEW, PUBLIC_PAGES

pytestmark = pytest.mark.browser

AXE = Axe()
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# Dark pages are made of the same elements as light ones: only these rules can tell them apart.
COLOR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LOOKS = {
    "light": ({"color_scheme": "light"}, RULES),
    "dark": ({"color_scheme": "dark"}, COLOR_RULES),
    "phone": ({"viewport": {"width": 390, "height": 844}, "has_touch": True}, RULES),
}
each_look = pytest.mark.parametrize("look", LOOKS)
MODELS = [model._meta.model_name for model in apps.get_app_config("catalog").get_models()]
# The records of imports are no form, and their rows have no page.
EDITED = [name for name in MODELS if not name.startswith(("historical", "import"))]


def violations(page, rules, name):
    """Return what axe finds on a page, one line for each element."""
    axe_options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
    return [
        f"{name}: {found['id']} ({found['help']}): {' '.join(map(str, node['target']))}: "
        f"{node['failureSummary'].splitlines()[-1].strip()}"
        for found in AXE.run(page, options=axe_options).response["violations"]
        for node in found["nodes"]
    ]


def structure(page):
    """Return what a screen reader steers by: language, title, headings of level 1, and landmarks."""
    return page.evaluate(
        """() => ({
            lang: document.documentElement.lang,
            titled: document.title.trim() !== "",
            h1: document.querySelectorAll("h1").length,
            main: document.querySelectorAll("main").length,
            header: document.querySelectorAll("body > header").length,
            footer: document.querySelectorAll("body > footer").length,
            nav: document.querySelectorAll("header nav[aria-label]").length,
        })"""
    )


def test_every_public_address_is_among_the_pages():
    routes = {
        resolve(address.partition("?")[0]).url_name
        for address in PUBLIC_PAGES.values()
        if address != PUBLIC_PAGES["not found"]
    }
    catalog = next(
        p for p in get_resolver().url_patterns if getattr(p, "app_name", "") == "catalog"
    )

    pages = {p.name for p in catalog.url_patterns if not str(p.pattern).rpartition(".")[1]}
    assert pages == routes


@each_look
def test_public_pages_break_no_rule(new_page, watch, catalog, editor, look):
    options, rules = LOOKS[look]
    watch.expect_missing(PUBLIC_PAGES["not found"])
    watch.expect_missing(PUBLIC_PAGES["program, no such day"])
    visitor, staff = new_page(**options), new_page(editor, **options)

    found, structures = [], {}
    for name, address in {**PUBLIC_PAGES, "preview": PREVIEW}.items():
        page = staff if address == PREVIEW else visitor
        page.goto(address)
        found += violations(page, rules, name)
        structures[name] = structure(page)
    visitor.goto(PUBLIC_PAGES["program"])
    visitor.get_by_role("button", name="Child-welfare outcomes").click()
    expect(visitor.locator(".definition:popover-open")).to_be_visible()
    found += violations(visitor, rules, "program, a definition open")
    visitor.goto(PUBLIC_PAGES["programs, and other matches"])
    visitor.locator(".others summary").click()
    if look == "phone":
        visitor.locator("#drawer > summary").click()
    visitor.locator("#more-setting > summary").click()
    found += violations(visitor, rules, "programs, all open")

    assert not found, "\n".join(found)
    expected = {"lang": "en", "titled": True} | dict.fromkeys(
        ("h1", "main", "header", "footer", "nav"), 1
    )
    assert {name: parts for name, parts in structures.items() if parts != expected} == {}


@pytest.mark.parametrize("look", ["light", "dark"])
def test_admin_pages_break_no_rule(new_page, catalog, editor, look):
    options, rules = LOOKS[look]
    program = Program.objects.get(slug="everything-known")
    stranger, desk = new_page(**options), new_page(editor, **options)
    first = program.history.last()
    program.acronym, program.website, program.goals = "", "", "To rest, and to sleep."
    program.save()
    pages = {
        "index": "/admin/",
        "history": reverse("admin:catalog_program_history", args=[program.pk]),
        "version": reverse("admin:catalog_program_simple_history", args=[program.pk, first.pk]),
        "rate": reverse("admin:catalog_program_rate", args=[program.pk]),
        "rate, topic areas": reverse("admin:catalog_program_rate", args=[program.pk]) + "?area=",
    }
    # The dark pages of the other models are made of the same parts.
    for name in EDITED if look == "light" else ["program"]:
        entry = program if name == "program" else apps.get_model("catalog", name).objects.last()
        pages[f"{name}, list"] = reverse(f"admin:catalog_{name}_changelist")
        pages[f"{name}, add"] = reverse(f"admin:catalog_{name}_add")
        pages[f"{name}, change"] = reverse(f"admin:catalog_{name}_change", args=[entry.pk])

    stranger.goto("/admin/")
    found = violations(stranger, rules, "login")
    for name, address in pages.items():
        desk.goto(address)
        expect(desk.get_by_role("heading", level=1)).to_have_count(1)
        found += violations(desk, rules, name)
    desk.goto(pages["program, change"])
    desk.get_by_role("button", name="Add another Reference").click()
    found += violations(desk, rules, "program, with a row added")
    desk.locator("#studies-group .select2-selection").first.click()
    expect(desk.locator(".select2-results__option--highlighted")).to_be_visible()
    found += violations(desk, rules, "program, choosing a reference")

    assert not found, "\n".join(found)


def check_file(page, *lines):
    page.goto("/admin/catalog/program/import/")
    file = {"name": "programs.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    page.get_by_label("CSV or Excel file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def test_history_fits_a_telephone(new_page, catalog, editor):
    options, rules = LOOKS["phone"]
    page = new_page(editor, **options)
    program = Program.objects.get(slug="everything-known")
    first = program.history.last()
    program.description = f"{program.description} {'x' * 200}"
    program.save()

    found, widths = [], []
    for address, args in (("history", []), ("simple_history", [first.pk])):
        page.goto(reverse(f"admin:catalog_program_{address}", args=[program.pk, *args]))
        found += violations(page, rules, address)
        widths.append(page.evaluate("document.documentElement.scrollWidth"))

    assert not found, "\n".join(found)
    assert widths == [390, 390]


@each_look
def test_import_pages_break_no_rule(new_page, catalog, editor, look):
    options, rules = LOOKS[look]
    page = new_page(editor, **options)
    found = []

    def look_at(name, heading):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        found.extend(violations(page, rules, name))

    page.goto("/admin/catalog/program/import/")
    look_at("upload", "Import programs")
    # One re-rated, one changed, one new that looks like another, one unchanged, and many new.
    check_file(
        page,
        "slug,name,description,topic_area,scientific_rating,rated_on",
        "everything-known,Everything known,Something else,sleep-of-staff,2,2026",
        "ce-cert,CE-CERT,New,,,",
        ",Everything known about Calm Corner,New,,,",
        "first-level,First level,A program.,,,",
        *(f",Number {number},New,,," for number in range(200)),
    )
    look_at("preview", "this is what would happen")
    check_file(page, "name,status,rated_on,color", "A,public,03/04/2026,red")
    look_at("mistakes in the header", "nothing was imported")
    check_file(page, "name,child_age_min", *(f"A{number},x{number}" for number in range(101)))
    look_at("mistakes", "nothing was imported")
    check_file(page, "name", "New")
    page.get_by_role("button", name="Confirm import").click()
    look_at("imported", "Imported")
    page.get_by_role("link", name="Undo this import").click()
    look_at("undo", "Undo this import?")
    page.goto("/admin/catalog/import/")
    look_at("list", "Select import to view")
    kept = [{"entry": "Calm Corners", "why": "Somebody has edited it since."}]
    for status in ("confirmed", "undone"):
        Import.objects.update(status=status, kept=kept, finished_at=timezone.now())
        record = Import.objects.first()
        page.goto(record.get_absolute_url())
        look_at(status, "About this import")
    record.status = "checking"
    record.save()
    now = time.time()
    caches["shared"].set(progress_key(record), Progress(1, now - 1, now))
    page.goto(f"{record.get_absolute_url()}?still")
    look_at("working", "Being checked")

    assert not found, "\n".join(found)


@each_look
def test_pages_of_a_step_break_no_rule(new_page, catalog, editor, look):
    options, rules = LOOKS[look]
    page = new_page(editor, **options)
    found = []

    def look_at(name, heading):
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))
        found.extend(violations(page, rules, name))
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    program = Program.objects.published().exclude(ratings=None).exclude(description="").first()
    bare = Program.objects.get(slug="not-out-yet")
    Program.objects.filter(pk__in=[program.pk, bare.pk]).update(
        status="in-review", published_at=None
    )
    page.goto(reverse("admin:catalog_program_status", args=[program.pk, "published"]))
    look_at("publish", "^Publish: ")
    page.get_by_label("Date", exact=True).fill("2090-03-01")
    page.get_by_role("button", name="Publish").click()
    look_at("a date without its choice", "^Publish: ")
    page.goto(reverse("admin:catalog_program_status", args=[bare.pk, "published"]))
    look_at("obstacles", "^Publish: ")
    area = TopicArea.objects.published().exclude(ratings=None).first()
    page.goto(reverse("admin:catalog_topicarea_status", args=[area.pk, "retired"]))
    page.get_by_role("button", name="Retire").click()
    look_at("retire without a reason", "^Retire: ")
    page.goto("/admin/catalog/program/")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option(label="Retire")
    page.get_by_role("button", name="Run").click()
    look_at("many", "^Retire: ")

    assert not found, "\n".join(found)


@each_look
def test_column_guide_breaks_no_rule_and_fits_a_telephone(new_page, catalog, editor, look):
    options, rules = LOOKS[look]
    page = new_page(editor, **options)

    page.goto(reverse("admin:catalog_program_import_guide"))

    found = violations(page, rules, "guide")
    assert not found, "\n".join(found)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_role("row", name="child_age_min").first).to_be_visible()
