"""Who gave a rating, and what that says of the topic expert."""

import pytest
from django.core.exceptions import ValidationError

from catalog.models import MergedExpertSlug, Rating
from catalog.models.raters import (
    UNKNOWN_SLUG,
    WITHHELD,
    Involvement,
    NamedRater,
    recorded_involvement,
)
from catalog.models.ratings import name_raters
from catalog.values.raters import Rater, raters_of

from ..factories import RatingFactory, TopicAreaFactory, TopicExpertFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]

YES, NO = Involvement("Yes", "Loaded then."), Involvement("No", "Loaded later.")
UNKNOWN = Involvement("Not recorded", "Nobody knows.")


@pytest.mark.parametrize(
    ("text", "rater"),
    [
        ("Jane Doe", ("Jane Doe", True)),
        (" Jane  Doe  ( Not Public ) ", ("Jane Doe", False)),
        ("jane-doe(not public)", ("jane-doe", False)),
        ("(not public) Jane", ("(not public) Jane", True)),
    ],
)
def test_rater_is_read_and_written_alike(text, rater):
    assert Rater.of(text) == rater
    assert Rater.of(str(Rater.of(text))) == rater


@pytest.mark.parametrize(
    ("raters", "message"),
    [
        ("Jane Doe|(not public)", "“(not public)” stands behind a name; here is none."),
        (
            "Jane Doe|Jane Doe (not public)",
            "“Jane Doe” stands here twice: once as public, once as not public.",
        ),
        (f"{'X' * 201}", f"“{'X' * 40}…” has 201 characters; a name may have 200 at most."),
        ("jane-doe", UNKNOWN_SLUG.format("jane-doe")),
    ],
)
def test_rating_refuses_raters_that_are_nobody(raters, message):
    rating = RatingFactory()
    rating.raters = tuple(map(str, raters_of(raters)))

    with pytest.raises(ValidationError) as refused:
        rating.full_clean()

    assert refused.value.message_dict == {"raters": [message]}


def test_expert_is_found_by_every_slug_that_stands_for_them():
    expert = TopicExpertFactory(name="Ada Expert", credentials="PhD", slug="ada")
    expert.slug = "ada-expert"
    expert.save()
    MergedExpertSlug.objects.create(key="a-expert", entry=expert)
    TopicAreaFactory().experts.add(expert)
    hidden = TopicExpertFactory(name="Unseen Expert", slug="unseen")
    raters = ["ada", "a-expert (not public)", "ada-expert", "unseen", "Jane Doe", "no-one-any-more"]
    rating = RatingFactory(raters=raters)

    name_raters([rating])

    address = "/experts/ada-expert/"
    assert rating.named_raters == [
        NamedRater("Ada Expert, PhD", True, expert, address),
        NamedRater("Ada Expert, PhD", False, expert, address),
        NamedRater("Ada Expert, PhD", True, expert, address),
        NamedRater("Unseen Expert", True, hidden, ""),
        NamedRater("Jane Doe", True),
        NamedRater("no-one-any-more", True),
    ]


def test_raters_of_many_ratings_take_as_many_queries_as_of_one(django_assert_max_num_queries):
    experts = [TopicExpertFactory(slug=f"expert-{n}") for n in range(9)]
    for expert in experts[:5]:
        expert.slug = f"new-{expert.slug}"
        expert.save()
    ratings = [RatingFactory(raters=[f"expert-{n}", "Jane Doe"]) for n in range(9)]

    with django_assert_max_num_queries(5):
        name_raters(ratings)

    assert [rating.named_raters[0].expert for rating in ratings] == experts


@pytest.mark.parametrize("by_rule", [YES, NO, UNKNOWN])
def test_recorded_expert_took_part_whatever_the_rule_says(by_rule):
    expert = TopicExpertFactory(name="Ada Expert", credentials="PhD")
    other = TopicExpertFactory(name="Other Expert")
    recorded = [
        [NamedRater("Ada Expert, PhD", True, expert)],
        [NamedRater("ada expert", True)],
        [NamedRater("Ada Expert, PhD", True), NamedRater("Ada Expert, PhD", True, expert)],
    ]

    found = [recorded_involvement(by_rule, raters, [other, expert]) for raters in recorded]

    words = "Recorded among those who rated it: {}."
    assert found == [
        ("Yes", words.format("Ada Expert, PhD")),
        ("Yes", words.format("ada expert")),
        ("Yes", words.format("Ada Expert, PhD")),
    ]


def test_others_among_the_raters_say_nothing_of_the_expert():
    expert, other = TopicExpertFactory(), TopicExpertFactory()
    raters = [NamedRater(other.name, True, other), NamedRater("Jane Doe", True)]

    found = [recorded_involvement(rule, raters, [expert]) for rule in (YES, NO, UNKNOWN)]

    assert found == [YES, NO, UNKNOWN]


def test_rater_who_is_not_public_is_not_told_by_the_answer():
    expert, other = TopicExpertFactory(), TopicExpertFactory()
    withheld = [[NamedRater(who.name, False, who)] for who in (expert, other)]

    found = [
        [recorded_involvement(rule, raters, [expert]) for rule in (YES, NO, UNKNOWN)]
        for raters in withheld
    ]

    assert found == [[YES, ("Not stated", f"Loaded later. {WITHHELD}"), UNKNOWN]] * 2


def test_past_rating_in_the_area_tells_of_the_expert_too():
    area = TopicAreaFactory(year_added=2020)
    expert = TopicExpertFactory(name="Ada Expert", slug="ada")
    area.experts.add(expert)
    past = RatingFactory(
        topic_area=area,
        rated_on="2023",
        program__loaded_on="2023",
        raters=["ada"],
        is_current=False,
    )
    RatingFactory(program=past.program, topic_area=area, rated_on="2025", raters=["Jane Doe"])
    elsewhere = RatingFactory(program=past.program, topic_area__year_added=2020)
    elsewhere.topic_area.experts.add(expert)

    ratings = list(Rating.objects.with_earliest_rated().order_by("pk"))
    name_raters(ratings)

    assert [rating.expert_involvement.answer for rating in ratings] == ["Yes", "Yes", "No"]
