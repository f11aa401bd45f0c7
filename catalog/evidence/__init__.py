"""What the recorded studies of a program say to the criteria of the rating scale, in one topic area.

Pure functions on plain records: they explain a rating, and never set one.
"""

from .checklist import Checklist, LevelResult, read_evidence
from .facts import FindingFacts, StudyFacts
from .rules import CriterionResult, CriterionState

__all__ = [
    "Checklist",
    "CriterionResult",
    "CriterionState",
    "FindingFacts",
    "LevelResult",
    "StudyFacts",
    "read_evidence",
]
