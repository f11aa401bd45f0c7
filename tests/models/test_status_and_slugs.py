"""Text as it is stored, status and its dates, and slugs."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from catalog.models import (
    Program,
)

from ..factories import (
    ProgramFactory,
    ReferenceFactory,
    RegistryFactory,
)
from .examples import (
    DRAFT,
    IN_REVIEW,
    PUBLISHABLE,
    PUBLISHED,
    RETIRED,
    SLUGGED,
    by_name,
    write_past_validation,
)

pytestmark = pytest.mark.django_db


# --- Text as it is stored


def test_validation_tidies_text():
    program = ProgramFactory.build(
        name="  Cafe\u0301 Model ", description="One\r\n\r\ntwo\rthree \n", acronym="\tCM"
    )

    program.full_clean()

    assert (program.name, program.description, program.acronym) == (
        "Café Model",
        "One\n\ntwo\nthree",
        "CM",
    )


# --- Status and its dates


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_publishing_dates_an_entry_once(factory):
    entry = factory(status=DRAFT)
    undated = entry.published_at
    entry.status = PUBLISHED
    before = timezone.now().replace(microsecond=0)

    entry.save()

    first = entry.published_at
    for status in (IN_REVIEW, PUBLISHED, RETIRED, PUBLISHED, DRAFT):
        entry.status = status
        entry.save()
    entry.refresh_from_db()
    assert undated is None
    assert before <= first <= timezone.now()
    assert entry.published_at == first


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_retiring_dates_an_entry_until_it_returns(factory):
    entry = factory()
    before = timezone.now()

    dates = []
    for status in (PUBLISHED, RETIRED, RETIRED, DRAFT, RETIRED):
        entry.status = status
        entry.save()
        entry.refresh_from_db()
        dates.append(entry.retired_at)

    never, first, kept, cleared, again = dates
    assert (never, cleared) == (None, None)
    assert before <= first == kept < again <= timezone.now()


def test_database_refuses_a_program_that_was_merged_and_is_not_retired(db):
    program, other = ProgramFactory(status=RETIRED), ProgramFactory()

    for values in ({"status": DRAFT, "retired_at": None}, {"merged_into_id": program.pk}):
        with pytest.raises(IntegrityError, match="program_merged_is_retired"):
            write_past_validation(program, **{"merged_into_id": other.pk, **values})


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_what_leaves_the_schedule_before_its_moment_was_never_public(factory):
    moment = timezone.now() + timedelta(days=1)
    for status in (DRAFT, IN_REVIEW, RETIRED):
        entry = factory(published_at=moment)
        stored = type(entry).objects.get(pk=entry.pk)
        was = (stored.is_published, stored.is_scheduled, stored.was_public, stored.published_at)

        stored.status = status
        stored.save()

        stored.refresh_from_db()
        assert was == (False, True, False, moment)
        assert stored.published_at is None


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_saving_the_status_alone_saves_its_dates(factory):
    entry = factory(status=DRAFT)

    for status in (PUBLISHED, RETIRED):
        entry.status = status
        entry.save(update_fields=["status"])

    entry.refresh_from_db()
    assert entry.status == RETIRED
    assert None not in {entry.published_at, entry.retired_at}


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_validation_dates_what_is_published_or_retired(factory):
    published, retired = factory(status=DRAFT), factory()
    published.status, retired.status = PUBLISHED, RETIRED

    published.full_clean()
    retired.full_clean()

    assert None not in {published.published_at, retired.retired_at}


# --- Slugs


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_is_made_from_the_name_without_marks(factory):
    slugs = [factory(name=name).slug for name in ("Steady Ground®", "Steady (TM) Ground™", "Café")]

    assert slugs == ["steady-ground", "steady-ground-2", "cafe"]


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_is_kept_when_the_name_changes(factory):
    entry = factory(name="Steady Ground")
    entry.name = "Firm Ground"

    entry.full_clean()
    entry.save()

    entry.refresh_from_db()
    assert entry.slug == "steady-ground"


# A registry has no page.
@pytest.mark.parametrize(
    "factory", sorted({*SLUGGED} - {RegistryFactory}, key=by_name), ids=by_name
)
def test_slug_is_kept_when_it_is_given(factory):
    entry = factory(name="Steady Ground", slug="sg")

    assert entry.slug == "sg"
    assert re.search(r"\W(\w+)/?$", entry.get_absolute_url())[1] == "sg"


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_slug_left_blank_is_there_after_validation(factory):
    entry = factory.build(name="Steady Ground", slug="")

    entry.full_clean()

    assert entry.slug == "steady-ground"


@pytest.mark.parametrize("factory", SLUGGED, ids=by_name)
def test_once_at_finds_an_entry_at_every_address_that_it_had(factory):
    entry, other = factory(slug="one"), factory(slug="other")
    for slug in ("two", "three"):
        entry.slug = slug
        entry.save()
    objects = type(entry).objects

    found = {
        slug: list(objects.with_former_slug(slug))
        for slug in ("one", "two", "three", "other", "four")
    }

    assert found == {"one": [entry], "two": [entry], "three": [], "other": [], "four": []}
    assert other.slug == "other"


def test_once_at_leaves_out_an_entry_that_has_its_old_slug_again():
    program = ProgramFactory(slug="one")
    for slug in ("two", "one"):
        program.slug = slug
        program.save()

    found = [list(Program.objects.with_former_slug(slug)) for slug in ("one", "two")]

    assert found == [[], [program]]


def test_once_at_finds_an_entry_that_came_with_a_fixture(seed):
    program = Program.objects.get(slug="ce-cert")
    program.slug = "components-for-enhancing-career-experience"

    program.save()

    assert list(Program.objects.with_former_slug("ce-cert")) == [program]


def test_reference_key_is_made_from_the_first_author_and_the_year():
    authors = ["Bride, B. E.; Sprang, G.", "Bride, B.", "World Health Organization", ""]

    keys = [ReferenceFactory(authors=a, year=2007, title="A Title", key="").key for a in authors]

    assert keys == ["bride-2007", "bride-2007-2", "world-health-organization-2007", "a-title-2007"]


def test_reference_key_without_a_year_says_so_and_is_kept():
    reference = ReferenceFactory(authors="Ogińska-Bulik, N.", year=None)
    made = reference.key
    reference.year = 2021

    reference.save()

    assert (made, reference.key) == ("oginska-bulik-nd", "oginska-bulik-nd")
