"""Synonyms in the admin: previewed before they are saved, brought in and given out as files."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import SynonymGroup

from ..factories import ProgramFactory, SynonymGroupFactory
from ..pages import read

LIST = reverse("admin:catalog_synonymgroup_changelist")
ADD = reverse("admin:catalog_synonymgroup_add")
IMPORT = reverse("admin:catalog_synonymgroup_import")
EXPORT = reverse("admin:catalog_synonymgroup_export")


def cells(table):
    return [[cell.text for cell in row.all("td")] for row in table.all("tr")][1:]


@pytest.fixture
def programs(db):
    for name in ["Burnout", "Compassion Fatigue", "Vicarious Trauma"]:
        ProgramFactory(name=name)
    ProgramFactory(name="Burnout in a draft", status="draft")


def test_preview_tells_what_searches_would_find_and_saves_nothing(editor_client, programs):
    typed = {"name": "burnout", "synonyms": "compassion fatigue", "_preview": "Preview"}

    page = read(editor_client.post(ADD, typed))

    status = page.one("div", class_="not-saved about-saving")
    assert cells(status) == [["1", "2"], ["1", "2"]]
    assert page.one("input", name="name").attributes["value"] == "burnout"
    assert SynonymGroup.objects.count() == 0


def test_preview_of_a_change_counts_what_is_given_up(editor_client, programs):
    group = SynonymGroupFactory(name="burnout", synonyms=["compassion fatigue"])
    address = reverse("admin:catalog_synonymgroup_change", args=[group.pk])
    version = read(editor_client.get(address)).one("input", name="version").attributes["value"]
    typed = {"name": "burnout", "synonyms": "vicarious trauma", "version": version, "_preview": "1"}

    status = read(editor_client.post(address, typed)).one("div", class_="not-saved about-saving")

    named = [row.one("th").text for row in status.all("tr")[1:]]
    assert list(zip(named, cells(status), strict=True)) == [
        ("burnout", ["2", "2"]),
        ("vicarious trauma", ["1", "2"]),
        ("compassion fatigue", ["2", "1"]),
    ]
    group.refresh_from_db()
    assert group.synonyms == ("compassion fatigue",)


def test_preview_of_what_is_wrong_says_what_is(editor_client, db):
    typed = {"name": "burnout", "synonyms": "Burnout | …", "_preview": "Preview"}

    page = read(editor_client.post(ADD, typed))

    assert page.all("div", class_="not-saved about-saving") == []
    assert "“…” has no letter or digit." in page.main.text


# --- Files -----------------------------------------------------------------------------------------------------------


def file_of(*rows, header=("name", "synonyms")):
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return SimpleUploadedFile("synonyms.csv", text.getvalue().encode(), "text/csv")


def test_file_is_checked_and_then_imported_with_its_history(editor_client, db):
    SynonymGroupFactory(name="burnout", synonyms=["fatigue"])
    SynonymGroupFactory(name="kept", synonyms=["also kept"])
    rows = ["burnout", "compassion fatigue|vicarious trauma"], ["PTSD", "posttraumatic stress"]

    page = read(editor_client.post(IMPORT, {"file": file_of(*rows)}))
    plan = page.one("input", name="plan").attributes["value"]
    assert page.main.text.count("1 new") == page.main.text.count("1 changed") == 1
    assert SynonymGroup.objects.count() == 2

    sent = {"file": file_of(*rows), "plan": plan, "_import": "Import"}
    assert editor_client.post(IMPORT, sent).headers["Location"] == LIST
    assert {group.name: group.synonyms for group in SynonymGroup.objects.all()} == {
        "burnout": ("compassion fatigue", "vicarious trauma"),
        "kept": ("also kept",),
        "PTSD": ("posttraumatic stress",),
    }
    record = SynonymGroup.history.filter(name="PTSD").get()
    assert record.history_change_reason == "Import of synonyms.csv"
    assert record.history_user.username == "editor"


def test_file_with_mistakes_says_where_and_imports_nothing(editor_client, db):
    SynonymGroupFactory(name="PTSD", synonyms=["posttraumatic stress"])
    file = file_of(["burnout", ""], ["calm", "quiet"], ["ptsd", "trauma"], ["calm", "still"])

    page = read(editor_client.post(IMPORT, {"file": file, "_import": "Import"}))

    table = page.one("table", class_="findings mistakes")
    rows = [
        [row.one("th").text, *(cell.text for cell in row.all("td"))] for row in table.all("tr")[1:]
    ]
    assert rows == [
        ["Row 2", "synonyms", "", "Name at least one word or phrase that means the same."],
        [
            "Row 4",
            "name",
            "ptsd",
            "It is stored as “PTSD”, which differs in nothing but capitals. Write it like that.",
        ],
        ["Row 5", "name", "calm", "Row 3 is about the same entry. Keep one of the two."],
    ]
    assert SynonymGroup.objects.count() == 1


def test_file_that_does_something_else_by_now_is_not_imported(editor_client, db):
    row = ["burnout", "compassion fatigue"]
    page = read(editor_client.post(IMPORT, {"file": file_of(row)}))
    plan = page.one("input", name="plan").attributes["value"]
    SynonymGroupFactory(name="burnout", synonyms=["fatigue"])

    page = read(
        editor_client.post(IMPORT, {"file": file_of(row), "plan": plan, "_import": "Import"})
    )

    assert "What this file changes has itself been changed since the preview." in page.main.text
    assert SynonymGroup.objects.get().synonyms == ("fatigue",)


def test_what_is_no_table_is_refused(editor_client, db):
    page = read(editor_client.post(IMPORT, {"file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}))

    assert "This is a PDF." in page.main.text


def test_export_imports_as_what_it_is(editor_client, db):
    SynonymGroupFactory(name="=burnout", synonyms=["compassion fatigue", "vicarious trauma"])
    SynonymGroupFactory(name="PTSD", synonyms=["posttraumatic stress"])

    content = editor_client.get(EXPORT).content
    page = read(editor_client.post(IMPORT, {"file": SimpleUploadedFile("s.csv", content)}))

    assert "2 unchanged" in page.main.text
