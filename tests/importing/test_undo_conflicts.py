"""What stands in the way of undoing an import: permissions, places of ratings, values that others have taken."""

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.importing import jobs
from catalog.importing.jobs import request_undo
from catalog.importing.progress import progress_of
from catalog.importing.tasks import undo_import
from catalog.importing.undo import BROKEN, MAY_NOT, REFUSED
from catalog.models import (
    Import,
    ImportStatus,
    Program,
    Rating,
    Reference,
    Study,
    TopicArea,
)
from catalog.resources import KINDS

from ..factories import (
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .undoing import CHANGED_ROWS, bring_in, entries, kept

pytestmark = pytest.mark.django_db


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
    assert progress_of(record).done == 1


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
