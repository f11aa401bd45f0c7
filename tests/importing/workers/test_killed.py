"""Imports whose process is killed or interrupted: nothing is half done, and somebody can go on."""

import signal

import pytest

from catalog.importing import jobs, tasks
from catalog.importing.files import is_large
from catalog.importing.jobs import request_undo
from catalog.importing.progress import progress_of
from catalog.models import Import, ImportedRow, ImportStatus

from .processes import (
    IS_POSTGRESQL,
    NEW,
    OLD,
    SECONDS,
    WORKER,
    assert_is_imported,
    check_database,
    differences,
    everything,
    files,
    killed,
    names,
    process,
    receive,
    spring,
    work,
)

# What the database has just done when the process is killed.
KILLED_WHILE_IT = {
    "has written the first thousand programs": ("INSERT INTO .catalog_program. .*ON CONFLICT", 1),
    "is writing the history of the second thousand": ("INSERT INTO .catalog_historicalprogram.", 3),
    "makes the search documents of the first thousand": (
        "catalog_search_program_refresh"
        if IS_POSTGRESQL
        else "INSERT INTO catalog_search_program_[0-9]+.rowid",
        1,
    ),
    "makes the last search documents": (
        "TRUNCATE pg_temp" if IS_POSTGRESQL else "DELETE FROM catalog_search_pending WHERE",
        4,
    ),
    "is about to commit": ("INSERT INTO .django_admin_log", 1),
}


def test_import_whose_worker_is_killed_changes_nothing_and_is_run_again(catalog, ann, some):
    record = receive(spring(), ann)
    assert is_large(record)
    jobs.check_soon(record)
    before, kept = everything("catalog_import", "catalog_importedrow"), files()

    killed(*WORKER, dying=("INTO .catalog_importedrow", 2))

    record.refresh_from_db()
    assert record.status == ImportStatus.CHECKING
    assert ImportedRow.objects.filter(record=record).count() == 2_000
    assert progress_of(record).done == 1_000
    assert differences(before, everything("catalog_import", "catalog_importedrow")) == set()
    assert files() == kept

    jobs.run_again(record, ann)
    work()
    record.refresh_from_db()
    assert (record.status, record.problems) == (ImportStatus.READY, [])
    assert record.counts == {
        "new": NEW,
        "changed": OLD // 2,
        "re-rated": OLD // 2,
        "unchanged": 0,
    }
    assert record.rows.count() == OLD + NEW

    jobs.confirm(record)
    before = everything()
    for what, dying in some(KILLED_WHILE_IT.items(), 1):
        killed(*WORKER, dying=dying)

        assert differences(before, everything()) == set(), what
        assert files() == kept
        check_database()
        record.refresh_from_db()
        assert record.status == ImportStatus.CONFIRMED
        jobs.run_again(record, ann)

    # Nobody had told the queue yet that it was done.
    killed(*WORKER, dying=("UPDATE .django_tasks_database_dbtaskresult", 2))
    assert_is_imported(record)
    done = everything()
    jobs.run_again(record, ann)
    tasks.apply_import.call(record.pk)
    work()
    assert differences(done, everything()) == set()

    request_undo(record, ann)
    before = everything()
    killed(*WORKER, dying=("INSERT INTO .catalog_historicalrating", 2))
    assert differences(before, everything()) == set()
    record.refresh_from_db()
    assert record.status == ImportStatus.UNDOING
    jobs.run_again(record, ann)
    work()
    record.refresh_from_db()
    assert (record.status, record.kept) == (ImportStatus.UNDONE, [])
    assert names() == {f"Program {n}" for n in range(OLD)}
    check_database()


def test_command_that_is_killed_leaves_an_import_to_be_confirmed(catalog, ann, tmp_path):
    path = tmp_path / "spring.csv"
    columns = "slug,name,topic_area,scientific_rating,rated_on,status"
    path.write_text("\n".join([columns, *spring()]))
    records = ("catalog_import", "sqlite_sequence")
    before = everything(*records)

    killed(
        "import_csv", "programs", str(path), dying=("INSERT INTO .catalog_historicalprogram.", 3)
    )

    assert differences(before, everything(*records)) == set()
    record = Import.objects.first()
    assert record.status == ImportStatus.CONFIRMED
    # The admin's page has known that somebody was working on it.
    assert progress_of(record).done == 1_000
    jobs.run_again(record, ann)
    work()
    record.refresh_from_db()
    assert (record.status, record.user) == (ImportStatus.READY, ann)
    jobs.confirm(record)
    work()
    assert_is_imported(record)


def test_command_interrupted_while_the_second_thread_works_leaves_nothing(catalog, tmp_path):
    path = tmp_path / "spring.csv"
    columns = "slug,name,topic_area,scientific_rating,rated_on,status"
    path.write_text("\n".join([columns, *spring()]))
    sequences = ("sqlite_sequence",)
    before, kept = everything(*sequences), files()

    dying = KILLED_WHILE_IT["makes the search documents of the first thousand"]
    running = process("import_csv", "programs", str(path), dying=dying, of="SIGINT")
    output, _ = running.communicate(timeout=SECONDS)

    if "Exception ignored" in output:
        pytest.skip("Python swallows an interrupt that arrives while an object is cleared away")
    assert running.returncode == -signal.SIGINT, output
    assert (differences(before, everything(*sequences)), files()) == (set(), kept)
    check_database()
