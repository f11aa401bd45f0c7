"""Umbrella areas, ratings as facts with a date, what cannot be deleted, and the history."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from catalog.models import (
    Rating,
    Reference,
    Study,
    TopicArea,
)

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    ScaleEditionFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .examples import DRAFT, FACTORIES, by_name, errors_of, write_past_validation

pytestmark = pytest.mark.django_db


# --- Umbrella areas


def test_umbrella_area_may_have_parts():
    part = TopicAreaFactory(parent=TopicAreaFactory())

    part.full_clean()

    assert list(part.parent.children.all()) == [part]


def test_umbrella_area_cannot_be_a_part_of_another():
    part = TopicAreaFactory(name="Part", parent=TopicAreaFactory(name="Umbrella"))
    wider, smaller = TopicAreaFactory(), TopicAreaFactory()
    part.parent.parent = wider
    smaller.parent = part

    assert errors_of(part.parent) == {
        "parent": ["This area is an umbrella area itself; areas have two levels."]
    }
    assert errors_of(smaller) == {
        "parent": ["“Part” has an umbrella area itself; areas have two levels."]
    }


@pytest.mark.parametrize("is_current", [True, False])
def test_area_with_ratings_cannot_become_an_umbrella(is_current):
    rated = RatingFactory(topic_area__name="Rated", is_current=is_current).topic_area
    area = TopicAreaFactory()
    area.parent = rated

    assert errors_of(area) == {
        "parent": ["“Rated” holds ratings, so it cannot be an umbrella area."]
    }


def test_rating_in_an_umbrella_area_is_refused():
    umbrella = TopicAreaFactory(name="Umbrella")
    TopicAreaFactory(parent=umbrella, status=DRAFT)
    rating = Rating(program=ProgramFactory(), topic_area=umbrella, scientific_rating="3")

    assert errors_of(rating) == {
        "topic_area": ["“Umbrella” is an umbrella area; rate the program in one of its parts."]
    }


# --- Ratings: facts with a date


def history_of(obj):
    """The history of an entry, oldest first: what happened, and why."""
    entries = type(obj).history.filter(id=obj.pk).order_by("history_id")
    return list(entries.values_list("history_type", "history_change_reason"))


def test_rerating_adds_a_rating_and_retires_the_one_before_it():
    old = RatingFactory(scientific_rating="3", rated_on="2020", rationale="One study.")
    elsewhere = RatingFactory(program=old.program)
    same_area = RatingFactory(topic_area=old.topic_area)
    new = Rating(
        program=old.program, topic_area=old.topic_area, scientific_rating="2", rated_on="2024-06"
    )

    new.full_clean()
    new.save()

    ratings = Rating.objects.filter(program=old.program, topic_area=old.topic_area)
    facts = ratings.order_by("pk").values_list(
        "scientific_rating", "rated_on", "rationale", "is_current"
    )
    assert list(facts) == [("3", "2020", "One study.", False), ("2", "2024-06", "", True)]
    assert set(Rating.objects.current()) == {new, elsewhere, same_area}
    assert history_of(old) == [("+", None), ("~", "Re-rated")]
    assert history_of(new) == [("+", None)]
    assert old.history.first().is_current is False


def test_rerating_gives_both_histories_its_reason_and_its_author():
    editor = UserFactory()
    old = RatingFactory()
    new = Rating(program=old.program, topic_area=old.topic_area, scientific_rating="1")
    new._change_reason, new._history_user = "Imported from a.csv", editor

    new.save()

    entries = [rating.history.latest() for rating in (old, new)]
    assert [(e.history_change_reason, e.history_user) for e in entries] == [
        ("Imported from a.csv", editor)
    ] * 2


def test_rerating_that_fails_leaves_the_current_rating_as_it_was():
    old = RatingFactory()
    new = Rating(program=old.program, topic_area=old.topic_area, scientific_rating="7")

    # No transaction around this: save() has to undo its own first step.
    with pytest.raises(IntegrityError):
        new.save()

    assert list(Rating.objects.current()) == [old]
    assert history_of(old) == [("+", None)]


def test_adding_a_past_rating_leaves_the_current_one():
    current = RatingFactory(rated_on="2024")

    past = RatingFactory(
        program=current.program, topic_area=current.topic_area, rated_on="2019", is_current=False
    )

    assert list(Rating.objects.current()) == [current]
    assert history_of(current) == [("+", None)]
    assert past.is_current is False


def test_two_current_ratings_in_one_area_are_refused_by_the_database():
    current = RatingFactory(rated_on="2020")
    past = RatingFactory(
        program=current.program, topic_area=current.topic_area, rated_on="2019", is_current=False
    )
    second = Rating(
        program=current.program,
        topic_area=current.topic_area,
        scientific_rating="1",
        rated_on="2024",
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.bulk_create([second])
    with pytest.raises(IntegrityError):
        write_past_validation(past, is_current=True)


def test_moving_a_rating_to_where_there_is_a_current_one_is_refused():
    current = RatingFactory()
    other = RatingFactory(program=current.program)
    other.topic_area = current.topic_area

    assert errors_of(other) == {
        "__all__": [
            "The program has a current rating in this topic area already.",
            "This rating of the program, of the same date, is recorded already.",
        ]
    }


def test_same_rating_of_the_same_date_is_recorded_once():
    current = RatingFactory(scientific_rating="3", rated_on="2020")
    again = {
        "program": current.program,
        "topic_area": current.topic_area,
        "scientific_rating": "3",
        "rated_on": "2020",
    }

    with pytest.raises(IntegrityError), transaction.atomic():
        Rating.objects.bulk_create([Rating(**again, is_current=False)])
    assert errors_of(Rating(**again)) == {
        "__all__": ["This rating of the program, of the same date, is recorded already."]
    }


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"scientific_rating": "1"}, "scientific rating"),
        ({"rationale": "Better."}, "rationale"),
        ({"rated_on": "2021", "scale_edition": None}, "rated on, edition of the scale"),
        ({"is_current": True}, "current"),
    ],
)
def test_past_rating_cannot_change(change, names):
    past = RatingFactory(is_current=False, rated_on="2020", scale_edition=ScaleEditionFactory())

    for name, value in change.items():
        setattr(past, name, value)

    assert errors_of(past) == {
        "__all__": [f"A past rating is kept as it was; {names} cannot change."]
    }


def test_past_rating_cannot_move_to_another_program_or_area():
    past = RatingFactory(is_current=False)
    past.program, past.topic_area = ProgramFactory(), TopicAreaFactory()

    assert errors_of(past) == {
        "__all__": ["A past rating is kept as it was; program, topic area cannot change."]
    }


def test_past_rating_is_valid_as_it_is():
    past = RatingFactory(is_current=False, rated_on="2020", rationale="One study.")

    past.full_clean()

    assert Rating.objects.get().is_current is False


# --- What cannot be deleted


@pytest.mark.parametrize("is_current", [True, False])
def test_deleting_what_has_ratings_is_refused(is_current):
    rating = RatingFactory(is_current=is_current)

    for entry in (rating.program, rating.topic_area):
        with pytest.raises(ProtectedError):
            entry.delete()

    assert Rating.objects.count() == 1


def test_deleting_an_umbrella_area_or_a_cited_reference_is_refused():
    part, study = TopicAreaFactory(parent=TopicAreaFactory()), StudyFactory()

    for entry in (part.parent, study.reference):
        with pytest.raises(ProtectedError):
            entry.delete()

    assert (TopicArea.objects.count(), Reference.objects.count()) == (2, 1)


def test_deleting_a_program_deletes_its_studies_and_keeps_their_history():
    study = StudyFactory()
    pk = study.pk

    study.program.delete()

    assert Study.objects.count() == 0
    assert list(Study.history.filter(id=pk).values_list("history_type", flat=True)) == ["-", "+"]


# --- History


@pytest.mark.parametrize("factory", FACTORIES, ids=by_name)
def test_each_save_leaves_one_history_entry_with_its_reason(factory):
    obj = factory()
    obj._change_reason = "Corrected"

    obj.save()

    assert history_of(obj) == [("+", None), ("~", "Corrected")]


@pytest.mark.parametrize("factory", FACTORIES, ids=by_name)
def test_history_outlives_its_entry(factory):
    obj = factory()
    pk = obj.pk

    obj.delete()

    assert list(type(obj).history.filter(id=pk).values_list("history_type", flat=True)) == [
        *("-", "+")
    ]


def test_history_keeps_the_experts_and_the_further_reading_of_an_area():
    area, expert, reference = TopicAreaFactory(), TopicExpertFactory(), ReferenceFactory()

    area.experts.add(expert)
    area.further_reading.add(reference)

    newest, *_, oldest = area.history.all()
    assert [row.topicexpert for row in newest.experts.all()] == [expert]
    assert [row.reference for row in newest.further_reading.all()] == [reference]
    assert (oldest.experts.count(), oldest.further_reading.count()) == (0, 0)


@pytest.mark.parametrize("is_bulk", [False, True])
def test_new_rating_belongs_to_the_edition_that_was_in_use_on_its_date(is_bulk):
    old = ScaleEditionFactory(name="Old", in_use_since="2020-06")
    ScaleEditionFactory(name="Never in use")
    named = {
        "": None,
        "2019": None,
        # In that year another one may still have been in use.
        "2020": None,
        "2020-06": "Old",
        "2025-12-31": "Old",
        "2026": "2026",
        "2026-03-01": "2026",
    }
    ratings = [
        RatingFactory.build(program=ProgramFactory(), topic_area=TopicAreaFactory(), rated_on=d)
        for d in named
    ]
    ratings.append(
        RatingFactory.build(
            program=ProgramFactory(),
            topic_area=TopicAreaFactory(),
            rated_on="2026",
            scale_edition=old,
        )
    )

    if is_bulk:
        Rating.objects.bulk_create(ratings)
    else:
        for rating in ratings:
            rating.save()

    stored = Rating.objects.order_by("pk").values_list("scale_edition__name", flat=True)
    assert [*stored] == [*named.values(), "Old"]
    # Whoever takes the edition out again is believed.
    last = Rating.objects.latest("pk")
    last.scale_edition = None
    last.save()
    last.refresh_from_db()
    assert last.scale_edition is None
