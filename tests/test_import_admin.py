"""Import and export in the admin: upload, preview, confirmation, and who may do which."""

import csv
import io
import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.models import Program, Rating, TopicArea

from .conftest import StrictClient, catalog_permissions
from .factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .test_resources import stored

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
NOT_YOURS = "This is not a preview of yours. Upload the file again."
GONE = "This preview has been used or has expired. Upload the file again."


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


def url(model, page="import"):
    return reverse(f"admin:catalog_{model}_{page}")


def upload(client, content, *, model="program", name="spring.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile(name, data, content_type="text/csv")
    return client.post(url(model), {"import_file": file, "format": "0", "resource": ""})


def confirm(client, token, model="program", **others):
    data = {"import_file_name": token, "original_file_name": "x", "format": "0", **others}
    return client.post(url(model, "process_import"), data)


def token(response):
    """Return what the preview's form would send as the name of the file, or None without such a form."""
    found = re.search(r'name="import_file_name" value="([^"]*)"', response.content.decode())
    return found and found[1]


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


class Tables(HTMLParser):
    """The tables of a page by class, each as rows of cells of text."""

    def __init__(self, html):
        super().__init__()
        self.tables, self.rows, self.cell = {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            self.rows = self.tables[dict(attrs).get("class")] = []
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
    before = stored()

    response = upload(
        editor_client, 'slug,name,acronym\nold,Old,"<b>"\nsame,Same,S\n,New one,N\n,O-l-d,X\n'
    )

    assert response.context["result"].counts == {"new": 2, "changed": 1, "unchanged": 1}
    assert table(response, "changes") == [
        ["2", "Old", "Changed acronym: O → <b>"],
        ["3", "Same", "Unchanged"],
        ["4", "New one", "New"],
        ["5", "O-l-d", "New"],
    ]
    assert stored() == before
    assert LogEntry.objects.count() == 0


def test_preview_shows_warnings_and_lets_the_import_go_on(editor_client):
    ProgramFactory(name="Parent Child Therapy", slug="pct")

    response = upload(editor_client, "name\nParent-Child Therapy\n")

    assert table(response, "problems") == [
        ["2", "name", "Parent-Child Therapy", "Possible duplicate of “pct”."]
    ]
    assert confirm(editor_client, token(response)).status_code == 302
    assert Program.objects.count() == 2


def test_confirmed_import_is_written_and_says_so(editor_client, uploads):
    ProgramFactory(name="Old")
    ProgramFactory(name="Same", acronym="S")

    preview = upload(editor_client, "name,acronym\nOld,O\nSame,S\nNew,N\n")
    response = confirm(editor_client, token(preview))

    assert response.status_code == 302
    assert response["Location"] == reverse("admin:catalog_program_changelist")
    assert said(response) == ["Import finished: 1 new, 1 changed, 1 unchanged."]
    assert list(Program.objects.values_list("name", "acronym", "status")) == [
        ("New", "N", "draft"),
        ("Old", "O", "published"),
        ("Same", "S", "published"),
    ]
    assert uploads() == []


def test_confirmed_import_has_a_name_and_a_file_on_every_change(editor_client, editor):
    old, same = ProgramFactory(name="Old"), ProgramFactory(name="Same")

    preview = upload(editor_client, "name,acronym\nOld,O\nSame,\nNew,N\n", name="spring list.csv")
    confirm(editor_client, token(preview), original_file_name="somebody else's.csv")

    new = Program.objects.get(name="New")
    reason = ("Imported from spring list.csv", editor.pk)
    columns = ("history_change_reason", "history_user")
    assert list(new.history.values_list(*columns)) == [reason]
    assert list(old.history.values_list(*columns)) == [reason, (None, None)]
    assert list(same.history.values_list(*columns)) == [(None, None)]
    assert sorted(
        LogEntry.objects.values_list("user", "action_flag", "object_id", "object_repr")
    ) == [(editor.pk, ADDITION, str(new.pk), "New"), (editor.pk, CHANGE, str(old.pk), "Old")]


@pytest.mark.parametrize("model", MODELS)
def test_every_kind_is_imported(model, editor_client, neighbours):
    entries = editor_client.get(url(model)).context["opts"].model.objects
    before = entries.count()

    preview = upload(editor_client, FILES[model], model=model)
    response = confirm(editor_client, token(preview), model)

    assert said(response) == ["Import finished: 1 new, 0 changed, 0 unchanged."]
    assert entries.count() == before + 1


def test_import_that_changes_nothing_leaves_no_trace(editor_client):
    ProgramFactory(name="Same", acronym="S")
    before = stored()

    response = confirm(editor_client, token(upload(editor_client, "name,acronym\nSame,S\n")))

    assert said(response) == ["Import finished: 0 new, 0 changed, 1 unchanged."]
    assert stored() == before
    assert LogEntry.objects.count() == 0


def test_names_of_files_are_shown_as_text(editor_client):
    """The client refuses a page with a handler in it."""
    name = "<img onerror='x' src=x>.csv"

    confirm(editor_client, token(upload(editor_client, "name\nNew\n", name=name)))
    page = editor_client.get(
        reverse("admin:catalog_program_history", args=[Program.objects.get().pk])
    )

    assert "Imported from &lt;img onerror=&#x27;x&#x27; src=x&gt;.csv" in page.content.decode()


# --- Files with mistakes


def test_mistakes_are_listed_with_row_column_value_and_what_would_be_right(editor_client):
    before = stored()

    response = upload(
        editor_client,
        'name,description,child_age_min,loaded_on\nA,"x\n\ny",12.5,2023-02-29\n\nB,<script>,x,\n',
    )

    number = "Write a whole number in digits, such as 12."
    date = "“2023-02-29” is not a date: February 2023 has no day 29."
    assert table(response, "problems") == [
        ["2", "child_age_min", "12.5", number],
        ["2", "loaded_on", "2023-02-29", date],
        ["4", "child_age_min", "x", number],
    ]
    assert stored() == before


def test_file_with_mistakes_can_neither_be_confirmed_nor_is_it_kept(editor_client, uploads):
    response = upload(editor_client, "name,child_age_min\nA,x\n")

    assert token(response) is None
    assert uploads() == []


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    "content",
    [
        pytest.param("nmae,zzz\na,b\n", id="unknown columns"),
        pytest.param("zzz\n", id="a header alone"),
        pytest.param(b"", id="nothing"),
        pytest.param('name,zzz\n"a,b\n', id="an open quotation mark"),
        pytest.param("name\nCafé\n".encode("cp1252"), id="another encoding"),
        pytest.param(b"PK\x03\x04\x14\x00\x06\x00", id="a workbook"),
        pytest.param(b'"' + b"x" * 200_000, id="one long line"),
    ],
)
def test_unreadable_file_is_an_answer_and_no_traceback(content, model, editor_client, settings):
    before = stored()

    response = upload(editor_client, content, model=model)

    html = response.content.decode()
    result = response.context.get("result")
    assert bool(result.problems if result else response.context["form"].errors)
    assert token(response) is None
    for inside in ("Traceback", str(settings.BASE_DIR), "site-packages", "Error&#x27;", ".py"):
        assert inside not in html
    assert stored() == before


def test_unreadable_file_is_refused_in_words(editor_client):
    response = upload(editor_client, "name\nCafé\n".encode("cp1252"))

    assert response.context["form"].errors == {
        "import_file": [
            "Line 2 is not text in UTF-8. Save the file again as “CSV UTF-8” and send that."
        ]
    }


def test_upload_without_a_file_says_so(editor_client):
    response = editor_client.post(url("program"), {"format": "0"})

    assert response.context["form"].errors == {"import_file": ["This field is required."]}


def test_upload_that_is_too_large_is_refused_and_not_kept(editor_client, settings, uploads):
    settings.IMPORT_MAX_BYTES = 1024 * 1024

    response = upload(editor_client, "name\n" + "x" * 1024 * 1024)

    assert response.context["form"].errors == {
        "import_file": ["The file is larger than 1 MB. Split it into smaller ones."]
    }
    assert uploads() == []


def test_upload_of_too_many_rows_is_refused(editor_client, settings):
    settings.IMPORT_MAX_ROWS = 2

    response = upload(editor_client, "name\na\nb\nc\n")

    [message] = response.context["form"].errors["import_file"]
    assert message.startswith("The file has 3 rows; 2 can be imported")


def test_publishing_by_import_takes_the_permission_to_publish(client):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(catalog_permissions("add", "change", "import"))
    client.force_login(user)

    response = upload(client, "name,status\nA,published\n")

    assert table(response, "problems") == [
        ["2", "status", "published", "Your account may not publish or retire."]
    ]


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
    ],
)
def test_import_takes_the_permissions_to_import_add_and_change(
    actions, model, client, neighbours, uploads
):
    """The upload of somebody who loses the permissions after the preview is not imported either."""
    user = UserFactory(is_staff=True)
    user.user_permissions.set(catalog_permissions("add", "change", "import"))
    client.force_login(user)
    preview = token(upload(client, FILES[model], model=model))
    user.user_permissions.set(catalog_permissions(*actions))
    before, kept = stored(), uploads()

    page = client.get(url(model))
    second_upload = upload(client, FILES[model], model=model)
    confirmation = confirm(client, preview, model)

    assert [r.status_code for r in (page, second_upload, confirmation)] == [403, 403, 403]
    assert stored() == before
    assert uploads() == kept


def test_permission_for_one_model_is_none_for_another(client):
    user = UserFactory(is_staff=True)
    user.user_permissions.set(
        p
        for p in catalog_permissions("add", "change", "import")
        if p.content_type.model == "topicexpert"
    )
    client.force_login(user)

    assert client.get(url("topicexpert")).status_code == 200
    assert client.get(url("program")).status_code == 403


@pytest.mark.parametrize("page", ["import", "process_import", "export"])
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
        links[user.username] = set(
            re.findall(r"href=['\"]/admin/catalog/program/(import|export)/", html)
        )

    assert links == {"editor": {"import", "export"}, "writer": set()}


# --- Confirmations that are none


@pytest.mark.parametrize("name", ["secret.csv", "../secret.csv", "/etc/passwd", "a:b:c", "\0", ""])
def test_confirmation_of_a_named_file_reads_none(name, editor_client, tmp_path, uploads):
    folder = tmp_path / "imports" / "django-import-export"
    folder.mkdir(parents=True)
    (folder / "secret.csv").write_text("name\nNew\n")
    (tmp_path / "imports" / "secret.csv").write_text("name\nNew\n")
    before = stored()

    response = confirm(editor_client, name)

    assert response.context["confirm_form"].is_valid() is False
    assert (NOT_YOURS in response.content.decode()) == bool(name.strip("\0"))
    assert stored() == before
    assert len(uploads()) == 2


def test_confirmation_of_another_users_preview_is_refused(editor_client):
    other = UserFactory(is_staff=True)
    other.user_permissions.set(catalog_permissions("add", "change", "import"))
    others_client = StrictClient()
    others_client.force_login(other)
    preview = token(upload(others_client, "name\nNew\n"))

    response = confirm(editor_client, preview)

    assert NOT_YOURS in response.content.decode()
    assert Program.objects.count() == 0
    assert confirm(others_client, preview).status_code == 302
    assert Program.objects.get().history.get().history_user == other


def test_confirmation_for_another_model_is_refused(editor_client):
    preview = token(upload(editor_client, "name\nNew\n", model="topicexpert"))
    before = stored()

    response = confirm(editor_client, preview, "program")

    assert NOT_YOURS in response.content.decode()
    assert stored() == before


def test_confirmation_with_a_changed_token_is_refused(editor_client):
    preview = token(upload(editor_client, "name\nNew\n"))

    response = confirm(editor_client, preview[:-1] + ("a" if preview[-1] != "a" else "b"))

    assert NOT_YOURS in response.content.decode()
    assert Program.objects.count() == 0


@pytest.mark.parametrize(
    "others", [{"format": "7"}, {"format": "x"}, {"resource": "7"}, {"resource": "x"}]
)
def test_confirmation_with_other_fields_tampered_with_is_no_crash(others, editor_client):
    """What the page sends along is not what decides: there is one format, and one kind of file."""
    preview = token(upload(editor_client, "name\nNew\n"))

    response = confirm(editor_client, preview, **others)

    assert response.status_code in {200, 302, 400}


def test_second_confirmation_says_that_the_preview_is_used(editor_client):
    preview = token(upload(editor_client, "name\nNew\n"))
    confirm(editor_client, preview)
    after_first = stored()

    response = confirm(editor_client, preview)

    assert response["Location"] == url("program")
    assert said(response)[-1] == GONE
    assert stored() == after_first


def test_confirmation_without_its_file_says_so(editor_client, uploads):
    preview = token(upload(editor_client, "name\nNew\n"))
    for file in uploads():
        file.unlink()

    response = confirm(editor_client, preview)

    assert response["Location"] == url("program")
    assert said(response) == [GONE]
    assert Program.objects.count() == 0


def test_confirmation_is_sent_and_never_linked_to(editor_client):
    assert editor_client.get(url("program", "process_import")).status_code == 405


# --- Data that changed between preview and confirmation


@pytest.fixture
def failed_confirmation(editor_client, neighbours):
    """The answer to a confirmation whose second row no longer holds."""
    preview = upload(
        editor_client, "name,topic_area,scientific_rating\nNew,,\nOther,area,3\nThird,area,2\n"
    )
    TopicArea.objects.update(slug="renamed", name="Renamed", abbreviation="")
    return confirm(editor_client, token(preview))


def test_failed_confirmation_lists_what_no_longer_holds(failed_confirmation):
    message = "There is no such topic area. An import adds none: create it first."

    assert table(failed_confirmation, "problems") == [
        ["3", "topic_area", "area", message],
        ["4", "topic_area", "area", message],
    ]


def test_failed_confirmation_writes_nothing_and_claims_nothing(failed_confirmation, uploads):
    assert list(Program.objects.values_list("name", flat=True)) == ["A"]
    assert Rating.objects.count() == 0
    assert Program.history.count() == 1
    assert LogEntry.objects.count() == 0
    assert said(failed_confirmation) == []
    assert "Import finished" not in failed_confirmation.content.decode()
    assert uploads() == []


def test_failed_confirmation_offers_a_new_upload(failed_confirmation, editor_client):
    html = failed_confirmation.content.decode()
    form = re.search(r'<form[^>]*enctype="multipart/form-data"[^>]*>', html)[0]
    action = re.search(r'action="([^"]*)"', form)

    sent_to = urljoin(url("program", "process_import"), action[1] if action else "")

    assert sent_to == url("program")


def test_confirmation_does_not_write_over_what_was_edited_since_the_preview(editor_client):
    """The preview said O → X: nobody has agreed to lose the E that came between."""
    program = ProgramFactory(name="A", acronym="O")
    preview = token(upload(editor_client, "name,acronym\nA,X\n"))
    program.acronym = "E"
    program.save()
    before = stored()

    response = confirm(editor_client, preview)

    assert stored() == before
    assert [message for message in said(response) if "finished" in message] == []


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


def test_export_link_of_the_list_keeps_its_filters(editor_client, listed):
    html = editor_client.get(url("program", "changelist") + "?q=alph&status__exact=published")

    [link] = re.findall(r'href="([^"]*/export/[^"]*)"', html.content.decode())

    rows = exported(editor_client.get(link.replace("&amp;", "&")))
    assert [row["name"] for row in rows] == ["Alpha"]


def test_export_runs_no_formula(editor_client):
    ProgramFactory(name="=cmd|' /C calc'!A0", slug="a", description="-1\n+2", acronym="@SUM")

    [row] = exported(editor_client.get(url("program", "export")))

    assert (row["name"], row["description"], row["acronym"]) == (
        "'=cmd|' /C calc'!A0",
        "'-1\n+2",
        "'@SUM",
    )


def test_export_is_imported_without_any_change(editor_client):
    TopicExpertFactory(name="=Zoë, ®", biography='One.\n\n"Two".')
    before = stored()

    file = editor_client.get(url("topicexpert", "export")).content
    response = upload(editor_client, file, model="topicexpert")

    assert response.context["result"].counts == {"new": 0, "changed": 0, "unchanged": 1}
    assert stored() == before
