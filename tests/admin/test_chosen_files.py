"""A file that was chosen for a form that is shown again: the form asks for it, and keeps everything else."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog.models import Import, TopicArea

from ..conftest import group_user
from ..factories import TopicAreaFactory
from ..pages import read
from .pages import address, fields_of, notes

pytestmark = [pytest.mark.django_db, pytest.mark.once]

PDF = b"%PDF-1.7\n%%EOF\n"
AGAIN = "Choose “summary.pdf” again: a browser does not send a file twice."


def summary(content=PDF):
    return SimpleUploadedFile("summary.pdf", content)


@pytest.fixture
def ann():
    """Somebody who publishes, in a browser whose tokens are checked."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(group_user("Publishers"))
    return client


@pytest.fixture
def area():
    return TopicAreaFactory(definition="Before.")


def typed(client, area, **changes):
    """What the form of an area sends, with a file that is chosen."""
    fields = fields_of(client.get(address("change", area)))
    return {**fields, "summary_document": summary(), **changes}


def mistakes(response):
    """What the list of mistakes says, and what each field does."""
    page = read(response)
    (section,) = page.all("section", class_="mistakes")
    lists = [item for item in page.all("ul") if item.attributes.get("class") == "errorlist"]
    return [li.text for li in section.all("li")], [li.text for ul in lists for li in ul.all("li")]


def test_mistake_elsewhere_asks_for_the_file_again(ann, area):
    answer = ann.post(address("change", area), typed(ann, area, name="", definition="After."))

    assert mistakes(answer) == (
        ["Name: This field is required.", f"Summary document: {AGAIN}"],
        ["This field is required.", AGAIN],
    )
    assert fields_of(answer)["definition"] == ["After."]
    assert TopicArea.objects.get().summary_document.name == ""


def test_new_area_asks_for_the_file_again_too(ann):
    path = address("add", TopicArea)
    answer = ann.post(path, {**fields_of(ann.get(path)), "summary_document": summary()})

    assert mistakes(answer)[0] == ["Name: This field is required.", f"Summary document: {AGAIN}"]


def test_file_that_is_wrong_itself_says_only_why(ann, area):
    answer = ann.post(address("change", area), typed(ann, area, summary_document=summary(b"MZ")))

    assert mistakes(answer)[0] == [
        (
            "Summary document: “summary.pdf” is no PDF by its content. Save or print the document as PDF, "
            "and choose that file."
        )
    ]


def test_form_without_a_new_file_asks_for_none(ann, area):
    sent = typed(ann, area, name="")
    del sent["summary_document"]

    assert mistakes(ann.post(address("change", area), sent))[0] == ["Name: This field is required."]


def held_file(response):
    """The box for the file on a page that holds a form, and what is said of it."""
    page = read(response)
    (box,) = page.all("input", type="file")
    (label,) = page.all("label", for_=box.attributes["id"])
    (form,) = [form for form in page.all("form") if box in form.all("input")]
    return box.attributes["name"], label.text, form.attributes["enctype"]


def test_held_form_keeps_the_texts_and_asks_for_the_file(ann, area):
    sent = typed(ann, area, definition="After.", csrfmiddlewaretoken="y" * 64)

    held = ann.post(address("change", area), sent)

    assert (held.status_code, notes(held)[0][:22]) == (403, "This page was opened b")
    assert held_file(held) == ("summary_document", AGAIN, "multipart/form-data")
    again = {**fields_of(held), "summary_document": summary()}
    assert ann.post(address("change", area), again).status_code == 302
    stored = TopicArea.objects.get()
    with stored.summary_document.open() as file:
        assert (stored.definition, file.read()) == ("After.", PDF)


def test_held_upload_of_an_import_asks_for_its_file(ann):
    path = reverse("admin:catalog_program_import")
    file = SimpleUploadedFile("spring.csv", b"name\nNew\n")
    del ann.cookies["sessionid"]

    held = ann.post(path, {"file": file, "csrfmiddlewaretoken": "y" * 64})

    assert held_file(held) == (
        "file",
        "Choose “spring.csv” again: a browser does not send a file twice.",
        "multipart/form-data",
    )
    assert Import.objects.count() == 0
