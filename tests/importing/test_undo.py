"""Undoing an import: everything goes back, except what somebody has built on since."""

import re
from collections import defaultdict
from contextlib import suppress

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.importing import jobs
from catalog.importing.tasks import undo_import
from catalog.importing.undo import BROKEN, MAY_NOT, REFUSED, request_undo, undo
from catalog.models import (
    Import,
    ImportStatus,
    Program,
    Rating,
    Reference,
    Study,
    TopicArea,
    TopicExpert,
)
from catalog.resources import KINDS
from catalog.search.upkeep import stale_documents

from ..factories import (
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
    publishable,
)
from .test_importer import (
    CATALOGS,
    INDEXES,
    LOADING_ORDER,
    NEW_ROWS,
    as_csv,
    empty,
    examples_own_data,
    exported,
    keep,
    load,
    neighbours,
    store,
)

__all__ = ["neighbours"]

pytestmark = pytest.mark.django_db

MODELS = (TopicExpert, Reference, TopicArea, Program, Rating, Study)
# What an editor writes into an entry of each kind.
TEXTS = {
    TopicExpert: "position",
    Reference: "pages",
    TopicArea: "delivered_by",
    Program: "duration",
    Rating: "rationale",
    Study: "location",
}
# For each kind a row that changes an entry, where the entries of `neighbours` exist, and a study.
CHANGED_ROWS = {
    "experts": {"slug": "old-expert", "name": "New Expert", "position": "Chair"},
    "references": {"key": "old-2020", "title": "New title", "year": "2021", "doi": "10.1234/new"},
    "topic-areas": {
        "slug": "old-area",
        "name": "New area",
        "experts": "old-expert",
        "further_reading": "old-2020",
        "status": "retired",
    },
    "programs": {"slug": "old-program", "name": "New program", "status": "draft"},
    "ratings": {
        "program": "old-program",
        "topic_area": "old-area",
        "scientific_rating": "3",
        "rationale": "New.",
    },
    "studies": {"program": "old-program", "reference": "old-2020", "sample_size": "7"},
}


@pytest.fixture
def ann(db):
    return UserFactory(username="ann", first_name="Ann", last_name="Importer", is_superuser=True)


@pytest.fixture
def bob(db):
    return UserFactory(username="bob", first_name="Bob", last_name="Undoer", is_superuser=True)


@pytest.fixture
def catalog(neighbours):
    """One entry of each kind."""
    RatingFactory(
        program=Program.objects.get(), topic_area=TopicArea.objects.get(), rated_on="2020"
    )
    StudyFactory(program=Program.objects.get(), reference=Reference.objects.get())


def bring_in(kind, content, user):
    """Import a file, given as bytes, as text or as rows, as the pages do; return the record."""
    if isinstance(content, list):
        content = as_csv(content)
    data = content.encode() if isinstance(content, str) else content
    record = jobs.receive(kind, ContentFile(data, name="spring.csv"), user=user)
    jobs.check_soon(record)
    jobs.confirm(record)
    record.refresh_from_db()
    return record


def entries():
    """Return what is stored of every entry of the catalog, its relations too, by model and primary key."""
    found = {}
    for model in MODELS:
        columns = [field.attname for field in model._meta.concrete_fields]
        for values in model.objects.order_by().values(*columns):
            found[model, values["id"]] = values
        for field in model._meta.many_to_many:
            for key in [key for key in found if key[0] is model]:
                found[key][field.name] = set()
            for pk, other in model.objects.order_by().values_list("pk", field.name):
                found[model, pk][field.name] |= {other} - {None}
    return found


def history_is_complete():
    """Whether what the history says last of every entry is what is stored."""
    for (model, pk), values in entries().items():
        last = model.history.filter(id=pk).order_by("history_id").last()
        columns = [field.attname for field in model._meta.concrete_fields]
        if {name: getattr(last, name) for name in columns} != {
            name: values[name] for name in columns
        }:
            return False
        for field in model._meta.many_to_many:
            links = getattr(last, field.name).values_list(f"{field.m2m_reverse_field_name()}_id")
            if {other for (other,) in links} != values[field.name]:
                return False
    return True


def kept(record):
    """Return what an undo has kept and why, without the times."""
    return [
        (item["entry"], re.sub(r" on \w+ \d+, \d+, \d?\d:\d\d [ap]\.m\.", "", item["why"]))
        for item in record.kept
    ]


# --- Each kind


@pytest.mark.parametrize("kind", KINDS)
def test_added_entry_is_deleted(kind, catalog, ann, bob):
    before = entries()
    row = {**NEW_ROWS[kind]}
    if kind == "studies":
        row["reference"] = ReferenceFactory(title="Other").key
        before = entries()
    record = bring_in(kind, [row], ann)
    assert entries() != before

    request_undo(record, bob)

    assert (record.status, record.kept, entries()) == (ImportStatus.UNDONE, [], before)
    assert stale_documents(connection) == 0
    assert history_is_complete()


@pytest.mark.parametrize("kind", KINDS)
def test_changed_entry_goes_back(kind, catalog, ann, bob):
    before = entries()
    row = CHANGED_ROWS[kind]
    if kind == "ratings":
        row = {**row, "rated_on": "2020"}
    record = bring_in(kind, [row], ann)
    assert (record.counts["changed"], entries() != before) == (1, True)

    request_undo(record, bob)

    assert (record.status, record.kept, entries()) == (ImportStatus.UNDONE, [], before)
    assert stale_documents(connection) == 0
    assert history_is_complete()


@pytest.mark.parametrize("kind", KINDS)
def test_entry_without_a_history_goes_back_too(kind, catalog, ann, bob):
    for model in MODELS:
        model.history.all().delete()
    before = entries()
    row = {**CHANGED_ROWS[kind]}
    if kind == "ratings":
        row["rated_on"] = "2020"
    record = bring_in(kind, [row], ann)

    request_undo(record, bob)

    assert (record.status, record.kept, entries()) == (ImportStatus.UNDONE, [], before)


@pytest.mark.parametrize("kind", KINDS)
def test_entry_that_somebody_has_edited_since_is_kept_and_named(kind, catalog, ann, bob):
    row = {**CHANGED_ROWS[kind]}
    if kind == "ratings":
        row["rated_on"] = "2020"
    record = bring_in(kind, [row], ann)
    model = KINDS[kind]._meta.model
    entry = model.objects.get()
    setattr(entry, TEXTS[model], "Edited")
    entry._history_user = ann
    entry.save()
    before = entries()

    request_undo(record, bob)

    assert record.status == ImportStatus.UNDONE
    assert kept(record) == [(str(entry), "Ann Importer changed it.")]
    assert entries() == before


@pytest.mark.parametrize("kind", KINDS)
def test_history_names_who_undid_what(kind, catalog, ann, bob):
    row = {**CHANGED_ROWS[kind]}
    if kind == "ratings":
        row["rated_on"] = "2020"
    record = bring_in(kind, [row], ann)
    model = KINDS[kind]._meta.model
    old = set(model.history.values_list("pk", flat=True))

    request_undo(record, bob)

    columns = ("history_type", "history_change_reason", "history_user__username", "history_import")
    new = model.history.exclude(pk__in=old).values_list(*columns)
    assert list(new) == [("~", "Undone: Imported from spring.csv", "bob", record.pk)]
    assert [e.user.username for e in LogEntry.objects.filter(change_message="Undone.")] == ["bob"]


def test_history_of_what_is_deleted_stays(db, ann, bob):
    record = bring_in("experts", "name\nRobin Example\n", ann)

    request_undo(record, bob)

    columns = ("name", "history_type", "history_user__username")
    assert list(TopicExpert.history.values_list(*columns)) == [
        ("Robin Example", "-", "bob"),
        ("Robin Example", "+", "ann"),
    ]


def test_second_undo_does_nothing(catalog, ann, bob):
    record = bring_in("programs", [CHANGED_ROWS["programs"]], ann)
    request_undo(record, bob)
    Program.objects.update(name="Later")
    before = entries()
    history = Program.history.count()

    request_undo(record, bob)
    undo(record, bob)

    assert (entries(), Program.history.count()) == (before, history)


@pytest.mark.parametrize("status", ["checking", "failed", "ready", "confirmed", "undone"])
def test_only_what_is_done_can_be_undone(status, catalog, ann, bob):
    record = bring_in("programs", [CHANGED_ROWS["programs"]], ann)
    Import.objects.update(status=status)
    record.refresh_from_db()
    before = entries()

    request_undo(record, bob)

    assert (record.status, entries()) == (status, before)


def test_file_can_be_imported_again_after_an_undo(catalog, ann, bob):
    text = (
        "slug,name,duration,topic_area,scientific_rating,rated_on\n"
        "old-program,Old program,Long,old-area,1,2026\n"
        ",Brand new,Short,old-area,2,2026\n"
    )
    first = bring_in("programs", text, ann)
    exports = [exported(kind) for kind in LOADING_ORDER]
    request_undo(first, bob)

    second = bring_in("programs", text, ann)

    assert (second.status, second.counts) == (ImportStatus.DONE, first.counts)
    assert [exported(kind) for kind in LOADING_ORDER] == exports


# --- What others refer to


def test_what_others_refer_to_is_kept(db, ann, bob):
    experts = bring_in("experts", "name\nRobin Example\n", ann)
    references = bring_in("references", "title,key\nOne,one\nTwo,two\n", ann)
    areas = bring_in("topic-areas", "name\nUmbrella\nRated\n", ann)
    programs = bring_in("programs", "name\nCited\nRated program\n", ann)
    umbrella, rated_area = TopicArea.objects.order_by("pk")
    cited, rated_program = Program.objects.order_by("pk")
    one, two = Reference.objects.order_by("pk")
    part = TopicAreaFactory(name="Part", parent=umbrella)
    part.experts.set(TopicExpert.objects.all())
    part.further_reading.set([one])
    study = StudyFactory(program=cited, reference=two)
    rating = RatingFactory(program=rated_program, topic_area=rated_area)
    before = entries()

    for record in (experts, references, areas, programs):
        request_undo(record, bob)

    assert entries() == before
    assert kept(experts) == [("Robin Example", "“Part” refers to it.")]
    assert set(kept(references)) == {
        (str(one), "“Part” refers to it."),
        (str(two), f"“{study}” refers to it."),
    }
    assert set(kept(areas)) == {
        ("Umbrella", "“Part” refers to it."),
        ("Rated", f"“{rating}” refers to it."),
    }
    assert set(kept(programs)) == {
        ("Cited", f"“{study}” refers to it."),
        ("Rated program", f"“{rating}” refers to it."),
    }


def test_umbrella_area_and_its_parts_go_together(db, ann, bob):
    record = bring_in("topic-areas", "slug,name,parent\nb,Part,a\na,Umbrella,\n", ann)

    request_undo(record, bob)

    assert (record.kept, entries()) == ([], {})


def test_umbrella_area_stays_with_a_part_that_is_kept(db, ann, bob):
    record = bring_in("topic-areas", "slug,name,parent\nb,Part,a\nc,Other,a\na,Umbrella,\n", ann)
    part = TopicArea.objects.get(slug="b")
    part.definition = "Edited"
    part.save()

    request_undo(record, bob)

    assert set(TopicArea.objects.values_list("slug", flat=True)) == {"a", "b"}
    assert kept(record) == [
        ("Part", "Somebody changed it."),
        ("Umbrella", "“Part” refers to it."),
    ]


# --- What was public


def test_what_was_public_is_retired_with_its_ratings_as_they_are(catalog, ann, bob):
    record = bring_in(
        "programs",
        "name,description,status,topic_area,scientific_rating\n"
        "New,What it is.,published,old-area,2\nDraft,,draft,old-area,2\n",
        ann,
    )

    request_undo(record, bob)

    program = Program.objects.get(name="New")
    assert (program.status, program.retired_at is not None) == ("retired", True)
    assert program.retirement_reason == "The import that published it was undone."
    assert [(r.scientific_rating, r.is_current) for r in program.ratings.all()] == [("2", True)]
    assert not Program.objects.filter(name="Draft").exists()
    assert record.kept == []
    assert record.retired == 1
    assert history_is_complete()


def test_draft_that_the_import_published_is_retired_as_it_is(catalog, ann, bob):
    """As a draft again it would be missing at an address that others know."""
    publishable(Program, name="Draft", status="draft", duration="Secret")
    record = bring_in("programs", "slug,duration,status\ndraft,Long,published\n", ann)

    request_undo(record, bob)

    program = Program.objects.get(slug="draft")
    assert (program.status, program.duration) == ("retired", "Long")
    assert program.published_at <= program.retired_at
    assert (record.status, record.kept, record.retired) == (ImportStatus.UNDONE, [], 1)
    assert history_is_complete()


# --- Several imports of the same entries


@pytest.mark.parametrize("kind", KINDS)
def test_imports_are_undone_in_reverse_order(kind, catalog, ann, bob):
    before = entries()
    row = {**CHANGED_ROWS[kind]}
    if kind == "ratings":
        row["rated_on"] = "2020"
    first = bring_in(kind, [row], ann)
    column = TEXTS[KINDS[kind]._meta.model]
    second = bring_in(kind, [{**row, column: "Later"}], bob)
    assert (first.status, second.status) == (ImportStatus.DONE, ImportStatus.DONE)

    request_undo(second, bob)
    request_undo(first, bob)

    assert (second.kept, first.kept, entries()) == ([], [], before)


def test_re_ratings_are_undone_in_reverse_order(catalog, ann, bob):
    before = entries()
    header = "slug,topic_area,scientific_rating,rated_on\n"
    first = bring_in("programs", f"{header}old-program,old-area,1,2024\n", ann)
    second = bring_in("programs", f"{header}old-program,old-area,2,2026\n", ann)

    request_undo(second, bob)
    request_undo(first, bob)

    assert (second.kept, first.kept, entries()) == ([], [], before)


def test_what_an_undo_has_kept_counts_as_an_edit_for_the_import_before(catalog, ann, bob):
    first = bring_in("programs", "slug,duration\nold-program,First\n", ann)
    second = bring_in("programs", "slug,duration\nold-program,Second\n", ann)
    program = Program.objects.get()
    program.goals = "Edited"
    program.save()
    before = entries()

    request_undo(second, bob)
    request_undo(first, bob)

    somebody = [("Old program", "Somebody changed it.")]
    assert (kept(second), kept(first), entries()) == (somebody, somebody, before)


# --- A history that was pruned


@pytest.mark.parametrize("kind", KINDS)
def test_entry_whose_history_before_is_gone_is_kept_and_named(kind, catalog, ann, bob):
    row = {**CHANGED_ROWS[kind]}
    if kind == "ratings":
        row["rated_on"] = "2020"
    record = bring_in(kind, [row], ann)
    model = KINDS[kind]._meta.model
    model.history.exclude(history_import=record).delete()
    before = entries()

    request_undo(record, bob)

    name = str(model.objects.get())
    assert kept(record) == [(name, "Nothing is recorded of what it was before.")]
    assert (record.status, entries()) == (ImportStatus.UNDONE, before)


def test_entry_that_is_gone_with_its_history_before_is_named(catalog, ann, bob):
    record = bring_in("experts", [CHANGED_ROWS["experts"]], ann)
    TopicExpert.objects.all().delete()
    TopicExpert.history.exclude(history_import=record).delete()

    request_undo(record, bob)

    assert kept(record) == [("New Expert", "It has been deleted.")]


# --- Who may undo


def nobody():
    return None


def without_permission():
    return UserFactory()


def deactivated():
    return UserFactory(is_superuser=True, is_active=False)


@pytest.mark.parametrize("who", [nobody, without_permission, deactivated])
def test_undo_for_somebody_who_may_not_changes_nothing_and_says_so(who, catalog, ann):
    record = bring_in("programs", [CHANGED_ROWS["programs"]], ann)
    Import.objects.update(status=ImportStatus.UNDOING)
    before = entries()
    user = who()

    undo_import.call(record.pk, user.pk if user else None)

    record.refresh_from_db()
    assert (record.status, record.notices, entries()) == (ImportStatus.DONE, [MAY_NOT], before)


def test_undo_that_breaks_leaves_the_import_done(catalog, ann, bob, monkeypatch):
    record = bring_in("programs", [CHANGED_ROWS["programs"]], ann)
    before = entries()
    # A kind that nobody knows.
    monkeypatch.delitem(KINDS, "programs")

    with pytest.raises(KeyError):
        request_undo(record, bob)
    record.refresh_from_db()
    assert (record.status, record.notices, entries()) == (ImportStatus.DONE, [], before)

    # A worker's, and not a request's, which is all or nothing.
    Import.objects.update(status=ImportStatus.UNDOING)
    with pytest.raises(KeyError):
        undo_import.call(record.pk, bob.pk)
    record.refresh_from_db()
    assert (record.status, record.notices, entries()) == (ImportStatus.DONE, [BROKEN], before)


# --- Places of ratings


def test_re_rating_is_taken_back(catalog, ann, bob):
    before = entries()
    record = bring_in(
        "programs",
        "slug,topic_area,scientific_rating,rated_on\nold-program,old-area,1,2026\n",
        ann,
    )
    assert record.counts["re-rated"] == 1

    request_undo(record, bob)

    assert (record.kept, entries()) == ([], before)


def test_later_rating_keeps_the_place_as_it_is(catalog, ann, bob):
    record = bring_in(
        "programs",
        "slug,topic_area,scientific_rating,rated_on\nold-program,old-area,1,2026\n",
        ann,
    )
    later = Rating(
        program=Program.objects.get(),
        topic_area=TopicArea.objects.get(),
        scientific_rating="2",
        rated_on="2026-10",
    )
    later._history_user = ann
    later.save()
    before = entries()

    request_undo(record, bob)

    assert entries() == before
    assert kept(record) == [
        (
            "Old program: 1 in Old area",
            "A later rating has taken its place. Ann Importer changed it (Re-rated).",
        )
    ]


def test_program_and_its_ratings_are_kept_together(catalog, ann, bob):
    TopicAreaFactory(name="Other area")
    record = bring_in(
        "programs",
        "name,topic_area,scientific_rating\nNew,old-area,1\nNew,other-area,2\n",
        ann,
    )
    rating = Rating.objects.get(scientific_rating="2")
    rating.rationale = "Because."
    rating.save()
    before = entries()

    request_undo(record, bob)

    assert entries() == before
    assert kept(record) == [
        ("New", "One of its ratings is no longer the imported one. Somebody changed it.")
    ]


def test_completed_date_stays_where_the_former_one_is_recorded_again(catalog, ann, bob):
    record = bring_in(
        "programs",
        "slug,topic_area,scientific_rating,rated_on\nold-program,old-area,3,2020-05\n",
        ann,
    )
    RatingFactory(
        program=Program.objects.get(),
        topic_area=TopicArea.objects.get(),
        rated_on="2020",
        is_current=False,
    )
    before = entries()

    request_undo(record, bob)

    assert entries() == before
    assert kept(record) == [
        (
            "Old program: 3 in Old area",
            "This rating, of the same date, has been recorded again since.",
        )
    ]


# --- What stands in the way of going back


def test_name_that_another_area_has_taken_is_not_given_back(catalog, ann, bob):
    record = bring_in("topic-areas", "slug,name\nold-area,New area\n", ann)
    TopicAreaFactory(name="OLD area")
    before = entries()

    request_undo(record, bob)

    assert entries() == before
    assert kept(record) == [("New area", "“OLD area” has its former name now.")]


def test_doi_that_another_reference_has_taken_is_not_given_back(catalog, ann, bob):
    Reference.objects.update(doi="10.1234/old")
    Reference.history.all().delete()
    record = bring_in("references", "key,doi\nold-2020,10.1234/new\n", ann)
    other = ReferenceFactory(doi="10.1234/old")
    before = entries()

    request_undo(record, bob)

    assert entries() == before
    old = Reference.objects.get(key="old-2020")
    assert kept(record) == [(str(old), f"“{other}” has its former DOI now.")]


def test_areas_that_changed_places_change_them_back(db, ann, bob):
    a = TopicAreaFactory(name="A")
    TopicAreaFactory(name="B", parent=a)
    TopicAreaFactory(name="Z")
    before = entries()
    record = bring_in("topic-areas", "slug,parent\nb,\na,b\n", ann)
    assert record.status == ImportStatus.DONE
    request_undo(record, bob)
    assert (record.kept, entries()) == ([], before)

    record = bring_in("topic-areas", "slug,parent\nb,z\na,z\n", ann)
    assert record.status == ImportStatus.DONE
    request_undo(record, bob)
    assert (record.kept, entries()) == ([], before)


def deleted(area):
    area.delete()


def rated(area):
    RatingFactory(topic_area=area)


def within(area):
    area.parent = TopicAreaFactory(name="Wide")
    area.save()


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (deleted, "The umbrella area that it was a part of has been deleted."),
        (rated, "“Umbrella”, which it was a part of, holds ratings now."),
        (within, "“Umbrella”, which it was a part of, has an umbrella area itself now."),
    ],
)
def test_umbrella_area_that_is_none_any_more_gets_no_part_back(happens, why, db, ann, bob):
    umbrella = TopicAreaFactory(name="Umbrella")
    TopicAreaFactory(name="Part", parent=umbrella)
    record = bring_in("topic-areas", "slug,parent\npart,\n", ann)
    happens(umbrella)
    before = entries()

    request_undo(record, bob)

    assert (kept(record), entries()) == ([("Part", why)], before)


def test_area_that_has_parts_now_does_not_become_one_again(db, ann, bob):
    TopicAreaFactory(name="Part", parent=TopicAreaFactory(name="Umbrella"))
    record = bring_in("topic-areas", "slug,parent\npart,\n", ann)
    TopicAreaFactory(name="Small", parent=TopicArea.objects.get(slug="part"))
    before = entries()

    request_undo(record, bob)

    why = "It is an umbrella area itself now, and areas have two levels."
    assert (kept(record), entries()) == ([("Part", why)], before)


def test_relation_to_what_is_deleted_does_not_come_back(db, ann, bob):
    expert = TopicExpertFactory()
    area = TopicAreaFactory(name="Area")
    area.experts.set([expert])
    record = bring_in("topic-areas", "slug,experts\narea,\n", ann)
    expert.delete()
    before = entries()

    request_undo(record, bob)

    why = "Some of its topic experts have been deleted."
    assert (kept(record), entries()) == ([("Area", why)], before)


def test_changed_entry_that_is_deleted_since_stays_deleted(catalog, ann, bob):
    record = bring_in("studies", [CHANGED_ROWS["studies"]], ann)
    study = str(Study.objects.get())
    Rating.objects.all().delete()
    Program.objects.get().delete()
    before = entries()

    request_undo(record, bob)

    assert (kept(record), entries()) == ([(study, "Somebody deleted it.")], before)


def test_what_the_database_refuses_changes_nothing_and_is_said(catalog, ann, bob):
    record = bring_in(
        "programs",
        "slug,name,topic_area,scientific_rating,rated_on\nold-program,New name,old-area,1,2026\n",
        ann,
    )
    # A second current rating that no history knows of.
    Rating.objects.filter(scientific_rating="1").update(is_current=False)
    Rating.objects.bulk_create(
        [
            Rating(
                program=Program.objects.get(),
                topic_area=TopicArea.objects.get(),
                scientific_rating="2",
            )
        ]
    )
    before = entries()

    request_undo(record, bob)

    assert (record.status, record.kept, entries()) == (ImportStatus.DONE, [], before)
    assert record.notices == [REFUSED]


# --- The worker


# The worker has connections of its own.
@pytest.mark.django_db(transaction=True)
def test_large_import_is_undone_by_the_worker(catalog, ann, bob, settings):
    before = entries()
    record = bring_in("programs", [CHANGED_ROWS["programs"]], ann)
    settings.IMPORT_ROWS_IN_REQUEST = 0
    request_undo(record, bob)
    request_undo(record, bob)
    assert (record.status, entries() == before) == (ImportStatus.UNDOING, False)

    call_command("db_worker", batch=True, interval=0, verbosity=0)

    record.refresh_from_db()
    assert (record.status, entries()) == (ImportStatus.UNDONE, before)
    assert Program.history.first().history_user == bob
    assert jobs.progress_of(record).done == 1


# The worker has connections of its own.
@pytest.mark.django_db(transaction=True)
def test_undo_whose_worker_died_is_run_again(catalog, ann, bob, settings):
    before = entries()
    record = bring_in("programs", [CHANGED_ROWS["programs"]], ann)
    Import.objects.update(status=ImportStatus.UNDOING)
    record.refresh_from_db()

    jobs.run_again(record, bob)
    jobs.run_again(record, ann)
    call_command("db_worker", batch=True, interval=0, verbosity=0)

    record.refresh_from_db()
    assert (record.status, entries()) == (ImportStatus.UNDONE, before)
    assert Program.history.first().history_user == bob


def test_undo_takes_as_many_queries_for_many_entries_as_for_few(catalog, ann, bob):
    def queries(count):
        rows = "".join(f"New {count} {number},old-area,1\n" for number in range(count))
        added = bring_in("programs", f"name,topic_area,scientific_rating\n{rows}", ann)
        rows = "".join(f"New {count} {number},old-area,2,2026\n" for number in range(count))
        changed = bring_in("programs", f"name,topic_area,scientific_rating,rated_on\n{rows}", ann)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            request_undo(changed, bob)
        with CaptureQueriesContext(connection) as others:
            request_undo(added, bob)
        return len(captured), len(others)

    assert queries(50) == queries(2)


# --- Any catalog, any file, any edits


def files_of(catalog):
    """Return the files that the export makes of a catalog."""
    with examples_own_data():
        empty()
        store(catalog)
        return {kind: exported(kind) for kind in LOADING_ORDER}


def is_referred_to(model, pk):
    return any(
        relation.related_model.objects.filter(**{relation.field.name: pk}).exists()
        for relation in model._meta.related_objects
    )


EDITS = st.lists(
    st.tuples(st.sampled_from(["save", "delete", "rate", "cite", "part"]), INDEXES, INDEXES),
    min_size=1,
    max_size=6,
)


def edit(kind, action, one, two):
    """Let somebody do something to the catalog."""

    def at(model, index):
        found = model.objects.order_by("pk")
        return found[index % len(found)] if found else None

    model = KINDS[kind]._meta.model
    entry = at(model, one)
    if action == "save" and entry:
        setattr(entry, TEXTS[model], f"{getattr(entry, TEXTS[model])[:50]} edited")
        entry.save()
    elif action == "delete" and entry:
        with suppress(ProtectedError):
            entry.delete()
    elif action == "part" and (parent := at(TopicArea, one)):
        keep(TopicArea(name=f"Part {one} {two} {TopicArea.objects.count()}", parent=parent))
    elif action in {"rate", "cite"} and (program := at(Program, one)):
        if action == "rate" and (area := at(TopicArea, two)):
            keep(
                Rating(program=program, topic_area=area, scientific_rating="2", rated_on="2026-11")
            )
        elif action == "cite" and (reference := at(Reference, two)):
            keep(Study(program=program, reference=reference))


def without_status(values):
    with_it = {"status", "retired_at", "retirement_reason"}
    return {k: v for k, v in values.items() if k not in with_it}


def bound_to(touched, own, before, imported):
    """Return the ratings that share a place, or a new program, with one that is touched, and that program."""
    new_programs = {pk for m, pk in own if m is Program and (m, pk) not in before}
    places = defaultdict(set)
    for model, pk in own:
        if model is Rating:
            program = imported[model, pk]["program_id"]
            if program in new_programs:
                places[program,] |= {(model, pk), (Program, program)}
            else:
                places[program, imported[model, pk]["topic_area_id"]].add((model, pk))
    bound = set()
    for keys in places.values():
        if keys & touched:
            bound |= keys
    return bound


def check_undone(record, before, imported, edited, undone):
    """Compare the catalog before and after the import, after the edits, and after the undo, entry by entry."""
    own = {
        (m, pk)
        for m in MODELS
        for pk in m.history.filter(history_import=record).values_list("id", flat=True)
    }
    touched = {key for key in own if edited.get(key) != imported[key]}
    touched |= bound_to(touched, own, before, imported)
    stay = set()
    for key in edited.keys() | undone.keys() | before.keys():
        was, now = edited.get(key), undone.get(key)
        if key not in own:
            assert now == was
        elif key in touched:
            assert now == was
            stay.add(key)
        elif key in before:
            if was.get("published_at") and not before[key]["published_at"]:
                assert (now["status"], without_status(now)) == ("retired", without_status(was))
            elif now != before[key]:
                # Only the umbrella areas of others can be in the way of it.
                assert (now, key[0]) == (was, TopicArea)
                assert before[key]["parent_id"] not in {None, was["parent_id"]}
                stay.add(key)
        elif now == was:
            if key[0] is Rating:
                assert (Program, now["program_id"]) in undone
            else:
                assert is_referred_to(*key)
                stay.add(key)
        elif now is not None:
            assert (now["status"], without_status(now)) == ("retired", without_status(was))
            assert was["published_at"]
    return stay


@settings(max_examples=max(1, settings().max_examples // 3))  # each imports and undoes a catalog
@given(catalog=CATALOGS, other=CATALOGS)
def test_undo_makes_any_catalog_what_it_was(catalog, other):
    ann = UserFactory(is_superuser=True)
    with examples_own_data():
        files = files_of(other)
        store(catalog)
        for kind in LOADING_ORDER:
            with examples_own_data():
                before = entries()
                record = bring_in(kind, files[kind], ann)
                imported = entries()
                request_undo(record, ann)
                if record.status == ImportStatus.UNDONE:
                    stay = check_undone(record, before, imported, imported, entries())
                    assert sorted(str(m.objects.get(pk=pk)) for m, pk in stay) == sorted(
                        item["entry"] for item in record.kept
                    )
                    assert {m for m, _ in stay} <= {TopicArea}
                else:
                    assert entries() == before
                assert stale_documents(connection) == 0
                assert history_is_complete()
            load(kind, files[kind])


@settings(max_examples=max(1, settings().max_examples // 3))  # each imports and undoes a catalog
@given(catalog=CATALOGS, other=CATALOGS, edits=EDITS)
def test_undo_keeps_what_was_edited_and_what_depends_on_it(catalog, other, edits):
    ann = UserFactory(is_superuser=True)
    with examples_own_data():
        files = files_of(other)
        store(catalog)
        for kind in LOADING_ORDER:
            with examples_own_data():
                before = entries()
                record = bring_in(kind, files[kind], ann)
                imported = entries()
                if record.status == ImportStatus.DONE:
                    for action in edits:
                        edit(kind, *action)
                    edited = entries()
                    lines = {m: m.history.count() for m in MODELS}
                    request_undo(record, ann)
                    assert record.status == ImportStatus.UNDONE
                    stay = check_undone(record, before, imported, edited, entries())
                    named = sorted(item["entry"] for item in record.kept)
                    here = [
                        m.objects.get(pk=pk)
                        for m, pk in stay
                        if (m, pk) in edited and m is not Rating
                    ]
                    assert [name for name in map(str, here) if name not in named] == []
                    assert all(m.history.count() >= lines[m] for m in MODELS)
                assert stale_documents(connection) == 0
            load(kind, files[kind])
