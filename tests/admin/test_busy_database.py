"""A writer who keeps the database locked for longer than others wait: they are told so, and lose nothing."""

from datetime import timedelta

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from catalog.importing import jobs
from catalog.models import (
    Assignment,
    Import,
    ImportStatus,
    PreviewLink,
    Program,
    Rating,
    StaffNote,
    Status,
)

from ..factories import ProgramFactory, RatingFactory, ReferenceFactory
from ..pages import read
from .busy_database import SENTENCE, is_told, locked
from .pages import fields_of, notes, text_of
from .workflow.merging import put_together

PAST, FUTURE = (timezone.now() + timedelta(days=days) for days in (-1, 1))


@pytest.fixture
def mine(site, client, editor):
    client.force_login(editor)
    return client


def address(page, entry):
    opts = entry._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=[entry.pk])


# --- Forms come back with what was typed


def test_what_was_typed_into_an_entry_comes_back_and_is_saved_later(mine):
    program = ProgramFactory(name="Before", goals="Old.")
    path = address("change", program)
    typed = {**fields_of(mine.get(path)), "name": "After", "goals": "<b>New</b> & long."}

    with locked():
        page = mine.post(path, typed)

    assert is_told(page)
    program.refresh_from_db()
    assert (program.name, program.goals) == ("Before", "Old.")
    again = fields_of(page)
    assert (again["name"], again["goals"]) == (["After"], ["<b>New</b> & long."])
    assert mine.post(path, again).status_code == 302
    program.refresh_from_db()
    assert (program.name, program.goals) == ("After", "<b>New</b> & long.")


def test_new_rows_of_an_entry_come_back_too(mine):
    program, reference = ProgramFactory(), ReferenceFactory()
    path = address("change", program)
    typed = fields_of(mine.get(path)) | {
        "studies-TOTAL_FORMS": "1",
        "studies-0-reference": str(reference.pk),
        "studies-0-summary": "A summary.",
    }

    with locked():
        page = mine.post(path, typed)

    assert is_told(page)
    again = fields_of(page)
    assert again["studies-0-summary"] == ["A summary."]
    assert again["studies-0-reference"] == [str(reference.pk)]


def test_new_entry_that_could_not_be_saved_comes_back(mine):
    path = reverse("admin:catalog_program_add")
    typed = {**fields_of(mine.get(path)), "name": "Brand new", "slug": "brand-new"}

    with locked():
        page = mine.post(path, typed)

    assert is_told(page)
    assert not Program.objects.exists()
    assert mine.post(path, fields_of(page)).status_code == 302
    assert Program.objects.get().name == "Brand new"


def test_who_saved_meanwhile_is_still_told_after_a_busy_answer(mine):
    program = ProgramFactory(goals="Old.")
    path = address("change", program)
    typed = {**fields_of(mine.get(path)), "goals": "Mine."}
    with locked():
        again = fields_of(mine.post(path, typed))
    program.goals = "Theirs."
    program.save()

    page = mine.post(path, again)

    assert page.status_code == 200
    assert read(page).one("h2", id="conflicts-heading")
    program.refresh_from_db()
    assert program.goals == "Theirs."


def test_reason_of_a_step_comes_back_and_the_step_is_taken_later(mine):
    program = ProgramFactory(status=Status.PUBLISHED)
    path = reverse("admin:catalog_program_status", args=[program.pk, "retired"])
    typed = {**fields_of(mine.get(path)), "reason": "It is no longer offered."}

    with locked():
        page = mine.post(path, typed)

    assert is_told(page, "Retire")
    again = fields_of(page)
    assert again["reason"] == ["It is no longer offered."]
    assert again["seen"] == typed["seen"]
    assert mine.post(path, again).status_code == 302
    program.refresh_from_db()
    assert program.retirement_reason == "It is no longer offered."


def test_step_of_many_entries_comes_back_with_its_reason(mine):
    programs = ProgramFactory.create_batch(2, status=Status.PUBLISHED)
    asked = mine.post(
        reverse("admin:catalog_program_changelist"),
        {"action": "retire", "_selected_action": [p.pk for p in programs], "index": "0"},
    )
    typed = {**fields_of(asked), "reason": "No longer offered."}
    path = reverse("admin:catalog_program_status_of_many", args=["retire"])

    with locked():
        page = mine.post(path, typed)

    assert is_told(page, "Retire")
    assert mine.post(path, fields_of(page)).status_code == 302
    assert {p.status for p in Program.objects.all()} == {Status.RETIRED}


def test_new_rating_comes_back_and_is_saved_later(mine):
    rating = RatingFactory(scientific_rating="3", rated_on="2020")
    path = f"{address('rate', rating.program)}?area={rating.topic_area.slug}"
    typed = fields_of(mine.get(path)) | {
        "scientific_rating": "2",
        "rationale": "Two trials.",
        "rated_on": "2024",
    }

    with locked():
        page = mine.post(path, typed)

    assert is_told(page)
    again = fields_of(page)
    assert (again["scientific_rating"], again["rationale"]) == (["2"], ["Two trials."])
    assert mine.post(path, again).status_code == 302
    assert Rating.objects.get(is_current=True).rationale == "Two trials."


def test_decisions_of_a_merge_come_back_and_hold_later(mine):
    merged, survivor = ProgramFactory(name="One", goals="Goals."), ProgramFactory(name="Two")
    path = f"{address('merge', merged)}?into={survivor.pk}"
    typed = {**fields_of(mine.get(path)), "reason": "Twins.", "fill": []}

    with locked():
        page = mine.post(path, typed)

    assert is_told(page, "Merge")
    again = fields_of(page)
    assert (again["reason"], again.get("fill")) == (["Twins."], None)
    assert mine.post(path, again).status_code == 302
    merged.refresh_from_db()
    assert merged.merged_into == survivor


def test_reason_for_undoing_a_merge_comes_back_and_holds_later(mine):
    merged, survivor = ProgramFactory(name="One"), ProgramFactory(name="Two")
    put_together(merged, survivor)
    path = address("unmerge", merged)
    typed = {**fields_of(mine.get(path)), "reason": "Two after all."}

    with locked():
        page = mine.post(path, typed)

    assert is_told(page, "Undo the merge")
    again = fields_of(page)
    assert again["reason"] == ["Two after all."]
    assert mine.post(path, again).status_code == 302
    merged.refresh_from_db()
    assert merged.merged_into is None


def test_reason_for_returning_to_a_version_comes_back(mine):
    program = ProgramFactory(goals="Old.")
    program.goals = "New."
    program.save()
    first = program.history.earliest("history_id")
    typed = fields_of(
        mine.get(reverse("admin:catalog_program_simple_history", args=[program.pk, first.pk]))
    )
    path = reverse("admin:catalog_program_return", args=[program.pk, first.pk])

    with locked():
        page = mine.post(path, {**typed, "reason": "It was right."})

    assert page.status_code == 503
    assert SENTENCE.format("Return to this version") in notes(page)[0]
    again = fields_of(page)
    assert again["reason"] == ["It was right."]
    assert mine.post(path, again).status_code == 302
    program.refresh_from_db()
    assert program.goals == "Old."


def test_file_of_an_import_is_asked_for_again_and_nothing_is_kept(mine):
    file = SimpleUploadedFile("programs.csv", b"slug,name\nnew,New\n")

    with locked():
        page = mine.post(reverse("admin:catalog_program_import"), {"file": file})

    assert is_told(page, "Check the file")
    again = "Choose “programs.csv” again: a browser does not send a file twice."
    assert again in text_of(page)
    assert not Import.objects.exists()
    assert storages["imports"].listdir("")[1] == []


# --- Buttons without a form of their own


def ready_import(user):
    file = SimpleUploadedFile("programs.csv", b"slug,name\nnew,New\n")
    record = jobs.receive("programs", file, user=user)
    jobs.check_soon(record)
    record.refresh_from_db()
    return record


BUTTONS = {
    "confirm": lambda record: record.status == ImportStatus.DONE,
    "cancel": lambda record: record is None,
}


@pytest.mark.parametrize("action", BUTTONS)
def test_button_of_an_import_can_be_pressed_again(action, mine, editor):
    record = ready_import(editor)
    path = reverse(f"admin:catalog_import_{action}", args=[record.pk])

    with locked():
        page = mine.post(path, {"plan": record.plan})

    assert is_told_to_try_again(page)
    assert Import.objects.get().status == ImportStatus.READY
    assert not Program.objects.exists()
    assert mine.post(path, fields_of(page)).status_code == 302
    assert BUTTONS[action](Import.objects.first())


def test_undoing_an_import_can_be_asked_for_again(mine, editor):
    record = ready_import(editor)
    jobs.confirm(record)
    path = reverse("admin:catalog_import_undo", args=[record.pk])

    with locked():
        page = mine.post(path)

    assert is_told_to_try_again(page)
    assert Program.objects.count() == 1
    mine.post(path, fields_of(page))
    assert not Program.objects.exists()


def test_deleting_an_entry_can_be_confirmed_again(mine):
    program = ProgramFactory(status=Status.DRAFT)
    path = address("delete", program)

    with locked():
        page = mine.post(path, {"post": "yes"})

    assert is_told_to_try_again(page)
    mine.post(path, fields_of(page))
    assert not Program.objects.exists()


def test_selected_entries_are_sent_again_one_by_one(mine):
    programs = ProgramFactory.create_batch(3, status=Status.DRAFT)
    path = reverse("admin:catalog_program_changelist")
    sent = {
        "action": "delete_selected",
        "_selected_action": [str(p.pk) for p in programs[:2]],
        "post": "yes",
    }

    with locked():
        page = mine.post(path, sent)

    assert is_told_to_try_again(page)
    again = fields_of(page)
    assert again["_selected_action"] == sent["_selected_action"]
    mine.post(path, again)
    assert list(Program.objects.all()) == [programs[2]]


def test_preview_address_can_be_asked_for_again(mine):
    program = ProgramFactory(status=Status.DRAFT)
    path = address("previews", program)

    with locked():
        page = mine.post(path, {"days": "7"})

    assert is_told_to_try_again(page)
    mine.post(path, fields_of(page))
    assert PreviewLink.objects.get().program == program


def test_answers_to_a_fact_check_stay_in_the_page_and_are_sent_again(mine):
    dates = {"created_at": PAST, "expires_at": FUTURE}
    check = ProgramFactory().fact_checks.create(sent_to="Ada", **dates)
    path = check.get_absolute_url()
    form = {**fields_of(mine.get(path)), "name": "Ada", "goals-verdict": "change"}

    with locked():
        page = mine.post(path, {**form, "goals-comment": "Sleep."})

    (mistakes,) = read(page).all("section", class_="mistakes")
    assert (page.status_code, page["Retry-After"]) == (503, "10")
    assert SENTENCE.format("“Send your answers”") in mistakes.text
    assert mine.post(path, fields_of(page)).status_code == 302
    assert check.answers.get().comment == "Sleep."


def is_told_to_try_again(page):
    return (page.status_code, page["Retry-After"], notes(page)) == (
        503,
        "10",
        ["The database is busy; nothing was saved. Press Try again in a moment."],
    )


@pytest.mark.parametrize(
    ("page", "button", "field"), [("notes", "Add the note", "text"), ("assign", "Assign", "note")]
)
def test_note_and_assignment_come_back_and_are_kept_later(page, button, field, mine, editor):
    path = address(page, ProgramFactory())
    typed = {"person": editor.pk, "written_on": "2026-03-01", "task": "edit", "kind": "note"}
    typed[field] = "Two trials."

    with locked():
        answer = mine.post(path, typed)

    assert is_told(answer, button)
    kept = [model.objects.count() for model in (StaffNote, Assignment)]
    assert (kept, read(answer).one("textarea").text) == ([0, 0], "Two trials.")
    assert mine.post(path, typed).status_code == 302


def test_pages_are_read_while_the_database_is_locked(mine, editor):
    program = ProgramFactory(name="To be read")
    record = ready_import(editor)

    with locked():
        pages = [
            mine.get(path)
            for path in (
                reverse("admin:index"),
                reverse("admin:catalog_program_changelist"),
                reverse("admin:catalog_import_changelist"),
                reverse("admin:catalog_program_import"),
                address("change", program),
                address("change", record),
                address("history", program),
            )
        ]

    assert [page.status_code for page in pages] == [200] * len(pages)
    assert fields_of(pages[4])["name"] == ["To be read"]
