"""Who reads a history, and who is named in it."""

import pytest

from ...conftest import catalog_permissions
from ...factories import UserFactory


@pytest.fixture
def viewer(db):
    user = UserFactory(username="viewer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view"))
    return user


@pytest.fixture
def ann(db):
    return UserFactory(username="ann", first_name="Ann", last_name="Sprague", is_staff=True)
