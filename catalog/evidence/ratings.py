"""The evidence behind the ratings of programs: the studies that are stored, and the edition of the scale that reads them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, Self

from ..models import Criterion, Finding, Rating, ScaleEdition, ScientificRating, Study
from .checklist import Checklist, LevelResult, read_evidence
from .facts import FindingFacts, StudyFacts

# The level that asks for more, next to each; what speaks against a program, and NR, stand beside the first that asks
# for a benefit.
ABOVE = {"2": "1", "3": "2", "4": "3", "5": "3", "NR": "3"}
NO_FINDING = "No finding of a study is recorded in this topic area."
NONE_COUNTS = "No finding that is recorded in this topic area counts in its rating."
NO_CRITERIA = "The criteria of the edition “{}” of the rating scale are not recorded."
NO_EDITION = "The rating scale has no edition in use."


class Scale(NamedTuple):
    """The editions of the rating scale, each with its criteria by level and position."""

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

    def edition_of(self, rating: Rating | None) -> ScaleEdition | None:
        """Return the edition by which a program was rated; the one in use where none is recorded."""
        pk = rating.scale_edition_id if rating else None
        return next(
            (e for e in self.editions if (e.pk == pk if pk else e.is_current)),
            None,
        )


class Evidence(NamedTuple):
    """What the recorded studies of a program say in one topic area, to the criteria of one edition.

    There is no checklist where no finding counts, or where the edition has no criteria; ``why_none`` says which.
    """

    level: str
    edition: ScaleEdition | None
    checklist: Checklist | None
    why_none: str

    @property
    def met(self) -> str:
        """Return the level whose criteria the recorded studies meet; "" where there is none."""
        return self.checklist.level if self.checklist else ""

    @property
    def agrees(self) -> bool:
        """Return whether the level of the rating is the one that the recorded studies meet: none, for NR."""
        return self.met == ("" if self.level == ScientificRating.NOT_RATED else self.level)

    @property
    def above(self) -> str:
        """Return the level that asks for more than the rating's, "" where none does."""
        return ABOVE.get(self.level, "")

    @property
    def shown(self) -> list[LevelResult]:
        """Return the criteria of the rating's level, of the one above, and of the one that is met."""
        wanted = {self.level, self.above, self.met}
        return [r for r in self.checklist.levels if r.level in wanted] if self.checklist else []

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
        met = f"meet the criteria of level {self.met}" if self.met else "meet those of no level"
        if self.agrees:
            return f"The studies that are recorded here {met}."
        return f"The studies that are recorded here {met}, which is not the rating."


def read_area(
    scale: Scale,
    rating: Rating | None,
    studies: Iterable[Study],
    findings: Iterable[Finding],
    manual: str,
) -> Evidence:
    """Return what the studies of a program say in a topic area, by their findings there.

    ``rating`` is the one that is to be explained; without one, the edition in use is taken. ``manual`` is the
    program's.
    """
    edition = scale.edition_of(rating)
    level = rating.scientific_rating if rating else ""
    criteria = scale.criteria[edition.pk] if edition and edition.pk in scale.criteria else []
    facts = facts_of(studies, found := list(findings))
    if not found:
        return Evidence(level, edition, None, NO_FINDING)
    checklist = read_evidence(criteria, facts, manual)
    if checklist is None:
        return Evidence(level, edition, None, NONE_COUNTS)
    if not criteria:
        why = NO_CRITERIA.format(edition) if edition else NO_EDITION
        return Evidence(level, edition, None, why)
    return Evidence(level, edition, checklist, "")


def facts_of(studies: Iterable[Study], findings: Iterable[Finding]) -> list[StudyFacts]:
    """Return the facts of studies, by the keys of their references, with those of their findings that count."""
    counting = defaultdict(list)
    for finding in findings:
        if finding.counts:
            facts = FindingFacts(finding.effect, finding.sustained_months)
            counting[finding.reference_id].append(facts)
    return [
        StudyFacts(
            key=str(study.reference_id),
            design=study.design,
            comparison=study.comparison,
            peer_reviewed=study.peer_reviewed,
            usual_care=study.usual_care,
            sound_measures=study.sound_measures,
            same_sample_as=str(study.same_sample_as_id or ""),
            findings=tuple(counting[study.reference_id]),
        )
        for study in studies
    ]
