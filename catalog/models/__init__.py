"""The catalog: topic areas, programs, their ratings, the references behind them, topic experts, and a glossary."""

from .assignments import Assignment, Task
from .experts import MergedExpertSlug, TopicExpert
from .exports import Export, ExportFormat, ExportStatus
from .fact_checks import FactCheck, FactCheckAnswer, FactCheckSection, FactCheckSend, Verdict
from .glossary import Term
from .imports import Import, ImportAction, ImportedRow, ImportKind, ImportStatus
from .merges import MergeRecord
from .not_provided import NOT_PROVIDED, Providable
from .notes import NoteKind, StaffNote
from .notifications import MailPreference, Notification, NotificationKind
from .previews import PreviewLink
from .program_choices import Availability, DeliverySetting, Outcome, Provision, RelevanceLevel
from .programs import Program
from .proposals import Proposal, ProposalComment, ProposalState
from .ratings import NotRatedReason, Rating, ScientificRating
from .references import MergedReferenceKey, Reference, ReferenceType, Study, StudyRole
from .status import Status
from .topic_areas import TopicArea

__all__ = [
    "NOT_PROVIDED",
    "Assignment",
    "Availability",
    "DeliverySetting",
    "Export",
    "ExportFormat",
    "ExportStatus",
    "FactCheck",
    "FactCheckAnswer",
    "FactCheckSection",
    "FactCheckSend",
    "Import",
    "ImportAction",
    "ImportKind",
    "ImportStatus",
    "ImportedRow",
    "MailPreference",
    "MergeRecord",
    "MergedExpertSlug",
    "MergedReferenceKey",
    "NotRatedReason",
    "NoteKind",
    "Notification",
    "NotificationKind",
    "Outcome",
    "PreviewLink",
    "Program",
    "Proposal",
    "ProposalComment",
    "ProposalState",
    "Providable",
    "Provision",
    "Rating",
    "Reference",
    "ReferenceType",
    "RelevanceLevel",
    "ScientificRating",
    "StaffNote",
    "Status",
    "Study",
    "StudyRole",
    "Task",
    "Term",
    "TopicArea",
    "TopicExpert",
    "Verdict",
]
