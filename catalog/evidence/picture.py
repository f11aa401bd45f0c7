"""The studies behind the ratings of a topic area, drawn: what they found, by design, and how long they followed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from django.db import models
from django.db.models import Exists

from ..models import Effect, Finding, Rating, ScientificRating, Study, StudyDesign, TopicArea


class DesignGroup(models.TextChoices):
    """Group the designs as the picture tells them apart, those that tell most first."""

    TRIAL = "trial", "Randomized controlled trial"
    QUASI = "quasi", "Quasi-experiment with a comparison"
    ALONE = "alone", "Without a comparison group"
    OTHER = "other", "Another design"
    UNKNOWN = "unknown", "Design not recorded"


GROUPS = {
    StudyDesign.RCT: DesignGroup.TRIAL,
    StudyDesign.QUASI_EXPERIMENT: DesignGroup.QUASI,
    StudyDesign.PRE_POST: DesignGroup.ALONE,
    StudyDesign.SINGLE_CASE: DesignGroup.ALONE,
    StudyDesign.REVIEW: DesignGroup.OTHER,
    StudyDesign.OTHER: DesignGroup.OTHER,
}


class OverallEffect(models.TextChoices):
    """Say what a study found in a topic area, all its findings there together."""

    BENEFIT = "benefit", "Benefit"
    MIXED = "mixed", "Mixed"
    NO_EFFECT = "no-effect", "No effect"
    HARM = "harm", "Harm"
    UNKNOWN = "unknown", "Not stated"


class Followed(models.TextChoices):
    """Say for how long after the end of a program people were followed."""

    TWO_YEARS = "two-years", "2 years or more"
    ONE_YEAR = "one-year", "1 to 2 years"
    MONTHS = "months", "Under 1 year"
    END = "end", "To the end only"
    UNKNOWN = "unknown", "Not recorded"


class CountedStudy(NamedTuple):
    """A study of a program that is rated in a topic area, with what it found there."""

    level: ScientificRating
    design: DesignGroup
    found: OverallEffect
    followed: Followed


@dataclass(frozen=True)
class Bar:
    """Show the studies of one design, in units of the picture."""

    design: DesignGroup
    count: int
    x: int
    width: int


@dataclass(frozen=True)
class ChartCell:
    """Show the studies of one level in one column."""

    column: str
    count: int
    x: int
    bars: Sequence[Bar]

    @property
    def words(self) -> str:
        """Return the number of studies of each design: "Randomized controlled trial: 2"."""
        return "; ".join(f"{bar.design.label}: {bar.count}" for bar in self.bars)


@dataclass(frozen=True)
class ChartRow:
    """Show the studies of the programs at one level."""

    level: ScientificRating
    count: int
    y: int
    cells: Sequence[ChartCell]


class Chart(NamedTuple):
    """Show studies by level, and by what they found or how long they followed people."""

    key: str
    caption: str
    columns: Sequence[tuple[str, int]]
    rows: Sequence[ChartRow]

    @property
    def height(self) -> int:
        return HEAD + ROW * len(self.rows)


class EvidencePicture(NamedTuple):
    """Show the studies that count in the ratings of a topic area."""

    charts: Sequence[Chart]
    designs: Sequence[DesignGroup]
    sentence: str


# Units of the picture, which is 640 wide: the levels' names, a column; the height of the heads and of a row.
NAMES, COLUMN, HEAD, ROW = 50, 118, 30, 36
LONGEST_BAR = COLUMN - 34
TWO_YEARS, ONE_YEAR = 24, 12


def picture_of(area: TopicArea) -> EvidencePicture | None:
    """Return the picture of a topic area's evidence, None where no finding that counts is recorded. Three queries."""
    return draw(counted_studies(area))


def counted_studies(area: TopicArea) -> list[CountedStudy]:
    """Return the studies whose findings count in a topic area, of the programs that are rated there. Three queries."""
    ratings = Rating.objects.published().current().filter(topic_area=area).order_by()
    levels = dict(ratings.values_list("program", "scientific_rating"))
    findings = Finding.objects.published().filter(topic_area=area, counts=True).order_by()
    effects = defaultdict(set)
    for program, reference, effect in findings.values_list("program", "reference", "effect"):
        effects[program, reference].add(effect)
    studies = Study.objects.filter(Exists(findings.of_outer_study())).order_by()
    return [
        CountedStudy(
            ScientificRating(levels[program]),
            GROUPS.get(design, DesignGroup.UNKNOWN),  # type: ignore[call-overload]
            found_in(effects[program, reference]),
            followed_for(months),
        )
        for program, reference, design, months in studies.values_list(
            "program", "reference", "design", "follow_up_months"
        )
        if program in levels
    ]


def found_in(effects: Iterable[str]) -> OverallEffect:
    """Return what a study found, by the effects of its findings: of several kinds, it is mixed."""
    recorded = set(effects) - {"", Effect.NOT_REPORTED}
    if not recorded:
        return OverallEffect.UNKNOWN
    return OverallEffect(recorded.pop()) if len(recorded) == 1 else OverallEffect.MIXED


def followed_for(months: int | None) -> Followed:
    """Return for how long people were followed."""
    if months is None:
        return Followed.UNKNOWN
    if months >= TWO_YEARS:
        return Followed.TWO_YEARS
    if months >= ONE_YEAR:
        return Followed.ONE_YEAR
    return Followed.MONTHS if months else Followed.END


def draw(studies: Sequence[CountedStudy]) -> EvidencePicture | None:
    """Return the picture of studies, None of none."""
    if not studies:
        return None
    charts = [
        chart("found", "What the studies found", OverallEffect, studies),
        chart("followed", "How long after the end they followed people", Followed, studies),
    ]
    designs = {study.design for study in studies}
    return EvidencePicture(
        charts, [d for d in DesignGroup if d in designs], picture_in_words(studies)
    )


def chart(
    key: str, caption: str, columns: type[models.TextChoices], studies: Sequence[CountedStudy]
) -> Chart:
    """Return a chart of studies by level and by what ``key`` names of them, whose longest bar a column just holds."""
    column_of = attrgetter(key)
    counts = Counter((s.level, column_of(s), s.design) for s in studies)
    cells = Counter((s.level, column_of(s)) for s in studies)
    most = max(cells.values())
    levels = [level for level in ScientificRating if any(s.level == level for s in studies)]
    places = {column: NAMES + COLUMN * place for place, column in enumerate(columns)}
    rows = [
        ChartRow(
            level,
            sum(cells[level, column] for column in columns),
            HEAD + ROW * place,
            [
                ChartCell(
                    column.label, cells[level, column], x, bars(counts, level, column, x, most)
                )
                for column, x in places.items()
            ],
        )
        for place, level in enumerate(levels)
    ]
    return Chart(key, caption, [(column.label, x) for column, x in places.items()], rows)


def bars(
    counts: Mapping[tuple[ScientificRating, models.TextChoices, DesignGroup], int],
    level: ScientificRating,
    column: models.TextChoices,
    x: int,
    most: int,
) -> list[Bar]:
    """Return the bars of a cell, one design after the other; each is to be seen, however few its studies are."""
    found = []
    for design in DesignGroup:
        if count := counts.get((level, column, design), 0):
            width = max(LONGEST_BAR * count // most, 3)
            found.append(Bar(design, count, x, width))
            x += width
    return found


def picture_in_words(studies: Sequence[CountedStudy]) -> str:
    """Return the picture in a sentence: how many studies there are, and what they found."""
    found = Counter(study.found for study in studies)
    parts = [f"{what.label.lower()} in {found[what]:,}" for what in OverallEffect if found[what]]
    noun = "study counts" if len(studies) == 1 else "studies count"
    return f"{len(studies):,} {noun} in a rating here: {', '.join(parts)}."
