"""The people whose work the tests of the editorial rules follow."""

import pytest

from ..conftest import group_user


@pytest.fixture
def ann(db):
    """Somebody who writes and may not publish."""
    return group_user("Editors")


@pytest.fixture
def bob(db):
    """Somebody who publishes."""
    return group_user("Publishers")
