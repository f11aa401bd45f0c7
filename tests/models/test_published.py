"""What is public."""

from itertools import product

import pytest

from catalog.models import (
    Program,
    Rating,
    Reference,
    Study,
    TopicArea,
    TopicExpert,
)

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .examples import DRAFT, IN_REVIEW, PUBLISHABLE, PUBLISHED, RETIRED, by_name

pytestmark = pytest.mark.django_db


# --- What is public


def retired(factory, **kwargs):
    """An entry that was public and is retired."""
    entry = factory(**kwargs)
    entry.status = RETIRED
    entry.save()
    return entry


def in_every_state(factory):
    """One entry in each state that a status and its past can put it in."""
    return {
        "draft": factory(status=DRAFT),
        "in review": factory(status=IN_REVIEW),
        "published": factory(status=PUBLISHED),
        "retired": retired(factory),
        "retired, never published": factory(status=RETIRED),
    }


@pytest.mark.parametrize("factory", PUBLISHABLE, ids=by_name)
def test_published_and_addressable_for_every_status(factory):
    entries = in_every_state(factory)
    objects = factory._meta.model.objects

    assert set(objects.published()) == {entries["published"]}
    assert set(objects.addressable()) == {entries["published"], entries["retired"]}


def test_rating_is_public_where_both_its_ends_are():
    programs, areas = in_every_state(ProgramFactory), in_every_state(TopicAreaFactory)
    for program, area in product(programs.values(), areas.values()):
        RatingFactory(program=program, topic_area=area)
        RatingFactory(program=program, topic_area=area, rated_on="2019", is_current=False)

    public = Rating.objects.published()

    ends = (programs["published"].pk, areas["published"].pk)
    assert sorted(public.values_list("program", "topic_area", "is_current")) == [
        (*ends, False),
        (*ends, True),
    ]
    assert [rating.is_current for rating in public.current()] == [True]


def test_study_is_public_where_its_program_is():
    programs = in_every_state(ProgramFactory)
    studies = {state: StudyFactory(program=program) for state, program in programs.items()}

    assert list(Study.objects.published()) == [studies["published"]]


def test_reference_is_public_where_a_public_entry_uses_it():
    cited, read = {}, {}
    for state, program in in_every_state(ProgramFactory).items():
        cited[state] = StudyFactory(program=program).reference
    for state, area in in_every_state(TopicAreaFactory).items():
        read[state] = ReferenceFactory()
        area.further_reading.add(read[state])
    ReferenceFactory(title="Used nowhere")
    # Used twice, and still one reference.
    StudyFactory(reference=read["published"])

    public = Reference.objects.published()

    assert sorted(public.values_list("pk", flat=True)) == sorted(
        [cited["published"].pk, read["published"].pk]
    )


def test_topic_expert_is_public_where_one_of_the_areas_is():
    experts = {}
    for state, area in in_every_state(TopicAreaFactory).items():
        experts[state] = TopicExpertFactory()
        area.experts.add(experts[state])
    TopicExpertFactory()
    for _ in range(2):
        TopicAreaFactory().experts.add(experts["published"], experts["retired"])

    public = TopicExpert.objects.published()

    assert sorted(public.values_list("pk", flat=True)) == sorted(
        [experts["published"].pk, experts["retired"].pk]
    )


def test_with_uses_names_public_users_only():
    reference = ReferenceFactory()
    areas, programs = in_every_state(TopicAreaFactory), in_every_state(ProgramFactory)
    for area in areas.values():
        area.further_reading.add(reference)
    for program in programs.values():
        StudyFactory(program=program, reference=reference)

    found = Reference.objects.with_uses(TopicArea.objects.published()).get()

    assert found.reading_areas == [areas["published"]]
    assert [study.program for study in found.cited_by] == [programs["published"]]


def test_with_public_ratings_fetches_the_public_current_ones_best_first():
    program, areas = ProgramFactory(), in_every_state(TopicAreaFactory)
    for area in areas.values():
        RatingFactory(program=program, topic_area=area, scientific_rating="NR")
    for name, level in [("Beta", "3"), ("alpha", "3"), ("Zeta", "2")]:
        RatingFactory(program=program, topic_area__name=name, scientific_rating=level)
    RatingFactory(program=program, is_current=False, scientific_rating="1")

    found = Program.objects.with_public_ratings().get()

    shown = [(rating.scientific_rating, rating.topic_area.name) for rating in found.public_ratings]
    public = areas["published"].name
    assert shown == [("2", "Zeta"), ("3", "alpha"), ("3", "Beta"), ("NR", public)]


def test_without_rating_finds_programs_with_no_current_rating():
    RatingFactory()
    past = RatingFactory(is_current=False).program
    never = ProgramFactory()

    assert set(Program.objects.without_rating()) == {past, never}


def test_rated_finds_each_program_once():
    rating = RatingFactory()
    RatingFactory(program=rating.program)
    RatingFactory()

    found = Program.objects.rated(Rating.objects.filter(program=rating.program))

    assert list(found) == [rating.program]
