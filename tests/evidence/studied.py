"""A program that is rated, with a study and what it found."""

from catalog.models import Study, TopicArea

from ..factories import (
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
)

SOUND = {
    "comparison": "usual-care",
    "peer_reviewed": "yes",
    "usual_care": "yes",
    "sound_measures": "yes",
}


def rated_program(level="3", name="Calm"):
    """Return the rating of a program with a manual in "Sleep"."""
    program = ProgramFactory(name=name, manual_available="yes")
    areas = TopicArea.objects.filter(name="Sleep")
    area = areas.first() or TopicAreaFactory(name="Sleep", abbreviation="SL")
    reason = "measures" if level == "NR" else ""
    return RatingFactory(
        program=program, topic_area=area, scientific_rating=level, not_rated_reason=reason
    )


def add_study(rating, author="Ann", *, effect="benefit", months=None, counts=True, **facts):
    """Add a study of the program that has a finding in the topic area of the rating; return the study."""
    reference = ReferenceFactory(authors=f"{author}, A.", year=2001)
    FindingFactory(
        program=rating.program,
        reference=reference,
        topic_area=rating.topic_area,
        effect=effect,
        sustained_months=months,
        counts=counts,
    )
    study = Study.objects.get(program=rating.program, reference=reference)
    for name, value in {"design": "rct", **SOUND, **facts}.items():
        setattr(study, name, value)
    study.save()
    return study
