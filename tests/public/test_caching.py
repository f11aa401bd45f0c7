"""What is kept of a page, by this process, by browsers and by caches, ends when what the page shows changes."""

import gzip
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.finding import snapshots
from catalog.models import Finding, Program, Status, Term, TopicArea
from catalog.public import caching

from ..factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)


@pytest.fixture
def everything(db):
    """One entry of each kind."""
    area = TopicAreaFactory()
    area.experts.add(TopicExpertFactory())
    rating = RatingFactory(topic_area=area)
    study = StudyFactory(program=rating.program)
    area.further_reading.add(study.reference)
    Term.objects.create(name="Term", definition="What it means.")


# --- What browsers and caches may keep -------------------------------------------------------------------------------


def test_unchanged_page_is_answered_by_one_query(client, everything, django_assert_num_queries):
    etag = client.get("/programs/")["ETag"]

    with django_assert_num_queries(1):
        response = client.get("/programs/", headers={"if-none-match": etag})

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", etag)
    assert response["Cache-Control"] == "public, max-age=0, s-maxage=60"


@pytest.mark.parametrize("address", ["/topics/calm/", "/evidence-map/?count=studies"])
def test_page_that_shows_what_studies_found_is_sent_anew_after_a_finding(client, db, address):
    area = TopicAreaFactory(slug="calm")
    finding = FindingFactory(topic_area=area)
    RatingFactory(program=finding.program, topic_area=area)
    before = client.get(address)

    Finding.objects.update(counts=False)
    after = client.get(address)

    assert before.content != after.content


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


# --- What this process keeps ------------------------------------------------------------------------------------------


def test_page_is_made_once_for_everybody(everything, django_assert_num_queries):
    first = Client().get("/programs/")

    with django_assert_num_queries(1):
        again = Client().get("/programs/")

    assert again.content == first.content
    assert again.headers == first.headers


def test_page_of_one_program_ends_with_what_it_alone_shows(client, everything):
    program = Program.objects.get()
    pages = ["/programs/", "/topics/", "/", "/evidence-map/", program.get_absolute_url()]
    tags = [client.get(page)["ETag"] for page in pages]

    Program.objects.update(contact_phone="555 0100")

    changed = [client.get(page)["ETag"] != tag for page, tag in zip(pages, tags, strict=True)]
    assert changed == [False, False, False, False, True]
    assert "555 0100" in client.get(program.get_absolute_url()).content.decode()


def test_draft_ends_no_page(client, everything):
    pages = ["/programs/", "/topics/", "/references/", Program.objects.get().get_absolute_url()]
    tags = [client.get(page)["ETag"] for page in pages]

    draft = ProgramFactory(status=Status.DRAFT)
    StudyFactory(program=draft)
    RatingFactory(program=draft, topic_area=TopicArea.objects.get())
    Program.objects.filter(pk=draft.pk).update(name="Another")

    assert [client.get(page)["ETag"] for page in pages] == tags


def test_page_of_who_is_signed_in_is_kept_for_nobody(editor_client, everything):
    draft = ProgramFactory(status=Status.DRAFT)

    assert editor_client.get(draft.get_absolute_url()).status_code == 200
    editor_client.get("/programs/")

    # But the cards of public programs are.
    assert {kind for kind, *_ in caching._kept} == {"card"}
    assert Client().get(draft.get_absolute_url()).status_code == 404


def test_page_is_compressed_for_who_reads_that(client, everything, django_assert_num_queries):
    plain = client.get("/programs/")
    packed = client.get("/programs/", headers={"accept-encoding": "br, gzip"})

    with django_assert_num_queries(1):
        again = client.get("/programs/", headers={"accept-encoding": "gzip"})

    assert gzip.decompress(packed.content) == gzip.decompress(again.content) == plain.content
    assert [r.get("Content-Encoding") for r in (plain, packed, again)] == [None, "gzip", "gzip"]
    assert {r["Vary"] for r in (plain, packed, again)} == {"Accept-Encoding, Cookie"}
    assert packed["ETag"] == plain["ETag"]


def test_page_of_who_is_signed_in_is_not_compressed(editor_client, everything):
    response = editor_client.get("/programs/", headers={"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response


def test_kept_pages_take_no_more_than_they_may(client, everything, monkeypatch):
    size = len(client.get("/programs/").content) + caching.OVERHEAD
    monkeypatch.setattr(caching, "_kept", caching.room(3 * size))

    for number in range(5):
        client.get(f"/programs/?q=word{number}")

    assert 0 < caching._kept.currsize <= 3 * size


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads share a database in memory")
def test_while_much_is_read_again_older_pages_are_for_their_visitor_only(client, monkeypatch):
    area = TopicAreaFactory(name="Before")
    RatingFactory(topic_area=area)
    monkeypatch.setattr(snapshots, "FEW_PROGRAMS", 0)
    before = client.get("/programs/")
    with snapshots.one_process_at_a_time():
        TopicArea.objects.update(name="After")
        meanwhile = client.get("/programs/")
        reading = snapshots._reading
    reading.join()
    after = client.get("/programs/")

    assert [response["ETag"] == before["ETag"] for response in (meanwhile, after)] == [True, False]
    assert meanwhile["Cache-Control"] == "no-store"
    assert after["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert ["After" in response.content.decode() for response in (meanwhile, after)] == [
        False,
        True,
    ]
