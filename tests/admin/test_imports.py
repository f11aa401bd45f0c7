"""Import and export in the admin: upload, preview, confirmation, undoing, and who may do which."""

import csv
import io
import re
import time
from datetime import timedelta
from html.parser import HTMLParser

import pytest
import tablib
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from catalog.admin.import_export import FORMATS
from catalog.admin.imports.wording import progress_in_words, time_in_words
from catalog.history.diff import diff_segments
from catalog.importing import jobs
from catalog.importing.applying import MAY_NOT
from catalog.importing.progress import PATIENCE, Progress, progress_of, store_progress
from catalog.importing.tasks import apply_import
from catalog.models import Import, ImportedRow, ImportStatus, Program, Rating, TopicArea
from catalog.resources import read

from ..conftest import StrictClient, catalog_permissions
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..importing.loading import stored

pytestmark = pytest.mark.django_db

MODELS = ["program", "topicarea", "topicexpert", "reference", "rating", "study"]
# For each model a file that adds an entry.
FILES = {
    "program": "name\nNew\n",
    "topicarea": "name\nNew\n",
    "topicexpert": "name\nNew\n",
    "reference": "title\nNew\n",
    "rating": "program,topic_area,scientific_rating\na,area,3\n",
    "study": "program,reference\na,author-2020\n",
}
KEPT = "The rating before is kept as a past one."
GONE = "There is no such import any more: it was cancelled, or cleaned away because nobody confirmed it."


@pytest.fixture
def neighbours(db):
    """What the files for ratings and studies refer to."""
    ProgramFactory(name="A")
    TopicAreaFactory(name="Area", abbreviation="AA")
    ReferenceFactory()


@pytest.fixture
def uploads(tmp_path):
    """Return a function that lists the uploaded files that are kept."""
    return lambda: sorted(path for path in (tmp_path / "imports").rglob("*") if path.is_file())


@pytest.fixture
def by_the_worker(settings):
    """Every file is one for the worker."""
    settings.IMPORT_ROWS_IN_REQUEST = 0


@pytest.fixture
def importer_client(db):
    """A colleague who may import everything and undo nothing."""
    user = UserFactory(username="importer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view", "add", "change", "import"))
    client = StrictClient()
    client.force_login(user)
    return client


# The worker closes the connection after each task: the test cannot be one transaction.
with_the_worker = pytest.mark.django_db(transaction=True)


def work():
    """Do what the worker is sent to do."""
    call_command("db_worker", batch=True, interval=0, verbosity=0)


def entries():
    """Return all that is stored, history and ratings too, except the records of imports."""
    records = {"catalog.Import", "catalog.ImportedRow"}
    return {name: rows for name, rows in stored().items() if name not in records}


def url(model, page="import"):
    return reverse(f"admin:catalog_{model}_{page}")


def send(client, content, *, model="program", name="spring.csv"):
    """Upload a file; return the answer."""
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(url(model), {"file": SimpleUploadedFile(name, data)})


def upload(client, content, **options):
    """Upload a file; return the import's record."""
    response = send(client, content, **options)
    record = Import.objects.first()
    assert (response.status_code, response["Location"]) == (302, record.get_absolute_url())
    return record


def show(client, record, query=""):
    return client.get(record.get_absolute_url() + query)


def post(client, record, action="confirm", **data):
    """Send one of the forms of the import's page; return the answer."""
    data = {"plan": record.plan, **data}
    return client.post(reverse(f"admin:catalog_import_{action}", args=[record.pk]), data)


def confirmed(client, content, **options):
    """Upload a file and confirm what it would do; return the record as it is then."""
    record = upload(client, content, **options)
    post(client, record)
    record.refresh_from_db()
    return record


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def headline(response):
    return " ".join(re.findall(r"<h2>(.*?)</h2>", response.content.decode())[-1].split())


def buttons(response):
    """Return what the page offers to do."""
    html = response.content.decode().partition('class="import"')[2]
    return re.findall(r'<input type="submit"[^>]* value="([^"]*)"', html)


class Tables(HTMLParser):
    """The tables of a page by id or (last) class, each as rows of cells of text."""

    def __init__(self, html):
        super().__init__()
        self.tables, self.rows, self.cell = {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            attributes = dict(attrs)
            name = attributes.get("id") or (attributes.get("class") or "").rpartition(" ")[2]
            self.rows = self.tables[name] = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in {"td", "th"} and self.rows:
            self.cell = []

    def handle_endtag(self, tag):
        if tag == "table":
            self.rows = None
        elif tag in {"td", "th"} and self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)


def table(response, name):
    """Return the rows of the page's table of this class, without its header."""
    return Tables(response.content.decode()).tables[name][1:]


# --- From the upload to the entry


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
    assert buttons(page) == ["Confirm import", "Cancel and forget the file"]
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


def test_changed_words_of_a_text_are_marked_and_the_others_are_not():
    assert diff_segments("A group for all staff.", "A weekly group for all.") == [
        ("", "A"),
        ("ins", " weekly"),
        ("", " group for"),
        ("del", " all staff."),
        ("ins", " all."),
    ]
    assert diff_segments("", "New") == [("del", "(blank)"), ("", " → "), ("ins", "New")]
    assert diff_segments("Old", "") == [("del", "Old"), ("", " → "), ("ins", "(blank)")]


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
    assert buttons(page) == ["Cancel and forget the file"]
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


# --- Files with mistakes


def test_mistakes_are_listed_with_row_column_value_and_what_would_be_right(editor_client):
    before = entries()

    record = upload(
        editor_client,
        'name,description,child_age_min,loaded_on\nA,"x\n\ny",12.5,2023-02-29\n\nB,<script>,x,\n',
    )
    page = show(editor_client, record)

    number = "Write a whole number in digits, such as 12."
    date = "“2023-02-29” is not a date: February 2023 has no day 29."
    assert table(page, "mistakes") == [
        ["Row 2", "child_age_min", "12.5", number],
        ["Row 2", "loaded_on", "2023-02-29", date],
        ["Row 4", "child_age_min", "x", number],
    ]
    assert headline(page) == "3 mistakes to mend: nothing was imported"
    assert buttons(page) == ["Cancel and forget the file"]
    assert f'href="{url("program")}"' in page.content.decode()
    assert entries() == before


def test_same_mistake_in_many_rows_stands_there_once(editor_client):
    record = upload(editor_client, "name,child_age_min\n" + "".join(f"A{n},x\n" for n in range(12)))

    [row] = table(show(editor_client, record), "mistakes")

    assert row[0] == "Rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more"


def test_mistakes_are_on_pages_of_a_hundred(editor_client):
    record = upload(
        editor_client, "name,child_age_min\n" + "".join(f"A{n},x{n}\n" for n in range(250))
    )

    shown = {
        page: [
            row[2]
            for row in table(show(editor_client, record, f"?mistakes_page={page}"), "mistakes")
        ]
        for page in ("1", "3", "99", "x")
    }

    values = [f"x{n}" for n in range(250)]
    assert shown == {"1": values[:100], "3": values[200:], "99": values[200:], "x": values[:100]}


@pytest.mark.parametrize("extension", ["csv", "xlsx"])
def test_file_with_its_mistakes_is_mended_and_imported(extension, editor_client):
    def file_of(header, rows):
        return FORMATS[extension]().export_data(tablib.Dataset(*rows, headers=header))

    name = f"my spring.{extension}"
    wrong = file_of(["name", "child_age_min"], [("A", "x"), ("B", "7")])
    record = upload(editor_client, wrong, name=name)
    response = editor_client.get(reverse("admin:catalog_import_mistakes", args=[record.pk]))
    download = b"".join(response)
    found = tablib.Dataset().load(
        download.decode("utf-8-sig") if extension == "csv" else download, format=extension
    )

    disposition = f'attachment; filename="my spring-mistakes.{extension}"'
    assert response["Content-Disposition"] == disposition
    assert response["X-Content-Type-Options"] == "nosniff"
    rows = [{key: str(value or "") for key, value in row.items()} for row in found.dict]
    message = "child_age_min: Write a whole number in digits, such as 12."
    assert rows == [
        {"name": "A", "child_age_min": "x", "error": message, "row": "2"},
        {"name": "B", "child_age_min": "7", "error": "", "row": "3"},
    ]
    rows[0]["child_age_min"] = "6"
    record = confirmed(
        editor_client, file_of(found.headers, [tuple(row.values()) for row in rows]), name=name
    )
    assert (record.status, record.counts["new"]) == (ImportStatus.DONE, 2)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param("nmae,zzz\na,b\n", id="unknown columns"),
        pytest.param("zzz\n", id="a header alone"),
        pytest.param(b"", id="nothing"),
        pytest.param('name,zzz\n"a,b\n', id="an open quotation mark"),
        pytest.param(b"\xff\xd8\xff\xe0 a picture \x00\x01", id="a picture"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00", id="half a workbook"),
        pytest.param(b'"' + b"x" * 200_000, id="one long line"),
    ],
)
def test_unreadable_file_is_an_answer_and_no_traceback(content, model, editor_client, settings):
    before = entries()

    response = send(editor_client, content, model=model)
    record = Import.objects.first()
    page = show(editor_client, record) if record else response

    html = page.content.decode()
    assert bool(table(page, "mistakes") if record else page.context["form"].errors)
    assert "Confirm import" not in html
    for inside in ("Traceback", str(settings.BASE_DIR), "site-packages", "Error&#x27;", ".py"):
        assert inside not in html
    assert entries() == before


def test_unreadable_file_is_refused_in_words_beside_the_field_and_not_kept(editor_client, uploads):
    response = send(editor_client, b"PK\x03\x04\x14\x00\x06\x00")

    [message] = response.context["form"].errors["file"]
    assert message in response.content.decode()
    assert Import.objects.count() == 0
    assert uploads() == []


def test_upload_without_a_file_says_so(editor_client):
    response = editor_client.post(url("program"), {})

    assert response.context["form"].errors == {"file": ["This field is required."]}


def test_upload_that_is_too_large_is_refused_and_not_kept(editor_client, settings, uploads):
    settings.IMPORT_MAX_BYTES = 1024 * 1024

    response = send(editor_client, "name\n" + "x" * 1024 * 1024)

    assert response.context["form"].errors == {
        "file": ["The file is larger than 1 MB. Split it into smaller ones."]
    }
    assert uploads() == []


def test_upload_of_too_many_rows_is_refused(editor_client, settings):
    settings.IMPORT_MAX_ROWS = 2

    response = send(editor_client, "name\na\nb\nc\n")

    [message] = response.context["form"].errors["file"]
    assert message.startswith("The file has more than 2 rows, the most that can be imported")


def test_publishing_by_import_takes_the_permission_to_publish(importer_client):
    record = upload(importer_client, "name,status\nA,published\n")

    assert table(show(importer_client, record), "mistakes") == [
        ["Row 2", "status", "published", "Your account may not publish or retire."]
    ]


def test_record_keeps_no_more_of_a_cell_than_is_read(editor_client):
    text = "x" * 90_000

    record = upload(editor_client, f"name,child_age_min,nonsense\nA,{text},{text}\n")

    assert record.status == ImportStatus.FAILED
    assert len(str(record.problems)) < 10_000


def test_second_check_leaves_one_file_of_mistakes(editor_client, uploads):
    record = upload(editor_client, "name,child_age_min\nA,x\n")

    jobs.check(record)

    assert (record.status, len(uploads())) == (ImportStatus.FAILED, 2)
    assert {path.name for path in uploads()} == {record.file.name, record.mistakes.name}


# --- Many rows


def record_of(rows, **values):
    """Make the record of an import with so many rows that change something."""
    counts = {"new": 0, "changed": rows, "re-rated": 0, "unchanged": 0}
    defaults = {"kind": "programs", "file_name": "spring.csv", "status": "ready", "total": rows}
    record = Import.objects.create(**{**defaults, "counts": counts, "plan": "p", **values})
    text = "A weekly group for caseworkers who have seen too much. " * 5
    changes = [["acronym", "", "AB"], ["description", text, f"{text}More."], ["goals", text, ""]]
    ImportedRow.objects.bulk_create(
        ImportedRow(
            record=record, number=n + 2, action="changed", entry=f"Program {n}", changes=changes
        )
        for n in range(rows)
    )
    return record


def test_twenty_thousand_rows_are_on_pages_of_a_hundred(editor_client, editor):
    record = record_of(20_000, user=editor)

    first, last = (show(editor_client, record, query) for query in ("", "?page=200"))

    assert [row[0] for row in table(first, "changes")] == [str(n) for n in range(2, 102)]
    assert [row[0] for row in table(last, "changes")] == [str(n) for n in range(19_902, 20_002)]
    assert "Rows that change something: 19,901 to 20,000 of 20,000" in last.content.decode()
    assert 'href="?page=199#changes" aria-label="Page 199"' in last.content.decode()
    assert len(first.content) < 250_000


def test_page_costs_the_same_for_many_rows_and_for_few(editor_client, editor):
    costs = []
    for rows in (1, 1_000):
        record = record_of(rows, user=editor)
        show(editor_client, record)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            show(editor_client, record)
        costs.append(len(queries))

    assert costs[0] == costs[1]


def test_list_costs_the_same_for_one_import_and_for_ten(editor_client, editor):
    costs = []
    for number in (1, 9):
        for _ in range(number):
            record_of(1, user=editor)
        editor_client.get(url("import", "changelist"))
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(url("import", "changelist"))
        costs.append(len(queries))

    assert costs[0] == costs[1]


# --- Work for the worker


@with_the_worker
def test_large_file_is_checked_and_imported_by_the_worker(editor_client, by_the_worker):
    record = upload(editor_client, "name\nNew\n")
    waiting = show(editor_client, record)
    work()
    record.refresh_from_db()
    preview = show(editor_client, record)
    post(editor_client, record)
    record.refresh_from_db()
    waiting_again = show(editor_client, record)
    before = Program.objects.count()
    work()

    assert [headline(page) for page in (waiting, preview, waiting_again)] == [
        "Being checked",
        "Nothing is written yet: this is what would happen",
        "Being imported",
    ]
    assert [page.get("Refresh") for page in (waiting, preview, waiting_again)] == ["3", None, "3"]
    for page in (waiting, waiting_again):
        assert "Waiting for the worker (<code>manage.py db_worker</code>)" in page.content.decode()
    assert (before, Program.objects.count()) == (0, 1)
    assert headline(show(editor_client, record)) == "Imported"


def at_work(record, done, *, started=10.0, seen=0.0):
    """Let it be known that somebody has begun so many seconds ago, and was last heard of so many ago."""
    now = time.time()
    begun = None if started is None else now - started
    store_progress(record, Progress(done, begun, now - seen))


@pytest.mark.parametrize(
    ("progress", "sentence", "offers"),
    [
        ({"done": 500}, "500 of 2,000 rows", []),
        ({"done": 0, "started": None}, "Waiting for the worker", ["Cancel and forget the file"]),
        (
            {"done": 500, "started": 100.0, "seen": PATIENCE + 1},
            "The worker seems to have stopped. Nothing was written.",
            ["Run it again", "Cancel and forget the file"],
        ),
        (
            {"done": 0, "started": None, "seen": PATIENCE + 1},
            "No worker has begun. Nothing was written.",
            ["Run it again", "Cancel and forget the file"],
        ),
        (
            None,
            "No worker has begun. Nothing was written.",
            ["Run it again", "Cancel and forget the file"],
        ),
    ],
    ids=["working", "waiting", "stopped", "nobody began", "nothing known"],
)
def test_page_says_how_the_work_stands(editor_client, editor, progress, sentence, offers):
    record = record_of(0, user=editor, status="checking", total=2_000)
    if progress:
        at_work(record, **progress)

    page = show(editor_client, record)

    assert sentence in page.content.decode()
    assert buttons(page) == offers
    assert (page.get("Refresh") is None) == ("Run it again" in offers)


def test_page_need_not_ask_again(editor_client, editor):
    record = record_of(0, user=editor, status="checking", total=2_000)
    at_work(record, 500)

    assert show(editor_client, record).get("Refresh") == "3"
    assert show(editor_client, record, "?still").get("Refresh") is None


def test_confirmed_import_is_cancelled_unless_somebody_works_on_it(editor_client, editor):
    record = record_of(1, user=editor, status="confirmed")
    at_work(record, 0)

    refused = post(editor_client, record, "cancel")
    assert said(refused) == [
        "This import cannot be cancelled. This import’s status is “being imported”."
    ]
    at_work(record, 0, started=100.0, seen=PATIENCE + 1)
    assert buttons(show(editor_client, record)) == ["Run it again", "Cancel and forget the file"]
    post(editor_client, record, "cancel")

    assert Import.objects.count() == 0


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("checking", "Nothing was written."),
        ("confirmed", "Nothing was imported."),
        ("undoing", "Nothing was undone."),
    ],
)
def test_page_says_what_a_stopped_worker_has_not_done(status, sentence, editor_client, editor):
    record = record_of(0, user=editor, status=status, finished_at=timezone.now())

    html = show(editor_client, record).content.decode()

    assert re.findall(r"Nothing was \w+\.", html) == [sentence]


def test_import_of_a_killed_command_is_checked_again_before_it_is_imported(editor_client, editor):
    """Weeks later: what others have edited since is not written over in nobody's name."""
    ProgramFactory(name="A", acronym="O")
    content = ContentFile(b"name,acronym\nA,X\n", name="spring.csv")
    record = jobs.receive("programs", content, user=None)
    month = timezone.now() - timedelta(days=30)
    Import.objects.update(status=ImportStatus.CONFIRMED, created_at=month)
    before = entries()

    post(editor_client, record, "run_again")

    editor_client.get(url("import", "changelist"))
    record.refresh_from_db()
    assert (record.status, record.user, entries()) == (ImportStatus.READY, editor, before)
    post(editor_client, record)
    assert Program.objects.get().acronym == "X"
    assert Program.history.first().history_user == editor


def test_undo_is_only_gone_on_with_by_somebody_who_may_undo(editor_client, importer_client):
    record = confirmed(importer_client, "name\nNew\n")
    Import.objects.update(status=ImportStatus.UNDOING)
    at_work(record, 0, seen=PATIENCE + 1)

    page = show(importer_client, record)
    response = post(importer_client, record, "run_again")

    assert buttons(page) == []
    assert said(response)[-1] == "Only those who may undo imports can go on with undoing one."
    record.refresh_from_db()
    assert (record.status, Program.objects.count()) == (ImportStatus.UNDOING, 1)
    post(editor_client, record, "run_again")
    record.refresh_from_db()
    assert (record.status, Program.objects.count()) == (ImportStatus.UNDONE, 0)


def test_progress_is_told_in_words():
    progress = Progress(12_000, 100.0, 106.32)

    assert progress_in_words(progress, 50_000) == (
        "12,000 of 50,000 rows, 1,899 a second, about 20 seconds left"
    )
    assert progress_in_words(progress, 0) == "12,000 rows, 1,899 a second"
    assert progress_in_words(Progress(0, 100.0, 100.0), 50_000) == "0 of 50,000 rows"
    assert [time_in_words(seconds) for seconds in (0, 9.9, 44, 120, 600)] == [
        "a few seconds left",
        "a few seconds left",
        "about 40 seconds left",
        "about 2 minutes left",
        "about 10 minutes left",
    ]


@with_the_worker
def test_import_of_a_stopped_worker_is_run_again(editor_client, by_the_worker):
    record = upload(editor_client, "name\nNew\n")
    at_work(record, 0, started=200.0, seen=PATIENCE + 1)

    response = post(editor_client, record, "run_again")

    assert response["Location"] == record.get_absolute_url()
    assert "Waiting for the worker" in show(editor_client, record).content.decode()
    work()
    record.refresh_from_db()
    assert record.status == ImportStatus.READY


def test_import_that_is_worked_on_is_not_run_again(editor_client, editor):
    record = record_of(0, user=editor, status="checking")
    at_work(record, 0)
    before = progress_of(record)

    response = post(editor_client, record, "run_again")

    assert said(response) == ["There is nothing to run again: this import is being worked on."]
    assert progress_of(record) == before


def test_finished_import_is_not_run_again(editor_client):
    record = confirmed(editor_client, "name\nNew\n")

    response = post(editor_client, record, "run_again")

    assert (
        said(response)[-1] == "There is nothing to run again. This import’s status is “imported”."
    )
    assert Program.history.count() == 1


@with_the_worker
def test_upload_that_was_cancelled_does_not_come_back(editor_client, by_the_worker, uploads):
    record = upload(editor_client, "name\nNew\n")
    post(editor_client, record, "cancel")

    work()

    assert Import.objects.count() == 0
    assert uploads() == []


# --- Who may import


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "actions",
    [
        pytest.param([], id="nothing"),
        pytest.param(["view", "add", "change", "delete", "publish", "export"], id="no import"),
        pytest.param(["view", "add", "import"], id="no change"),
        pytest.param(["view", "change", "import"], id="no add"),
        pytest.param(["view", "import"], id="import alone"),
        pytest.param(["view", "undo"], id="undo alone"),
    ],
)
def test_import_takes_the_permissions_to_import_add_and_change(
    actions, model, client, neighbours, uploads
):
    """The upload of somebody who loses the permissions after the preview is not imported either."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(catalog_permissions("add", "change", "import"))
    client.force_login(user)
    record = upload(client, FILES[model], model=model)
    user.user_permissions.set(catalog_permissions(*actions))
    before, kept = stored(), uploads()

    answers = [
        client.get(url(model)),
        send(client, FILES[model], model=model),
        client.get(url("import", "changelist")),
        show(client, record),
        *(
            client.get(reverse(f"admin:catalog_import_{page}", args=[record.pk]))
            for page in ("file", "mistakes", "undo", "delete")
        ),
        *(post(client, record, action) for action in ("confirm", "cancel", "run_again", "undo")),
    ]

    assert [response.status_code for response in answers] == [403] * len(answers)
    assert stored() == before
    assert uploads() == kept


def test_permission_for_one_kind_is_none_for_another(client, editor_client):
    record = confirmed(editor_client, FILES["program"])
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        p
        for p in catalog_permissions("add", "change", "import", "undo")
        if p.content_type.model in {"topicexpert", "import"}
    )
    stranger = StrictClient()
    stranger.force_login(user)
    own = upload(stranger, FILES["topicexpert"], model="topicexpert")
    before = stored()

    assert stranger.get(url("topicexpert")).status_code == 200
    assert stranger.get(url("program")).status_code == 403
    listed = stranger.get(url("import", "changelist")).context["cl"].result_list
    assert [listed_record.pk for listed_record in listed] == [own.pk]
    for page in ("change", "file", "mistakes", "undo"):
        address = reverse(f"admin:catalog_import_{page}", args=[record.pk])
        assert stranger.get(address).status_code == 404
    for action in ("confirm", "cancel", "run_again", "undo"):
        assert said(post(stranger, record, action))[-1] == GONE
    assert stored() == before


@pytest.mark.parametrize("page", ["import", "export"])
def test_visitors_are_asked_to_sign_in(page, client):
    client.force_login(UserFactory(is_staff=False))

    response = client.post(url("program", page))

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("admin:login"))


def test_list_offers_import_and_export_to_those_who_may(client, editor, writer):
    links = {}
    for user in (editor, writer):
        client.force_login(user)
        html = client.get(url("program", "changelist")).content.decode()
        links[user.username] = re.findall(
            r"href=['\"]/admin/catalog/program/(import|export)/", html
        )

    assert links == {"editor": ["import", "export", "export"], "writer": []}


def test_address_that_imports_what_a_form_names_is_gone():
    with pytest.raises(NoReverseMatch):
        url("program", "process_import")


# --- The record of an import


def test_list_holds_who_brought_in_what_newest_first(editor_client, importer_client):
    confirmed(editor_client, "name\nNew\n", name="first.csv")
    upload(importer_client, "name,child_age_min\nA,x\n", name="second.csv")

    [newest, oldest] = table(editor_client.get(url("import", "changelist")), "result_list")

    assert newest[:5] == [
        "second.csv",
        "programs",
        "Has mistakes",
        "1 mistake",
        "importer",
    ]
    assert oldest[:5] == [
        "first.csv",
        "programs",
        "Imported",
        "1 new",
        "editor",
    ]


def test_records_are_neither_added_nor_edited_nor_deleted(editor_client):
    record = confirmed(editor_client, "name\nNew\n")
    before = Import.objects.values().get()

    answers = [
        editor_client.get(url("import", "add")).status_code,
        editor_client.post(reverse("admin:catalog_import_delete", args=[record.pk])).status_code,
    ]
    editor_client.post(record.get_absolute_url(), {"status": "ready"})
    editor_client.post(
        url("import", "changelist"), {"action": "delete_selected", "_selected_action": record.pk}
    )

    assert answers == [403, 403]
    assert Import.objects.values().get() == before


def test_file_comes_back_as_it_came_to_be_saved(editor_client):
    content = b"name\n<script>alert(1)</script>\n"
    record = upload(editor_client, content, name="páge.html")

    response = editor_client.get(reverse("admin:catalog_import_file", args=[record.pk]))

    assert b"".join(response) == content
    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == "attachment; filename*=utf-8''p%C3%A1ge.html"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_file_that_is_gone_is_missed_in_words(editor_client, uploads):
    record = upload(editor_client, "name\nNew\n")
    for file in uploads():
        file.unlink()

    for page in ("file", "mistakes"):
        response = editor_client.get(reverse(f"admin:catalog_import_{page}", args=[record.pk]))
        assert said(response)[-1] == "There is no such file any more."


def test_unknown_import_is_not_found(editor_client):
    for page in ("change", "file", "mistakes", "undo"):
        for pk in ("1", "x", "9" * 40):
            address = reverse(f"admin:catalog_import_{page}", args=[pk])
            assert editor_client.get(address).status_code == 404


@pytest.mark.parametrize("action", ["confirm", "cancel", "run_again"])
def test_what_an_import_does_is_sent_and_never_linked_to(action, editor_client):
    record = upload(editor_client, "name\nNew\n")

    answer = editor_client.get(reverse(f"admin:catalog_import_{action}", args=[record.pk]))

    assert answer.status_code == 405
    assert Import.objects.get().status == ImportStatus.READY


# --- Cancelling, and previews that nobody confirms


def test_cancelled_upload_leaves_no_file_and_no_rows(
    editor_client, uploads, django_capture_on_commit_callbacks
):
    record = upload(editor_client, "name,child_age_min\nA,x\nB,7\n")
    assert len(uploads()) == 2
    assert ImportedRow.objects.count() == 1

    with django_capture_on_commit_callbacks(execute=True):
        response = post(editor_client, record, "cancel")

    assert response["Location"] == url("program")
    assert said(response) == ["Cancelled. Nothing was imported, and the file is not kept."]
    assert (Import.objects.count(), ImportedRow.objects.count(), uploads()) == (0, 0, [])


@pytest.mark.parametrize("action", ["confirm", "cancel", "run_again", "undo"])
def test_nothing_is_done_with_a_cancelled_upload(action, editor_client):
    record = upload(editor_client, "name\nNew\n")
    post(editor_client, record, "cancel")

    response = post(editor_client, record, action)

    assert response["Location"] == url("import", "changelist")
    assert said(response)[-1] == GONE
    assert Program.objects.count() == 0


def test_imported_file_cannot_be_cancelled(editor_client, uploads):
    record = confirmed(editor_client, "name\nNew\n")

    response = post(editor_client, record, "cancel")

    assert said(response)[-1] == (
        "This import cannot be cancelled. This import’s status is “imported”."
    )
    assert (Import.objects.count(), len(uploads())) == (1, 1)


def test_abandoned_uploads_are_cleaned_away_by_the_next_one(
    editor_client, uploads, django_capture_on_commit_callbacks
):
    waiting, wrong, done = (
        upload(editor_client, "name\nNew\n"),
        upload(editor_client, "name,child_age_min\nA,x\n"),
        confirmed(editor_client, "name\nOther\n"),
    )
    Import.objects.update(created_at=timezone.now() - timedelta(days=3))

    with django_capture_on_commit_callbacks(execute=True):
        new = upload(editor_client, "name\nThird\n")

    assert set(Import.objects.values_list("pk", flat=True)) == {done.pk, new.pk}
    assert len(uploads()) == 2
    assert not {waiting.pk, wrong.pk} & set(ImportedRow.objects.values_list("record", flat=True))


@pytest.mark.parametrize("address", ["import", "list"])
def test_abandoned_uploads_are_cleaned_away_when_somebody_looks(address, editor_client):
    upload(editor_client, "name\nNew\n")
    Import.objects.update(created_at=timezone.now() - timedelta(days=3))

    editor_client.get(url("import", "changelist") if address == "list" else url("program"))

    assert Import.objects.count() == 0


def test_import_that_is_confirmed_while_it_is_cleaned_away_stays(editor_client, uploads):
    record = upload(editor_client, "name\nNew\n")
    stale = Import.objects.get()
    post(editor_client, record)

    jobs.withdraw(stale, ImportStatus.unconfirmed())

    assert (Import.objects.get().status, len(uploads())) == (ImportStatus.DONE, 1)


def test_file_of_a_record_that_cannot_be_kept_is_deleted(uploads):
    unknown = UserFactory.build()

    with pytest.raises(ValueError, match="unsaved related object"):
        jobs.receive("programs", ContentFile(b"name\nNew\n", name="spring.csv"), user=unknown)

    assert uploads() == []


def test_file_stays_until_its_record_is_gone(
    editor_client, uploads, django_capture_on_commit_callbacks
):
    record = upload(editor_client, "name\nNew\n")

    with django_capture_on_commit_callbacks(execute=True):
        record.delete()
        assert len(uploads()) == 1

    assert uploads() == []


# --- Confirmations that are none


def test_only_who_uploaded_a_file_confirms_or_cancels_it(editor_client, importer_client):
    record = upload(importer_client, "name\nNew\n")

    page = show(editor_client, record)
    answers = [post(editor_client, record, action) for action in ("confirm", "cancel")]

    assert buttons(page) == []
    assert "Only importer can confirm or cancel this import." in page.content.decode()
    assert [said(answer)[-1] for answer in answers] == [
        "Only importer, who uploaded the file, can confirm this import.",
        "Only importer, who uploaded the file, can cancel this import.",
    ]
    assert Program.objects.count() == 0
    post(importer_client, record)
    assert Program.objects.get().history.get().history_user == record.user


def test_second_confirmation_says_that_it_is_imported(editor_client):
    record = confirmed(editor_client, "name\nNew\n")
    after_first = stored()

    response = post(editor_client, record)

    assert said(response)[-1] == "There is nothing to confirm. This import’s status is “imported”."
    assert stored() == after_first


def test_file_with_mistakes_is_not_confirmed(editor_client):
    record = upload(editor_client, "name,child_age_min\nA,x\nB,7\n")

    response = post(editor_client, record)

    assert said(response) == [
        "There is nothing to confirm. This import’s status is “has mistakes”."
    ]
    assert Program.objects.count() == 0


def test_confirmation_of_another_preview_is_refused(editor_client):
    """The page of the first preview is still open in another window."""
    program = ProgramFactory(name="A", acronym="O")
    record = upload(editor_client, "name,acronym\nA,X\n")
    program.acronym = "E"
    program.save()
    post(editor_client, record)
    before = stored()

    response = post(editor_client, record)

    assert said(response)[-1] == (
        "The preview has changed since you saw it. Look at it again before you confirm it."
    )
    assert stored() == before


def test_confirmation_without_its_file_says_so(editor_client, uploads):
    record = upload(editor_client, "name\nNew\n")
    for file in uploads():
        file.unlink()

    response = post(editor_client, record)

    assert said(response) == ["Nothing was imported. See below why, and what the file does now."]
    [[_, _, _, message]] = table(show(editor_client, record), "mistakes")
    assert message == "The file is no longer there."
    assert Program.objects.count() == 0


def test_confirmation_without_the_forms_token_is_refused(editor):
    client = StrictClient(enforce_csrf_checks=True)
    client.force_login(editor)
    record = record_of(0, user=editor)

    for action in ("confirm", "cancel", "run_again", "undo"):
        assert post(client, record, action).status_code == 403


# --- Data that changed between preview and confirmation


@pytest.fixture
def failed_confirmation(editor_client, neighbours):
    """The record of an import that was confirmed when two of its rows no longer held."""
    record = upload(
        editor_client, "name,topic_area,scientific_rating\nNew,,\nOther,area,3\nThird,area,2\n"
    )
    TopicArea.objects.update(slug="renamed", name="Renamed", abbreviation="")
    post(editor_client, record)
    return record


def test_failed_confirmation_lists_what_no_longer_holds(failed_confirmation, editor_client):
    message = "area is the former slug of renamed; write renamed."

    page = show(editor_client, failed_confirmation)

    assert table(page, "mistakes") == [["Rows 3 and 4", "topic_area", "area", message]]
    assert headline(page) == "2 mistakes to mend: nothing was imported"


def test_failed_confirmation_writes_nothing_and_claims_nothing(failed_confirmation):
    assert list(Program.objects.values_list("name", flat=True)) == ["A"]
    assert Rating.objects.count() == 0
    assert Program.history.count() == 1
    assert LogEntry.objects.count() == 0


def test_confirmation_does_not_write_over_what_was_edited_since_the_preview(editor_client):
    """The preview said O → X: nobody has agreed to lose the E that came between."""
    program = ProgramFactory(name="A", acronym="O")
    record = upload(editor_client, "name,acronym\nA,X\n")
    program.acronym = "E"
    program.save()
    before = entries()

    response = post(editor_client, record)
    page = show(editor_client, record)

    assert entries() == before
    assert said(response) == ["Nothing was imported. See below why, and what the file does now."]
    assert "has itself been changed since the preview" in page.content.decode()
    assert table(page, "changes") == [["2", "A", "Changed", "acronym: E → X"]]
    assert "Confirm import" in buttons(page)


@pytest.mark.parametrize("loss", ["permissions", "account", "deleted"])
def test_worker_imports_nothing_for_somebody_who_may_no_longer(loss, editor_client, editor):
    record = upload(editor_client, "name\nNew\n")
    Import.objects.update(status=ImportStatus.CONFIRMED)
    if loss == "permissions":
        editor.user_permissions.clear()
    elif loss == "account":
        type(editor).objects.update(is_active=False)
    else:
        editor.delete()

    apply_import.call(record.pk)

    record.refresh_from_db()
    assert record.status == ImportStatus.READY
    assert record.notices == [MAY_NOT.format(kind="programs")]
    assert Program.objects.count() == 0


# --- Undoing


def test_undoing_takes_a_permission_of_its_own(editor_client, importer_client):
    record = confirmed(importer_client, "name\nNew\n")
    address = reverse("admin:catalog_import_undo", args=[record.pk])

    without = [importer_client.get(address), post(importer_client, record, "undo")]

    assert [response.status_code for response in without] == [403, 403]
    assert address not in show(importer_client, record).content.decode()
    assert address in show(editor_client, record).content.decode()
    assert editor_client.get(address).status_code == 200
    record.refresh_from_db()
    assert record.status == ImportStatus.DONE


def test_undoing_is_asked_about_first(editor_client):
    ProgramFactory(name="Old")
    record = confirmed(editor_client, "name,acronym\nOld,O\nNew,N\nNewer,\n")

    page = editor_client.get(reverse("admin:catalog_import_undo", args=[record.pk]))

    found = re.findall(r"<b>([\d,]+)</b> ([\w-]+)", page.content.decode())
    assert found == [("2", "new"), ("1", "changed"), ("0", "re-rated")]
    assert buttons(page) == ["Undo the import"]
    record.refresh_from_db()
    assert record.status == ImportStatus.DONE


def test_undone_import_says_so_and_is_not_undone_twice(editor_client):
    record = confirmed(editor_client, "name\nNew\n")

    first = post(editor_client, record, "undo")
    page = show(editor_client, record)
    again = editor_client.get(reverse("admin:catalog_import_undo", args=[record.pk]))
    second = post(editor_client, record, "undo")

    assert first["Location"] == record.get_absolute_url()
    assert headline(page) == "Undone: this import no longer holds"
    assert again["Location"] == record.get_absolute_url()
    nothing = "There is nothing to undo. This import’s status is “undone”."
    assert said(second)[-2:] == [nothing, nothing]


def test_undone_import_names_what_was_left_and_why(editor_client, editor):
    kept = [{"entry": "<b>Calm", "why": "Kim has edited it since."}]
    record = record_of(1, user=editor, status="undone", kept=kept, finished_at=timezone.now())

    assert table(show(editor_client, record), "kept") == [["<b>Calm", "Kim has edited it since."]]


def test_what_an_undo_left_is_on_pages_of_a_hundred(editor_client, editor):
    kept = [{"entry": f"Program {n}", "why": "It has been deleted."} for n in range(101)]
    record = record_of(0, user=editor, status="undone", kept=kept, finished_at=timezone.now())

    last = show(editor_client, record, "?kept_page=2")

    assert table(last, "kept") == [["Program 100", "It has been deleted."]]
    assert "What was left as it is: 101 to 101 of 101" in last.content.decode()
    assert 'href="?kept_page=1#kept" aria-label="Page 1"' in last.content.decode()


@pytest.mark.parametrize(
    ("retired", "sentences"),
    [
        (0, ["Everything that it had changed is as it was before."]),
        (1, ["1 entry was public already, and so retired"]),
        (2, ["2 entries were public already, and so retired"]),
    ],
)
def test_undone_import_says_whether_all_is_as_before(retired, sentences, editor_client, editor):
    record = record_of(0, user=editor, status="undone", retired=retired, finished_at=timezone.now())

    html = show(editor_client, record).content.decode()

    wanted = r"Everything that it had changed is as it was before\.|\d+ entr.* and so retired"
    assert re.findall(wanted, html) == sentences


# --- Export


def exported(response):
    text = response.content.decode("utf-8-sig")
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

    links = re.findall(r'href="([^"]*/export/[^"]*)"', html.content.decode())

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

    file = editor_client.get(url(model, "export"), {"format": extension}).content
    record = upload(editor_client, file, model=model)

    assert record.status == ImportStatus.READY
    assert {action: count for action, count in record.counts.items() if count} == (
        {"unchanged": record.total} if record.total else {}
    )
    assert entries() == before


def in_workbook(response, tmp_path):
    """Return the names of the programs in an exported workbook."""
    path = tmp_path / "export.xlsx"
    path.write_bytes(response.content)
    sheet = read("programs", path)
    return [row[sheet.header.index("name")] for _, row in sheet]


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
