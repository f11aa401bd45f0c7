"""Somebody who writes, somebody who publishes, and a program that they work at."""

import pytest

from ...conftest import group_user
from ...factories import ProgramFactory, TopicAreaFactory


def named(group, first_name):
    user = group_user(group)
    user.first_name, user.last_name = first_name, "Example"
    user.save()
    return user


@pytest.fixture
def ann(db):
    return named("Editors", "Ann")


@pytest.fixture
def bob(db):
    return named("Publishers", "Bob")


@pytest.fixture
def program(db):
    return ProgramFactory(name="Calm", slug="calm", description="What it is.")


@pytest.fixture
def area(db):
    return TopicAreaFactory(name="Stress", slug="stress")


@pytest.fixture
def mine(client, ann):
    """The client of Ann, who writes."""
    client.force_login(ann)
    return client
