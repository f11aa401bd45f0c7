"""Staff say how it stands with what visitors have written; it waits on the desk until then."""

import pytest

from catalog.models import Program, Submission

from ..factories import ProgramFactory, SubmissionFactory
from ..pages import read
from .pages import BrowserForm, address, submit, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def correction():
    ProgramFactory(name="Calm", slug="calm")
    return SubmissionFactory(kind="correction", program_slug="calm", text="<b>It ended.</b>")


def waiting(client):
    """Return the lines of the desk about what visitors have written."""
    desk = read(client.get("/admin/"))
    (section,) = [
        part
        for part in desk.all("section")
        if part.all("h2", "h3")[0].text.startswith("Written by visitors")
    ]
    return [words for words, _ in section.links]


def test_what_visitors_write_waits_on_the_desk_until_somebody_has_dealt_with_it(
    editor_client, correction
):
    before = waiting(editor_client)
    response = submit(editor_client, address("change", correction), state="declined")
    refused = text_of(response)
    submit(editor_client, address("change", correction), state="declined", reason="It goes on.")

    correction.refresh_from_db()
    assert before == [f"Correction {correction.receipt}"]
    assert "Say why it is declined." in refused
    assert (correction.state, correction.handled_by.username) == ("declined", "editor")
    assert waiting(editor_client) == []


def test_page_shows_what_was_written_as_text_and_leads_to_where_it_is_dealt_with(
    editor_client, correction
):
    nomination = SubmissionFactory(kind="program", subject="Quiet & Co")

    page = read(editor_client.get(address("change", correction)))
    links = dict(read(editor_client.get(address("change", nomination))).links)

    assert page.one("div", class_="as-typed").text == "<b>It ended.</b>"
    program = Program.objects.get()
    assert dict(page.links)["Change the program"] == address("change", program)
    form = BrowserForm(editor_client.get(links["Start a draft"])).data
    assert form["name"] == ["Quiet & Co"]


def test_two_people_do_not_overwrite_each_other(editor_client, correction):
    path = address("change", correction)
    opened = BrowserForm(editor_client.get(path)).data
    submit(editor_client, path, state="answered", reason="Thanks.")

    response = editor_client.post(path, {**opened, "state": "declined", "reason": "No."})

    said = "editor has changed this since you opened it: it is “Answered” now."
    assert said in text_of(response)
    assert Submission.objects.get().state == "answered"
