"""A writer, two who publish, and a program that is public."""

import pytest

from catalog.models import Program

from ...factories import ProgramFactory


@pytest.fixture
def program(db):
    program = ProgramFactory(name="Calm", goals="Rest.", description="What it is.")
    return Program.objects.get(pk=program.pk)
