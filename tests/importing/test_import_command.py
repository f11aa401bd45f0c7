"""The import at the command line: the example files, what it prints, and how it ends."""

import getpass
import io
import sys

import pytest
import tablib
from django.core.files.storage import storages
from django.core.management import CommandError, call_command

from catalog.importing import jobs
from catalog.management.commands import import_csv
from catalog.models import Finding, Import, ImportStatus, Program, TopicArea
from catalog.resources import KINDS, XLSX

from ..factories import ProgramFactory, TopicAreaFactory, UserFactory
from .loading import LOADING_ORDER, stored

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# What each example file adds to the seed.
EXAMPLES = {
    "experts": 2,
    "references": 4,
    "topic-areas": 2,
    "programs": 4,
    "ratings": 4,
    "studies": 5,
    "findings": 6,
    "contacts": 4,
    "registries": 5,
    "external-ratings": 5,
}

RECORDS = ("catalog.Import",)


def run(kind, path, *options):
    """Run the command; return what it prints for the person, and for the log."""
    out, err = io.StringIO(), io.StringIO()
    call_command("import_csv", kind, str(path), *options, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def refusal(kind, path, *options):
    """Run a command that must fail; return its last words and what it printed before."""
    err = io.StringIO()
    with pytest.raises(CommandError) as failure:
        call_command("import_csv", kind, str(path), *options, stderr=err, no_color=True)
    assert failure.value.returncode == 1
    return str(failure.value), err.getvalue().splitlines()


@pytest.fixture
def file(tmp_path):
    """Return a function that writes a file, and returns its path."""

    def write(content, name="list.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def entries():
    """Return what is stored of the catalog itself, without the records of imports."""
    return {table: rows for table, rows in stored().items() if not table.startswith(RECORDS)}


def kept_files():
    """Return the names of the files that imports have kept."""
    storage = storages["imports"]
    return storage.listdir("")[1] if storage.exists("") else []


def example(fixtures, kind):
    return fixtures / f"{kind.replace('-', '_')}.csv"


@pytest.mark.usefixtures("seed")
def test_example_files_change_nothing_when_imported_a_second_time(fixtures):
    first = {kind: run(kind, example(fixtures, kind)) for kind in LOADING_ORDER}
    after_first = entries()
    second = {kind: run(kind, example(fixtures, kind)) for kind in LOADING_ORDER}

    assert first == {
        kind: (f"Imported: {count} new, 0 changed, 0 re-rated, 0 unchanged.\n", "")
        for kind, count in EXAMPLES.items()
    }
    assert second == {
        kind: (f"Imported: 0 new, 0 changed, 0 re-rated, {count} unchanged.\n", "")
        for kind, count in EXAMPLES.items()
    }
    assert entries() == after_first


@pytest.mark.usefixtures("seed")
def test_example_files_hold_what_they_show(fixtures):
    for kind in LOADING_ORDER:
        run(kind, example(fixtures, kind))

    program = Program.objects.get(slug="example-steady-ground-for-casework-teams")
    assert program.name == "Example: Steady Ground® for Casework Teams"
    assert program.outcomes == ("safety", "well-being")
    assert list(
        program.ratings.order_by("pk").values_list(
            "topic_area__slug", "scientific_rating", "rated_on", "is_current"
        )
    ) == [
        ("secondary-traumatic-stress", "2", "2025-06-15", True),
        ("secondary-traumatic-stress", "NR", "2023", False),
        ("example-peer-support-for-staff", "3", "2025-06-15", True),
    ]
    assert Program.objects.filter(slug="example-quiet-hour-peer-support").exists()
    area = TopicArea.objects.get(slug="example-peer-support-for-staff")
    assert area.parent.slug == "example-workforce-well-being"
    assert list(area.experts.values_list("slug", flat=True)) == [
        "robin-example",
        "zoe-sample-garcia",
    ]
    finding = Finding.objects.get(reference__key="example-county-2020")
    assert (finding.counts, finding.not_counted_reason) == (False, "not-peer-reviewed")


@pytest.mark.usefixtures("seed")
@pytest.mark.parametrize("kind", ["experts", "references", "programs"])
def test_dry_run_says_what_would_be_and_writes_nothing(kind, fixtures):
    before = stored()

    out, err = run(kind, example(fixtures, kind), "--dry-run")

    assert out == (
        f"Nothing was written. It would be: {EXAMPLES[kind]} new, 0 changed, 0 re-rated, 0 unchanged.\n"
    )
    assert err == ""
    assert (stored(), kept_files()) == (before, [])


def test_history_names_the_file_and_who_ran_the_command(file, monkeypatch):
    monkeypatch.setattr(getpass, "getuser", lambda: "robin")
    old = ProgramFactory(name="Old")

    run("programs", file("name,acronym\nOld,O\nNew,N\n", "spring.csv"))

    reason = "Imported from spring.csv by robin at the command line"
    columns = ("history_change_reason", "history_user")
    assert list(Program.objects.get(name="New").history.values_list(*columns)) == [(reason, None)]
    assert list(old.history.values_list(*columns)) == [(reason, None), (None, None)]


def test_user_option_puts_the_name_into_the_history(file):
    user = UserFactory(username="robin", is_superuser=True)

    TopicAreaFactory(name="Area")
    row = "New,What it is.,Area,3,published\n"
    columns = "name,description,topic_area,scientific_rating,status\n"

    run("programs", file(columns + row), "--user", "robin")

    assert Program.objects.get().history.get().history_user == user


def test_user_option_asks_for_that_users_permission_to_publish(file):
    UserFactory(username="robin")
    path = file("name,status\nNew,published\n")

    message, lines = refusal("programs", path, "--user", "robin")

    assert lines == ["Row 2, status, “published”: Your account may not publish or retire."]
    assert message == f"{path}: 1 mistake; nothing was imported."
    assert Program.objects.count() == 0


def test_unknown_user_is_an_error(file):
    message, _ = refusal("programs", file("name\nNew\n"), "--user", "nobody")

    assert message == "There is no user “nobody”."
    assert Program.objects.count() == 0


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_every_mistake_is_listed_and_nothing_is_imported(
    options, file, django_capture_on_commit_callbacks
):
    path = file('name,child_age_min,status\nGood,3,\n"Bad\nname",x,live\nWorse,12.5,\n')
    before = stored()

    with django_capture_on_commit_callbacks(execute=True):
        message, lines = refusal("programs", path, *options)

    number = "Write a whole number in digits, such as 12."
    assert sorted(lines) == [
        f"Row 3, child_age_min, “x”: {number}",
        "Row 3, status, “live”: Use one of: draft, in-review, published, retired.",
        f"Row 4, child_age_min, “12.5”: {number}",
    ]
    assert message == f"{path}: 3 mistakes; nothing was imported."
    assert (stored(), kept_files()) == (before, [])


def test_mistake_of_many_rows_is_listed_once_and_counted_in_each(file):
    names = [chr(ord("A") + number) * 9 for number in range(25)]
    rows = "".join(f"{name},Nowhere,3\n" for name in names)
    path = file(f"name,topic_area,scientific_rating\n{rows}")

    message, lines = refusal("programs", path)

    rows = "Rows 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 15 more"
    what = "There is no such topic area. An import adds none: create it first."
    assert lines == [f"{rows}, topic_area, “Nowhere”: {what}"]
    assert message == f"{path}: 25 mistakes; nothing was imported."


def test_run_leaves_a_record_with_its_file_and_what_was_to_be_looked_at(file):
    ProgramFactory(name="Parent Child Therapy", slug="pct")
    user = UserFactory(username="robin", is_superuser=True)
    path = file("name\nParent-Child Therapy\n")

    run("programs", path, "--user", "robin")

    record = Import.objects.get()
    assert (record.kind, record.file_name, record.user) == ("programs", "list.csv", user)
    assert (record.status, record.total) == (ImportStatus.DONE, 1)
    assert record.counts == {"new": 1, "changed": 0, "re-rated": 0, "unchanged": 0}
    assert (record.problem_count, record.warning_count) == (0, 1)
    assert record.warnings[0]["message"] == "Possible duplicate of “pct”."
    with record.file.open() as kept:
        assert kept.read() == path.read_bytes()
    assert [(row.number, row.action, row.entry) for row in record.rows.all()] == [
        (2, "new", "Parent-Child Therapy")
    ]
    assert Program.objects.get(name="Parent-Child Therapy").history.get().history_import == record


def test_failure_in_the_middle_keeps_neither_record_nor_file(
    file, monkeypatch, django_capture_on_commit_callbacks
):
    before = stored()

    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(Program, "clean", interrupt)
    with (
        django_capture_on_commit_callbacks(execute=True),
        pytest.raises(KeyboardInterrupt),
    ):
        run("programs", file("name\nNew\n"))

    assert (stored(), kept_files()) == (before, [])


def test_import_that_somebody_has_taken_over_stays(file, monkeypatch):
    """The page of one that seemed to be dead had a button to go on with it."""
    robin = UserFactory(username="robin", is_superuser=True)
    apply = import_csv.apply

    def taken_over(record, **options):
        jobs.run_again(Import.objects.get(), robin)
        return apply(record, **options)

    monkeypatch.setattr(import_csv, "apply", taken_over)
    message, _ = refusal("programs", file("name\nNew\n"))

    assert message == "Somebody has taken this import over; the admin lists what became of it."
    record = Import.objects.get()
    assert (record.status, record.user, Program.objects.count()) == (ImportStatus.READY, robin, 0)
    assert len(kept_files()) == 1


def test_workbook_is_imported_as_a_csv_file_is(file):
    content = XLSX().export_data(tablib.Dataset(["Café", "C"], headers=["name", "acronym"]))

    out, err = run("programs", file(content, "list.xlsx"))

    assert (out, err) == ("Imported: 1 new, 0 changed, 0 re-rated, 0 unchanged.\n", "")
    assert list(Program.objects.values_list("name", "acronym")) == [("Café", "C")]
    assert Import.objects.get().file_name == "list.xlsx"


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_text_in_windows_1252_is_said_aloud(options, file):
    _, err = run("programs", file("name\nCafé\n".encode("cp1252")), *options)

    notice = (
        "The file is not in UTF-8 and was read as Windows-1252. Check the letters with accents and the signs "
        "(row 2, name: “Café”). If they are wrong, save the file again as “CSV UTF-8” and send that."
    )
    assert err == f"Warning. {notice}\n"
    kept = list(Import.objects.values_list("notices", flat=True))
    assert kept == ([] if options else [[notice]])


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("stream", "bars"), [(Terminal, True), (io.StringIO, False)])
def test_progress_is_shown_where_a_person_is_watching(stream, bars, file, monkeypatch):
    monkeypatch.setattr(sys, "stderr", screen := stream())

    run("programs", file("name\nOne\nTwo\n"))

    assert ("2/2" in screen.getvalue()) is bars
    assert ("rows/s" in screen.getvalue()) is bars


@pytest.mark.parametrize("kind", KINDS)
def test_wrong_header_is_an_error_for_every_kind(kind, file):
    path = file("zzzz\nx\n")

    message, lines = refusal(kind, path)

    assert len(lines) == 2
    assert lines[0] == (
        f"Row 1, “zzzz”: There is no such column in a file of {kind.replace('-', ' ')}."
    )
    assert lines[1].startswith("Row 1: The column that tells the rows apart is missing: ")
    assert message == f"{path}: 2 mistakes; nothing was imported."


def test_warnings_are_printed_and_stop_nothing(file):
    ProgramFactory(name="Parent Child Therapy", slug="pct")

    out, err = run("programs", file("name\nParent-Child Therapy\n"))

    assert out == "Imported: 1 new, 0 changed, 0 re-rated, 0 unchanged.\n"
    assert err == ("Warning. Row 2, name, “Parent-Child Therapy”: Possible duplicate of “pct”.\n")


def test_file_may_be_larger_than_an_upload(file, settings):
    settings.IMPORT_MAX_BYTES, settings.IMPORT_MAX_ROWS = 10, 1

    run("programs", file("name\nOne\nTwo\nThree\n"))

    assert Program.objects.count() == 3


def test_byte_order_mark_and_semicolons_are_understood(file):
    run("programs", file("name;acronym\r\nCafé;C\r\n".encode("utf-8-sig")))

    assert list(Program.objects.values_list("name", "acronym")) == [("Café", "C")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "The file is empty. Its first row must name the columns."),
        (
            "name\nCafé\n".encode() + b"\xe9\n",
            "Line 3 is not valid UTF-8, but the rest of the file is. Save the file again as “CSV UTF-8” and send that.",
        ),
        (b"name\n\0\n", "Row 2 holds a NUL character; this is not a CSV file."),
    ],
)
def test_unreadable_file_is_an_error(content, reason, file):
    path = file(content)

    assert refusal("programs", path) == (f"{path}: {reason}", [])


def test_missing_file_is_an_error(tmp_path):
    path = tmp_path / "nowhere.csv"

    assert refusal("programs", path) == (f"{path}: No such file or directory.", [])


def test_folder_is_an_error(tmp_path):
    assert refusal("programs", tmp_path) == (f"{tmp_path}: Is a directory.", [])


def test_unknown_kind_is_an_error_that_lists_the_kinds(file):
    message, _ = refusal("program", file("name\nNew\n"))

    assert message.startswith("Error: argument KIND: invalid choice: 'program' (choose from ")
    assert all(kind in message for kind in KINDS)
