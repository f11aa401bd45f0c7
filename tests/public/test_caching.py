"""The catalog's version changes with every write that a page may show; caches keep nothing that is not right."""

import threading
from datetime import date

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone

from catalog.finding import program_sets, snapshots
from catalog.models import Program, Rating, Reference, Status, Study, Term, TopicArea, TopicExpert
from catalog.public import caching
from catalog.search import change_log, upkeep

from ..factories import (
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)


@pytest.fixture
def everything(db):
    """One entry of each kind, and an expert of no area."""
    TopicExpertFactory(slug="spare")
    area = TopicAreaFactory()
    area.experts.add(TopicExpertFactory())
    rating = RatingFactory(topic_area=area)
    study = StudyFactory(program=rating.program)
    area.further_reading.add(study.reference)
    Term.objects.create(name="Term", definition="What it means.")


WRITES = {
    "save": lambda: Program.objects.get().save(),
    "update": lambda: Program.objects.update(goals="Other"),
    "bulk create": lambda: Program.objects.bulk_create([Program(name="New", slug="new")]),
    "bulk update": lambda: Rating.objects.bulk_update(Rating.objects.all(), ["rationale"]),
    "re-rating": lambda: RatingFactory(
        program=Program.objects.get(), topic_area=TopicArea.objects.get(), scientific_rating="1"
    ),
    "topic area": lambda: TopicArea.objects.update(definition="Other"),
    "expert": lambda: TopicExpert.objects.update(position="Other"),
    "expert of an area": lambda: TopicArea.objects.get().experts.set([]),
    # Django writes INSERT OR IGNORE for these two.
    "new expert of an area": lambda: TopicArea.objects.get().experts.add(
        TopicExpert.objects.get(slug="spare")
    ),
    "bulk create, ignoring conflicts": lambda: Program.objects.bulk_create(
        [Program(name="New", slug="new")], ignore_conflicts=True
    ),
    "mending": lambda: upkeep.install(connection),
    "further reading": lambda: TopicArea.objects.get().further_reading.set([]),
    "reference": lambda: Reference.objects.update(year=1999),
    "study": lambda: Study.objects.update(summary="Other"),
    "deletion": lambda: Study.objects.all().delete(),
    "term": lambda: Term.objects.update(definition="Other"),
    "loaddata": lambda: call_command("loaddata", "secondary_traumatic_stress", verbosity=0),
    "SQL": lambda: connection.cursor().execute("UPDATE catalog_program SET goals = 'SQL'").close(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_every_kind_of_write_makes_another_version(everything, write):
    before = catalog_version()
    assert catalog_version() == before

    write()

    assert catalog_version() != before


def test_version_goes_back_with_what_is_rolled_back(everything):
    before = catalog_version()
    with transaction.atomic():
        Program.objects.update(goals="Other")
        assert catalog_version() != before
        transaction.set_rollback(True)

    assert catalog_version() == before


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_writers_neither_wait_for_each_other_nor_hide_each_other():
    first, second = ProgramFactory(), ProgramFactory()
    before, written, committed = catalog_version(), threading.Event(), threading.Event()

    def write_slowly():
        with transaction.atomic():
            Program.objects.filter(pk=first.pk).update(goals="First")
            written.set()
            committed.wait(10)
        connections.close_all()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    written.wait(10)
    Program.objects.filter(pk=second.pk).update(goals="Second")
    between = catalog_version()
    committed.set()
    slow.join()

    # The older transaction ended last, and still shows.
    assert len({before, between, catalog_version()}) == 3


@pytest.mark.django_db(transaction=True)
def test_version_survives_an_emptied_database():
    ProgramFactory()
    call_command("flush", interactive=False, verbosity=0)
    before = catalog_version()

    ProgramFactory()

    assert catalog_version() != before


def test_sets_are_read_once_for_a_version(everything, django_assert_num_queries):
    version = catalog_version()
    first = catalog_at(version)
    with django_assert_num_queries(0):
        assert catalog_at(version) is first

    ProgramFactory()

    assert len(catalog_at(catalog_version()).ids) == len(first.ids) + 1


# --- What browsers and caches may keep -------------------------------------------------------------------------------


def test_unchanged_page_is_answered_by_one_query(client, everything, django_assert_num_queries):
    etag = client.get("/programs/")["ETag"]

    with django_assert_num_queries(1):
        response = client.get("/programs/", headers={"if-none-match": etag})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
    assert response["Cache-Control"] == "public, max-age=0, s-maxage=60"


@pytest.mark.parametrize(
    "address", ["/", "/topics/", "/programs/", "/evidence-map/", "/glossary/", "/references/"]
)
def test_changed_page_is_sent_anew(client, everything, address):
    etag = client.get(address)["ETag"]
    Program.objects.update(goals="Other")

    response = client.get(address, headers={"if-none-match": etag})

    assert response.status_code == 200
    assert response["ETag"] != etag


def test_tag_is_of_its_address_its_day_and_its_release(client, everything, monkeypatch):
    tags = [client.get(a)["ETag"] for a in ("/programs/", "/programs/?rating=3", "/topics/")]
    monkeypatch.setattr(caching, "release", lambda: "another")
    tags.append(client.get("/programs/")["ETag"])
    monkeypatch.setattr(timezone, "localdate", lambda: date(2031, 1, 1))
    tags.append(client.get("/programs/")["ETag"])

    assert len(set(tags)) == 5


def test_retired_program_is_gone_for_who_had_its_page(client, everything):
    program = Program.objects.get()
    etag = client.get(program.get_absolute_url())["ETag"]
    program.status = Status.RETIRED
    program.save()

    response = client.get(program.get_absolute_url(), headers={"if-none-match": etag})

    assert response.status_code == 200
    assert "retired" in response.content.decode()


def test_pages_of_people_who_are_signed_in_are_not_kept(editor_client, everything):
    draft = ProgramFactory(status=Status.DRAFT)

    listed = editor_client.get("/programs/")
    preview = editor_client.get(draft.get_absolute_url())

    assert listed["Cache-Control"] == "private, no-cache"
    assert "ETag" not in listed
    assert "no-store" in preview["Cache-Control"]


def test_page_that_does_not_exist_is_not_tagged(client, everything):
    etag = client.get("/programs/")["ETag"]

    missing = client.get("/programs/nowhere/", headers={"if-none-match": etag})

    assert missing.status_code == 404
    assert "ETag" not in missing


def test_summary_is_kept_like_the_page(everything):
    client, area = Client(), TopicArea.objects.get()
    address = f"{area.get_absolute_url()}summary.pdf"
    etag = client.get(address)["ETag"]

    assert client.get(address, headers={"if-none-match": etag}).status_code == 304
    TopicArea.objects.update(definition="Other")
    assert client.get(address, headers={"if-none-match": etag}).status_code == 200


def test_keys_of_any_size_are_found(db, monkeypatch):
    few = [ProgramFactory().pk for _ in range(3)]
    monkeypatch.setattr(program_sets, "MOST_KEYS", few[-1] - 1)
    by_dictionary = program_sets.read_catalog()
    monkeypatch.setattr(program_sets, "MOST_KEYS", few[-1])
    by_list = program_sets.read_catalog()

    for asked in ([], few[:1], few[1:], [*few, few[-1] + 1, 10**12]):
        assert by_dictionary.set_of(asked) == by_list.set_of(asked)
        assert by_list.set_of(asked).bit_count() == len(set(asked) & set(few))
