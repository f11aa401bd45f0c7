"""Catalogs of made-up programs."""

from collections import Counter
from io import StringIO

import pytest
from django.core import serializers
from django.core.management import CommandError, call_command
from django.test import TestCase

from catalog.demo.source import ExampleSource
from catalog.evidence.ratings import Scale, read_area
from catalog.models import (
    Contact,
    ExternalRating,
    Finding,
    Program,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    Status,
    Study,
    TopicArea,
    TopicExpert,
)

from ..factories import ProgramFactory, TopicAreaFactory, TopicExpertFactory

# In the order in which rows can be deleted.
MODELS = [
    *(Rating, Finding, Study, Contact, RelatedProgram, ExternalRating, Registry),
    *(Program, TopicArea, TopicExpert, Reference),
]
ADDRESSED = {
    Program: "slug",
    TopicArea: "slug",
    TopicExpert: "slug",
    Reference: "key",
    Registry: "slug",
}

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def generate(*arguments, **options):
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("generate_catalog", *arguments, stdout=out, no_color=True, **options)
    return out.getvalue()


def everything():
    """All rows of the catalog, by slugs and keys and not by numbers."""
    rows = [row for model in MODELS for row in model.objects.order_by("pk")]
    return serializers.serialize(
        "json", rows, use_natural_primary_keys=True, use_natural_foreign_keys=True
    )


def stored(row):
    return {name: value for name, value in vars(row).items() if name != "_state"}


def empty_the_catalog():
    TopicArea.objects.update(parent=None)
    for model in MODELS:
        model.objects.all().delete()


def test_size_and_seed_decide_the_catalog():
    catalogs = []
    for seed in (7, 7, 8):
        generate("45", seed=seed)
        catalogs.append(everything())
        empty_the_catalog()

    first, again, other = catalogs

    assert first == again
    assert first != other


class SmallCatalogTests(TestCase):
    """Sixty programs, generated once."""

    @classmethod
    def setUpTestData(cls):
        generate("60")

    def test_every_row_is_one_that_the_admin_would_take(self):
        for model in MODELS:
            for row in model.objects.all():
                before = stored(row)
                row.full_clean()
                assert stored(row) == before

    def test_every_entry_says_that_it_is_an_example(self):
        for model, field in ADDRESSED.items():
            names = list(model.objects.values_list(field, flat=True))
            assert [name for name in names if not name.startswith("example-")] == []
        notes = set(Program.objects.values_list("scope_note", flat=True))
        assert notes == {"A generated example, not a real program."}
        for texts in (
            TopicArea.objects.values_list("definition", flat=True),
            TopicExpert.objects.values_list("biography", flat=True),
            Registry.objects.values_list("scale", flat=True),
        ):
            assert [text for text in texts if "A generated example, not a real" not in text] == []

    def test_a_level_rests_on_research_and_nr_on_none(self):
        for rating in Rating.objects.current():
            found = Finding.objects.filter(program=rating.program, topic_area=rating.topic_area)
            assert found.filter(counts=True).exists() == (rating.scientific_rating != "NR")

    def test_dates_of_the_record_have_all_three_precisions_and_some_are_blank(self):
        lengths = set(map(len, Program.objects.values_list("research_last_reviewed", flat=True)))

        assert lengths == {0, 4, 7, 10}


class LargeCatalogTests(TestCase):
    """A thousand programs, generated once."""

    @classmethod
    def setUpTestData(cls):
        generate("1000", seed=1)

    def test_shares_of_levels_and_statuses_are_those_of_a_real_clearinghouse(self):
        levels = Counter(Rating.objects.values_list("scientific_rating", flat=True))
        statuses = Counter(Program.objects.values_list("status", flat=True))
        in_areas = Counter(Rating.objects.current().values_list("program", flat=True))

        assert levels == {"1": 139, "2": 269, "3": 659, "4": 123, "5": 44, "NR": 925}
        assert statuses == {"published": 911, "draft": 45, "in-review": 19, "retired": 25}
        assert Counter(in_areas.values()) == {1: 364, 2: 344, 3: 170, 4: 98}

    def test_a_third_of_programs_is_rated_elsewhere_as_the_registry_words_it(self):
        ratings = ExternalRating.objects.select_related("registry")

        assert ratings.values("program").distinct().count() == 322
        assert all(f"- {rating.rating}" in rating.registry.scale for rating in ratings)
        assert {len(rating.checked_on) for rating in ratings} == {0, 10}

    def test_nine_in_ten_ratings_are_what_their_studies_meet_and_the_rest_show_doubts(self):
        scale = Scale.stored()
        ratings = Rating.objects.current().prefetch_related("program__studies", "program__findings")
        read = [
            read_area(scale, r, r.program, r.program.studies.all(), r.program.findings.all())
            for r in ratings.select_related("program")
        ]
        agreed = Counter(evidence.agrees for evidence in read if evidence.checklist)

        assert 0.87 < agreed[True] / agreed.total() < 0.94

    def test_programs_are_rated_where_ratings_belong_and_some_again(self):
        assert not Rating.objects.filter(topic_area__children__isnull=False).exists()
        assert TopicArea.objects.filter(children__isnull=False).distinct().count() == 7
        assert TopicArea.objects.filter(children__isnull=True).count() == 46
        past = Rating.objects.filter(is_current=False)
        assert past.count() == 205
        for rating in past.select_related("program"):
            now = rating.program.ratings.current().get(topic_area=rating.topic_area)
            assert now.rated_on == "" or rating.rated_on < now.rated_on


@pytest.mark.parametrize("factory", [ProgramFactory, TopicAreaFactory])
def test_refuses_to_mix_examples_with_what_is_there(factory):
    factory()
    before = everything()

    with pytest.raises(CommandError) as refusal:
        generate("45")

    assert str(refusal.value) == (
        "The catalog holds entries already, and examples would mix with them. Name an empty database in "
        "DATABASE_URL, or pass --add to add the examples to this one."
    )
    assert everything() == before


def test_add_leaves_what_is_there_as_it_is():
    area = TopicAreaFactory(name="PARENT TRAINING PROGRAMS")
    generate("45", add=True)
    before = {(model, row.pk): stored(row) for model in MODELS for row in model.objects.all()}

    generate("45", add=True)

    after = {(model, row.pk): stored(row) for model in MODELS for row in model.objects.all()}
    assert {key: after[key] for key in before} == before
    assert Program.objects.count() == 90
    assert area.ratings.count() == 0
    names = TopicArea.objects.filter(name__istartswith="parent training programs")
    assert list(names.values_list("name", flat=True)) == [
        "PARENT TRAINING PROGRAMS",
        "Parent Training Programs 2",
        "Parent Training Programs 3",
    ]


def test_slug_that_an_entry_had_is_not_given_to_an_example():
    expert = TopicExpertFactory(slug="example-ada")
    expert.slug = "ada"
    expert.save()

    assert ExampleSource(1).slug(TopicExpert, "Ada") == "example-ada-2"


def test_says_what_it_does_or_nothing():
    printed = generate("45").splitlines()

    counts = [f"{model.objects.count()} {model._meta.verbose_name_plural}" for model in MODELS]
    assert printed[0] == "45 of 45 programs"
    start, _, written = printed[1].partition(" s: ")
    assert start.startswith("Generated in ")
    assert sorted(written.rstrip(".").split(", ")) == sorted(counts)
    assert generate("45", add=True, verbosity=0) == ""


def test_wants_at_least_one_program():
    with pytest.raises(CommandError) as refusal:
        generate("0")

    assert str(refusal.value) == "Say how many programs to generate: 1 or more."


def test_the_smallest_catalog_is_whole():
    generate("1")

    assert (Program.objects.count(), Reference.objects.count()) == (1, 1)
    assert set(Status.values) >= set(TopicArea.objects.values_list("status", flat=True))
