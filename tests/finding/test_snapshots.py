"""Sets that follow what is written are the sets that a full reading gives, in every process."""

import gc
import weakref
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog import search
from catalog.finding import program_sets, snapshots
from catalog.finding.snapshots import Latest, read_catalog, with_changes
from catalog.models import (
    ExternalRating,
    Outcome,
    Program,
    Rating,
    Registry,
    Status,
    TopicArea,
)
from catalog.search import upkeep
from catalog.search.change_log import ChangeLog, versions

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
)
from ..pages import read
from ..transactions import rolled_back


class Process:
    """What another process knows of the catalog."""

    def __init__(self):
        self.begin()

    def begin(self):
        self.log = ChangeLog()
        now = self.log.read()
        self.latest = Latest(read_catalog(), now)

    def catch_up(self):
        """Apply what was written since, and return whether that was enough."""
        now = self.log.read()
        touched = None if now is None else self.latest.touched(now)
        if touched is None:
            self.begin()
        else:
            self.latest = Latest(with_changes(self.latest.catalog, touched), now)
        return touched is not None


def parts(catalog):
    """Return all that a snapshot says, to be compared."""
    return {
        "ids": list(catalog.ids),
        "names": dict(catalog.names),
        "dates": list(catalog.dates),
        "at": [catalog.positions.at(pk) for pk in range(max(catalog.ids, default=0) + 2)],
        "everything": catalog.everything,
        "sets": dict(catalog.sets),
        "since": dict(catalog.since),
        "areas": {slug: (area.name, area.is_umbrella) for slug, area in catalog.areas.items()},
        "registries": dict(catalog.registries),
        "rating registries": dict(catalog.rating_registries),
    }


# --- Random writes ----------------------------------------------------------------------------------------------------

NAMES = st.sampled_from(["A", "a", "B", "Ä", "b b", "C", "Z"])
PICK = st.integers(0, 99)
VALUES = st.fixed_dictionaries(
    {},
    optional={
        "relevance_level": st.sampled_from(["high", "low", ""]),
        "research_last_reviewed": st.sampled_from(["", "2019", "2024-05", "2024-05-01"]),
        "outcomes": st.sampled_from([(), ("safety",), tuple(Outcome.values)]),
        "child_age_min": st.sampled_from([None, 0, 5]),
        "contact_phone": st.just("555"),
    },
)


def one(queryset, pick):
    rows = list(queryset.order_by("pk"))
    return queryset.filter(pk=rows[pick % len(rows)].pk) if rows else queryset.none()


def add(pick, name, values):
    number = Program.objects.count()
    status = Status.DRAFT if pick % 5 == 0 else Status.PUBLISHED
    published_at = None if status == Status.DRAFT else timezone.now()
    Program.objects.bulk_create(
        Program(name=name, slug=f"p-{number}-{n}-{pick}", status=status, published_at=published_at)
        for n in range(1 + pick % 3)
    )


def change_values(pick, name, values):
    if values:
        one(Program.objects.all(), pick).update(**values)


def publish_or_draft(pick, name, values):
    public = pick % 2 == 0
    one(Program.objects.all(), pick // 2).update(
        status=Status.PUBLISHED if public else Status.DRAFT,
        published_at=timezone.now() if public else None,
    )


def rate(pick, name, values):
    program = one(Program.objects.all(), pick).first()
    area = one(TopicArea.objects.all(), pick).first()
    if program:
        Rating.objects.filter(program=program, topic_area=area).delete()
        RatingFactory(program=program, topic_area=area, scientific_rating="123"[pick % 3])


def rate_elsewhere(pick, name, values):
    program = one(Program.objects.all(), pick).first()
    registry = one(Registry.objects.all(), pick).first()
    if program:
        ratings = ExternalRating.objects.filter(program=program, registry=registry)
        if not ratings.delete()[0]:
            ExternalRating.objects.bulk_create(
                ExternalRating(program=program, registry=registry, scope=scope, rating="Good")
                for scope in ("", "Sleep")
            )


def delete(pick, name, values):
    for program in one(Program.objects.all(), pick):
        program.ratings.all().delete()
        program.delete()


def import_some(pick, name, values):
    with search.deferred():
        add(pick, name, values)
        Program.objects.update(goals=name)


WRITES = {
    "add": add,
    "rename": lambda pick, name, values: one(Program.objects.all(), pick).update(name=name),
    "rename many": lambda pick, name, values: Program.objects.filter(pk__gt=pick % 7).update(
        name=name
    ),
    "values": change_values,
    "status": publish_or_draft,
    "rate": rate,
    "rate elsewhere": rate_elsewhere,
    "registry": lambda pick, name, values: one(Registry.objects.all(), pick).update(
        slug=f"registry-{pick}"
    ),
    "delete": delete,
    "area": lambda pick, name, values: one(TopicArea.objects.all(), pick).update(
        slug=f"area-{pick}"
    ),
    "import": import_some,
    "mending": lambda pick, name, values: upkeep.install(connection),
}
STEPS = st.lists(
    st.tuples(
        st.sampled_from([*WRITES, "add", "rename", "values", "rate", "rate elsewhere"]),
        PICK,
        NAMES,
        VALUES,
        st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


@given(steps=STEPS)
def test_sets_that_follow_writes_are_those_of_a_full_reading(db, steps):
    with rolled_back():
        TopicAreaFactory.create_batch(2)
        RegistryFactory.create_batch(2)
        RatingFactory(topic_area=TopicArea.objects.first())
        prompt, idle = Process(), Process()
        for kind, pick, name, values, is_awake in steps:
            WRITES[kind](pick, name, values)
            prompt.catch_up()
            expected = parts(read_catalog())
            assert parts(prompt.latest.catalog) == expected, kind
            if is_awake:
                idle.catch_up()
                assert parts(idle.latest.catalog) == expected, kind


# --- What is read again -----------------------------------------------------------------------------------------------


def test_few_changes_are_applied_and_many_are_read(db, monkeypatch):
    monkeypatch.setattr(snapshots, "MOST_CHANGES", 2)
    ProgramFactory.create_batch(3)
    process = Process()

    enough = []
    for count in (1, 2, 3):
        pks = list(Program.objects.values_list("pk", flat=True)[:count])
        Program.objects.filter(pk__in=pks).update(goals=f"{count}")
        enough.append(process.catch_up())

    assert enough == [True, True, False]


def test_what_no_list_shows_reads_nothing(db, client, django_assert_num_queries):
    ProgramFactory()
    client.get("/programs/")
    latest = snapshots.latest_catalog(versions())
    Program.objects.update(contact_phone="1")
    ProgramFactory(status=Status.DRAFT)
    now = versions()

    with django_assert_num_queries(0):
        assert snapshots.latest_catalog(now).catalog is latest.catalog


def test_program_that_becomes_public_by_itself_is_in_the_sets(db):
    soon = timezone.now() + timedelta(milliseconds=300)
    program = ProgramFactory(published_at=soon)
    before = snapshots.latest_catalog(versions())
    while Program.objects.published().count() == 0:
        pass
    after = snapshots.latest_catalog(versions())

    assert [list(latest.catalog.ids) for latest in (before, after)] == [[], [program.pk]]
    assert after.versions.lists != before.versions.lists


def test_keys_of_any_size_are_found(db, monkeypatch):
    few = [ProgramFactory().pk for _ in range(3)]
    monkeypatch.setattr(program_sets, "MOST_KEYS", few[-1] - 1)
    by_dictionary = read_catalog()
    monkeypatch.setattr(program_sets, "MOST_KEYS", few[-1])
    by_list = read_catalog()

    for asked in ([], few[:1], few[1:], [*few, few[-1] + 1, 10**12]):
        assert by_dictionary.set_of(asked) == by_list.set_of(asked)
        assert by_list.set_of(asked).bit_count() == len(set(asked) & set(few))


def test_catalog_that_is_read_some_at_a_time_is_the_same(
    db, monkeypatch, django_assert_num_queries
):
    for name in ("B", "ä", "C", "A", "b"):
        RatingFactory(program=ProgramFactory(name=name, child_age_min=3, outcomes=("safety",)))
    at_once = read_catalog()
    monkeypatch.setattr(snapshots, "AT_ONCE", 2)

    # The names; programs, ratings and what registries say, thrice; topic areas and their experts; registries.
    with django_assert_num_queries(13):
        in_steps = read_catalog()

    assert parts(in_steps) == parts(at_once)
    assert len(at_once.ids) == 5


@pytest.fixture
def ahead(db, monkeypatch):
    """A process that has read ahead; besides, Python looks for nothing that has gone."""
    monkeypatch.setattr(snapshots, "_has_read_ahead", True)
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.alike(1)
@pytest.mark.parametrize("address", ["/", "/programs/?rating=1&age=3", "/programs/?q=nothing"])
def test_catalogs_of_before_do_not_stay_in_memory(client, ahead, address):
    program = RatingFactory(program__name="Calm").program
    catalogs = []

    for name in ["Calmer", "Calmest"] * snapshots.MOST_FORMER:
        client.get(address)
        catalogs.append(weakref.ref(snapshots.latest_catalog(versions()).catalog))
        Program.objects.filter(pk=program.pk).update(name=name)
    client.get(address)

    assert sum(catalog() is not None for catalog in catalogs) <= snapshots.MOST_FORMER


# --- Words ------------------------------------------------------------------------------------------------------------


def test_words_are_looked_for_once_until_lists_show_a_change(client, db, django_assert_num_queries):
    ProgramFactory(name="Steady Ground", goals="Calm")
    address = "/programs/?q=calm&rating={}"
    client.get(address.format(1))

    # The version; the references among what holds the words.
    with django_assert_num_queries(2):
        assert "0 programs" in client.get(address.format(2)).content.decode()
    StudyFactory(program=ProgramFactory(), reference=ReferenceFactory(title="On calm"))

    listed = read(client.get("/programs/?q=calm")).one("h2", id="count").text
    assert listed == "2 programs for “calm”"


def test_words_that_are_to_be_meant_are_read_once_for_many_changes(
    client, db, django_assert_num_queries
):
    ProgramFactory(name="Steady Ground")
    client.get("/programs/?q=steday")
    ProgramFactory(name="Gentle Harbor")
    client.get("/")

    catalog = snapshots.latest_catalog(versions()).catalog
    with django_assert_num_queries(0):
        assert sorted(catalog.vocabulary) == ["gentle", "ground", "harbor", "steady"]
