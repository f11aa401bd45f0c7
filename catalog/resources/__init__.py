"""Importing and exporting: every rule that a spreadsheet must keep, for the admin and the command alike."""

from .base import CatalogResource, Problem
from .kinds import (
    ProgramResource,
    RatingResource,
    ReferenceResource,
    StudyResource,
    TopicAreaResource,
    TopicExpertResource,
)
from .reading import CSV, ReadError

# By the names that the command and the files use.
KINDS: dict[str, type[CatalogResource]] = {
    "topic-areas": TopicAreaResource,
    "experts": TopicExpertResource,
    "references": ReferenceResource,
    "programs": ProgramResource,
    "ratings": RatingResource,
    "studies": StudyResource,
}

__all__ = [
    "CSV",
    "KINDS",
    "CatalogResource",
    "Problem",
    "ProgramResource",
    "RatingResource",
    "ReadError",
    "ReferenceResource",
    "StudyResource",
    "TopicAreaResource",
    "TopicExpertResource",
]
