"""What the page of a program shows of its research: each study with what it found, by the part that it plays."""

from collections.abc import Iterable
from typing import NamedTuple

from ..models import Finding, ResearchPart, Study
from ..models.findings import by_reference, research_part
from ..values.expressions import name_key


class StudyOnPage(NamedTuple):
    """A study with what it found, area by area, and the one of the program that studied the same people, if any."""

    study: Study
    findings: list[Finding]
    same_sample: Study | None


def research_by_part(
    studies: Iterable[Study], findings: Iterable[Finding]
) -> list[tuple[ResearchPart, list[StudyOnPage]]]:
    """Return the studies by the part that they play: first those that count in a rating."""
    found = by_reference(
        sorted(findings, key=lambda f: (name_key(f.topic_area.name), name_key(f.outcome)))
    )
    parts: dict[ResearchPart, list[StudyOnPage]] = {part: [] for part in ResearchPart}
    listed = {study.reference_id: study for study in studies}
    for study in listed.values():
        its_own = found[study.reference_id]
        same = listed.get(study.same_sample_as_id)  # type: ignore[arg-type]
        parts[research_part(its_own)].append(StudyOnPage(study, its_own, same))
    return [(part, shown) for part, shown in parts.items() if shown]
