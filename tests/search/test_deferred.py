"""Documents that wait for many writes are in the end those that would have been written at once."""

import threading

import pytest
from django.db import connection, connections, transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Program, Rating, Reference, Status, Study, TopicArea, TopicExpert
from catalog.search import deferred, parse, references_holding, upkeep
from catalog.search.documents import INDEXES

from ..factories import ProgramFactory, RatingFactory, ReferenceFactory, StudyFactory
from .finds import found

PUBLISHED = {"status": Status.PUBLISHED, "published_at": timezone.now()}
NUMBERS = range(1, 4)
WORDS = ["zebra", "okapi", "gnu", "running zebras", "Élan"]


def documents():
    """Return all documents as the database holds them."""
    found = {}
    with connection.cursor() as cursor:
        for index in INDEXES:
            key = "rowid" if connection.vendor == "sqlite" else "id"
            columns = ", ".join(index.columns)
            cursor.execute(f"SELECT {key}, {columns} FROM {index.table} ORDER BY {key}")  # noqa: S608
            found[index.table] = cursor.fetchall()
    return found


def forget_documents():
    with connection.cursor() as cursor:
        for index in INDEXES:
            cursor.execute(f"DELETE FROM {index.table}")  # noqa: S608


def found_by(word):
    return sorted(
        Program.objects.filter(pk__in=found(word).programs).values_list("name", flat=True)
    )


# --- Any sequence of writes ------------------------------------------------------------------------------------------
# Primary keys are given, so that the same writes make the same documents each time.


def add_program(number, other, word):
    Program.objects.bulk_create(
        [Program(pk=number, name=f"{word} {number}", slug=f"p-{number}")], ignore_conflicts=True
    )


def add_area(number, other, word):
    if not TopicArea.objects.filter(pk=number).exists():
        TopicArea(pk=number, name=f"{word} {number}", slug=f"a-{number}", **PUBLISHED).save()


def add_expert(number, other, word):
    TopicExpert(pk=number, name=word, slug=f"e-{number}").save()


def add_reference(number, other, word):
    Reference(pk=number, title=word, key=f"r-{number}").save()


def rate(number, other, word):
    if Program.objects.filter(pk=number).exists() and TopicArea.objects.filter(pk=other).exists():
        earlier = Rating.objects.filter(program=number, topic_area=other)
        year = 2000 + earlier.count()  # each rating is a new fact
        earlier.update(is_current=False)
        Rating(
            program_id=number, topic_area_id=other, scientific_rating="1", rated_on=f"{year}"
        ).save()


def cite(number, other, word):
    if Program.objects.filter(pk=number).exists() and Reference.objects.filter(pk=other).exists():
        Study.objects.get_or_create(program_id=number, reference_id=other)


def move_studies(number, other, word):
    if Program.objects.filter(pk=other).exists() and not Study.objects.filter(program=other):
        Study.objects.filter(program=number).update(program=other)


def remove_program(number, other, word):
    Rating.objects.filter(program=number).delete()
    Program.objects.filter(pk=number).delete()


WRITES = [
    *(add_program, add_area, add_expert, add_reference, rate, cite, move_studies, remove_program),
    lambda number, other, word: Program.objects.filter(pk=number).update(description=word),
    lambda number, other, word: TopicArea.objects.filter(pk=number).update(abbreviation=word[:3]),
    lambda number, other, word: TopicArea.objects.filter(pk=number).update(
        status=Status.RETIRED, retired_at=timezone.now()
    ),
    lambda number, other, word: Reference.objects.filter(pk=number).update(title=word),
    lambda number, other, word: Study.objects.filter(program=number).delete(),
    lambda number, other, word: Rating.objects.filter(topic_area=number).update(is_current=False),
    lambda number, other, word: TopicExpert.objects.filter(pk=number).delete(),
]
write_steps = st.tuples(
    st.sampled_from(WRITES),
    st.sampled_from(NUMBERS),
    st.sampled_from(NUMBERS),
    st.sampled_from(WORDS),
)
# A block is a list of steps in a savepoint, kept or rolled back, or in another deferral.
steps = st.recursive(
    st.lists(write_steps | st.just("flush"), max_size=12),
    lambda block: st.lists(
        write_steps
        | st.just("flush")
        | st.tuples(st.sampled_from(["kept", "rolled back", "deferred"]), block),
        max_size=12,
    ),
    max_leaves=5,
)


def run(steps, write_documents):
    for step in steps:
        if step == "flush":
            write_documents()
        elif len(step) == 4:
            step[0](*step[1:])
        elif step[0] == "deferred" and write_documents is not nothing:
            with deferred() as inner:
                run(step[1], inner)
        else:
            with transaction.atomic():
                run(step[1], write_documents)
                transaction.set_rollback(step[0] == "rolled back")


def nothing():
    """Stand for the function that writes the documents where they are written at once."""


@pytest.mark.django_db
@given(before=st.lists(write_steps, max_size=8), steps=steps, after=st.lists(write_steps))
def test_deferred_documents_are_those_that_writes_make_at_once(before, steps, after):
    def outcome(is_deferred):
        with transaction.atomic():
            run(before, nothing)
            if is_deferred:
                with deferred() as write_documents:
                    run(steps, write_documents)
            else:
                run(steps, nothing)
            in_time = documents(), upkeep.stale_documents(connection)
            run(after, nothing)
            at_last = documents(), upkeep.stale_documents(connection)
            forget_documents()
            upkeep.mend(connection)
            rebuilt = documents()
            transaction.set_rollback(True)
        return in_time, at_last, rebuilt

    in_time, at_last, rebuilt = outcome(is_deferred=True)

    assert (in_time, at_last, rebuilt) == outcome(is_deferred=False)
    assert at_last == (rebuilt, 0)
    assert in_time[1] == 0


# --- One rule at a time ----------------------------------------------------------------------------------------------


def test_documents_wait_for_the_function_or_the_end_of_the_block(db):
    with transaction.atomic():
        with deferred() as write_documents:
            ProgramFactory(name="Zebra one")
            before = found_by("zebra")
            write_documents()
            between = found_by("zebra")
            ProgramFactory(name="Zebra two")
            with deferred():
                ReferenceFactory(title="Zebra")
            after_the_inner_block = found_by("zebra")
            ProgramFactory(name="Zebra three")
            still_deferred = found_by("zebra")
        at_the_end = found_by("zebra")
        ProgramFactory(name="Zebra at once")
        with deferred():  # a second time in one transaction
            ProgramFactory(name="Zebra later")

    assert (before, between) == ([], ["Zebra one"])
    assert after_the_inner_block == still_deferred == ["Zebra one", "Zebra two"]
    assert at_the_end == ["Zebra one", "Zebra three", "Zebra two"]
    assert found_by("zebra") == sorted([*at_the_end, "Zebra at once", "Zebra later"])
    assert references_holding(parse("zebra")).count() == 1


@pytest.mark.django_db(transaction=True)
def test_deferring_outside_of_a_transaction_is_an_error():
    with pytest.raises(TransactionManagementError, match="only inside a transaction"), deferred():
        pass


@pytest.mark.django_db(transaction=True)
def test_error_in_the_block_undoes_the_transaction_even_if_it_is_caught():
    ProgramFactory(name="Kept")
    with transaction.atomic():
        ProgramFactory(name="Zebra before")
        try:
            with deferred() as write_documents:
                ProgramFactory(name="Zebra one")
                write_documents()
                ProgramFactory(name="Zebra two")
                raise ValueError("a fault of the import")
        except ValueError:
            pass

    assert [program.name for program in Program.objects.all()] == ["Kept"]
    assert found_by("zebra") == []
    ProgramFactory(name="Zebra at once")
    assert found_by("zebra") == ["Zebra at once"]
    assert upkeep.stale_documents(connection) == 0


@pytest.mark.django_db(transaction=True)
def test_block_that_is_rolled_back_as_a_trial_leaves_nothing():
    with transaction.atomic(), deferred():
        ProgramFactory(name="Zebra")
        transaction.set_rollback(True)

    assert not Program.objects.exists()
    ProgramFactory(name="Zebra at once")
    assert found_by("zebra") == ["Zebra at once"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_other_connections_are_indexed_at_once_meanwhile():
    program = ProgramFactory(name="Shared")
    gnu, okapi = ReferenceFactory(title="Gnu title"), ReferenceFactory(title="Okapi title")
    seen = []

    def write_elsewhere():
        ProgramFactory(name="Okapi elsewhere")
        StudyFactory(program=program, reference=okapi)
        seen.append(found_by("okapi"))
        connections.close_all()

    with transaction.atomic(), deferred() as write_documents:
        ProgramFactory(name="Zebra")
        write_documents()
        ProgramFactory(name="Gnu")
        StudyFactory(program=program, reference=gnu)
        other = threading.Thread(target=write_elsewhere)
        other.start()
        other.join(20)

    assert seen == [["Okapi elsewhere", "Shared"]]
    assert found_by("zebra") == ["Zebra"]
    assert found_by("gnu") == ["Gnu", "Shared"]
    assert found_by("okapi") == ["Okapi elsewhere", "Shared"]
    assert upkeep.stale_documents(connection) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="only PostgreSQL tells of TRUNCATE")
def test_emptied_tables_are_indexed_too():
    study = StudyFactory(program__name="Gnu", reference__title="Zebra")
    with transaction.atomic(), deferred():
        ProgramFactory(name="Okapi")
        connection.cursor().execute("TRUNCATE catalog_study").close()

    assert (found_by("zebra"), found_by("gnu")) == ([], [study.program.name])
    assert found_by("okapi") == ["Okapi"]
    assert upkeep.stale_documents(connection) == 0


@pytest.mark.django_db
def test_names_of_what_is_found_are_those_of_the_end():
    """Each table that documents draw from is noted."""
    rating = RatingFactory(program__name="Placed", topic_area__name="Area")
    study = StudyFactory(program__name="Cited", reference__title="Title")
    with transaction.atomic(), deferred():
        TopicArea.objects.filter(pk=rating.topic_area_id).update(name="Zebra")
        Reference.objects.filter(pk=study.reference_id).update(title="Zebra")
        Program.objects.filter(pk=rating.program_id).update(goals="Okapi")
        before = found_by("zebra"), found_by("okapi")

    # What topic areas are called is in no program's document.
    assert before == (["Placed"], [])
    assert (found_by("zebra"), found_by("okapi")) == (["Cited", "Placed"], ["Placed"])
    assert found("zebra").topic_areas == [rating.topic_area_id]
