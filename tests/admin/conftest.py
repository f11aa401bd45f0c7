"""What tests of several of the admin's pages start from."""

import sqlite3
from datetime import date

import pytest
from django.db import connection, connections
from django.utils import timezone

from catalog.models import DeliverySetting, Outcome, RelevanceLevel, ScaleEdition

from ..conftest import group_user
from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    PlannedReviewFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    ScaleEditionFactory,
    SiteSettingsFactory,
    StudyFactory,
    SynonymGroupFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .busy_database import IS_POSTGRESQL


@pytest.fixture
def root(client, admin_user):
    """The client of somebody who may do everything."""
    client.force_login(admin_user)
    return client


@pytest.fixture
def ann(client):
    """The client of somebody who writes and may not publish."""
    client.force_login(group_user("Editors"))
    return client


@pytest.fixture
def bob(client):
    """The client of somebody who publishes."""
    other = type(client)()
    other.force_login(group_user("Publishers"))
    return other


@pytest.fixture
def entries(db):
    """One entry of each model, by model."""
    expert = TopicExpertFactory(name="Ada Example", credentials="PhD", organization="Somewhere")
    reference = ReferenceFactory(
        authors="Bride, B. E.", year=2007, title="Prevalence", doi="10.1093/sw/52.1.63"
    )
    area = TopicAreaFactory(
        name="Secondary Traumatic Stress", abbreviation="STS", year_added=2024, definition="*What*."
    )
    area.experts.add(expert)
    area.further_reading.add(reference)
    program = ProgramFactory(
        name="Calm Corners®",
        acronym="CC",
        also_known_as=["Corners", "Calm"],
        description="First line.\n\nSecond & last.",
        child_age_min=3,
        child_age_max=12,
        relevance_level=RelevanceLevel.HIGH,
        delivery_settings=[DeliverySetting.SCHOOL, DeliverySetting.HOSPITAL],
        outcomes=[Outcome.SAFETY],
        languages=["English", "Español"],
        is_nonresponder=True,
        research_last_reviewed="2024-06",
        contact_email="calm@example.org",
        website="https://example.org/calm",
    )
    rating = RatingFactory(
        program=program, topic_area=area, scientific_rating="NR", not_rated_reason="measures"
    )
    study = StudyFactory(program=program, reference=reference, enrolled=184, location="Ohio")
    term = TermFactory(name="Usual care", definition="What they would get anyway.")
    # In place of the one that the migrations have made.
    ScaleEdition.objects.all().delete()
    edition = ScaleEditionFactory()
    place = {"program": program, "reference": reference, "topic_area": area}
    finding = FindingFactory(**place, outcome="Sleep", effect="benefit")
    elsewhere = ExternalRatingFactory(
        program=program, registry__name="Example index", scope="Sleep", checked_on="2025"
    )
    contact = ContactFactory(program=program, name="Kim Example")
    synonyms = SynonymGroupFactory(name="Burnout", synonyms=["compassion fatigue"])
    made = (expert, reference, area, program, rating, study, finding, term, edition, synonyms)
    made += (elsewhere, elsewhere.registry, contact, PageFactory(name="About", text="*Who*."))
    made += (SiteSettingsFactory(), PlannedReviewFactory())
    return {type(entry): entry for entry in made}


@pytest.fixture
def today(monkeypatch):
    """The desk of November 23, 2026."""
    monkeypatch.setattr(timezone, "localdate", lambda *args: date(2026, 11, 23))


@pytest.fixture
def site(tmp_path, transactional_db, _private_files):
    """A database that another connection can lock, while ours does not wait for it: on SQLite, a file."""
    if IS_POSTGRESQL:
        yield
        return
    connection.ensure_connection()
    file = sqlite3.connect(tmp_path / "own.sqlite3")
    connection.connection.backup(file)
    file.close()
    tests_own, tests_settings = connections["default"], connections.settings["default"]
    own_settings = {**tests_own.settings_dict, "NAME": str(tmp_path / "own.sqlite3")}
    connections.settings["default"] = own_settings
    connections["default"] = connections.create_connection("default")
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 1")
    yield
    connections["default"].close()
    connections.settings["default"] = tests_settings
    connections["default"] = tests_own
