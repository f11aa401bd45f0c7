"""What files refer to, where they are kept, and who uploads them."""

import pytest

from ...conftest import StrictClient, catalog_permissions
from ...factories import (
    ProgramFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
    UserFactory,
)


@pytest.fixture
def neighbours(db):
    """What the files for ratings and rows of programs refer to."""
    program = ProgramFactory(name="A")
    TopicAreaFactory(name="Area", abbreviation="AA")
    ReferenceFactory()
    StudyFactory(program=program, reference=ReferenceFactory())
    RegistryFactory(name="Index")


@pytest.fixture
def uploads(file_folder):
    """Return a function that lists the uploaded files that are kept."""
    return lambda: sorted(path for path in (file_folder / "imports").rglob("*") if path.is_file())


@pytest.fixture
def by_the_worker(settings):
    """Every file is one for the worker."""
    settings.IMPORT_ROWS_IN_REQUEST = 0


@pytest.fixture
def importer_client(db):
    """A colleague who may import everything and undo nothing."""
    user = UserFactory(username="importer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view", "add", "change", "import"))
    client = StrictClient()
    client.force_login(user)
    return client
