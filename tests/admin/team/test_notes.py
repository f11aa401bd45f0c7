"""Notes of the staff: written and read at the entry, searched in a list, kept by merges, and never public."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from catalog.models import Program, StaffNote
from catalog.models.notes import AHEAD

from ...factories import ProgramFactory, UserFactory
from ...pages import read
from ..pages import address, listed, notes, said, submit, text_of
from ..workflow.merging import put_together

pytestmark = pytest.mark.django_db
SECRET = "zanzibar"


def note(entry, text, author=None, **fields):
    return StaffNote.objects.create(program=entry, text=text, author=author, **fields)


def log(response):
    """Return the notes on a page: what stands above each, and its text."""
    items = read(response).one("ol", class_="log").all("li")
    return [(item.one("h3").text, item.one("div", class_="said").text) for item in items]


# --- At the entry


def test_note_of_an_earlier_day_stands_in_its_place(mine, ann, program):
    page = address("notes", program)
    note(program, "Read.", ann, written_on="2026-03-05")
    typed = {"kind": "search", "written_on": "2026-03-04", "text": " PsycINFO:\r\n41 found. "}

    kept = mine.post(page, typed, follow=True)

    assert said(kept) == ["The note is kept. Only staff read it."]
    assert log(kept) == [
        ("March 5, 2026: Note", "Read."),
        ("March 4, 2026: Literature search", "PsycINFO: 41 found."),
    ]
    stored = StaffNote.objects.get(kind="search")
    assert (stored.author, stored.text) == (ann, "PsycINFO:\n41 found.")
    assert "2 notes" in text_of(mine.get(address("change", program)))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": " \u200b "}, "Write what there is to note."),
        ({"text": "x" * 10_001}, "This has 10,001 characters; there may be 10,000 at most."),
        ({"written_on": "2199-01-01"}, AHEAD),
        ({"written_on": "soon"}, "Write a date as 2027-03-01."),
        ({"kind": "song"}, "Select a valid choice. song is not one of the available choices."),
    ],
)
@pytest.mark.once
def test_note_that_cannot_be_is_refused_and_not_lost(mine, program, typed, sentence):
    sent = {"kind": "note", "written_on": "2026-03-01", "text": "Dear Ms. Sprang", **typed}

    page = mine.post(address("notes", program), sent)

    assert notes(page) == ["The note is not kept yet: see below what to fix."]
    assert sentence in text_of(page)
    assert read(page).one("textarea").text == sent["text"].strip()
    assert not StaffNote.objects.exists()


@pytest.mark.once
def test_hostile_text_is_shown_as_it_is(mine, program):
    note(program, "<script>alert(1)</script> https://a.example/?q=%22")

    page = mine.get(address("notes", program))

    assert log(page)[0][1] == "<script>alert(1)</script> https://a.example/?q=%22"


@pytest.mark.once
def test_notes_stand_in_pages_at_the_same_cost(mine, program, django_assert_max_num_queries):
    StaffNote.objects.bulk_create(StaffNote(program=program, text=f"N{n}") for n in range(70))

    with django_assert_max_num_queries(9):
        page = mine.get(address("notes", program), {"page": "2"})

    assert [text for _, text in log(page)] == [f"N{n}" for n in range(39, 9, -1)]


# --- Corrections


@pytest.mark.once
def test_author_corrects_a_note_and_the_page_says_so(mine, ann, program):
    mine_too = note(program, "41 fuond.", ann)

    submit(mine, mine_too.get_absolute_url(), text="41 found.")

    page = mine.get(address("notes", program))
    today = timezone.localdate().strftime("%B %-d, %Y")
    assert log(page) == [(f"{today}: Note", "41 found.")]
    assert f"Ann Example, corrected on {today}." in text_of(page)


@pytest.mark.once
def test_author_deletes_a_note_and_nobody_elses(mine, ann, bob, program):
    own, other = note(program, "One.", ann), note(program, "Two.", bob)

    statuses = [
        mine.post(address("delete", one), {"post": "yes"}).status_code for one in (own, other)
    ]

    assert statuses == [302, 403]
    assert list(StaffNote.objects.all()) == [other]


# --- The list of all


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Émile wrote 50%.", "A search", "Of a letter"}),
        ({"q": "émile"}, {"Émile wrote 50%."}),
        ({"q": "50% WROTE"}, {"Émile wrote 50%."}),
        ({"q": "earch"}, {"A search"}),
        ({"q": "wrote letter"}, set()),
        ({"q": "a.*h"}, set()),
        ({"kind__exact": "letter"}, {"Of a letter"}),
    ],
)
def test_notes_are_searched_and_filtered(mine, bob, program, query, found):
    note(program, "Émile wrote 50%.")
    note(program, "A search", bob, kind="search")
    note(program, "Of a letter", bob, kind="letter")

    page = mine.get(address("changelist", StaffNote), query)

    assert {one.text for one in page.context["cl"].result_list} == found


@pytest.mark.once
def test_notes_are_filtered_by_who_wrote_them(mine, ann, bob, program):
    note(program, "Ann's", ann)
    note(program, "Bob's", bob)

    page = mine.get(address("changelist", StaffNote), {"by": bob.pk})

    assert [one.text for one in page.context["cl"].result_list] == ["Bob's"]
    assert "Ann Example" in text_of(page)


@pytest.mark.once
def test_notes_on_what_somebody_may_not_read_are_left_out(client, program, area):
    user = UserFactory(is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_topicarea"))
    client.force_login(user)
    hidden = note(program, SECRET)
    StaffNote.objects.create(topic_area=area, text="Seen")

    page = client.get(address("changelist", StaffNote))

    assert [one.text for one in page.context["cl"].result_list] == ["Seen"]
    assert client.get(hidden.get_absolute_url()).status_code == 302
    assert client.get(address("notes", program)).status_code == 403


# --- Merging and deleting


@pytest.mark.once
def test_notes_of_both_are_found_at_the_entry_that_stays(client, bob, program):
    client.force_login(bob)
    twin = ProgramFactory(name="Twin", status="draft")
    note(program, "Of the one.", bob)
    note(twin, "Of the other.", bob)

    put_together(twin, program, user=bob)

    stays, goes = (client.get(address("notes", one)) for one in (program, twin))
    assert {text for _, text in log(stays)} == {"Of the one.", "Of the other."}
    assert "On “Twin”, which was merged into this entry." in text_of(stays)
    assert [text for _, text in log(goes)] == ["Of the other."]
    # A merged entry can only be read, and its notes too.
    assert read(goes).all("textarea") == []
    assert client.post(address("notes", twin), {"text": "x"}).status_code == 403


@pytest.mark.once
def test_notes_go_with_an_entry_that_is_deleted(client, bob, ann):
    client.force_login(bob)
    draft = ProgramFactory(status="draft")
    note(draft, "x", ann)

    asked = text_of(client.get(address("delete", draft)))
    client.post(address("delete", draft), {"post": "yes"})

    assert "Staff note: Note of" in asked
    assert not Program.objects.exists()
    assert not StaffNote.objects.exists()


# --- Never public


@pytest.mark.once
def test_no_export_and_no_preview_holds_a_note(editor_client, client, editor, program):
    program.status = "draft"
    program.save()
    note(program, SECRET, editor)
    link = program.preview_links.create(expires_at=timezone.now() + timedelta(days=1))
    pages = [
        "/admin/catalog/program/export/",
        "/admin/catalog/program/export/?format=csv",
        link.get_absolute_url(),
        program.get_absolute_url(),
    ]

    holding = []
    for page in pages:
        response = editor_client.get(page)
        body = b"".join(response) if response.streaming else response.content
        if SECRET.encode() in body:
            holding.append(page)

    assert holding == []
    assert listed(editor_client.get("/admin/catalog/program/", {"q": SECRET})) == []
