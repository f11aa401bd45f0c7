"""A text that is too large is refused at its field; a form that is too large on a page that says so."""

from pathlib import Path

import pytest
from django.db.models import TextField
from django.test import Client
from django.urls import reverse

from catalog.models import Program, Status, Study
from catalog.values.fields import ListField

from ..factories import ProgramFactory, StudyFactory
from ..pages import read
from .pages import BrowserForm, address, heading, notes, open_form

pytestmark = [pytest.mark.django_db, pytest.mark.once]

STUDIES = 100
# A letter of any script takes so many bytes at most.
BYTES = 4


def limits(model):
    """The most characters of each text of a model that a form asks for."""
    fields = [f for f in model._meta.fields if isinstance(f, TextField) and f.editable]
    return {f.name: f.max_length for f in fields if not isinstance(f, ListField)}


@pytest.fixture
def program():
    program = ProgramFactory(status=Status.DRAFT)
    StudyFactory.create_batch(2, program=program)
    return program


def typed(client, program, over=0):
    """What the form of a program sends, every text of which is as long as it may be, or longer by some characters."""
    data = BrowserForm(open_form(client, address("change", program))).data
    texts = {name: "é" * (most + over) for name, most in limits(Program).items()}
    for number in range(2):
        rows = limits(Study).items()
        texts |= {f"studies-{number}-{name}": "é" * (most + over) for name, most in rows}
    # What asks for it is among what is sent.
    assert texts.keys() <= data.keys()
    return {**data, **texts}


def test_largest_form_of_a_program_is_within_the_limits(editor_client, program, settings):
    most = sum(limits(Program).values()) + STUDIES * sum(limits(Study).values())
    form = BrowserForm(open_form(editor_client, address("change", program))).data
    fields = len([name for name in form if name.startswith("studies-1-")])

    assert most * BYTES < settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert len(form) + STUDIES * fields < settings.DATA_UPLOAD_MAX_NUMBER_FIELDS


def test_form_is_sent_in_parts_whose_bytes_are_those_of_the_texts(editor_client, program):
    (form,) = read(editor_client.get(address("change", program))).all("form", id="program_form")

    assert form.attributes["enctype"] == "multipart/form-data"


def test_every_text_may_be_as_long_as_it_may_be(editor_client, program):
    answer = editor_client.post(address("change", program), typed(editor_client, program))

    assert answer.status_code == 302
    stored = Program.objects.values(*limits(Program)).get()
    assert {name: len(text) for name, text in stored.items()} == limits(Program)
    for study in Study.objects.values(*limits(Study)):
        assert {name: len(text) for name, text in study.items()} == limits(Study)


def test_text_that_is_longer_is_refused_at_its_field_and_kept(editor_client, program):
    sent = typed(editor_client, program, over=1)

    answer = editor_client.post(address("change", program), sent)

    said = {m.place: m.message for m in answer.context["mistakes"]}
    expected = {f"id_{name}": most for name, most in limits(Program).items()}
    for number in range(2):
        rows = limits(Study).items()
        expected |= {f"id_studies-{number}-{name}": most for name, most in rows}
    assert said == {
        place: f"This has {most + 1:,} characters; there may be {most:,} at most."
        for place, most in expected.items()
    }
    kept = BrowserForm(answer).data
    assert {name: kept[name] for name in sent if name in limits(Program)} == {
        name: ["é" * (most + 1)] for name, most in limits(Program).items()
    }


# --- A form that is not read


def test_texts_that_are_too_many_get_a_page(editor_client, program, settings):
    sent = typed(editor_client, program)
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100_000

    answer = editor_client.post(address("change", program), sent)

    assert (answer.status_code, heading(answer)) == (413, "This is too large to be saved at once")
    assert notes(answer) == [
        (
            "Nothing was saved. The texts of this form have more than 97.7 KB together, the most that is saved at "
            "once. Shorten the longest ones, or save some of the rows first and the others afterwards."
        )
    ]
    assert ("Open the form anew", address("change", program)) in read(answer).links
    assert Program.objects.get().description == ""


def test_fields_that_are_too_many_get_a_page(editor_client, program, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000
    sent = {f"studies-{number}-summary": "x" for number in range(1_001)}

    answer = editor_client.post(address("change", program), sent)

    assert answer.status_code == 413
    assert notes(answer) == [
        (
            "Nothing was saved. This form has more than 1,000 fields, the most that is saved at once. Save some of the "
            "rows first and the others afterwards."
        )
    ]


def test_files_that_are_too_many_get_a_page(editor_client, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 0
    with Path(__file__).open("rb") as file:
        answer = editor_client.post(reverse("admin:catalog_program_import"), {"file": file})

    assert answer.status_code == 413
    assert notes(answer) == [
        "Nothing was saved. More than 0 files were sent, the most that are taken at once."
    ]


@pytest.mark.parametrize("content_type", [None, "application/x-www-form-urlencoded"])
def test_stranger_sends_less_than_staff(client, program, content_type):
    path, sent = address("change", program), {"description": "x" * 3_000_000}
    how = {"content_type": content_type} if content_type else {}
    body = f"description={sent['description']}" if content_type else sent

    answer = Client().post(path, body, **how)

    assert answer.status_code == 413
    assert notes(answer)[0].startswith("Nothing was saved. You are signed out")
    assert 'target="_blank"' in answer.content.decode()


@pytest.mark.parametrize("length", ["", "abc", "-1", "9" * 5000, "²"])
def test_odd_length_is_no_fault(client, db, length):
    answer = client.post(reverse("admin:login"), {"username": "a"}, CONTENT_LENGTH=length)

    assert answer.status_code in {200, 400, 413}
