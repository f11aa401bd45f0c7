"""What imports are about: entries that others refer to, and who imports and undoes."""

import pytest

from catalog.models import (
    Program,
    Reference,
    Registry,
    TopicArea,
)

from ..conftest import catalog_permissions
from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..transactions import stored_once
from .hostile_catalog import store_catalog


@pytest.fixture
def neighbours(db, request):
    """One entry of each kind that others refer to; a study too, where a test is about findings."""
    TopicExpertFactory(name="Old Expert")
    TopicAreaFactory(name="Old area", abbreviation="OA")
    ProgramFactory(name="Old program")
    ReferenceFactory(authors="Old, A.", year=2020, title="Old title")
    RegistryFactory(name="Old registry")
    parameters = getattr(request.node, "callspec", None)
    if parameters and parameters.params.get("kind") == "findings":
        StudyFactory(program=Program.objects.get(), reference=Reference.objects.get())


@pytest.fixture
def rated(neighbours):
    """The old program's rating: NR since 2024-06, because of the measures."""
    return RatingFactory(
        program=Program.objects.get(),
        topic_area=TopicArea.objects.get(),
        scientific_rating="NR",
        not_rated_reason="measures",
        rated_on="2024-06",
        rationale="Why.",
    )


@pytest.fixture
def ann(db):
    return UserFactory(username="ann", first_name="Ann", last_name="Importer", is_superuser=True)


@pytest.fixture
def bob(db):
    return UserFactory(username="bob", first_name="Bob", last_name="Undoer", is_superuser=True)


@pytest.fixture
def catalog(neighbours):
    """One entry of each kind."""
    RatingFactory(
        program=Program.objects.get(), topic_area=TopicArea.objects.get(), rated_on="2020"
    )
    FindingFactory(
        program=Program.objects.get(),
        reference=Reference.objects.get(),
        topic_area=TopicArea.objects.get(),
    )
    ContactFactory(program=Program.objects.get(), name="Old contact")
    ExternalRatingFactory(program=Program.objects.get(), registry=Registry.objects.get())


def store_importer():
    """Store a small catalog, and staff who import into it and publish."""
    store_catalog()
    user = UserFactory(username="importer", is_staff=True)
    user.user_permissions.set(
        [
            *catalog_permissions("view", "add", "change", "import", "publish"),
        ]
    )
    return user


importer = stored_once(store_importer)
