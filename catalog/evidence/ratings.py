"""The evidence behind stored ratings: the studies of programs, and the edition of the scale that reads them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from ..models import (
    Criterion,
    Finding,
    Program,
    ProgramRow,
    Rating,
    ScaleEdition,
    ScientificRating,
    Study,
)
from ..models.findings import by_reference
from .checklist import Checklist, LevelResult, read_evidence
from .facts import FindingFacts, StudyFacts
from .rules import CriterionState

# The level that asks for more, next to each; what speaks against a program, and NR, stand beside the first that asks
# for a benefit.
ABOVE = {"2": "1", "3": "2", "4": "3", "5": "3", "NR": "3"}
NO_FINDING = "No finding of a study is recorded in this topic area."
NONE_COUNTS = "No finding that is recorded in this topic area counts in its rating."
NO_CRITERIA = "The criteria of the edition “{}” of the rating scale are not recorded."
NO_EDITION = "The rating scale has no edition in use."


class Scale(NamedTuple):
    """Hold the editions of the rating scale, each with its criteria by level and position."""

    editions: Sequence[ScaleEdition]
    criteria: dict[int, list[Criterion]]

    @classmethod
    def stored(cls) -> Self:
        """Return the scale as it is now. Two queries."""
        return cls.of(ScaleEdition.objects.all(), Criterion.objects.all())

    @classmethod
    def of(cls, editions: Iterable[ScaleEdition], criteria: Iterable[Criterion]) -> Self:
        """Return the scale of these editions and criteria, which come in any order."""
        of_editions = defaultdict(list)
        for criterion in sorted(criteria, key=lambda c: (c.level, c.position, c.pk)):
            of_editions[criterion.edition_id].append(criterion)
        return cls(list(editions), of_editions)

    def named_by(self, rating: Rating) -> ScaleEdition | None:
        """Return the edition that a rating names, None where it names none."""
        return next((e for e in self.editions if e.pk == rating.scale_edition_id), None)

    def edition_of(self, rating: Rating) -> ScaleEdition | None:
        """Return the edition by which a program was rated; the one in use where none is recorded."""
        in_use = next((e for e in self.editions if e.is_current), None)
        return self.named_by(rating) if rating.scale_edition_id else in_use


class CriterionOnPage(NamedTuple):
    """A criterion with how it stands, and the studies that it rests on.

    ``note`` says how many studies of how many there are; or that nothing is lacking but what the criteria above lack.
    """

    criterion: Criterion
    state: CriterionState
    studies: list[Study]
    note: str


class LevelOnPage(NamedTuple):
    """A level with how each of its criteria stands."""

    level: ScientificRating
    is_met: bool
    criteria: list[CriterionOnPage]


class Evidence(NamedTuple):
    """Hold what the recorded studies of a program say in one topic area, to the criteria of one edition.

    There is no checklist where no finding counts, or where the edition has no criteria; ``why_none`` says which. Where
    the rating's edition is not recorded, it is the one in use now.
    """

    level: str
    edition: ScaleEdition | None
    checklist: Checklist | None
    why_none: str
    studies: dict[str, Study]
    is_edition_recorded: bool

    @property
    def has_findings(self) -> bool:
        """Return whether a finding is recorded in the topic area, whether it counts or not."""
        return self.why_none != NO_FINDING

    @property
    def met(self) -> str:
        """Return the level whose criteria the recorded studies meet; "" where there is none."""
        return self.checklist.level if self.checklist else ""

    @property
    def met_in_words(self) -> str:
        """Return "level 2", or "no level"."""
        return f"level {self.met}" if self.met else "no level"

    @property
    def agrees(self) -> bool:
        """Return whether the level of the rating is the one that the recorded studies meet: none, for NR."""
        return self.met == ("" if self.level == ScientificRating.NOT_RATED else self.level)

    @property
    def above(self) -> str:
        """Return the level that asks for more than the rating's, "" where none does."""
        return ABOVE.get(self.level, "")

    @property
    def doubt(self) -> str:
        """Say that the recorded studies meet another level than the rating's; "" where they do not."""
        if not self.checklist or self.agrees:
            return ""
        return (
            f"The studies that are recorded here meet the criteria of {self.met_in_words}, and this rating is "
            f"{self.level}. "
            "If it rests on more than is recorded, say so in the rationale, or record it."
        )

    @property
    def levels(self) -> list[LevelOnPage]:
        """Return all levels, to be shown."""
        return [self.on_page(result) for result in self.checklist.levels] if self.checklist else []

    @property
    def levels_in_question(self) -> list[LevelOnPage]:
        """Return the rating's level, the one above, and the one that is met."""
        wanted = {self.level, self.above, self.met}
        return [level for level in self.levels if level.level in wanted]

    def on_page(self, found: LevelResult) -> LevelOnPage:
        """Return a level with the results of its criteria, and the studies as they are stored."""
        criteria = []
        for result in found.results:
            studies = [study for key, study in self.studies.items() if key in result.studies]
            count = f"{result.found} of {result.needed}" if result.needed else ""
            note = "as above" if result.is_consequence else count
            criteria.append(CriterionOnPage(result.criterion, result.state, studies, note))
        return LevelOnPage(ScientificRating(found.level), found.is_met, criteria)

    @property
    def question(self) -> str:
        """Return the question that the checklist answers: "Why 3, and not 2"."""
        if self.level not in ScientificRating or self.level == ScientificRating.NOT_RATED:
            return "What the recorded studies say to the rating scale"
        return f"Why {self.level}, and not {self.above}" if self.above else f"Why {self.level}"

    @property
    def lacking(self) -> str:
        """Say what the level above asks for and the record does not show; "" where it shows all of it."""
        found = self.checklist and self.checklist.of_level(self.above)
        return found.lacking if found else ""

    @property
    def sentence(self) -> str:
        """Say which level the recorded studies meet, and whether that is the rating."""
        if not self.checklist:
            return self.why_none
        met = f"The studies that are recorded here meet the criteria of {self.met_in_words}"
        if self.agrees or not self.level:
            return f"{met}."
        return f"{met}; the rating is {self.level}. It may rest on more than is recorded here."


def read_area(
    scale: Scale,
    rating: Rating,
    program: Program,
    studies: Iterable[Study],
    findings: Iterable[Finding],
) -> Evidence:
    """Return the evidence for a program's rating in a topic area, by those of its findings that are there.

    A rating without a level asks the same of one that is still to be given.
    """
    edition = scale.edition_of(rating)
    findings = [f for f in findings if f.topic_area_id == rating.topic_area_id]
    criteria = scale.criteria.get(edition.pk, []) if edition else []
    by_key = {str(study.reference_id): study for study in studies}
    facts = facts_of(by_key.values(), findings)
    checklist = read_evidence(criteria, facts, program.manual_available)
    if not findings:
        why = NO_FINDING
    elif checklist is None:
        why = NONE_COUNTS
    elif not criteria:
        checklist, why = None, NO_CRITERIA.format(edition) if edition else NO_EDITION
    else:
        why = ""
    # One that is still to be given is given by the edition in use.
    is_edition_recorded = not rating.pk or rating.scale_edition_id is not None
    return Evidence(rating.scientific_rating, edition, checklist, why, by_key, is_edition_recorded)


def read_ratings(ratings: Sequence[Rating]) -> list[tuple[Rating, Evidence]]:
    """Return ratings with the evidence for each; they come with their programs and topic areas. Four queries."""
    programs = {rating.program_id for rating in ratings}
    studies = by_program(Study.objects.filter(program__in=programs).order_by())
    findings = by_program(Finding.objects.filter(program__in=programs).order_by())
    scale = Scale.stored()
    return [
        (r, read_area(scale, r, r.program, studies[r.program_id], findings[r.program_id]))
        for r in ratings
    ]


def by_program[Row: ProgramRow](rows: Iterable[Row]) -> dict[int, list[Row]]:
    """Return rows by the program that they belong to."""
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.program_id].append(row)
    return found


def facts_of(studies: Iterable[Study], findings: Iterable[Finding]) -> list[StudyFacts]:
    """Return the facts of studies, by the keys of their references, with those of their findings that count."""
    counting = by_reference(finding for finding in findings if finding.counts)
    return [
        StudyFacts(
            key=str(study.reference_id),
            design=study.design,
            comparison=study.comparison,
            peer_reviewed=study.peer_reviewed,
            usual_care=study.usual_care,
            sound_measures=study.sound_measures,
            same_sample_as=str(study.same_sample_as_id or ""),
            findings=tuple(
                FindingFacts(finding.effect, finding.sustained_months)
                for finding in counting[study.reference_id]
            ),
        )
        for study in studies
    ]
