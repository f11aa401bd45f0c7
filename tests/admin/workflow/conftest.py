"""Somebody who publishes, and programs to rate."""

import pytest

from ...factories import ProgramFactory, RatingFactory, ScaleEditionFactory, TopicAreaFactory


@pytest.fixture
def sleep(db):
    return TopicAreaFactory(
        name="Sleep",
        slug="sleep",
        rating_criteria="Outcomes of *sleep*.",
        inclusion_criteria="It is about sleep.",
    )


@pytest.fixture
def calm(sleep):
    """The current rating of a program that was rated before."""
    program = ProgramFactory(name="Calm", scope_note="The group form.")
    RatingFactory(
        program=program,
        topic_area=sleep,
        scientific_rating="NR",
        not_rated_reason="no-control-group",
        rated_on="2020",
    )
    return RatingFactory(
        program=program,
        topic_area=sleep,
        scientific_rating="2",
        rated_on="2024-06",
        rationale="One *good* trial.",
        scale_edition=ScaleEditionFactory(name="2023"),
    )


@pytest.fixture
def publisher_client(client, publisher):
    client.force_login(publisher)
    return client
