"""A file that cannot be stored: whoever sends it is told so, and loses nothing that was typed."""

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import Import, Program, TopicArea

from ..factories import ProgramFactory, TopicAreaFactory
from .pages import fields_of, notes, text_of

pytestmark = pytest.mark.once

SENTENCE = (
    "The file could not be stored; nothing was saved. Press {} again later, or tell whoever runs "
    "the site."
)
AGAIN = "Choose “{}” again: a browser does not send a file twice."


@pytest.fixture
def full(settings, tmp_path, monkeypatch):
    """Neither uploads nor anything else can be stored: a file stands where their folders would be."""
    (tmp_path / "file").write_text("")
    for name in ("default", "imports"):
        storage = storages[name]
        monkeypatch.setattr(storage, "_location", str(tmp_path / "file" / name), raising=False)
        for cached in ("base_location", "location"):
            monkeypatch.setitem(storage.__dict__, cached, str(tmp_path / "file" / name))
    shared = {**settings.CACHES["shared"], "LOCATION": str(tmp_path / "file" / "shared")}
    settings.CACHES = {**settings.CACHES, "shared": shared}


def test_file_to_import_is_refused_in_words(editor_client, full):
    file = SimpleUploadedFile("spring.csv", b"name\nNew\n")

    response = editor_client.post(reverse("admin:catalog_program_import"), {"file": file})

    assert response.status_code == 503
    assert SENTENCE.format("Check the file") in notes(response)
    assert AGAIN.format("spring.csv") in text_of(response)
    assert Import.objects.count() == 0


def test_summary_that_cannot_be_stored_keeps_what_was_typed(editor_client, full):
    area = TopicAreaFactory(definition="Before.")
    path = reverse("admin:catalog_topicarea_change", args=[area.pk])
    typed = {**fields_of(editor_client.get(path)), "definition": "After."}
    typed["summary_document"] = SimpleUploadedFile("summary.pdf", b"%PDF-1.7\n%%EOF")

    response = editor_client.post(path, typed)

    assert response.status_code == 503
    assert SENTENCE.format("Save") in notes(response)
    assert AGAIN.format("summary.pdf") in text_of(response)
    assert fields_of(response)["definition"] == ["After."]
    assert TopicArea.objects.get().definition == "Before."


def test_entry_without_a_file_is_saved_all_the_same(editor_client, full):
    program = ProgramFactory(goals="Before.")
    path = reverse("admin:catalog_program_change", args=[program.pk])

    response = editor_client.post(path, {**fields_of(editor_client.get(path)), "goals": "After."})

    assert response.status_code == 302
    assert Program.objects.get().goals == "After."


def test_files_are_for_the_sites_own_account_alone(editor_client, file_folder):
    file = SimpleUploadedFile("spring.csv", b"name\nNew\n")

    editor_client.post(reverse("admin:catalog_program_import"), {"file": file})

    folder = file_folder / "imports"
    stored = [folder, *folder.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in stored if path.is_file()} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in stored if path.is_dir()} == {0o700}
