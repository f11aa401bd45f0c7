"""Who may what: every address that is not public, for each role and for each state that an entry can be in.

The matrix is written out here and knows nothing of how the code decides.
"""

import hashlib
import re
from datetime import timedelta
from functools import cache

import pytest
from django.apps import apps
from django.conf import settings as site
from django.contrib.auth.models import Group
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import URLResolver, get_resolver
from django.utils import timezone

from catalog.editorial.workflow import version
from catalog.importing import jobs
from catalog.importing.progress import progress_key
from catalog.models import Import, Rating, Status, TopicArea

from ..conftest import group_user
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
    publishable,
)
from .test_entries import BrowserForm

NOW = timezone.now()
PAST, FUTURE = NOW - timedelta(days=9), NOW + timedelta(days=9)

# --- The matrix ------------------------------------------------------------------------------------------------------

# Each role may what those before it may. "staff" has no permission, "nobody" is no role at all.
ROLES = ["anonymous", "staff", "viewer", "editor", "publisher", "superuser", "nobody"]
LETTERS = dict(zip("ASVEPU-", ROLES, strict=True))

# Ratings and studies are in the state of their program. Topic areas are never merged.
STATES = {
    "draft": {"status": Status.DRAFT},
    "in review": {"status": Status.IN_REVIEW},
    "scheduled": {"status": Status.PUBLISHED, "published_at": FUTURE},
    "withdrawn": {"status": Status.DRAFT, "published_at": PAST},
    "published": {"status": Status.PUBLISHED, "published_at": PAST},
    "retired": {"status": Status.RETIRED, "published_at": PAST, "retirement_reason": "Outdated."},
    "merged": {"status": Status.RETIRED, "published_at": PAST},
    "merged draft": {"status": Status.RETIRED},
}
MERGED = {"merged", "merged draft"}

# Act, address, and the lowest role that may: one for all states, or one for each in the order above. An address that
# has no line fails a test below, and so does a POST that does something and has none.
# What was public cannot be scheduled: whoever sends a date all the same publishes it at once.
MATRIX = """
see             admin/                                                          S
see             admin/^(?P<app_label>auth|catalog)/$                            V
see:auth        admin/^(?P<app_label>auth|catalog)/$                            U
see             admin/(?P<url>.*)$                                              -
see             admin/jsi18n/                                                   S
see             admin/password_change/                                          S
change_password admin/password_change/                                          S
see             admin/password_change/done/                                     S
leave           admin/logout/                                                   A
see             admin/logout/                                                   -
sign_in         admin/login/                                                    A
see:program     admin/autocomplete/                                             V
see:topicarea   admin/autocomplete/                                             V
see:expert      admin/autocomplete/                                             V
see:reference   admin/autocomplete/                                             V
see             admin/markdown/                                                 -
render          admin/markdown/                                                 V

see:program     preview/<str:token>/                                            A A A A - - - -
see:topicarea   preview/<str:token>/                                            A A A A - -
follow:program  preview/<str:token>/                                            - - - - A A A -
follow:topicarea preview/<str:token>/                                           - - - - A A
see_closed:program preview/<str:token>/                                         -
see_expired:program preview/<str:token>/                                        -
see_closed:topicarea preview/<str:token>/                                       -
see_expired:topicarea preview/<str:token>/                                      -
see             programs/<slug:slug>/                                           V V V V A A - -
follow          programs/<slug:slug>/                                           - - - - - - A A
see             topics/<slug:slug>/                                             V V V V A A
see             topics/<slug:slug>/summary.pdf                                  V V V V A -

see             admin/catalog/program/                                          V
ask:review      admin/catalog/program/                                          E
ask:draft       admin/catalog/program/                                          E
ask:publish     admin/catalog/program/                                          P
ask:withdraw    admin/catalog/program/                                          P
ask:retire      admin/catalog/program/                                          P
ask:export_csv  admin/catalog/program/                                          V
ask:export_xlsx admin/catalog/program/                                          V
delete_many     admin/catalog/program/                                          P P P - - - - -
see             admin/catalog/program/export/                                   V
see             admin/catalog/program/import/                                   E
upload          admin/catalog/program/import/                                   E
import_text     admin/catalog/program/import/                                   E E E E E E - -
import_rating   admin/catalog/program/import/                                   E E P P P P - -
import_status:published admin/catalog/program/import/                           P P - P - P - -
import_status:draft     admin/catalog/program/import/                           - E P - P P - -
import_status:retired   admin/catalog/program/import/                           P P P P P - - -
see             admin/catalog/program/import/guide/                             E
see             admin/catalog/program/import/guide.csv                          E
see             admin/catalog/program/import/template.csv                       E
see             admin/catalog/program/import/template.xlsx                      E
see             admin/catalog/program/add/                                      E
add             admin/catalog/program/add/                                      E
follow          admin/catalog/program/<path:object_id>/                         S
see             admin/catalog/program/<path:object_id>/change/                  V
save            admin/catalog/program/<path:object_id>/change/                  E E E E E E - -
cite            admin/catalog/program/<path:object_id>/change/                  E E E E E E - -
uncite          admin/catalog/program/<path:object_id>/change/                  E E E E E E - -
see             admin/catalog/program/<path:object_id>/delete/                  P P P - - - - -
delete          admin/catalog/program/<path:object_id>/delete/                  P P P - - - - -
delete_rated    admin/catalog/program/<path:object_id>/delete/                  -
see             admin/catalog/program/<path:object_id>/history/                 V
see             admin/catalog/program/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/program/<path:object_id>/history/<int:version_id>/return/ E E E E E E - -
signal          admin/catalog/program/<int:pk>/presence/                        E E E E E E - -
see             admin/catalog/program/<path:object_id>/previews/                E E E E E E - -
share           admin/catalog/program/<path:object_id>/previews/                E E E E - - - -
close           admin/catalog/program/<path:object_id>/previews/                E E E E E E - -
see             admin/catalog/program/<path:object_id>/rate/                    E E P P P P - -
rate            admin/catalog/program/<path:object_id>/rate/                    E E P P P P - -
rerate          admin/catalog/program/<path:object_id>/rate/                    E E P P P P - -
see             admin/catalog/program/<path:object_id>/merge/                   E E P P P P - -
merge           admin/catalog/program/<path:object_id>/merge/                   E E P P P P - -
merge_into      admin/catalog/program/<path:object_id>/merge/                   E E P P P - - -
see:in-review   admin/catalog/program/<path:object_id>/status/<slug:target>/    E - P E - - - -
see:draft       admin/catalog/program/<path:object_id>/status/<slug:target>/    - E - - P - - -
see:published   admin/catalog/program/<path:object_id>/status/<slug:target>/    - P P - - P P P
see:retired     admin/catalog/program/<path:object_id>/status/<slug:target>/    - - - - P - - -
step:in-review  admin/catalog/program/<path:object_id>/status/<slug:target>/    E - P E - - - -
step:draft      admin/catalog/program/<path:object_id>/status/<slug:target>/    - E - - P - - -
step:published  admin/catalog/program/<path:object_id>/status/<slug:target>/    - P P - - P - -
schedule:published admin/catalog/program/<path:object_id>/status/<slug:target>/ - P P - - P - -
step:retired    admin/catalog/program/<path:object_id>/status/<slug:target>/    - - - - P - - -
follow:review   admin/catalog/program/status/<slug:name>/                       E
follow:publish  admin/catalog/program/status/<slug:name>/                       P
steps:review    admin/catalog/program/status/<slug:name>/                       E - - E - - - -
steps:draft     admin/catalog/program/status/<slug:name>/                       - E - - - - - -
steps:publish   admin/catalog/program/status/<slug:name>/                       - P - - - - - -
steps:withdraw  admin/catalog/program/status/<slug:name>/                       - - - - P - - -
steps:retire    admin/catalog/program/status/<slug:name>/                       - - - - P - - -

see             admin/catalog/topicarea/                                        V
ask:review      admin/catalog/topicarea/                                        E
ask:draft       admin/catalog/topicarea/                                        E
ask:publish     admin/catalog/topicarea/                                        P
ask:withdraw    admin/catalog/topicarea/                                        P
ask:retire      admin/catalog/topicarea/                                        P
ask:export_csv  admin/catalog/topicarea/                                        V
ask:export_xlsx admin/catalog/topicarea/                                        V
delete_many     admin/catalog/topicarea/                                        P P P - - -
see             admin/catalog/topicarea/export/                                 V
see             admin/catalog/topicarea/import/                                 E
upload          admin/catalog/topicarea/import/                                 E
import_text     admin/catalog/topicarea/import/                                 E
import_status:published admin/catalog/topicarea/import/                         P P - P - P
import_status:draft     admin/catalog/topicarea/import/                         - E P - P P
import_status:retired   admin/catalog/topicarea/import/                         P P P P P -
see             admin/catalog/topicarea/import/guide/                           E
see             admin/catalog/topicarea/import/guide.csv                        E
see             admin/catalog/topicarea/import/template.csv                     E
see             admin/catalog/topicarea/import/template.xlsx                    E
see             admin/catalog/topicarea/add/                                    E
add             admin/catalog/topicarea/add/                                    E
follow          admin/catalog/topicarea/<path:object_id>/                       S
see             admin/catalog/topicarea/<path:object_id>/change/                V
save            admin/catalog/topicarea/<path:object_id>/change/                E
see             admin/catalog/topicarea/<path:object_id>/delete/                P P P - - -
delete          admin/catalog/topicarea/<path:object_id>/delete/                P P P - - -
delete_rated    admin/catalog/topicarea/<path:object_id>/delete/                -
see             admin/catalog/topicarea/<path:object_id>/history/               V
see             admin/catalog/topicarea/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/topicarea/<path:object_id>/history/<int:version_id>/return/ E
signal          admin/catalog/topicarea/<int:pk>/presence/                      E
see             admin/catalog/topicarea/<path:object_id>/previews/              E
share           admin/catalog/topicarea/<path:object_id>/previews/              E E E E - -
close           admin/catalog/topicarea/<path:object_id>/previews/              E
see             admin/catalog/topicarea/<path:object_id>/rate/                  E
see:in-review   admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  E - P E - -
see:draft       admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - E - - P -
see:published   admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - P P - - P
see:retired     admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - - - - P -
step:in-review  admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  E - P E - -
step:draft      admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - E - - P -
step:published  admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - P P - - P
schedule:published admin/catalog/topicarea/<path:object_id>/status/<slug:target>/ - P P - - P
step:retired    admin/catalog/topicarea/<path:object_id>/status/<slug:target>/  - - - - P -
follow:review   admin/catalog/topicarea/status/<slug:name>/                     E
follow:publish  admin/catalog/topicarea/status/<slug:name>/                     P
steps:review    admin/catalog/topicarea/status/<slug:name>/                     E - - E - -
steps:draft     admin/catalog/topicarea/status/<slug:name>/                     - E - - - -
steps:publish   admin/catalog/topicarea/status/<slug:name>/                     - P - - - -
steps:withdraw  admin/catalog/topicarea/status/<slug:name>/                     - - - - P -
steps:retire    admin/catalog/topicarea/status/<slug:name>/                     - - - - P -

see             admin/catalog/rating/                                           V
ask:export_csv  admin/catalog/rating/                                           V
ask:export_xlsx admin/catalog/rating/                                           V
delete_many     admin/catalog/rating/                                           -
see             admin/catalog/rating/export/                                    V
see             admin/catalog/rating/import/                                    E
upload          admin/catalog/rating/import/                                    E
import_rating   admin/catalog/rating/import/                                    E E P P P P - -
import_correction admin/catalog/rating/import/                                  E E P P P P - -
see             admin/catalog/rating/import/guide/                              E
see             admin/catalog/rating/import/guide.csv                           E
see             admin/catalog/rating/import/template.csv                        E
see             admin/catalog/rating/import/template.xlsx                       E
see             admin/catalog/rating/add/                                       E
follow          admin/catalog/rating/<path:object_id>/                          S
see             admin/catalog/rating/<path:object_id>/change/                   V
save            admin/catalog/rating/<path:object_id>/change/                   E E P P P P - -
save_past       admin/catalog/rating/<path:object_id>/change/                   -
see             admin/catalog/rating/<path:object_id>/delete/                   -
delete          admin/catalog/rating/<path:object_id>/delete/                   -
see             admin/catalog/rating/<path:object_id>/history/                  V
see             admin/catalog/rating/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/rating/<path:object_id>/history/<int:version_id>/return/ E E P P P P - -
signal          admin/catalog/rating/<int:pk>/presence/                         E E P P P P - -

see             admin/catalog/study/                                            V
ask:export_csv  admin/catalog/study/                                            V
ask:export_xlsx admin/catalog/study/                                            V
delete_many     admin/catalog/study/                                            E E E E E E - -
see             admin/catalog/study/export/                                     V
see             admin/catalog/study/import/                                     E
upload          admin/catalog/study/import/                                     E
import_text     admin/catalog/study/import/                                     E E E E E E - -
see             admin/catalog/study/import/guide/                               E
see             admin/catalog/study/import/guide.csv                            E
see             admin/catalog/study/import/template.csv                         E
see             admin/catalog/study/import/template.xlsx                        E
see             admin/catalog/study/add/                                        E
add             admin/catalog/study/add/                                        E E E E E E - -
follow          admin/catalog/study/<path:object_id>/                           S
see             admin/catalog/study/<path:object_id>/change/                    V
save            admin/catalog/study/<path:object_id>/change/                    E E E E E E - -
move            admin/catalog/study/<path:object_id>/change/                    E E E E E E - -
move_to         admin/catalog/study/<path:object_id>/change/                    E E E E E E - -
see             admin/catalog/study/<path:object_id>/delete/                    E E E E E E - -
delete          admin/catalog/study/<path:object_id>/delete/                    E E E E E E - -
see             admin/catalog/study/<path:object_id>/history/                   V
see             admin/catalog/study/<path:object_id>/history/<int:version_id>/  V
restore         admin/catalog/study/<path:object_id>/history/<int:version_id>/return/ E E E E E E - -
signal          admin/catalog/study/<int:pk>/presence/                          E E E E E E - -

see             admin/catalog/reference/                                        V
ask:export_csv  admin/catalog/reference/                                        V
ask:export_xlsx admin/catalog/reference/                                        V
delete_many     admin/catalog/reference/                                        P
see             admin/catalog/reference/export/                                 V
see             admin/catalog/reference/import/                                 E
upload          admin/catalog/reference/import/                                 E
import_text     admin/catalog/reference/import/                                 E
see             admin/catalog/reference/import/guide/                           E
see             admin/catalog/reference/import/guide.csv                        E
see             admin/catalog/reference/import/template.csv                     E
see             admin/catalog/reference/import/template.xlsx                    E
see             admin/catalog/reference/add/                                    E
add             admin/catalog/reference/add/                                    E
follow          admin/catalog/reference/<path:object_id>/                       S
see             admin/catalog/reference/<path:object_id>/change/                V
save            admin/catalog/reference/<path:object_id>/change/                E
see             admin/catalog/reference/<path:object_id>/delete/                P
delete          admin/catalog/reference/<path:object_id>/delete/                P
delete_linked   admin/catalog/reference/<path:object_id>/delete/                -
delete_cited    admin/catalog/reference/<path:object_id>/delete/                -
see             admin/catalog/reference/<path:object_id>/history/               V
see             admin/catalog/reference/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/reference/<path:object_id>/history/<int:version_id>/return/ E
signal          admin/catalog/reference/<int:pk>/presence/                      E

see             admin/catalog/topicexpert/                                      V
ask:export_csv  admin/catalog/topicexpert/                                      V
ask:export_xlsx admin/catalog/topicexpert/                                      V
delete_many     admin/catalog/topicexpert/                                      P
see             admin/catalog/topicexpert/export/                               V
see             admin/catalog/topicexpert/import/                               E
upload          admin/catalog/topicexpert/import/                               E
import_text     admin/catalog/topicexpert/import/                               E
see             admin/catalog/topicexpert/import/guide/                         E
see             admin/catalog/topicexpert/import/guide.csv                      E
see             admin/catalog/topicexpert/import/template.csv                   E
see             admin/catalog/topicexpert/import/template.xlsx                  E
see             admin/catalog/topicexpert/add/                                  E
add             admin/catalog/topicexpert/add/                                  E
follow          admin/catalog/topicexpert/<path:object_id>/                     S
see             admin/catalog/topicexpert/<path:object_id>/change/              V
save            admin/catalog/topicexpert/<path:object_id>/change/              E
see             admin/catalog/topicexpert/<path:object_id>/delete/              P
delete          admin/catalog/topicexpert/<path:object_id>/delete/              P
delete_linked   admin/catalog/topicexpert/<path:object_id>/delete/              -
see             admin/catalog/topicexpert/<path:object_id>/history/             V
see             admin/catalog/topicexpert/<path:object_id>/history/<int:version_id>/ V
restore         admin/catalog/topicexpert/<path:object_id>/history/<int:version_id>/return/ E
signal          admin/catalog/topicexpert/<int:pk>/presence/                    E

see             admin/catalog/term/                                             V
delete_many     admin/catalog/term/                                             P
see             admin/catalog/term/add/                                         E
add             admin/catalog/term/add/                                         E
follow          admin/catalog/term/<path:object_id>/                            S
see             admin/catalog/term/<path:object_id>/change/                     V
save            admin/catalog/term/<path:object_id>/change/                     E
see             admin/catalog/term/<path:object_id>/delete/                     P
delete          admin/catalog/term/<path:object_id>/delete/                     P
see             admin/catalog/term/<path:object_id>/history/                    V
see             admin/catalog/term/<path:object_id>/history/<int:version_id>/   V
restore         admin/catalog/term/<path:object_id>/history/<int:version_id>/return/ E
signal          admin/catalog/term/<int:pk>/presence/                           E

see             admin/catalog/import/                                           E
see             admin/catalog/import/add/                                       -
follow          admin/catalog/import/<path:object_id>/                          S
see             admin/catalog/import/<path:object_id>/change/                   E
see             admin/catalog/import/<path:object_id>/history/                  E
see             admin/catalog/import/<path:object_id>/delete/                   -
delete          admin/catalog/import/<path:object_id>/delete/                   -
delete_many     admin/catalog/import/                                           -
see             admin/catalog/import/<path:object_id>/file/                     E
see:broken      admin/catalog/import/<path:object_id>/mistakes/                 E
confirm         admin/catalog/import/<path:object_id>/confirm/                  E
confirm:foreign admin/catalog/import/<path:object_id>/confirm/                  -
cancel          admin/catalog/import/<path:object_id>/cancel/                   E
cancel:foreign  admin/catalog/import/<path:object_id>/cancel/                   -
run:confirmed   admin/catalog/import/<path:object_id>/run-again/                E
run:undoing     admin/catalog/import/<path:object_id>/run-again/                P
see:done        admin/catalog/import/<path:object_id>/undo/                     P
undo:done       admin/catalog/import/<path:object_id>/undo/                     P

see             admin/auth/group/                                               U
delete_many     admin/auth/group/                                               U
see             admin/auth/group/add/                                           U
add             admin/auth/group/add/                                           U
follow          admin/auth/group/<path:object_id>/                              S
see             admin/auth/group/<path:object_id>/change/                       U
save            admin/auth/group/<path:object_id>/change/                       U
see             admin/auth/group/<path:object_id>/delete/                       U
delete          admin/auth/group/<path:object_id>/delete/                       U
see             admin/auth/group/<path:object_id>/history/                      U
see             admin/auth/user/                                                U
delete_many     admin/auth/user/                                                U
see             admin/auth/user/add/                                            U
add             admin/auth/user/add/                                            U
follow          admin/auth/user/<path:object_id>/                               S
see             admin/auth/user/<path:object_id>/change/                        U
save            admin/auth/user/<path:object_id>/change/                        U
see             admin/auth/user/<path:object_id>/delete/                        U
delete          admin/auth/user/<path:object_id>/delete/                        U
see             admin/auth/user/<path:object_id>/history/                       U
see             admin/auth/user/<id>/password/                                  U
set_password    admin/auth/user/<id>/password/                                  U
"""
LINES = [line.split() for line in MATRIX.splitlines() if line]

# --- What there is ---------------------------------------------------------------------------------------------------

# The text of each kind that is changed to try whether it can be.
TEXTS = {
    "program": "description",
    "topicarea": "definition",
    "rating": "rationale",
    "study": "location",
    "reference": "title",
    "topicexpert": "organization",
    "term": "definition",
    "user": "first_name",
    "group": "name",
}
NEW = {
    "program": {"name": "Entirely new"},
    "topicarea": {"name": "Entirely new"},
    "reference": {"title": "Entirely new"},
    "topicexpert": {"name": "Entirely new"},
    "term": {"name": "Entirely new", "definition": "New."},
    "user": {"username": "new", "password1": "dusk-Harbour-71", "password2": "dusk-Harbour-71"},
    "group": {"name": "Entirely new"},
}
# What else each kind of file asks for, and the column of its text.
FILES = {
    "program": ("slug", "description"),
    "topicarea": ("slug", "definition"),
    "topicexpert": ("slug", "organization"),
    "reference": ("key", "title"),
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
            "topicexpert": TopicExpertFactory,
            "term": TermFactory,
            "user": UserFactory,
        }.items():
            self.entries[kind, ""] = written(kind, factory())
        self.entries["group", ""] = Group.objects.create(name="Somebody")
        self.before = digests()
        self.forms = {}

    def session(self, user):
        client = Client()
        client.force_login(user)
        return client.cookies[site.SESSION_COOKIE_NAME].value

    def build(self, state):
        slug = state.replace(" ", "-")
        program = ProgramFactory(slug=f"{slug}-program", description="Then.", status=Status.DRAFT)
        rating = RatingFactory(program=program, topic_area=self.area, rationale="Then.")
        study = StudyFactory(program=program, location="Then.")
        for kind, entry in {"rating": rating, "study": study}.items():
            self.entries[kind, state] = written(kind, entry)
        merged = {"merged_into": self.survivor} if state in MERGED else {}
        self.entries["program", state] = written("program", program, **STATES[state], **merged)
        if not merged:
            area = publishable(TopicArea, slug=f"{slug}-area", status=Status.DRAFT)
            self.entries["topicarea", state] = written("topicarea", area, **STATES[state])

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


@pytest.fixture(scope="module")
def built(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        yield World()
        transaction.set_rollback(True)


@pytest.fixture
def world(built, db, settings):
    """All of it, in place; each request below is taken back."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return built


# --- The acts --------------------------------------------------------------------------------------------------------


class Case:
    """Somebody who is about to do something, with an entry in some state."""

    def __init__(self, world, role, route, *, kind, state, arg):
        self.world, self.role, self.route, self.arg = world, role, route, arg
        self.kind, self.state = kind, state
        self.client, self.user = world.client(role), world.users[role]
        self.entry = world.entries.get((kind, state))
        self.before = world.before

    def prepared(self):
        """Say that something was written on behalf of the case, which is not its doing."""
        self.before = digests()

    def address(self, **values):
        """Return the address that the route leads to."""
        values = {"app_label": self.arg or "catalog", "url": "nothing/", **values}
        if self.entry:
            pk = self.entry.pk
            values = {
                "object_id": pk,
                "pk": pk,
                "id": pk,
                "slug": getattr(self.entry, "slug", ""),
            } | values
        if "version_id" in self.route:
            values["version_id"] = self.entry.history.earliest().pk
        values |= {"target": self.arg, "name": self.arg}
        route = re.sub(r"\^?\(\?P<(\w+)>[^)]*\)", r"<\1>", self.route).removesuffix("$")
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda match: str(values[match[1]]), route)

    def get(self, query=None, **values):
        return self.client.get(self.address(**values), query)

    def post(self, data=None, query="", **values):
        return self.client.post(self.address(**values) + query, data or {})

    def form(self, query="", **values):
        return self.world.form(self.address(**values) + query)


# What there is to choose from in a form, by the name of a model.
FIELDS = {
    "program": ("study", "program"),
    "topicarea": ("topicarea", "parent"),
    "expert": ("topicarea", "experts"),
    "reference": ("study", "reference"),
}


def see(case):
    if "autocomplete" in case.route:
        model, field = FIELDS[case.arg]
        return case.get({"app_label": "catalog", "model_name": model, "field_name": field})
    if "token" in case.route:
        return case.client.get(link_of(case).get_absolute_url())
    if case.kind == "import":
        prepare_import(case)
    return case.get({"area": ""} if case.route.endswith("/rate/") else None)


def see_closed(case):
    return case.client.get(link_of(case, revoked_at=NOW).get_absolute_url())


def see_expired(case):
    then = NOW - timedelta(minutes=1)
    return case.client.get(link_of(case, created_at=PAST, expires_at=then).get_absolute_url())


def link_of(case, **fields):
    dates = {"created_at": timezone.now(), "expires_at": timezone.now() + timedelta(days=1)}
    link = case.entry.preview_links.create(**dates | fields)
    case.prepared()
    return link


def leave(case):
    return case.post()


def sign_in(case):
    return Client().get(case.address())


def change_password(case):
    if case.user:
        case.user.set_password("old")
        case.user.save()
        case.client.force_login(case.user)
        case.prepared()
    return case.post(
        {
            "old_password": "old",
            "new_password1": "dusk-Harbour-71",
            "new_password2": "dusk-Harbour-71",
        }
    )


def set_password(case):
    return case.post(
        {"password1": "dusk-Harbour-71", "password2": "dusk-Harbour-71", "usable_password": "true"}
    )


def render(case):
    return case.post({"text": "*x*"})


def ask(case):
    return case.post({"action": case.arg, "_selected_action": [case.entry.pk]})


def delete_many(case):
    prepare_deletion(case)
    selected = {"action": "delete_selected", "_selected_action": [case.entry.pk], "post": "yes"}
    return case.post(selected)


def delete(case):
    prepare_deletion(case)
    return case.post({"post": "yes"})


def delete_rated(case):
    if case.kind == "topicarea":
        RatingFactory(topic_area=case.entry)
        case.prepared()
    return case.post({"post": "yes"})


def delete_linked(case):
    relation = "experts" if case.kind == "topicexpert" else "further_reading"
    getattr(case.world.area, relation).add(case.entry)
    case.prepared()
    return case.post({"post": "yes"})


def delete_cited(case):
    StudyFactory(reference=case.entry)
    case.prepared()
    return case.post({"post": "yes"})


def prepare_deletion(case):
    """Take away what an entry is not deleted with."""
    if case.kind == "import":
        prepare_import(case)
    if case.kind == "program":
        case.entry.ratings.all().delete()
        case.entry.studies.all().delete()
        case.prepared()


def add(case):
    new = NEW.get(case.kind)
    if case.kind == "study":
        new = {"program": case.entry.program_id, "reference": ReferenceFactory().pk}
        case.prepared()
    return case.post({**case.form(), **new, "_save": "Save"})


def save(case):
    typed = {TEXTS[case.kind]: "Another text.", "change_reason": "A slip."}
    return case.post({**case.form(), **typed, "_save": "Save"})


def save_past(case):
    form = case.form()
    Rating.objects.filter(pk=case.entry.pk).update(is_current=False)
    case.prepared()
    return case.post({**form, "rationale": "Another text.", "change_reason": "A slip."})


def cite(case):
    new = {"studies-TOTAL_FORMS": "2", "studies-1-reference": ReferenceFactory().pk}
    new |= {"studies-1-role": "relevant"}
    case.prepared()
    return case.post({**case.form(), **new, "_save": "Save"})


def uncite(case):
    return case.post({**case.form(), "studies-0-DELETE": "on", "_save": "Save"})


def move(case):
    """Give a study of the program to another one."""
    return case.post({**case.form(), "program": case.world.spare.pk, "_save": "Save"})


def move_to(case):
    """Give the program a study of another one."""
    program, case.entry = case.entry.program, StudyFactory(program=case.world.spare)
    case.prepared()
    return case.post({**case.form(), "program": program.pk, "_save": "Save"})


def restore(case):
    seen = case.entry.history.latest().pk
    return case.post({"seen": seen, "reason": "It was better."})


def signal(case):
    return case.post()


def share(case):
    return case.post({"days": "7"})


def close(case):
    return case.post({"revoke": link_of(case).pk})


def rate_in(case, area):
    query = f"?area={area.slug}"
    data = {**case.form(query), "scientific_rating": "1", "rated_on": "2026", "rationale": "New."}
    response = case.post(data, query)
    doubts = response.context and response.context.get("doubts")
    return case.post({**data, "confirmed": " ".join(doubts)}, query) if doubts else response


def rate(case):
    return rate_in(case, case.world.other_area)


def rerate(case):
    return rate_in(case, case.world.area)


def merge(case):
    query = f"?into={case.world.spare.pk}"
    return case.post({**case.form(query), "reason": "Twins."}, query)


def merge_into(case):
    spare, query = case.world.spare.pk, f"?into={case.entry.pk}"
    form = case.form(query, object_id=spare)
    return case.post({**form, "reason": "Twins."}, query, object_id=spare)


def step(case, **when):
    seen = f"{case.entry.pk}-{version(case.entry)}"
    return case.post({"seen": seen, "reason": "So it is.", "when": "now", **when})


def schedule(case):
    return step(case, when="later", day=f"{FUTURE:%Y-%m-%d}")


def upload(case):
    return send_file(case, "name\nx\n")


def send_file(case, content):
    return case.post({"file": SimpleUploadedFile("a.csv", content.encode())})


def import_file(case, content):
    """Upload a file and confirm what it would do."""
    response = send_file(case, content)
    if record := Import.objects.first():
        sent = {"plan": record.plan}
        case.client.post(f"/admin/catalog/import/{record.pk}/confirm/", sent)
    return response


def import_text(case):
    if case.kind == "study":
        key = f"{case.entry.program.slug},{case.entry.reference.key}"
        return import_file(case, f"program,reference,location\n{key},Another text\n")
    key, text = FILES[case.kind]
    return import_file(case, f"{key},{text}\n{getattr(case.entry, key)},Another text\n")


def import_rating(case, area="other-area"):
    program = case.entry if case.kind == "program" else case.entry.program
    key = "slug" if case.kind == "program" else "program"
    header = f"{key},topic_area,scientific_rating,rated_on"
    return import_file(case, f"{header}\n{program.slug},{area},1,2026\n")


def import_correction(case):
    """Give the current rating another rationale."""
    entry = case.entry
    key = f"{entry.program.slug},{entry.topic_area.slug},{entry.scientific_rating}"
    return import_file(
        case, f"program,topic_area,scientific_rating,rationale\n{key},Another text\n"
    )


def import_status(case):
    return import_file(case, f"slug,status\n{case.entry.slug},{case.arg}\n")


def prepare_import(case):
    """Bring in a file in the name of the case's user, and let it come as far as its argument says."""
    root = case.world.users["superuser"]
    content = "name\nFrom a file\n" if case.arg != "broken" else "name,status\nFrom a file,odd\n"
    record = jobs.receive("programs", ContentFile(content.encode(), "a.csv"), user=root)
    jobs.check_soon(record)
    record.refresh_from_db()
    if case.arg in {"done", "undoing"}:
        jobs.confirm(record)
        record.refresh_from_db()
    if case.arg in {"confirmed", "undoing"}:
        # As if the worker had died.
        record.status = case.arg
        caches["shared"].delete(progress_key(record))
    record.user = case.world.entries["user", ""] if case.arg == "foreign" else case.user
    record.save()
    case.entry = record
    case.prepared()


def act_on_import(case):
    prepare_import(case)
    return case.post({"plan": case.entry.plan})


# What each act does, and what tells that it was done: a page, a way on, or that something has changed.
READ = {"see": see, "see_closed": see_closed, "see_expired": see_expired, "sign_in": sign_in}
READ |= {"render": render, "signal": signal, "ask": ask}
FOLLOWED = {"follow": see, "leave": leave}
ON_IMPORTS = dict.fromkeys(("confirm", "cancel", "run", "undo"), act_on_import)
BY_FILE = {
    "import_text": import_text,
    "import_rating": import_rating,
    "import_correction": import_correction,
    "import_status": import_status,
}
CHANGING = {
    **ON_IMPORTS,
    **BY_FILE,
    "change_password": change_password,
    "set_password": set_password,
    "delete_many": delete_many,
    "delete": delete,
    "delete_rated": delete_rated,
    "delete_linked": delete_linked,
    "delete_cited": delete_cited,
    "add": add,
    "save": save,
    "save_past": save_past,
    "cite": cite,
    "uncite": uncite,
    "move": move,
    "move_to": move_to,
    "restore": restore,
    "share": share,
    "close": close,
    "rate": rate,
    "rerate": rerate,
    "merge": merge,
    "merge_into": merge_into,
    "step": step,
    "steps": step,
    "schedule": schedule,
    "upload": upload,
}
ACTS = READ | FOLLOWED | CHANGING

# --- What becomes of it ----------------------------------------------------------------------------------------------

DONE, SIGN_IN, REFUSED, NOTHING = "done", "sign in", "refused", "nothing"
RECORDS_OF_IMPORTS = {"catalog_import", "catalog_importedrow"}
# Statements that change nothing.
READING = ("SELECT", "SAVEPOINT", "RELEASE SAVEPOINT")


def kind_of(act, route):
    """Return what kind of entry an address is about, "" for none."""
    if "token" in route:
        return act.partition(":")[2]
    if found := re.match(r"admin/(?:catalog|auth)/(\w+)/", route):
        return found[1]
    return {"programs": "program", "topics": "topicarea"}.get(route.partition("/")[0], "")


def states_of(kind):
    if kind not in {"program", "topicarea", "rating", "study"}:
        return [""]
    return [state for state in STATES if kind != "topicarea" or state not in MERGED]


def cells_of(act, route, *letters):
    """Return the lowest role for each state; where the state cannot matter, for one."""
    states = states_of(kind_of(act, route))
    if len(letters) == 1 and "<" not in route:
        states = states[:1]
    if len(letters) == 1:
        letters *= len(states)
    return {state: LETTERS[letter] for state, letter in zip(states, letters, strict=True)}


def outcome(world, role, act, route, state):
    """Return what becomes of an act of somebody of this role, with an entry in this state."""
    name, _, arg = act.partition(":")
    case = Case(world, role, route, kind=kind_of(act, route), state=state, arg=arg)
    others = []

    def listen(execute, sql, *args):
        if not sql.lstrip("(").startswith(READING):
            others.append(sql)
        return execute(sql, *args)

    with transaction.atomic(), connection.execute_wrapper(listen):
        response = ACTS[name](case)
        if response.streaming:
            assert b"".join(response)
        # To compare all tables takes longer than most requests.
        after = digests() if others else case.before
        transaction.set_rollback(True)
    compared = set(after) - (RECORDS_OF_IMPORTS if name in BY_FILE else set())
    is_changed = any(case.before[table] != after[table] for table in compared)
    if response.status_code == 302 and response["Location"].startswith("/admin/login/"):
        found = SIGN_IN
    elif response.status_code in {403, 404, 405, 409}:
        found = REFUSED
    elif name in CHANGING:
        return DONE if is_changed else NOTHING
    else:
        ways = {200} if name in READ else {200, 302} if name == "leave" else {301, 302}
        found = DONE if response.status_code in ways else NOTHING
    return f"{found}, and something has changed" if is_changed else found


def right_outcomes(role, lowest, act, route):
    """Return what may become of an act for which this is the lowest role."""
    if lowest != "nobody" and ROLES.index(role) >= ROLES.index(lowest):
        return {DONE}
    if lowest == "nobody":
        # A page may say why not, or lead back.
        return {REFUSED, NOTHING, SIGN_IN} if role == "anonymous" else {REFUSED, NOTHING}
    if role == "anonymous" and route.startswith("admin/"):
        return {SIGN_IN}
    if route == "admin/catalog/import/<path:object_id>/history/":
        # Django's own page, which finds no import for who may not see it.
        return {NOTHING}
    # An action that a list does not offer to somebody is as none; a file is refused when it has been read.
    lets_in = {"ask": "viewer", "delete_many": "viewer", "run": "editor"} | dict.fromkeys(
        BY_FILE, "editor"
    )
    is_in = ROLES.index(role) >= ROLES.index(lets_in.get(act.partition(":")[0], "nobody"))
    is_in &= not route.startswith("admin/auth/")
    return {NOTHING} if is_in else {REFUSED}


def private_routes(patterns, prefix=""):
    """Return the route of every address that is not for everybody."""
    routes = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            routes |= private_routes(pattern.url_patterns, route)
        elif route.startswith(("admin/", "preview/")):
            routes.add(route)
    return routes


def test_every_address_that_is_not_public_is_in_the_matrix():
    routes = {route for _, route, *_ in LINES}

    assert routes >= private_routes(get_resolver().url_patterns)
    assert {r for r in routes if r.startswith(("admin/", "preview/"))} <= private_routes(
        get_resolver().url_patterns
    )


def test_no_other_post_does_anything(world):
    """What is sent to an address without a line for it changes nothing, whoever sends it."""
    acting = {r for act, r, *_ in LINES if act.partition(":")[0] in {*CHANGING, "leave", "signal"}}
    routes = {(act, r) for act, r, *_ in LINES if r not in acting and r != "admin/login/"}
    changed = []

    for act, route in sorted(routes):
        kind = kind_of(act, route)
        for state in states_of(kind):
            arg = act.partition(":")[2]
            case = Case(world, "superuser", route, kind=kind, state=state, arg=arg)
            with transaction.atomic():
                if kind == "import":
                    prepare_import(case)
                data = {"post": "yes", "reason": "x", "days": "7", "_save": "Save"}
                address = link_of(case).get_absolute_url() if "token" in route else case.address()
                b"".join(case.client.post(address, data))
                if digests() != case.before:
                    changed.append((route, state))
                transaction.set_rollback(True)

    assert changed == []


@pytest.mark.parametrize("line", LINES, ids=lambda line: " ".join(line[:2]))
def test_who_may(world, line):
    act, route, *letters = line
    found = {}
    for state, lowest in cells_of(act, route, *letters).items():
        for role in world.users:
            became = outcome(world, role, act, route, state)
            if became not in right_outcomes(role, lowest, act, route):
                found[state, role] = became

    assert found == {}
