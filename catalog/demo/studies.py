"""Studies that are made up, with findings that explain the ratings of their program: nine in ten, as a rule."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ..models import (
    Availability,
    Comparison,
    Effect,
    Finding,
    NotCountedReason,
    NotRatedReason,
    Program,
    Rating,
    Reference,
    ScientificRating,
    Study,
    StudyDesign,
)
from .source import ExampleSource

YES, NOT_KNOWN = Availability.YES, Availability.NOT_KNOWN
# Of a hundred studies, of how many something that a level asks for is not recorded.
INCOMPLETE = 8
# Of a hundred studies, of how many it is recorded who took part, and what limits them.
DESCRIBED, LIMITED = 70, 60
LIMITATIONS = (
    "Those who dropped out were not followed up.",
    "All measures rest on what participants said of themselves.",
    "One agency took part, and most participants were volunteers.",
    "The sample was too small to tell groups apart.",
)
# Of a hundred studies and findings, of how many something is noted that no code says.
NOTED = 15
DESIGN_NOTES = (
    "Agencies chose who took part.",
    "One site began half a year after the others.",
    "Half of the groups met in the evening.",
)
FINDING_NOTES = ("As supervisors report it.", "Among those who took part in all sessions.")
# Of a hundred further studies of a program, how many have the participants of the first.
SAME_SAMPLE = 5
# Of a hundred programs, how many name something to read that is no study.
WITH_OTHERS = 25


class Sketch(NamedTuple):
    """Say what a study is like, and for how many months its effect may have held."""

    design: StudyDesign
    effect: Effect = Effect.BENEFIT
    months: tuple[int | None, ...] = (None,)
    usual_care: Availability = YES
    not_counted: str = ""


TRIAL, QUASI, PRE_POST = StudyDesign.RCT, StudyDesign.QUASI_EXPERIMENT, StudyDesign.PRE_POST
BY_LEVEL = {
    ScientificRating.WELL_SUPPORTED: (
        Sketch(TRIAL, months=(12, 18, 24)),
        Sketch(TRIAL, months=(0, 3, 6)),
    ),
    ScientificRating.SUPPORTED: (Sketch(TRIAL, months=(6, 9, 12)),),
    ScientificRating.PROMISING: (Sketch(QUASI, months=(None, 0, 3), usual_care=NOT_KNOWN),),
    ScientificRating.FAILS_TO_DEMONSTRATE_EFFECT: (
        Sketch(TRIAL, Effect.NO_EFFECT),
        Sketch(TRIAL, Effect.NO_EFFECT),
    ),
    ScientificRating.CONCERNING: (Sketch(TRIAL, Effect.HARM),),
}
# Why a program is not able to be rated, by what there is of it.
BY_REASON = {
    NotRatedReason.NO_CONTROL_GROUP: Sketch(
        PRE_POST, not_counted=NotCountedReason.NO_CONTROL_GROUP
    ),
    NotRatedReason.MEASURES: Sketch(TRIAL, not_counted=NotCountedReason.MEASURES),
    NotRatedReason.NOT_PEER_REVIEWED: Sketch(QUASI, not_counted=NotCountedReason.NOT_PEER_REVIEWED),
    NotRatedReason.OUTSIDE_OUTCOMES: Sketch(TRIAL, not_counted=NotCountedReason.OUTSIDE_OUTCOMES),
}
COMPARISONS = {
    TRIAL: (Comparison.USUAL_CARE, Comparison.OTHER_TREATMENT, Comparison.ATTENTION),
    QUASI: (Comparison.USUAL_CARE, Comparison.NONE),
    PRE_POST: (Comparison.NO_COMPARISON,),
}


def sketches_of(rating: Rating) -> Sequence[Sketch]:
    """Return the sketches of studies on which a rating may rest."""
    if rating.level != ScientificRating.NOT_RATED:
        return BY_LEVEL[rating.level]
    sketch = BY_REASON.get(NotRatedReason(rating.not_rated_reason))
    return [sketch] if sketch else []


def make_research(
    source: ExampleSource,
    program: Program,
    ratings: Sequence[Rating],
    references: Sequence[Reference],
) -> tuple[list[Study], list[Finding]]:
    """Return studies of a program, each of another reference, and what they found where it is rated now.

    Areas with the same rating share their studies.
    """
    current = [rating for rating in ratings if rating.is_current]
    sketches = list(dict.fromkeys((s, n) for r in current for n, s in enumerate(sketches_of(r))))
    others = int(source.chance.happens(WITH_OTHERS))
    chosen = source.chance.sample(references, min(len(sketches) + others, len(references)))
    studies = {
        key: make_study(source, program, reference, key[0])
        for key, reference in zip(sketches, chosen, strict=False)
    }
    made = list(studies.values())
    for study in made[1:]:
        if source.chance.happens(SAME_SAMPLE):
            study.same_sample_as = made[0].reference
    findings = [finding for rating in current for finding in make_findings(source, rating, studies)]
    rest = [Study(program=program, reference=reference) for reference in chosen[len(sketches) :]]
    return [*made, *rest], findings


def make_study(
    source: ExampleSource, program: Program, reference: Reference, sketch: Sketch
) -> Study:
    """Return a study, not yet saved."""
    writer, chance = source.writer, source.chance
    enrolled = chance.randint(18, 900)
    is_sound = sketch.not_counted != NotCountedReason.MEASURES and not chance.happens(INCOMPLETE)
    is_reviewed = sketch.not_counted != NotCountedReason.NOT_PEER_REVIEWED
    return Study(
        program=program,
        reference=reference,
        design=sketch.design,
        design_note=chance.choice(DESIGN_NOTES) if chance.happens(NOTED) else "",
        comparison=chance.choice(COMPARISONS[sketch.design]),
        peer_reviewed=YES if is_reviewed else Availability.NO,
        usual_care=sketch.usual_care,
        sound_measures=YES if is_sound else NOT_KNOWN,
        independent=chance.choice(Availability.values),
        participants_age=f"Mean {chance.randint(8, 48)} years",
        **make_participants(source),
        participants_status=writer.sentence("target"),
        enrolled=enrolled,
        analysed=enrolled * chance.randint(70, 100) // 100,
        location=f"{writer['place']} County",
        follow_up_months=max(month or 0 for month in sketch.months),
        summary=writer.prose("finding", 30),
        limitations=chance.choice(LIMITATIONS) if chance.happens(LIMITED) else "",
    )


def make_participants(source: ExampleSource) -> dict[str, str]:
    """Return the gender, race and ethnicity of those who took part, where a study says so."""
    chance = source.chance
    if not chance.happens(DESCRIBED):
        return {}
    white, black = chance.randint(20, 60), chance.randint(5, 30)
    return {
        "participants_gender": f"{chance.randint(20, 95)}% female",
        "participants_race_ethnicity": f"{white}% White, {black}% Black, {100 - white - black}% other",
    }


def make_findings(
    source: ExampleSource, rating: Rating, studies: dict[tuple[Sketch, int], Study]
) -> Iterator[Finding]:
    """Yield what the studies found in the area of a rating."""
    for number, sketch in enumerate(sketches_of(rating)):
        study = studies.get((sketch, number))
        if study is None:
            continue
        yield Finding(
            program=rating.program,
            reference=study.reference,
            topic_area=rating.topic_area,
            outcome=source.writer["outcome"].capitalize(),
            effect=sketch.effect,
            sustained_months=source.chance.choice(sketch.months),
            counts=not sketch.not_counted,
            not_counted_reason=sketch.not_counted,
            note=source.chance.choice(FINDING_NOTES) if source.chance.happens(NOTED) else "",
        )
