"""The kinds of files: what their columns hold, for the guide, the export and the import alike."""

from pathlib import Path

from ..models import ImportKind
from ..spreadsheets import CSV, XLSX, ReadError, Sheet, check_size, open_sheet
from .base import CatalogResource
from .contacts import ContactResource
from .experts import TopicExpertResource
from .external_ratings import ExternalRatingResource
from .findings import FindingResource
from .guide import Column, column_guide, empty_table, guide_table
from .programs import ProgramResource
from .ratings import RatingResource
from .references import ReferenceResource
from .registries import RegistryResource
from .studies import StudyResource
from .topic_areas import TopicAreaResource

# By the names that the command and the files use.
KINDS: dict[str, type[CatalogResource]] = {
    ImportKind.TOPIC_AREAS: TopicAreaResource,
    ImportKind.EXPERTS: TopicExpertResource,
    ImportKind.REFERENCES: ReferenceResource,
    ImportKind.PROGRAMS: ProgramResource,
    ImportKind.RATINGS: RatingResource,
    ImportKind.STUDIES: StudyResource,
    ImportKind.FINDINGS: FindingResource,
    ImportKind.CONTACTS: ContactResource,
    ImportKind.REGISTRIES: RegistryResource,
    ImportKind.EXTERNAL_RATINGS: ExternalRatingResource,
}


def read(kind: str, path: Path, *, limited: bool = True) -> Sheet:
    """Return the table in a file of this kind. Raises ReadError."""
    names = {kind, KINDS[kind].kind}
    return open_sheet(path, KINDS[kind].columns(), sheet_names=names, limited=limited)


__all__ = [
    "CSV",
    "KINDS",
    "XLSX",
    "CatalogResource",
    "Column",
    "ContactResource",
    "ExternalRatingResource",
    "FindingResource",
    "ProgramResource",
    "RatingResource",
    "ReadError",
    "ReferenceResource",
    "RegistryResource",
    "Sheet",
    "StudyResource",
    "TopicAreaResource",
    "TopicExpertResource",
    "check_size",
    "column_guide",
    "empty_table",
    "guide_table",
    "read",
]
