"""The editors' side: Django's admin, with the catalog's order, status rules, history and imports."""

from django.contrib import admin
from django_tasks_db.admin import DBTaskResult

from .accounts import AccountAdmin
from .contacts import ContactAdmin
from .experts import TopicExpertAdmin
from .exports import ExportAdmin
from .glossary import TermAdmin
from .import_export import ImportExportAdmin
from .imports.admin import ImportAdmin
from .notifications import NotificationAdmin
from .pages import PageAdmin
from .programs import ProgramAdmin
from .proposals.admin import ProposalAdmin
from .ratings import RatingAdmin
from .references import ReferenceAdmin
from .registries import ExternalRatingAdmin, RegistryAdmin
from .scale import ScaleEditionAdmin
from .sign_in import SignInForm
from .site_settings import SiteSettingsAdmin
from .studies import FindingAdmin, StudyAdmin
from .submissions import PlannedReviewAdmin, SubmissionAdmin
from .synonyms import SynonymGroupAdmin
from .team.note_list import StaffNoteAdmin
from .topic_areas import TopicAreaAdmin

__all__ = [
    "AccountAdmin",
    "ContactAdmin",
    "ExportAdmin",
    "ExternalRatingAdmin",
    "FindingAdmin",
    "ImportAdmin",
    "ImportExportAdmin",
    "NotificationAdmin",
    "PageAdmin",
    "PlannedReviewAdmin",
    "ProgramAdmin",
    "ProposalAdmin",
    "RatingAdmin",
    "ReferenceAdmin",
    "RegistryAdmin",
    "ScaleEditionAdmin",
    "SiteSettingsAdmin",
    "StaffNoteAdmin",
    "StudyAdmin",
    "SubmissionAdmin",
    "SynonymGroupAdmin",
    "TermAdmin",
    "TopicAreaAdmin",
    "TopicExpertAdmin",
]

admin.site.login_form = SignInForm
# The import has registered it. How the work stands is told on the page of each import and export; the queue's own
# list shows tracebacks.
admin.site.unregister(DBTaskResult)
