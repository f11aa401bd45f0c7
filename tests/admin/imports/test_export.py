"""Files that the admin gives: of a list, of what is ticked in it, and back in without any change."""

import csv
import io
import re
from contextlib import contextmanager
from itertools import count

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from catalog.models import ImportStatus, Program
from catalog.resources import base, read
from catalog.spreadsheets import formats

from ...conftest import catalog_permissions
from ...factories import (
    ProgramFactory,
    RatingFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .uploading import MODELS, entries, upload, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def exported(response):
    text = response.getvalue().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("model", MODELS)
def test_export_takes_its_permission(model, client, neighbours):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(catalog_permissions("view", "add", "change", "import"))
    client.force_login(user)
    without = client.get(url(model, "export"))
    user.user_permissions.set(catalog_permissions("view", "export"))

    with_it = client.get(url(model, "export"))

    assert without.status_code == 403
    assert with_it["Content-Type"] == "text/csv"
    assert with_it["Content-Disposition"].startswith("attachment;")


@pytest.fixture
def listed(db):
    """Programs that the list's filters tell apart."""
    area = TopicAreaFactory(name="Area")
    RatingFactory(program=ProgramFactory(name="Alpha"), topic_area=area, scientific_rating="1")
    RatingFactory(
        program=ProgramFactory(name="Beta", status="draft"), topic_area=area, scientific_rating="NR"
    )
    RatingFactory(program=Program.objects.get(name="Beta"), scientific_rating="2")
    ProgramFactory(name="Gamma", status="draft", relevance_level="high")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["Alpha", "Beta", "Beta", "Gamma"]),
        ("?status__exact=draft", ["Beta", "Beta", "Gamma"]),
        ("?q=alph", ["Alpha"]),
        ("?area=area", ["Alpha", "Beta", "Beta"]),
        ("?rating=none", ["Gamma"]),
        ("?status__exact=draft&relevance_level__exact=high", ["Gamma"]),
        ("?q=nothing", []),
    ],
)
def test_export_holds_what_the_list_shows(query, names, editor_client, listed):
    shown = editor_client.get(url("program", "changelist") + query).context["cl"].queryset
    rows = exported(editor_client.get(url("program", "export") + query))

    assert sorted(row["name"] for row in rows) == names
    assert {row["slug"] for row in rows} == {program.slug for program in shown}


def test_export_links_of_the_list_keep_its_filters(editor_client, listed, tmp_path):
    html = editor_client.get(url("program", "changelist") + "?q=alph&status__exact=published")

    links = re.findall(r'href="([^"]*/program/export/[^"]*)"', html.content.decode())

    text, workbook = (editor_client.get(link.replace("&amp;", "&")) for link in links)
    assert [row["name"] for row in exported(text)] == ["Alpha"]
    assert in_workbook(workbook, tmp_path) == ["Alpha"]


def test_export_runs_no_formula(editor_client):
    ProgramFactory(name="=cmd|' /C calc'!A0", slug="a", description="-1\n+2", acronym="@SUM")

    [row] = exported(editor_client.get(url("program", "export")))

    assert (row["name"], row["description"], row["acronym"]) == (
        "'=cmd|' /C calc'!A0",
        "'-1\n+2",
        "'@SUM",
    )


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
@pytest.mark.parametrize("model", MODELS)
def test_export_is_imported_without_any_change(model, extension, editor_client, neighbours):
    TopicExpertFactory(name="=Zoë, ®", biography='One.\n\n"Two".')
    RatingFactory()
    before = entries()

    file = editor_client.get(url(model, "export"), {"format": extension}).getvalue()
    record = upload(editor_client, file, model=model)

    assert record.status == ImportStatus.READY
    assert {action: count for action, count in record.counts.items() if count} == (
        {"unchanged": record.total} if record.total else {}
    )
    assert entries() == before


def in_workbook(response, tmp_path):
    """Return the names of the programs in an exported workbook."""
    path = tmp_path / "export.xlsx"
    path.write_bytes(response.getvalue())
    sheet = read("programs", path)
    return [row[sheet.header.index("name")] for _, row in sheet]


def test_csv_export_is_sent_while_it_is_read(editor_client, monkeypatch):
    monkeypatch.setattr(base, "BATCH", 1)
    monkeypatch.setattr(formats, "CHUNK", 0)
    for name in "abc":
        ProgramFactory(name=name, slug=name)

    response = editor_client.get(url("program", "export"))
    first = [next(response.streaming_content) for _ in range(2)]
    Program.objects.filter(name="c").delete()
    rest = list(response.streaming_content)

    assert response.streaming
    assert [piece[:2] for piece in (*first[1:], *rest)] == [b"a,", b"b,", b""]


@contextmanager
def broken_after(batches):
    """Let the database go away after so many batches of an export are read."""
    read = count()

    def break_off(execute, sql, *args):
        if '"catalog_program"."id" IN (' in sql and next(read) >= batches:
            raise OperationalError("away")
        return execute(sql, *args)

    with connection.execute_wrapper(break_off):
        yield


def test_export_that_fails_breaks_off(editor_client, monkeypatch):
    monkeypatch.setattr(base, "BATCH", 1)
    ProgramFactory.create_batch(2)
    response = editor_client.get(url("program", "export"))

    with broken_after(1), pytest.raises(OperationalError, match="away"):
        list(response.streaming_content)


def test_export_that_fails_is_an_error_where_a_break_would_not_be_seen(editor_client, monkeypatch):
    """In HTTP/1.0 a connection that ends early is a file that ends there."""
    monkeypatch.setattr(base, "BATCH", 1)
    ProgramFactory.create_batch(2)

    with broken_after(1):
        response = editor_client.get(url("program", "export"), SERVER_PROTOCOL="HTTP/1.0")

    assert response.status_code == 503


def test_export_is_named_after_its_kind_and_the_day(editor_client):
    day = timezone.localdate().isoformat()

    names = [
        editor_client.get(url("topicarea", "export"), {"format": extension})["Content-Disposition"]
        for extension in ("csv", "xlsx")
    ]

    assert names == [
        f'attachment; filename="topic-areas-{day}.csv"',
        f'attachment; filename="topic-areas-{day}.xlsx"',
    ]


def test_export_in_no_known_format_is_not_found(editor_client):
    assert editor_client.get(url("program", "export"), {"format": "html"}).status_code == 404


@pytest.mark.parametrize("everything", [False, True], ids=["ticked", "across all pages"])
def test_selection_is_exported_in_either_format(everything, editor_client, tmp_path):
    programs = [ProgramFactory(name=f"Program {n:02}") for n in range(60)]
    names = [program.name for program in programs]
    data = {
        "_selected_action": [program.pk for program in programs[:2]],
        "select_across": "1" if everything else "0",
    }

    text, workbook = (
        editor_client.post(url("program", "changelist"), {**data, "action": f"export_{extension}"})
        for extension in ("csv", "xlsx")
    )

    wanted = names if everything else names[:2]
    assert [row["name"] for row in exported(text)] == wanted
    assert in_workbook(workbook, tmp_path) == wanted


def test_selection_is_not_exported_without_the_permission(client, writer):
    program = ProgramFactory()
    client.force_login(writer)

    response = client.post(
        url("program", "changelist"),
        {"_selected_action": [program.pk], "action": "export_csv", "select_across": "0"},
    )

    assert response.get("Content-Disposition") is None
