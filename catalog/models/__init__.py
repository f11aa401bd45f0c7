"""The catalog: topic areas, programs, their ratings here and elsewhere, references, experts, a glossary, and pages."""

from .assignments import Assignment, Task
from .contacts import Contact, ContactPurpose
from .experts import MergedExpertSlug, TopicExpert
from .exports import Export, ExportFormat, ExportStatus
from .fact_checks import FactCheck, FactCheckAnswer, FactCheckSection, FactCheckSend, Verdict
from .findings import Effect, Finding, NotCountedReason, ResearchPart
from .glossary import Term
from .imports import Import, ImportAction, ImportedRow, ImportKind, ImportStatus
from .levels import ScientificRating
from .merges import MergeRecord
from .not_provided import NOT_PROVIDED, Providable
from .notes import NoteKind, StaffNote
from .notifications import MailPreference, Notification, NotificationKind
from .pages import Page, PagePlace
from .previews import PreviewLink
from .program_choices import Availability, DeliverySetting, Outcome, Provision, RelevanceLevel
from .program_rows import ProgramRow
from .programs import PROGRAM_ROWS, Program
from .proposals import Proposal, ProposalComment, ProposalState
from .ratings import NotRatedReason, Rating
from .references import MergedReferenceKey, Reference, ReferenceType
from .registries import ExternalRating, Registry, RegistryState
from .related_programs import RelatedProgram, RelationKind
from .scale import Criterion, Rule, ScaleEdition
from .status import Status
from .studies import Comparison, Study, StudyDesign
from .synonyms import SynonymGroup
from .topic_areas import TopicArea

__all__ = [
    "NOT_PROVIDED",
    "PROGRAM_ROWS",
    "Assignment",
    "Availability",
    "Comparison",
    "Contact",
    "ContactPurpose",
    "Criterion",
    "DeliverySetting",
    "Effect",
    "Export",
    "ExportFormat",
    "ExportStatus",
    "ExternalRating",
    "FactCheck",
    "FactCheckAnswer",
    "FactCheckSection",
    "FactCheckSend",
    "Finding",
    "Import",
    "ImportAction",
    "ImportKind",
    "ImportStatus",
    "ImportedRow",
    "MailPreference",
    "MergeRecord",
    "MergedExpertSlug",
    "MergedReferenceKey",
    "NotCountedReason",
    "NotRatedReason",
    "NoteKind",
    "Notification",
    "NotificationKind",
    "Outcome",
    "Page",
    "PagePlace",
    "PreviewLink",
    "Program",
    "ProgramRow",
    "Proposal",
    "ProposalComment",
    "ProposalState",
    "Providable",
    "Provision",
    "Rating",
    "Reference",
    "ReferenceType",
    "Registry",
    "RegistryState",
    "RelatedProgram",
    "RelationKind",
    "RelevanceLevel",
    "ResearchPart",
    "Rule",
    "ScaleEdition",
    "ScientificRating",
    "StaffNote",
    "Status",
    "Study",
    "StudyDesign",
    "SynonymGroup",
    "Task",
    "Term",
    "TopicArea",
    "TopicExpert",
    "Verdict",
]
