"""Who wrote a program is told that an import has rated it, once for each import."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.importing import jobs
from catalog.importing.rating_notifications import tell_of_ratings
from catalog.models import Import, Notification, Program, TopicArea

from ..conftest import catalog_permissions, group_user
from ..factories import ProgramFactory, RatingFactory, UserFactory
from .undoing import bring_in

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def writer(db):
    """Somebody who writes programs, and may import ratings."""
    return group_user("Editors")


def written(writer, name):
    """Return the slug of a program that somebody wrote, rated 3 in the old area."""
    program = ProgramFactory.build(name=name)
    program._history_user = writer
    program.save()
    RatingFactory(program=program, topic_area=TopicArea.objects.get(), rated_on="2020")
    return program.slug


def rated(*slugs, level="2", rated_on="2025"):
    """Return the rows that rate programs anew in the old area."""
    row = {"topic_area": "old-area", "scientific_rating": level, "rated_on": rated_on}
    return [{"program": slug, **row} for slug in slugs]


def told():
    """Return what everybody was told, in order: who, of what, in which words, and where it leads."""
    columns = ("recipient", "kind", "by", "subject", "words", "address")
    return list(Notification.objects.order_by("pk").values_list(*columns))


def test_writer_is_told_of_one_rating_by_name(catalog, writer, ann):
    record = bring_in("ratings", rated(written(writer, "Calm")), ann)

    words = "Rated 2 in Old area, by the import of spring.csv"
    assert told() == [(writer.pk, "rated", ann.pk, "“Calm”", words, record.get_absolute_url())]


def test_writer_is_told_once_of_all_ratings_of_a_file(catalog, writer, ann):
    slugs = [written(writer, f"Calm {n:02}") for n in range(12)]

    record = bring_in("ratings", rated(*slugs, "old-program"), ann)

    names = ", ".join(f"“Calm {n:02}”" for n in range(10))
    words = "12 new ratings, by the import of spring.csv"
    assert told() == [
        (writer.pk, "rated", ann.pk, f"{names} and 2 more", words, record.get_absolute_url())
    ]


def test_source_of_the_import_is_told(catalog, writer, ann):
    record = Import.objects.create(
        kind="ratings", file_name="spring.csv", source="The review of 2025", user=ann
    )
    slug = written(writer, "Calm")
    rating = RatingFactory(
        program=Program.objects.get(slug=slug), topic_area=TopicArea.objects.get(), rated_on="2025"
    )
    rating.history.update(history_import=record)

    tell_of_ratings(record)

    (notification,) = Notification.objects.all()
    said = "Rated 3 in Old area, by the import of spring.csv: The review of 2025"
    assert notification.words == said


def test_file_of_programs_that_rates_them_tells_too(catalog, writer, ann):
    row = {"topic_area": "old-area", "scientific_rating": "2", "rated_on": "2025"}

    bring_in("programs", [{"slug": written(writer, "Calm"), **row}], ann)

    words = "Rated 2 in Old area, by the import of spring.csv"
    assert [each[3:5] for each in told()] == [("“Calm”", words)]


def test_what_rates_nothing_anew_tells_nobody(catalog, writer, ann):
    slug = written(writer, "Calm")

    bring_in("ratings", rated(slug, level="3", rated_on="2020"), ann)
    bring_in("ratings", [rated(slug, rated_on="2019")[0] | {"is_current": "no"}], ann)
    bring_in("ratings", [rated(slug, level="3", rated_on="2020")[0] | {"rationale": "Why."}], ann)
    bring_in("programs", [{"slug": slug, "description": "Another."}], ann)

    assert told() == []


def test_neither_who_imports_nor_who_only_imported_is_told(catalog, writer, ann):
    bring_in("programs", [{"name": "Imported"}], writer)

    bring_in("ratings", rated(written(ann, "Mine"), "imported"), ann)

    assert told() == []


def test_writer_who_may_not_see_imports_is_led_to_the_program(catalog, ann):
    writer = UserFactory(is_staff=True)
    writer.user_permissions.set(catalog_permissions("view", "add", "change"))
    slug = written(writer, "Calm")

    bring_in("ratings", rated(slug), ann)

    program = Program.objects.get(slug=slug)
    assert [each[5] for each in told()] == [f"/admin/catalog/program/{program.pk}/change/"]


def test_import_that_keeps_nothing_tells_nobody(catalog, writer, ann):
    bring_in("ratings", [*rated(written(writer, "Calm")), {"program": "unknown"}], ann)

    assert told() == []


def test_queries_do_not_grow_with_the_file(catalog, writer, ann):
    counts = []
    for size in (2, 30):
        record = bring_in(
            "ratings", rated(*(written(writer, f"C{size}-{n}") for n in range(size))), ann
        )
        Notification.objects.all().delete()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            tell_of_ratings(record)
        counts.append(len(queries))

    assert (counts, Notification.objects.count()) == ([8, 8], 1)


def test_undone_import_takes_back_what_nobody_has_read(catalog, writer, ann):
    other = UserFactory(is_staff=True, is_superuser=True)
    record = bring_in("ratings", rated(written(writer, "Calm"), written(other, "Rest")), ann)
    assert [each[0] for each in told()] == [writer.pk, other.pk]
    Notification.objects.filter(recipient=other).update(read_at=timezone.now())

    jobs.request_undo(record, ann)

    assert [each[0] for each in told()] == [other.pk]


def test_undo_that_keeps_a_rating_takes_nothing_back(catalog, writer, ann):
    slug = written(writer, "Calm")
    record = bring_in("ratings", rated(slug), ann)
    rating = Program.objects.get(slug=slug).ratings.get(is_current=True)
    rating.rationale = "Corrected."
    rating.save()

    jobs.request_undo(record, ann)

    record.refresh_from_db()
    assert (len(record.kept), len(told())) == (1, 1)
