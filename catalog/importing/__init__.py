"""Imports: an importer for each kind of file, and the life of an import (``jobs``)."""

from ..models import ImportKind
from ..resources import KINDS
from .contacts import ContactImporter
from .experts import TopicExpertImporter
from .external_ratings import ExternalRatingImporter
from .findings import FindingImporter
from .importer import Importer
from .programs import ProgramImporter
from .ratings import RatingImporter
from .references import ReferenceImporter
from .registries import RegistryImporter
from .studies import StudyImporter
from .topic_areas import TopicAreaImporter

IMPORTERS: dict[str, type[Importer]] = {
    ImportKind.TOPIC_AREAS: TopicAreaImporter,
    ImportKind.EXPERTS: TopicExpertImporter,
    ImportKind.REFERENCES: ReferenceImporter,
    ImportKind.PROGRAMS: ProgramImporter,
    ImportKind.RATINGS: RatingImporter,
    ImportKind.STUDIES: StudyImporter,
    ImportKind.FINDINGS: FindingImporter,
    ImportKind.CONTACTS: ContactImporter,
    ImportKind.REGISTRIES: RegistryImporter,
    ImportKind.EXTERNAL_RATINGS: ExternalRatingImporter,
}
# A resource is below this room and cannot ask for its importer.
for _kind, _importer in IMPORTERS.items():
    KINDS[_kind].importer_class = _importer
