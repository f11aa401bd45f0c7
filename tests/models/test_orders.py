"""Every order, and finding programs."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import (
    Program,
    Rating,
    Reference,
    ScientificRating,
    Study,
    TopicArea,
    TopicExpert,
)
from catalog.models.ages import MAX_AGE, serves

from ..factories import (
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..transactions import rolled_back
from .examples import (
    MODELS,
    by_name,
)

pytestmark = pytest.mark.django_db


# --- Orders

# The order among these differs between collations: case, digits, punctuation, marks, other letters.
NAMES = st.text("aAbBzZ019 -&.'(_[éÉßñ®™日", min_size=1, max_size=4)
LEVELS = st.sampled_from(ScientificRating.values)
DATES = st.sampled_from(["", "2019", "2019-11", "2020", "2020-05", "2020-05-01", "2021"])
CLEARINGHOUSE_ORDER = ["1", "2", "3", "4", "5", "NR"]


def a_to_z(name):
    """A name without regard to case, and then by code point."""
    return re.sub("[A-Z]", lambda letter: letter[0].lower(), name)


def keys(objects):
    """The primary keys: what is left to compare when an example has been rolled back."""
    return [obj.pk for obj in objects]


def make_programs(names):
    return Program.objects.bulk_create(
        Program(name=name, slug=f"program-{number}") for number, name in enumerate(names)
    )


@given(st.lists(NAMES, max_size=8))
def test_programs_are_ordered_by_name_ignoring_case_then_by_primary_key(names):
    with rolled_back():
        programs = make_programs(names)
        found = keys(Program.objects.all())

    assert found == keys(sorted(programs, key=lambda p: (a_to_z(p.name), p.pk)))


@given(
    names=st.tuples(*[NAMES | st.sampled_from(["A", "a"])] * 3),
    area_names=st.lists(NAMES, min_size=3, max_size=3, unique_by=str.casefold),
    ratings=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 2), LEVELS, DATES, st.booleans()),
        max_size=12,
        # A fact is recorded once, and one rating in a place is current.
        unique_by=(lambda r: r[:4], lambda r: (*r[:2], r[4] or r[2:4])),
    ),
)
def test_ratings_are_ordered_by_level_and_name_or_by_date(names, area_names, ratings):
    with rolled_back():
        programs = make_programs(names)
        areas = TopicArea.objects.bulk_create(
            TopicArea(name=name, slug=f"area-{number}") for number, name in enumerate(area_names)
        )
        made = Rating.objects.bulk_create(
            Rating(
                program=programs[program],
                topic_area=areas[area],
                scientific_rating=level,
                rated_on=date,
                is_current=is_current,
            )
            for program, area, level, date, is_current in ratings
        )
        found = {
            "program": keys(Rating.objects.in_program_order()),
            "area": keys(Rating.objects.in_topic_area_order()),
            "newest": keys(Rating.objects.newest_first()),
            "model": keys(Rating.objects.all()),
        }

    def level(rating):
        return CLEARINGHOUSE_ORDER.index(rating.scientific_rating)

    def by_program(rating):
        return (level(rating), a_to_z(rating.program.name), rating.program_id, rating.pk)

    def by_area(rating):
        return (level(rating), a_to_z(rating.topic_area.name), rating.pk)

    def by_date(rating):
        return (rating.is_current, rating.rated_on, rating.pk)

    assert found == {
        "program": keys(sorted(made, key=by_program)),
        "area": keys(sorted(made, key=by_area)),
        "newest": keys(sorted(made, key=by_date, reverse=True)),
        "model": keys(sorted(made, key=level)),
    }


@given(
    references=st.lists(st.tuples(NAMES, st.sampled_from([None, 2007, 2010]), NAMES), max_size=8)
)
def test_references_are_ordered_by_author_then_year(references):
    with rolled_back():
        made = Reference.objects.bulk_create(
            Reference(key=f"reference-{number}", authors=authors, year=year, title=title)
            for number, (authors, year, title) in enumerate(references)
        )
        (program,) = make_programs(["Program"])
        studies = Study.objects.bulk_create(
            Study(program=program, reference=reference) for reference in made
        )
        found = keys(Reference.objects.all())
        found_studies = keys(Study.objects.all())

    def by_author(reference):
        return (a_to_z(reference.authors), reference.year or 9999)

    assert found == keys(sorted(made, key=lambda r: (*by_author(r), a_to_z(r.title), r.pk)))
    studies.sort(key=lambda study: (*by_author(study.reference), study.pk))
    assert found_studies == keys(studies)
    assert keys(sorted(studies, key=Study.place_on_page)) == keys(studies)


@pytest.mark.parametrize(
    "factory", [TopicAreaFactory, TopicExpertFactory, TermFactory], ids=by_name
)
def test_areas_experts_and_terms_are_ordered_by_name_ignoring_case(factory):
    names = ["zeta", "Alpha", "beta", "Beta 2", "CE-CERT", "Cedar", "Épsilon"]
    for name in names:
        factory(name=name)

    found = [entry.name for entry in factory._meta.model.objects.all()]

    assert found == ["Alpha", "beta", "Beta 2", "CE-CERT", "Cedar", "zeta", "Épsilon"]


@pytest.mark.parametrize(
    "queryset",
    [
        *(model.objects.all for model in MODELS),
        TopicArea.objects.addressable,
        TopicExpert.objects.published,
        Study.objects.published,
        Program.history.all,
        Rating.objects.in_program_order,
        Rating.objects.in_topic_area_order,
        Rating.objects.newest_first,
        lambda: Rating.objects.published().current().with_earliest_rated(),
        lambda: Reference.objects.published().with_uses(TopicArea.objects.published()),
        lambda: Program.objects.published().with_public_ratings(),
        Program.objects.without_rating,
    ],
)
def test_every_order_is_total(queryset):
    assert queryset().totally_ordered is True


# --- Finding programs


AGES = st.none() | st.integers(0, MAX_AGE)
AGE_RANGES = st.tuples(AGES, AGES).filter(lambda ends: None in ends or ends[0] <= ends[1])


@given(st.lists(AGE_RANGES, max_size=2))
def test_program_serves_the_ages_of_the_ranges_that_are_stated(ranges):
    stated = [(low, high) for low, high in ranges if (low, high) != (None, None)]
    served = set()
    for low, high in stated:
        oldest = MAX_AGE if high is None else high
        served |= set(range(low or 0, oldest + 1))

    assert {age for age in range(MAX_AGE + 1) if serves(age, *ranges)} == served
