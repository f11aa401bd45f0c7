"""The preview of a file: what would happen, row by row, and nothing is written."""

import re

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from catalog.models import ImportStatus, Program

from ...factories import ProgramFactory, RatingFactory, TopicAreaFactory
from .record_page import buttons, headline, said, table
from .uploading import FILES, KEPT, MODELS, confirmed, entries, post, show, upload, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_preview_shows_what_would_happen_and_writes_nothing(editor_client):
    ProgramFactory(name="Old", acronym="O")
    ProgramFactory(name="Same", acronym="S")
    before = entries()

    record = upload(
        editor_client, 'slug,name,acronym\nold,Old,"<b>"\nsame,Same,S\n,New one,N\n,O-l-d,X\n'
    )
    page = show(editor_client, record)

    assert headline(page) == "Nothing is written yet: this is what would happen"
    assert record.counts == {"new": 2, "changed": 1, "re-rated": 0, "unchanged": 1}
    assert table(page, "changes") == [
        ["2", "Old", "Changed", "acronym: O → <b>"],
        ["4", "New one", "New", "slug: new-one name: New one acronym: N"],
        ["5", "O-l-d", "New", "slug: o-l-d name: O-l-d acronym: X"],
    ]
    assert buttons(page) == ["Confirm import", "Cancel and delete the file"]
    assert entries() == before
    assert LogEntry.objects.count() == 0


def test_preview_counts_first_what_the_rows_do(editor_client):
    ProgramFactory(name="Parent Child Therapy", slug="pct", acronym="P")

    page = show(editor_client, upload(editor_client, "name\nParent-Child Therapy\nOther\n"))

    found = re.findall(r"<b>([\d,]+)</b> ([\w-]+)</li>", page.content.decode())
    assert found == [
        ("2", "new"),
        ("0", "changed"),
        ("0", "re-rated"),
        ("0", "unchanged"),
        ("0", "mistakes"),
        ("1", "warning"),
    ]


def test_preview_shows_a_re_rating_as_what_it_is(editor_client):
    area = TopicAreaFactory(name="Sleep & rest", slug="sleep")
    RatingFactory(
        program=ProgramFactory(name="A", acronym="O"),
        topic_area=area,
        scientific_rating="2",
        rated_on="2024-06",
    )

    record = upload(
        editor_client,
        "name,acronym,topic_area,scientific_rating,rated_on\nA,X,sleep,1,2026-01\n",
    )

    assert table(show(editor_client, record), "changes") == [
        [
            "2",
            "A",
            "Re-rated",
            f"acronym: O → X Re-rated in Sleep & rest: 2 → 1, rated_on 2024-06 → 2026-01. {KEPT}",
        ]
    ]


def test_preview_says_where_programs_are_rated_for_the_first_time(editor_client):
    TopicAreaFactory(name="Sleep", slug="sleep")
    ProgramFactory(name="A", acronym="O")

    record = upload(
        editor_client,
        "name,acronym,topic_area,scientific_rating,rated_on\nA,X,sleep,1,2026-01\nB,Y,sleep,NR,\n",
    )

    assert table(show(editor_client, record), "changes") == [
        ["2", "A", "Changed", "acronym: O → X Rated in Sleep: 1, rated_on 2026-01."],
        ["3", "B", "New", "slug: b name: B acronym: Y Rated in Sleep: NR."],
    ]


def test_preview_of_a_file_of_ratings_names_the_area_too(editor_client):
    area = TopicAreaFactory(name="Sleep", slug="sleep")
    program = ProgramFactory(name="A")
    RatingFactory(program=program, topic_area=area, scientific_rating="2", rated_on="2024-06")

    record = upload(
        editor_client,
        "program,topic_area,scientific_rating,rated_on\na,sleep,3,2026\n",
        model="rating",
    )

    [row] = table(show(editor_client, record), "changes")
    assert row[2:] == [
        "Re-rated",
        "Re-rated in Sleep: 2 → 3, rated_on 2024-06 → 2026. " + KEPT,
    ]


def test_preview_shows_the_rows_that_do_one_thing(editor_client):
    ProgramFactory(name="Old", acronym="O")
    record = upload(editor_client, "name,acronym\nOld,X\nNew,N\n")

    shown = {
        query: [row[1] for row in table(show(editor_client, record, query), "changes")]
        for query in ("", "?action=new", "?action=changed", "?action=nonsense")
    }

    assert shown == {
        "": ["Old", "New"],
        "?action=new": ["New"],
        "?action=changed": ["Old"],
        "?action=nonsense": ["Old", "New"],
    }


def test_preview_says_aloud_how_the_file_was_read(editor_client):
    record = upload(editor_client, "name\nCafé\n".encode("cp1252"))

    page = show(editor_client, record).content.decode()

    assert "row 2, name: “Café”" in page
    assert "was read as Windows-1252" in page


def test_preview_shows_warnings_and_lets_the_import_go_on(editor_client):
    ProgramFactory(name="Parent Child Therapy", slug="pct")

    record = upload(editor_client, "name\nParent-Child Therapy\n")

    assert table(show(editor_client, record), "warnings") == [
        ["Row 2", "name", "Parent-Child Therapy", "Possible duplicate of “pct”."]
    ]
    post(editor_client, record)
    assert Program.objects.count() == 2


def test_confirmed_import_is_written_and_says_so(editor_client):
    ProgramFactory(name="Old")
    ProgramFactory(name="Same", acronym="S")

    record = upload(editor_client, "name,acronym\nOld,O\nSame,S\nNew,N\n")
    response = post(editor_client, record)

    assert (response.status_code, response["Location"]) == (302, record.get_absolute_url())
    assert said(response) == ["Imported: 1 new, 1 changed, 0 re-rated, 1 unchanged."]
    assert headline(show(editor_client, record)) == "Imported"
    assert list(Program.objects.values_list("name", "acronym", "status")) == [
        ("New", "N", "draft"),
        ("Old", "O", "published"),
        ("Same", "S", "published"),
    ]


def test_confirmed_import_has_a_name_and_a_file_on_every_change(editor_client, editor):
    old, same = ProgramFactory(name="Old"), ProgramFactory(name="Same")

    record = confirmed(editor_client, "name,acronym\nOld,O\nSame,\nNew,N\n", name="spring list.csv")

    new = Program.objects.get(name="New")
    reason = ("Imported from spring list.csv", editor.pk, record.pk)
    columns = ("history_change_reason", "history_user", "history_import")
    assert list(new.history.values_list(*columns)) == [reason]
    assert list(old.history.values_list(*columns)) == [reason, (None, None, None)]
    assert list(same.history.values_list(*columns)) == [(None, None, None)]
    assert list(LogEntry.objects.values_list("user", "object_id", "object_repr")) == [
        (editor.pk, str(record.pk), "spring list.csv (programs)")
    ]


@pytest.mark.parametrize("model", MODELS)
def test_every_kind_is_imported(model, editor_client, neighbours):
    objects = apps.get_model("catalog", model).objects
    before = objects.count()

    record = confirmed(editor_client, FILES[model], model=model)

    assert record.status == ImportStatus.DONE
    assert record.counts["new"] == 1
    assert objects.count() == before + 1


def test_file_that_changes_nothing_is_not_offered_for_import(editor_client):
    ProgramFactory(name="Same", acronym="S")
    before = entries()

    page = show(editor_client, upload(editor_client, "name,acronym\nSame,S\n"))

    assert headline(page) == "There is nothing to import: every row is as it is stored"
    assert buttons(page) == ["Cancel and delete the file"]
    assert entries() == before


def test_names_of_files_are_shown_as_text(editor_client):
    """The client refuses a page with a handler in it."""
    record = confirmed(editor_client, "name\nNew\n", name="<img onerror='x' src=x>.csv")

    pages = [
        show(editor_client, record),
        editor_client.get(url("import", "changelist")),
        editor_client.get(reverse("admin:catalog_import_undo", args=[record.pk])),
        editor_client.get(
            reverse("admin:catalog_program_history", args=[Program.objects.get().pk])
        ),
    ]

    name = "&lt;img onerror=&#x27;x&#x27; src=x&gt;.csv"
    assert [name in page.content.decode() for page in pages] == [True] * 4
