"""A writer, two who publish, and a program that is public."""

import pytest

from catalog.models import Program

from ...conftest import group_user
from ...factories import ProgramFactory


@pytest.fixture
def ann(db):
    """Somebody who writes and may not publish."""
    return group_user("Editors")


@pytest.fixture
def bob(db):
    """Somebody who publishes."""
    return group_user("Publishers")


@pytest.fixture
def program(db):
    program = ProgramFactory(name="Calm", goals="Rest.", description="What it is.")
    return Program.objects.get(pk=program.pk)
