"""Undoing an import: everything goes back, except what somebody has built on since."""

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from catalog.importing.jobs import request_undo
from catalog.importing.undo import undo
from catalog.models import (
    Import,
    ImportStatus,
    Program,
    Rating,
    Reference,
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
    publishable,
)
from .loading import LOADING_ORDER, NEW_ROWS, exported
from .undoing import CHANGED_ROWS, MODELS, TEXTS, bring_in, entries, history_is_complete, kept

pytestmark = pytest.mark.django_db


# --- Each kind


@pytest.mark.alike(5)
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


@pytest.mark.alike(5)
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


@pytest.mark.alike(5)
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


@pytest.mark.alike(5)
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


@pytest.mark.alike(5)
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


def test_changed_area_that_is_related_to_a_new_one_goes_back(db, ann):
    TopicAreaFactory(slug="a", name="Old")
    before = entries()
    text = "slug,name,related_areas\na,Renamed,b\nb,New,\n"
    record = bring_in("topic-areas", text, ann)
    assert entries() != before

    request_undo(record, ann)

    assert (record.status, record.kept) == (ImportStatus.UNDONE, [])
    assert entries() == before


def test_areas_that_the_import_has_related_go_together(db, ann, bob):
    record = bring_in(
        "topic-areas",
        "slug,name,parent,related_areas\na,First,c,b|c\nb,Second,c,a\nc,All,,a\n",
        ann,
    )
    assert TopicArea.related_areas.through.objects.count() == 4

    request_undo(record, bob)

    assert (record.kept, entries()) == ([], {})


def test_area_that_another_one_names_as_related_is_kept(db, ann, bob):
    record = bring_in(
        "topic-areas", "slug,name,related_areas\na,First,b\nb,Second,\nc,Third,\n", ann
    )
    first = TopicArea.objects.get(slug="a")
    first.definition = "Edited"
    first.save()

    request_undo(record, bob)

    assert list(first.related_areas.values_list("slug", flat=True)) == ["b"]
    assert set(kept(record)) == {
        ("First", "Somebody changed it."),
        ("Second", "“First” refers to it."),
    }


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


@pytest.mark.alike(5)
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


@pytest.mark.alike(5)
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


def test_raters_go_back_and_an_expert_whom_ratings_name_is_kept(catalog, ann, bob):
    row = {"program": "old-program", "topic_area": "old-area", "scientific_rating": "3"}
    experts = bring_in("experts", [{"name": "Ada Expert"}, {"name": "Ben Expert"}], ann)
    first = bring_in("ratings", [{**row, "raters": "ada-expert"}], ann)
    second = bring_in("ratings", [{**row, "raters": "Jane Doe (not public)"}], ann)
    rating = Rating.objects.get(raters="Jane Doe (not public)")

    request_undo(second, bob)
    rating.refresh_from_db()
    request_undo(experts, bob)

    assert rating.raters == ("ada-expert",)
    assert kept(experts) == [("Ada Expert", "A rating names this expert among those who gave it.")]
    assert not TopicExpert.objects.filter(name="Ben Expert").exists()
    request_undo(first, bob)
    assert Rating.objects.get(pk=rating.pk).raters == ()
    assert history_is_complete()


def test_rating_does_not_go_back_to_an_expert_who_is_deleted(catalog, ann, bob):
    row = {"program": "old-program", "topic_area": "old-area", "scientific_rating": "3"}
    expert = TopicExpert.objects.create(name="Ada Expert")
    bring_in("ratings", [{**row, "raters": "Ada Expert"}], ann)
    second = bring_in("ratings", [{**row, "raters": ""}], ann)
    expert.delete()

    request_undo(second, bob)

    assert [why for _, why in kept(second)] == [
        "Among those who gave it are topic experts who have been deleted: ada-expert."
    ]
    assert not Rating.objects.exclude(raters="").exists()
