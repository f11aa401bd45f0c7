"""Files with the mistakes that people make: each is read, and what is said of it is exactly this."""

from pathlib import Path
from pprint import pprint

import pytest

from catalog.models import Status
from catalog.resources import KINDS, read

from .conftest import catalog_permissions
from .factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .test_resources import stored

pytestmark = pytest.mark.django_db

FOLDER = Path(__file__).parent / "hostile_files" / "rows"


@pytest.fixture
def importer(db):
    """Staff who import into a small catalog, and may not publish."""
    store_catalog()
    user = UserFactory(username="importer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view", "add", "change", "import"))
    return user


def store_catalog():
    """Store the catalog that the files are about."""
    umbrella = TopicAreaFactory(name="Workforce well-being")
    stress = TopicAreaFactory(
        name="Secondary Traumatic Stress", abbreviation="STS", parent=umbrella
    )
    TopicAreaFactory(name="Burnout", abbreviation="BO")
    TopicAreaFactory(name="Boundaries", abbreviation="BO")
    steady = ProgramFactory(name="Steady Ground", child_age_min=3)
    RatingFactory(program=steady, topic_area=stress, scientific_rating="3", rated_on="2020")
    RatingFactory(program=steady, topic_area=stress, scientific_rating="1", rated_on="2024-06")
    ProgramFactory(name="Calm Corners", status=Status.RETIRED)
    ProgramFactory(name="Twin")
    ProgramFactory(name="Twin")
    TopicExpertFactory(name="Robin Example")
    bride = ReferenceFactory(
        key="bride-2007", title="Prevalence of stress", doi="10.1093/sw/52.1.63"
    )
    ReferenceFactory(key="sprang-2007", title="Compassion fatigue")
    StudyFactory(program=steady, reference=bride)


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.iterdir()))
def test_dump(name, importer):
    kind = name.partition("__")[0]
    result = KINDS[kind]().import_data(
        read(kind, FOLDER / f"{name}.csv"), dry_run=True, user=importer
    )
    with open("/tmp/wtg_dump.txt", "a") as f:
        pprint(
            (
                name,
                list(map(tuple, result.problems)),
                list(map(tuple, result.warnings)),
                result.counts,
            ),
            f,
            width=150,
        )
