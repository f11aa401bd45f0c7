"""The small catalog that hostile files are about."""

from catalog.models import Status

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    StudyFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)


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
    RegistryFactory(name="Index")
