"""The index is right after any write, and says so where it is not."""

import io
import threading

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections, transaction
from django.utils import timezone

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea
from catalog.search import parse, postgresql, references_holding, upkeep
from catalog.search.documents import PROGRAMS

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
)
from ..transactions import committed_later
from .finds import by_weight, found, names


def by_save(program, area, reference):
    program.name = area.name = reference.title = "Zebra"
    for entry in (program, area, reference):
        entry.save()


def by_update(program, area, reference):
    Program.objects.filter(pk=program.pk).update(name="Zebra")
    TopicArea.objects.filter(pk=area.pk).update(name="Zebra")
    Reference.objects.filter(pk=reference.pk).update(title="Zebra")


def by_bulk_update(program, area, reference):
    program.name = area.name = reference.title = "Zebra"
    Program.objects.bulk_update([program], ["name"])
    TopicArea.objects.bulk_update([area], ["name"])
    Reference.objects.bulk_update([reference], ["title"])


def by_sql(program, area, reference):
    with connection.cursor() as cursor:
        for entry, column in ((program, "name"), (area, "name"), (reference, "title")):
            table = entry._meta.db_table
            cursor.execute(f"UPDATE {table} SET {column} = 'Zebra' WHERE id = %s", [entry.pk])  # noqa: S608


@pytest.mark.parametrize("write", [by_save, by_update, by_bulk_update, by_sql])
def test_index_is_right_after_any_change_of_a_text(db, write):
    named, placed, titled = (ProgramFactory(name=name) for name in ("Named", "Placed", "Titled"))
    rating = RatingFactory(program=placed, topic_area__name="Area")
    study = StudyFactory(program=titled, reference__title="Title")

    write(named, rating.topic_area, study.reference)

    assert [set(ids) for ids in by_weight("zebra")] == [
        {named.pk},
        {named.pk, placed.pk},
        {named.pk, placed.pk, titled.pk},
    ]
    assert found("zebra").topic_areas == [rating.topic_area_id]
    assert list(references_holding(parse("zebra"))) == [study.reference]
    assert [names(q) for q in ("named", "area", "title")] == [[], [], ["Titled"]]  # its name
    assert upkeep.stale_documents(connection) == 0


def test_index_is_right_after_links_change(db):
    one, other = ProgramFactory(name="One"), ProgramFactory(name="Other")
    rating = RatingFactory(program=one, topic_area__name="Zebra")
    study = StudyFactory(program=one, reference__title="Gnu")
    assert (names("zebra"), names("gnu")) == (["One"], ["One"])

    Rating.objects.filter(pk=rating.pk).update(program=other)
    Study.objects.filter(pk=study.pk).update(program=other)
    assert (names("zebra"), names("gnu")) == (["Other"], ["Other"])

    rerated = RatingFactory(program=other, topic_area=rating.topic_area, scientific_rating="1")
    assert names("zebra") == ["Other"]
    Rating.objects.filter(pk=rerated.pk).update(is_current=False)
    study.delete()
    assert (names("zebra"), names("gnu")) == ([], [])

    Rating.objects.filter(pk=rerated.pk).update(is_current=True)
    TopicArea.objects.filter(pk=rating.topic_area_id).update(
        status=Status.RETIRED, retired_at=timezone.now()
    )
    assert names("zebra") == []

    Rating.objects.all().delete()
    other.delete()
    assert (names("one"), names("other")) == (["One"], [])
    assert upkeep.stale_documents(connection) == 0


def test_index_is_right_after_bulk_creation_and_loaddata(db):
    Program.objects.bulk_create([Program(name=f"Zebra {n}", slug=f"zebra-{n}") for n in range(3)])
    call_command("loaddata", "secondary_traumatic_stress", verbosity=0)

    assert names("zebra") == ["Zebra 0", "Zebra 1", "Zebra 2"]
    assert names("sanctuary") == ["Sanctuary Model"]
    assert upkeep.stale_documents(connection) == 0


@pytest.fixture
def stale(db):
    """An index that missed a change, because a trigger was gone."""
    program = ProgramFactory(name="Gnu")
    with connection.cursor() as cursor:
        for name, table, _ in list(upkeep.triggers(connection)):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")
    Program.objects.filter(pk=program.pk).update(name="Zebra")
    assert names("zebra") == []


def forget(table, pk=None):
    """Delete documents behind the back of the application: one or, without a key, all of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}" + (f" WHERE id = {pk}" if pk else ""))  # noqa: S608


def reports():
    return [(message.id, message.msg) for message in upkeep.check_search(["default"])]


@pytest.mark.parametrize(
    "mend",
    [
        lambda: call_command("rebuild_search", verbosity=0, stdout=io.StringIO()),
        lambda: upkeep.after_migrations(using="default"),
    ],
    ids=["rebuild_search", "migrate"],
)
def test_stale_index_is_reported_and_mended(stale, mend):
    count = len(list(upkeep.triggers(connection)))
    assert reports() == [
        (
            "catalog.W001",
            f"Search and caches miss changes: {count} triggers are missing or of an earlier version.",
        ),
        ("catalog.W002", "Search is stale: 1 entries."),
    ]

    mend()

    assert names("zebra") == ["Zebra"]
    assert reports() == []
    Program.objects.update(name="Okapi")
    assert (names("zebra"), names("okapi")) == ([], ["Okapi"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("has_document", [True, False])
def test_two_who_write_about_one_program_at_once_are_both_found(has_document):
    program = ProgramFactory()
    first, second = ReferenceFactory(title="Zebra"), ReferenceFactory(title="Okapi")
    if not has_document:
        forget(PROGRAMS.table)
    written, go_on = threading.Event(), threading.Event()

    def cite_slowly():
        with transaction.atomic():
            StudyFactory(program=program, reference=first)
            written.set()
            go_on.wait(10)
        connections.close_all()

    def cite():
        StudyFactory(program=program, reference=second)
        connections.close_all()

    slow, quick = threading.Thread(target=cite_slowly), threading.Thread(target=cite)
    slow.start()
    written.wait(10)
    quick.start()
    quick.join(0.5)  # it waits for the document
    go_on.set()
    slow.join()
    quick.join()

    assert names("zebra") == names("okapi") == [program.name]
    assert reports() == []


def make_trigger_an_earlier_one():
    trigger = "catalog_search_program_catalog_study_insert ON catalog_study"
    with connection.cursor() as cursor:
        cursor.execute(f"COMMENT ON TRIGGER {trigger} IS 'of an earlier version'")


@pytest.fixture
def slow_writer(transactional_db):
    """Somebody who has renamed a program and not committed yet; give the function that has them commit."""
    program = ProgramFactory(name="Slow")
    renamed = Program.objects.filter(pk=program.pk)
    with committed_later(lambda: renamed.update(name="Slow zebra")) as commit:
        yield commit


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.parametrize("lacking", ["documents", "a trigger"])
def test_others_search_and_save_while_search_is_rebuilt(slow_writer, lacking, monkeypatch):
    monkeypatch.setattr(postgresql, "PAUSE", 0.2)
    kept, other = ProgramFactory(name="Kept zebra"), ProgramFactory(name="Other")
    if lacking == "documents":
        forget(PROGRAMS.table, other.pk)
    else:
        make_trigger_an_earlier_one()
    ended = threading.Event()

    def rebuild():
        call_command("rebuild_search", stdout=io.StringIO())
        ended.set()
        connections.close_all()

    rebuilding = threading.Thread(target=rebuild)
    rebuilding.start()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '2s'")
        Program.objects.filter(pk=other.pk).update(name="Other zebra")
    found = names("kept zebra")
    waits = not ended.wait(1)
    slow_writer()
    rebuilding.join(20)

    assert found == [kept.name]
    assert waits == (lacking == "a trigger")
    assert ended.is_set()
    assert sorted(names("zebra")) == ["Kept zebra", "Other zebra", "Slow zebra"]
    assert reports() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_migrate_that_changes_nothing_waits_for_nobody(slow_writer, monkeypatch):
    monkeypatch.setattr(postgresql, "MOST_TRIES", 0)

    upkeep.after_migrations(using="default", plan=[])

    slow_writer()
    assert names("zebra") == ["Slow zebra"]


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite waits for its turn")
def test_writers_who_never_end_are_an_error_in_a_sentence(slow_writer, monkeypatch):
    monkeypatch.setattr(postgresql, "PAUSE", 0)
    monkeypatch.setattr(postgresql, "MOST_TRIES", 2)
    make_trigger_an_earlier_one()

    with pytest.raises(OperationalError, match="Others kept writing for many minutes"):
        upkeep.restore()

    slow_writer()
    upkeep.restore()


def former_table():
    """Make a table as an earlier form of the index would have had."""
    virtual, form = {"sqlite": ("VIRTUAL", "USING fts5(a)"), "postgresql": ("", "(id bigint)")}[
        connection.vendor
    ]
    connection.cursor().execute(f"CREATE {virtual} TABLE {PROGRAMS.label} {form}").close()


def test_tables_of_an_earlier_form_go_when_nobody_searches_them(db):
    ProgramFactory(name="Zebra")
    former_table()
    for name, table, _ in list(upkeep.triggers(connection))[-1:]:
        on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
        connection.cursor().execute(f"DROP TRIGGER {name}{on_table}").close()

    seen = []
    for _ in range(2):
        upkeep.after_migrations(using="default", plan=[])
        seen.append(PROGRAMS.label in connection.introspection.table_names())

    assert seen == [True, False]
    assert names("zebra") == ["Zebra"]


def test_migrate_fills_an_index_whose_filling_was_interrupted(db):
    ProgramFactory(name="Zebra")
    forget(PROGRAMS.table)

    upkeep.after_migrations(using="default", plan=[])

    assert names("zebra") == ["Zebra"]


def test_index_of_another_form_is_reported_and_made(db):
    ProgramFactory.create_batch(2, name="Zebra")
    connection.cursor().execute(f"DROP TABLE {PROGRAMS.table}").close()
    assert reports() == [("catalog.W002", "Search is stale: 2 entries.")]

    upkeep.after_migrations(using="default", plan=[])

    assert (names("zebra"), reports()) == (["Zebra", "Zebra"], [])


@pytest.mark.django_db(transaction=True)
def test_migration_that_makes_tables_anew_leaves_search_right():
    """SQLite alters a table by making it anew, without its triggers."""
    program = ProgramFactory(name="Zebra")
    field = Program._meta.get_field("goals")
    wider = type(field)(null=True)
    wider.set_attributes_from_name("goals")
    try:
        upkeep.before_migrations(using="default", plan=["a migration"])
        with connection.schema_editor() as editor:
            editor.alter_field(Program, field, wider)
        Program.objects.filter(pk=program.pk).update(name="Okapi")
        with connection.schema_editor() as editor:
            editor.alter_field(Program, wider, field)
    finally:
        upkeep.after_migrations(using="default", plan=["a migration"])

    assert names("okapi") == ["Okapi"]
    assert reports() == []
