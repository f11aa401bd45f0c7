"""Every page against the rules of WCAG 2.2 AA that a machine can check, in light, dark, and on a phone."""

import re
import time

import pytest
from django.apps import apps
from django.contrib import admin
from django.urls import get_resolver, resolve, reverse
from django.utils import timezone
from playwright.sync_api import expect

from catalog.importing.exports import make
from catalog.importing.progress import Progress, store_progress
from catalog.models import (
    Export,
    Import,
    Program,
    Proposal,
    StaffNote,
    Submission,
    TopicArea,
)
from catalog.models.base import CatalogModel

from .busy_desk import NEAR, fact_checks_of, merged_reference_page, shared_previews
from .conftest import MISSING, PREVIEW, PUBLIC_PAGES
from .looks import show, sideways

pytestmark = pytest.mark.browser

# Django's own pages: what ours add to them is looked at on a phone, too.
IN_ADMIN = ("dark", "light")
# Records of what was done have no form; what else has pages is below.
EDITED = [
    model._meta.model_name for model in admin.site._registry if issubclass(model, CatalogModel)
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
    # The address of a preview or a fact check is known once it is shared; a feed and pictures are no pages.
    assert pages == routes | {"preview", "fact_check", "news_feed", "logo", "sharing_image"}


def test_public_pages_break_no_rule(violations, new_page, watch, catalog, editor, *, some):
    shared, ended = shared_previews(Program.objects.get(slug="not-out-yet"))
    watch.expect_missing(*map(PUBLIC_PAGES.get, MISSING), ended)
    visitor, staff = new_page(), new_page(editor)
    previews = {"preview": PREVIEW, "shared preview": shared, "preview that has ended": ended}

    found, structures = [], {}
    for name, address in some({**PUBLIC_PAGES, **previews}.items(), 6):
        page = staff if address == PREVIEW else visitor
        page.goto(address)
        found += violations(page, name)
        structures[name] = structure(page)
    visitor.goto(PUBLIC_PAGES["program"])
    visitor.get_by_role("button", name="Child-welfare outcomes").click()
    expect(visitor.locator(".definition:popover-open")).to_be_visible()
    found += violations(visitor, "program, a definition open")
    visitor.goto(PUBLIC_PAGES["programs, and other matches"])
    visitor.locator(".others summary").click()
    show(visitor, "phone")
    visitor.locator("#drawer > summary").click()
    visitor.locator("#more-setting > summary").click()
    found += violations(visitor, "programs, all open", ("phone, colors too", "dark", "light"))

    assert not found, "\n".join(found)
    expected = {"lang": "en", "titled": True} | dict.fromkeys(
        ("h1", "main", "header", "footer", "nav"), 1
    )
    assert structures == dict.fromkeys(structures, expected)


def test_fact_check_breaks_no_rule(violations, new_page, watch, catalog):
    check, over = fact_checks_of(Program.objects.get(slug="everything-known"))
    watch.expect_missing(over.get_absolute_url())
    page, found, too_wide = new_page(), [], []

    def look_at(name):
        found.extend(violations(page, name))
        too_wide.extend(sideways(page, name))

    page.goto(check.get_absolute_url())
    look_at("fact check, answered")
    page.get_by_label("Your name").fill("")
    page.locator("#check-about").get_by_label("Please change").check()
    page.get_by_role("button", name="Send your answers").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look_at("fact check, with mistakes")
    page.get_by_role("link", name="About the program").click()
    expect(page.locator("#id_about-comment")).to_be_focused()
    page.goto(over.get_absolute_url())
    look_at("fact check, ended")

    assert not found, "\n".join(found)
    assert too_wide == []


def test_admin_pages_break_no_rule(violations, new_page, catalog, editor, some):
    program = Program.objects.get(slug="everything-known")
    stranger, desk = new_page(), new_page(editor)
    pages = {}
    for name in EDITED:
        entry = program if name == "program" else apps.get_model("catalog", name).objects.last()
        pages[f"{name}, list"] = reverse(f"admin:catalog_{name}_changelist")
        pages[f"{name}, add"] = reverse(f"admin:catalog_{name}_add")
        pages[f"{name}, change"] = reverse(f"admin:catalog_{name}_change", args=[entry.pk])

    stranger.goto("/admin/")
    found = violations(stranger, "login", IN_ADMIN)
    for name, address in some(pages.items(), 4):
        desk.goto(address)
        expect(desk.get_by_role("heading", level=1)).to_have_count(1)
        found += violations(desk, name, IN_ADMIN)
    desk.goto(pages["program, change"])
    desk.get_by_role("button", name="Add another Reference").click()
    expect(desk.locator("#studies-group .inline-related h3")).to_be_focused()
    found += violations(desk, "program, with a row added", IN_ADMIN)
    desk.get_by_role("button", name="Edit reference 1").click()
    expect(desk.locator("#studies-group .has_original")).to_be_visible()
    found += violations(desk, "program, with a row opened", IN_ADMIN)
    desk.locator("#studies-group .select2-selection").last.click()
    expect(desk.locator(".select2-results__option--highlighted")).to_be_visible()
    found += violations(desk, "program, choosing a reference", IN_ADMIN)

    assert not found, "\n".join(found)


def desk_pages(program):
    """Return the addresses of the pages on which an editor works at a program, by name."""

    def page(name, entry=program):
        return reverse(f"admin:catalog_{entry._meta.model_name}_{name}", args=[entry.pk])

    like, mine = (Program.objects.get(name=n) for n in (NEAR, "Mine"))
    rating = program.ratings.get(is_current=True, scientific_rating="2")
    approved, back = (Proposal.objects.get(state=state) for state in ("approved", "sent-back"))
    first = program.history.last()
    version = reverse("admin:catalog_program_simple_history", args=[program.pk, first.pk])
    programs, areas = (
        reverse(f"admin:catalog_{name}_changelist") for name in ("program", "topicarea")
    )
    return {
        "desk": "/admin/",
        "search": "/admin/search/?q=everything",
        "search, nothing found": "/admin/search/?q=xyzzy",
        "recent changes": "/admin/recent-changes/",
        "assign": page("assign"),
        "notes": page("notes"),
        "notes on all entries": reverse("admin:catalog_staffnote_changelist"),
        "a note": page("change", StaffNote.objects.get()),
        "list": f"{programs}?status=draft&complete=no&q=mine",
        "list, nothing found": f"{programs}?q=xyzzy&review=overdue",
        "ratings": f"{reverse('admin:catalog_rating_changelist')}?lacks=reason",
        "topic areas": areas,
        "program": page("change"),
        "topic area": page("change", rating.topic_area),
        "re-rate": f"{page('rate')}?area={rating.topic_area.slug}",
        "rate for the first time": f"{page('rate', mine)}?area=sleep-of-staff",
        "choose the topic area": f"{page('rate')}?area=",
        "choose the program of an area": page("rate", rating.topic_area),
        "choose the program": reverse("admin:catalog_rating_add"),
        "correct": page("change", rating),
        "past rating": page("change", program.ratings.get(is_current=False)),
        "history": page("history"),
        "version": version,
        "choose what to merge": page("merge", like),
        "merge": f"{page('merge', like)}?into={program.pk}",
        "undo a merge": page("unmerge", Program.objects.get(name="Merged")),
        "undo a merge of references": merged_reference_page(),
        "previews": page("previews", mine),
        "notifications": reverse("admin:catalog_notification_changelist"),
        "fact checks": page("fact_checks", mine),
        "submissions": reverse("admin:catalog_submission_changelist"),
        "submission": page("change", Submission.objects.get()),
        "proposals": reverse("admin:catalog_proposal_changelist"),
        "proposal that is disputed": page("change", approved),
        "proposal that was sent back": page("change", back),
        "form of a proposal": page("change", back.program),
        "previews of what was public": page("previews"),
    }


def test_pages_of_the_desk_break_no_rule(violations, new_page, busy, editor, some):
    desk = new_page(editor)

    found, too_wide = [], []
    for name, address in some(desk_pages(busy).items(), 5):
        desk.goto(address)
        expect(desk.get_by_role("heading", level=1)).to_have_count(1)
        found += violations(desk, name)
        too_wide += sideways(desk, name)
        if name == "desk":
            expect(desk.get_by_text("Nothing waits here.")).to_have_count(0)
    desk.goto(reverse("admin:catalog_program_add"))
    desk.locator("#id_name").fill(NEAR.title())
    desk.get_by_role("button", name="Save", exact=True).first.click()
    expect(desk.get_by_label("This is another program")).to_be_visible()
    found += violations(desk, "a name like another one")

    assert not found, "\n".join(found)
    assert too_wide == []


def check_file(page, *lines):
    page.goto("/admin/catalog/program/import/")
    file = {"name": "programs.csv", "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}
    page.get_by_label("CSV or Excel file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()


def test_import_pages_break_no_rule(violations, new_page, catalog, editor):
    page = new_page(editor)
    found = []

    def look_at(name, heading):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        found.extend(violations(page, name))

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
    store_progress(record, Progress(1, now - 1, now))
    page.goto(f"{record.get_absolute_url()}?still")
    look_at("working", "Being checked")

    assert not found, "\n".join(found)


def test_pages_of_synonyms_break_no_rule(violations, new_page, catalog, editor):
    page = new_page(editor)
    found = []
    page.goto("/admin/catalog/synonymgroup/add/")
    page.get_by_label("Word or phrase").fill("sleep")
    page.get_by_label("Synonyms").fill("rest | calm")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Nothing is saved yet.")).to_be_visible()
    found += violations(page, "preview")
    page.goto("/admin/catalog/synonymgroup/import/")
    for cells, heading in {"calm,quiet": "what would happen", "calm,": "mistake to fix"}.items():
        file = f"name,synonyms\n{cells}\n".encode()
        page.locator("[name=file]").set_input_files(
            {"name": "a.csv", "mimeType": "text/csv", "buffer": file}
        )
        page.get_by_role("button", name="Check the file").click()
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        found += violations(page, heading)

    assert not found, "\n".join(found)


def test_export_pages_break_no_rule(violations, new_page, catalog, editor, settings):
    settings.EXPORT_ENTRIES_IN_REQUEST = {"csv": 0, "xlsx": 0}
    page = new_page(editor)
    found = []

    def look_at(name, heading):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()
        found.extend(violations(page, name))
        assert sideways(page, name) == []

    page.goto("/admin/catalog/program/")
    page.get_by_role("link", name="Export CSV").click()
    look_at("ask", "Export programs")
    page.get_by_role("button", name="Make the file").click()
    look_at("waiting", "Being made")
    record = Export.objects.get()
    now = time.time()
    store_progress(record, Progress(1, now - 1, now))
    page.goto(f"{record.get_absolute_url()}?still")
    look_at("working", "Being made")
    make(record)
    page.goto(record.get_absolute_url())
    look_at("ready", "Ready to download")
    page.goto("/admin/catalog/export/")
    look_at("list", "Select export to view")

    assert not found, "\n".join(found)


def test_pages_of_a_step_break_no_rule(violations, new_page, catalog, editor):
    page = new_page(editor)
    found = []

    def look_at(name, heading):
        expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))
        found.extend(violations(page, name))
        assert sideways(page, name) == []

    program = Program.objects.published().exclude(ratings=None).exclude(description="").first()
    bare = Program.objects.get(slug="not-out-yet")
    Program.objects.filter(pk__in=[program.pk, bare.pk]).update(
        status="in-review", published_at=None
    )
    page.goto(reverse("admin:catalog_program_status", args=[program.pk, "published"]))
    look_at("publish", "^Publish$")
    page.get_by_label("Date", exact=True).fill("2090-03-01")
    page.get_by_role("button", name="Publish").click()
    look_at("a date without its choice", "^Publish$")
    page.goto(reverse("admin:catalog_program_status", args=[bare.pk, "published"]))
    look_at("obstacles", "^Publish$")
    area = TopicArea.objects.published().exclude(ratings=None).first()
    page.goto(reverse("admin:catalog_topicarea_status", args=[area.pk, "retired"]))
    page.get_by_role("button", name="Retire").click()
    look_at("retire without a reason", "^Retire$")
    page.goto("/admin/catalog/program/")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option(label="Retire")
    page.get_by_role("button", name="Run").click()
    look_at("many", "^Retire: ")
    page.goto("/admin/catalog/program/")
    page.locator("#action-toggle").check()
    page.get_by_label("Action:").select_option(label="Assign")
    page.get_by_role("button", name="Run").click()
    look_at("assign many", "^Assign [0-9]+ programs$")
    page.get_by_role("button", name="Assign", exact=True).click()
    look_at("assign many to nobody", "^Assign [0-9]+ programs$")

    assert not found, "\n".join(found)


def test_column_guide_breaks_no_rule_and_fits_a_telephone(violations, new_page, catalog, editor):
    page = new_page(editor)

    page.goto(reverse("admin:catalog_program_import_guide"))

    found = violations(page, "guide")
    assert not found, "\n".join(found)
    assert sideways(page, "guide") == []
    expect(page.get_by_role("row", name="child_age_min").first).to_be_visible()
