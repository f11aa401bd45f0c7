"""One entry of each kind in each state, and somebody of each role, signed in."""

import hashlib
from functools import cache

from django.apps import apps
from django.conf import settings as site
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from catalog.models import Page, Proposal, StaffNote, Status, TopicArea
from catalog.models.about_entry import ENTRY_FIELDS

from ...conftest import group_user
from ...factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    PageFactory,
    PlannedReviewFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    RegistryFactory,
    ScaleEditionFactory,
    SiteSettingsFactory,
    StudyFactory,
    SubmissionFactory,
    SynonymGroupFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
    publishable,
)
from ..pages import BrowserForm
from .matrix import MERGED, PROPOSAL_STATES, STATES

# The text of each kind that is changed to try whether it can be.
TEXTS = {
    "program": "description",
    "topicarea": "definition",
    "page": "text",
    "rating": "rationale",
    "study": "location",
    "finding": "note",
    "contact": "title",
    "externalrating": "checked_by",
    "registry": "scale",
    "reference": "title",
    "topicexpert": "organization",
    "term": "definition",
    "scaleedition": "note",
    "sitesettings": "disclaimer",
    "plannedreview": "note",
    "submission": "reason",
    "synonymgroup": "synonyms",
    "user": "first_name",
    "group": "name",
    "staffnote": "text",
}

# What makes an entry that visitors see, or a topic area shows, by the field of a proposal that names it.
PUBLIC = {
    "program": ProgramFactory,
    "topic_area": TopicAreaFactory,
    "reference": ReferenceFactory,
    "expert": TopicExpertFactory,
    "term": TermFactory,
    "page": PageFactory,
}


class World:
    """One entry of each kind in each state, and somebody of each role, signed in."""

    def __init__(self):
        self.users = {
            "anonymous": None,
            "staff": UserFactory(username="staff", is_staff=True),
            "viewer": group_user("Viewers"),
            "editor": group_user("Editors"),
            "publisher": group_user("Publishers"),
            "superuser": UserFactory(username="root", is_staff=True, is_superuser=True),
        }
        self.sessions = {role: self.session(user) for role, user in self.users.items() if user}
        self.area, self.other_area = TopicAreaFactory(), TopicAreaFactory(slug="other-area")
        self.survivor = ProgramFactory(name="Survivor")
        # Neither was ever public.
        self.spare = ProgramFactory(name="Spare", status=Status.DRAFT)
        self.entries = {}
        for state in STATES:
            self.build(state)
        for kind, factory in {
            "reference": ReferenceFactory,
            "registry": RegistryFactory,
            "topicexpert": TopicExpertFactory,
            "term": TermFactory,
            "scaleedition": ScaleEditionFactory,
            "sitesettings": SiteSettingsFactory,
            "plannedreview": PlannedReviewFactory,
            "synonymgroup": SynonymGroupFactory,
            "user": UserFactory,
        }.items():
            self.entries[kind, ""] = written(kind, factory())
        for field in ENTRY_FIELDS:
            for state, fields in PROPOSAL_STATES.items():
                made = self.proposal(field, **{"state": state, **fields})
                self.entries["proposal", f"{state} of {field}"] = made
        self.entries["staffnote", ""] = StaffNote.objects.create(
            program=self.survivor, text="Now.", author=self.users["superuser"]
        )
        self.entries["submission", ""] = SubmissionFactory()
        self.entries["group", ""] = Group.objects.create(name="Somebody")
        self.before = digests()
        self.forms = {}

    def proposal(self, field, **fields):
        """Return a proposal for an entry that is public; what was approved is approved."""
        entry = PUBLIC[field]()
        text = TEXTS[entry._meta.model_name]
        if relation := {"reference": "further_reading", "expert": "experts"}.get(field):
            getattr(self.area, relation).add(entry)
        change = {text: [getattr(entry, text), "Sleep."]}
        proposal = Proposal(**{field: entry}, changes=change, **fields)
        proposal.approved_digest = proposal.digest if proposal.state == "approved" else ""
        proposal.save()
        return proposal

    def session(self, user):
        client = Client()
        client.force_login(user)
        return client.cookies[site.SESSION_COOKIE_NAME].value

    def build(self, state):
        slug = state.replace(" ", "-")
        program = ProgramFactory(slug=f"{slug}-program", description="Then.", status=Status.DRAFT)
        rating = RatingFactory(program=program, topic_area=self.area, rationale="Then.")
        study = StudyFactory(program=program, location="Then.")
        place = {"program": program, "reference": study.reference, "topic_area": self.area}
        finding = FindingFactory(**place, note="Then.")
        rows = {"rating": rating, "study": study, "finding": finding}
        rows["contact"] = ContactFactory(program=program, title="Then.")
        rows["externalrating"] = ExternalRatingFactory(program=program, checked_by="Then.")
        for kind, entry in rows.items():
            self.entries[kind, state] = written(kind, entry)
        merged = {"merged_into": self.survivor} if state in MERGED else {}
        self.entries["program", state] = written("program", program, **STATES[state], **merged)
        if not merged:
            area = publishable(TopicArea, slug=f"{slug}-area", status=Status.DRAFT)
            self.entries["topicarea", state] = written("topicarea", area, **STATES[state])
            page = publishable(Page, slug=f"{slug}-page", status=Status.DRAFT)
            self.entries["page", state] = written("page", page, **STATES[state])

    def client(self, role):
        client = Client()
        if role in self.sessions:
            client.cookies[site.SESSION_COOKIE_NAME] = self.sessions[role]
        return client

    def form(self, address):
        """Return what the page at an address sends for whoever may do everything."""
        if address not in self.forms:
            self.forms[address] = BrowserForm(self.client("superuser").get(address)).data
        return self.forms[address]


def written(kind, entry, **fields):
    """Save a second version of an entry, as it is stored then."""
    for name, value in {TEXTS[kind]: "Now.", **fields}.items():
        setattr(entry, name, value)
    entry.save()
    return entry


@cache
def tables():
    """The tables of the catalog, its histories and relations, and of accounts."""
    models = [m for app in ("catalog", "auth") for m in apps.get_app_config(app).get_models(True)]
    return sorted({model._meta.db_table for model in models})


def digests():
    """Return a digest of each table."""
    found = {}
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (our own name)
            rows = sorted(map(repr, cursor.fetchall()))
            found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found
