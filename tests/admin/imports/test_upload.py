"""Files with mistakes, files that cannot be read, and who may upload which."""

import re

import pytest
import tablib
from django.urls import NoReverseMatch, reverse

from catalog.admin.import_export import FORMATS
from catalog.importing import jobs
from catalog.models import Import, ImportStatus

from ...conftest import StrictClient, catalog_permissions
from ...factories import UserFactory
from ...importing.loading import stored
from .record_page import buttons, headline, said, table
from .uploading import FILES, GONE, MODELS, confirmed, entries, post, send, show, upload, url

pytestmark = [pytest.mark.django_db, pytest.mark.once]


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
    assert headline(page) == "3 mistakes to fix: nothing was imported"
    assert buttons(page) == ["Cancel and delete the file"]
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


@pytest.mark.alike(10)
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


# --- Who may import


@pytest.mark.alike(10)
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
