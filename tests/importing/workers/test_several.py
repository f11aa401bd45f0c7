"""Several imports at once, and workers that come late."""

from pathlib import Path

from django_tasks_db.models import DBTaskResult

from catalog.importing import jobs
from catalog.importing.applying import apply
from catalog.importing.checking import check
from catalog.models import Import, ImportStatus, Program

from .processes import (
    CHANGED,
    OLD,
    SECONDS,
    WORKER,
    assert_is_imported,
    check_database,
    files,
    names,
    process,
    ready,
    receive,
    refresh,
    spring,
    together,
)


def test_two_imports_of_the_same_programs_happen_in_turn(catalog, ann, bob):
    """The second one is refused in words: what its preview has shown is no longer so."""
    first = ready([f"p-{n},Of Ann {n}" for n in range(OLD)], ann, columns="slug,name")
    second = ready([f"p-{n},Of Bob {n}" for n in range(OLD)], bob, columns="slug,name")

    results = together(lambda: jobs.confirm(first), lambda: jobs.confirm(second))

    refresh(first, second)
    assert results == [None, None]
    done, refused = sorted([first, second], key=lambda r: r.status != ImportStatus.DONE)
    who, other = ("Ann", "Bob") if done == first else ("Bob", "Ann")
    assert names() == {f"Of {who} {n}" for n in range(OLD)}
    assert (done.status, refused.status) == (ImportStatus.DONE, ImportStatus.READY)
    others = ", ".join(f"“Of {other} {n}”" for n in range(5))
    assert refused.notices == [
        f"{CHANGED} The preview below is another one for {others} and 295 more."
    ]
    assert refused.rows.first().changes[0][1:] == [f"Of {who} 0", f"Of {other} 0"]
    jobs.confirm(refused)
    assert names() == {f"Of {other} {n}" for n in range(OLD)}
    assert Program.history.count() == 3 * OLD
    check_database()


def test_two_imports_that_add_the_same_programs_add_them_once(catalog, ann, bob):
    rows = [f"n-{n},New {n},area,3,2024,draft" for n in range(OLD)]
    records = [ready(rows, ann), ready(rows, bob)]

    results = together(*[lambda record=record: jobs.confirm(record) for record in records])

    refresh(*records)
    assert results == [None, None]
    assert sorted(record.status for record in records) == [ImportStatus.DONE, ImportStatus.READY]
    [refused] = [record for record in records if record.status == ImportStatus.READY]
    assert refused.counts == {"new": 0, "changed": 0, "re-rated": 0, "unchanged": OLD}
    assert Program.objects.filter(name__startswith="New").count() == OLD


def test_two_imports_of_different_columns_both_happen(catalog, ann, bob):
    first = ready([f"p-{n},A {n}" for n in range(OLD)], ann, columns="slug,acronym")
    second = ready([f"p-{n},G {n}" for n in range(OLD)], bob, columns="slug,goals")

    results = together(lambda: jobs.confirm(first), lambda: jobs.confirm(second))

    refresh(first, second)
    assert results == [None, None]
    assert [first.status, second.status] == [ImportStatus.DONE, ImportStatus.DONE]
    assert set(Program.objects.values_list("slug", "acronym", "goals")) == {
        (f"p-{n}", f"A {n}", f"G {n}") for n in range(OLD)
    }


def test_two_workers_after_one_import_do_it_once(catalog, ann):
    record = ready(spring(), ann)
    jobs.confirm(record)
    jobs.run_again(record, ann)

    workers = [process(*WORKER), process(*WORKER)]
    outputs = [worker.communicate(timeout=SECONDS)[0] for worker in workers]

    assert [worker.returncode for worker in workers] == [0, 0], outputs
    assert list(DBTaskResult.objects.values_list("status", flat=True)) == ["SUCCESSFUL"] * 2
    assert_is_imported(record)


def test_worker_that_checks_late_does_not_take_an_import_back(catalog, ann):
    """It was slow, and so another one was sent: what that one found has been confirmed meanwhile."""
    record = receive(["p-0,Renamed 0"], ann, columns="slug,name")
    slow = Import.objects.get(pk=record.pk)
    check(record)
    jobs.confirm(record)

    check(slow)

    record.refresh_from_db()
    assert (record.status, record.rows.count()) == (ImportStatus.DONE, 1)
    late = Import(pk=record.pk, status=ImportStatus.CONFIRMED)
    assert (apply(late), late.status) == (None, ImportStatus.DONE)
    assert files() == sorted(Path(r.file.name).name for r in Import.objects.all())
