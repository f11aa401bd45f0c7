"""A slug that an entry had is not given to another one, and a name in any script makes a slug."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from catalog.models import Program, Status, Term, TopicArea

from ..factories import (
    ExternalRatingFactory,
    PageFactory,
    ProgramFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .examples import SLUGGED, by_name, errors_of, write_past_validation

pytestmark = pytest.mark.django_db

each_kind = pytest.mark.parametrize("factory", SLUGGED, ids=by_name)


def rename(entry, slug):
    entry.slug = slug
    entry.save()


@pytest.fixture
def renamed():
    """A function that makes an entry which is “Beta” now, and had the slug “alpha” before."""

    def make(factory, **fields):
        entry = factory(name="Beta", slug="alpha", **fields)
        rename(entry, "beta")
        return entry

    return make


def refused(free):
    message = (
        "“Beta” had this slug before, and links to it still lead there. "
        f"Choose another one, such as “{free}”."
    )
    return {"slug": [message]}


@each_kind
def test_slug_that_another_entry_had_is_refused_with_one_that_is_free(factory, renamed):
    renamed(factory)
    new, other = factory.build(name="Alpha", slug="alpha"), factory(name="Gamma")
    other.slug = "alpha"

    assert [errors_of(new), errors_of(other)] == [refused("alpha-2")] * 2


@each_kind
def test_slug_that_is_made_is_none_that_another_entry_has_or_had(factory, renamed):
    renamed(factory)
    other = factory(name="Other", slug="alpha-2")
    rename(other, "alpha-3")

    assert factory(name="Alpha").slug == "alpha-4"


@each_kind
def test_slugs_that_an_entry_had_are_its_own(factory, renamed):
    entry = renamed(factory)
    entry.slug = "alpha"

    entry.full_clean()
    entry.save()
    entry.name, entry.slug = "Beta", ""
    entry.full_clean()

    assert entry.slug == "beta"


def deleted(make):
    """Make an entry, have it in public where ``make`` does, and delete it as “beta”, which had been “alpha” before."""
    entry = make(name="Beta", slug="alpha")
    rename(entry, "beta")
    for rows in ("ratings", "external_ratings"):
        if hasattr(entry, rows):
            getattr(entry, rows).all().delete()
    if hasattr(entry, "topic_areas"):
        entry.topic_areas.clear()
    entry.delete()


def draft(factory):
    return lambda **fields: factory(status=Status.DRAFT, **fields)


def hidden_term(**fields):
    return TermFactory(is_public=False, **fields)


def expert_of(status):
    """Return a function that makes an expert of a topic area of this status."""

    def make(**fields):
        expert = TopicExpertFactory(**fields)
        area = TopicAreaFactory(status=status)
        area.experts.add(expert)
        area.save()
        return expert

    return make


def registry_of(status):
    """Return a function that makes a registry that rates a program of this status."""

    def make(**fields):
        registry = RegistryFactory(**fields)
        ExternalRatingFactory(registry=registry, program=ProgramFactory(status=status))
        return registry

    return make


def term_that_was_public(**fields):
    term = TermFactory(**fields)
    term.is_public = False
    term.save()
    return term


def program_that_was_public(**fields):
    program = ProgramFactory(**fields)
    program.status = Status.DRAFT
    program.save()
    return program


@pytest.mark.parametrize(
    ("factory", "make"),
    [
        (ProgramFactory, ProgramFactory),
        (ProgramFactory, program_that_was_public),
        (TopicAreaFactory, TopicAreaFactory),
        (PageFactory, PageFactory),
        (TermFactory, TermFactory),
        (TermFactory, term_that_was_public),
        (TopicExpertFactory, expert_of(Status.PUBLISHED)),
        (RegistryFactory, registry_of(Status.PUBLISHED)),
    ],
)
def test_slugs_of_what_was_public_are_not_free_when_it_is_deleted(factory, make):
    deleted(make)
    message = (
        "An entry that was public had this slug and is deleted; links to it may still exist. "
        "Choose another one, such as “{}-2”."
    )

    errors = [errors_of(factory.build(name="New", slug=slug)) for slug in ("alpha", "beta")]

    assert errors == [{"slug": [message.format(slug)]} for slug in ("alpha", "beta")]
    assert [factory(name=name).slug for name in ("Alpha", "Beta")] == ["alpha-2", "beta-2"]


@pytest.mark.parametrize(
    ("factory", "make"),
    [
        (ProgramFactory, draft(ProgramFactory)),
        (TopicAreaFactory, draft(TopicAreaFactory)),
        (PageFactory, draft(PageFactory)),
        (TermFactory, hidden_term),
        (TopicExpertFactory, TopicExpertFactory),
        (TopicExpertFactory, expert_of(Status.DRAFT)),
        (RegistryFactory, registry_of(Status.DRAFT)),
    ],
)
def test_slugs_of_what_was_never_public_are_free_when_it_is_deleted(factory, make):
    deleted(make)
    new = factory.build(name="Alpha", slug="alpha")

    new.full_clean()

    assert factory(name="Beta").slug == "beta"


def test_slug_that_was_to_be_public_is_free_when_the_entry_is_deleted_before():
    tomorrow = timezone.now() + timedelta(days=1)
    ProgramFactory(name="Alpha", published_at=tomorrow).delete()

    assert ProgramFactory(name="Alpha").slug == "alpha"


def test_entry_that_comes_back_has_its_slugs_again():
    program = ProgramFactory(name="Beta", slug="alpha")
    rename(program, "beta")
    pk = program.pk
    program.delete()
    back = ProgramFactory.build(pk=pk, name="Beta", slug="alpha")

    back.full_clean()

    assert back.slug == "alpha"


@pytest.mark.parametrize(
    ("cited", "key"), [(Status.PUBLISHED, "bride-2007-2"), (Status.DRAFT, "bride-2007")]
)
def test_key_of_a_reference_that_was_cited_in_public_is_not_free(cited, key):
    study = StudyFactory(
        reference__key="bride-2007", program=ProgramFactory(status=cited), reference__doi=""
    )
    reference = study.reference
    study.delete()
    reference.delete()

    new = ReferenceFactory(authors="Bride, B. E.", year=2007)

    assert new.key == key
    if cited == Status.PUBLISHED:
        refusal = (
            "An entry that was public had this key and is deleted; links to it may still exist. "
            "Choose another one, such as “bride-2007-3”."
        )
        new = ReferenceFactory.build(key="bride-2007", doi="")
        assert errors_of(new) == {"key": [refusal]}


def test_slug_that_a_draft_had_is_not_free():
    entry = ProgramFactory(name="Alpha", status=Status.DRAFT)
    rename(entry, "beta")

    assert ProgramFactory(name="Alpha").slug == "alpha-2"


def test_slug_that_came_with_a_fixture_is_not_free(seed):
    rename(Program.objects.get(slug="ce-cert"), "components")

    assert ProgramFactory(name="CE-CERT").slug == "ce-cert-2"


def test_slug_that_an_entry_of_another_kind_had_is_free(renamed):
    renamed(TopicAreaFactory)
    program = ProgramFactory.build(name="Alpha", slug="alpha")

    program.full_clean()

    assert ProgramFactory(name="Alpha").slug == "alpha"


def test_entry_keeps_a_slug_that_it_took_over_before_that_was_refused(renamed):
    renamed(ProgramFactory)
    taker = ProgramFactory(name="Taker")
    write_past_validation(taker, slug="alpha")
    taker.refresh_from_db()
    taker.goals = "New"

    taker.full_clean()

    assert taker.slug == "alpha"


def test_former_slugs_are_told_with_what_stands_for_them_now(renamed):
    beta, survivor = renamed(ProgramFactory), ProgramFactory(name="Survivor")
    rename(beta, "gamma")
    before = Program.objects.former_slugs()
    write_past_validation(beta, status="retired", retired_at=beta.published_at)
    write_past_validation(beta, merged_into=survivor.pk)

    assert before == {"alpha": "gamma", "beta": "gamma"}
    assert Program.objects.former_slugs() == {"alpha": "survivor", "beta": "survivor"}
    assert TopicArea.objects.former_slugs() == {}


@pytest.mark.parametrize(("number", "queries"), [(1, 1), (49, 1), (50, 2)])
def test_slugs_are_looked_up_many_at_a_time(number, queries, django_assert_num_queries):
    slugs = ["same", *(f"same-{n}" for n in range(2, number + 1))]
    Program.objects.bulk_create(Program(name="Same", slug=slug) for slug in slugs)

    with django_assert_num_queries(queries):
        slug = Program.objects.free_slug("Same")

    assert slug == f"same-{number + 1}"


def test_key_of_a_reference_is_looked_up_as_slugs_are(django_assert_num_queries):
    ReferenceFactory.create_batch(3, authors="Bride, B. E.", year=2007)
    new = ReferenceFactory.build(authors="Bride, B. E.", year=2007)

    with django_assert_num_queries(1):
        new.set_key()

    assert new.key == "bride-2007-4"


# --- Names


@pytest.mark.parametrize("name", ["!!!", "®", "☀"])
@each_kind
def test_name_of_signs_alone_asks_for_a_slug(factory, name):
    entry = factory.build(name=name)
    message = (
        f"No slug can be made of “{name}”: it has no letters or digits. "
        "Give a slug, such as “calm-corners”."
    )

    assert errors_of(entry) == {"slug": [message]}
    with pytest.raises(ValidationError, match="No slug can be made"):
        entry.save()
    assert factory(name=name, slug="signs").slug == "signs"


def test_missing_name_is_all_that_is_said_of_it():
    term = Term(definition="What it means.")

    assert errors_of(term) == {"name": ["This field cannot be blank."]}


@each_kind
def test_name_in_another_script_makes_a_slug_that_can_be_read(factory):
    slugs = [factory(name=name).slug for name in ("Тренинг", "親子", "برنامج")]

    assert slugs == ["trening", "qinzi", "brnmj"]
