"""What every test gets: a client that reads what it is sent, people to sign in as, and a place for files."""

import gc
import os
import random
import re
from collections import defaultdict
from importlib import import_module
from math import ceil
from pathlib import Path
from random import Random

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.cache import cache
from django.core.files.storage import storages
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader
from django.db.models.signals import post_migrate
from django.template import Template
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from catalog.models import Criterion, Import, Page, ScaleEdition, SynonymGroup

from .factories import UserFactory
from .pages import html_of
from .processes import begin_process

IS_CI = os.environ.get("CI", "").lower() in {"1", "true"}

# Examples reuse one transaction's database, and the machine may be slow: neither is a fault.
hypothesis_settings.register_profile(
    "project",
    deadline=None,
    derandomize=False,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "15" if IS_CI else "10")),
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("project")

SCALE = import_module("catalog.migrations.0017_scale_editions")
# What the groups of staff may do, as the migrations make them.
GROUPS = defaultdict(set)
for migration in MigrationLoader(None).disk_migrations.values():
    for operation in migration.operations:
        for name, codenames in getattr(operation, "permissions", {}).items():
            GROUPS[name] |= codenames

# Where fewer cases are asked for, a test with as many is tried whole.
MOST_WHERE_FEWER = 4

# pytest-django's fixtures that give a test a database.
DATABASE_FIXTURES = {"db", "transactional_db", "live_server"}

FORBIDDEN = {
    "an inline handler": re.compile(r"<[^>]+\son[a-z]+\s*=\s*[\"']"),
    "an inline style": re.compile(r"<[^>]+\sstyle\s*=\s*[\"']"),
    "an inline script": re.compile(r"<script(?![^>]*\b(?:src|nonce)=)[^>]*>"),
    "a style element": re.compile(r"<style(?![^>]*\bnonce=)[^>]*>"),
    "template syntax": re.compile(r"\{\{|\{%|\{#"),
    "another site's file": re.compile(
        r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//(?!testserver)"
    ),
}


def pytest_addoption(parser):
    parser.addoption(
        "--second-database",
        action="store_true",
        help="leave out what the run on another database has shown already",
    )
    parser.addoption(
        "--fewer",
        action="store_true",
        help="try a third of the cases of each test, others with each seed",
    )
    parser.addoption(
        "--thorough",
        action="store_true",
        help="try every role, every page in every look and every benchmark",
    )


def pytest_collection_modifyitems(config, items):
    """Leave out what this run need not show, and put browser tests first, so that one worker starts one browser."""
    wanted = [item for item in some_cases(items, config) if is_wanted(item, config)]
    config.hook.pytest_deselected(items=[item for item in items if item not in set(wanted)])
    items[:] = wanted
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_collection_finish():
    """Let the garbage collector pass over what stays to the end: the tests, and all that they import."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def some_cases(items, config):
    """Return the tests with some cases of each, others in each run, by its seed.

    Its marker ``alike`` says how many; where fewer are asked for, it is a third of them.
    """
    if config.getoption("thorough"):
        return items
    cases_of = defaultdict(list)
    for item in items:
        cases_of[item.location[0], item.originalname].append(item)
    left_out = set()
    for name, cases in cases_of.items():
        number = len(cases)
        if alike := cases[0].get_closest_marker("alike"):
            number = min(number, alike.args[0])
        if config.getoption("fewer"):
            number = min(number, max(MOST_WHERE_FEWER, ceil(number / 3)))
        chance = Random(f"{config.getoption('randomly_seed', 0)} {name}")  # noqa: S311
        left_out |= {*chance.sample(cases, len(cases) - number)}
    return [item for item in items if item not in left_out]


def is_wanted(item, config):
    """Return whether this run shows a test."""
    if item.get_closest_marker("thorough") and not config.getoption("thorough"):
        return False
    return not config.getoption("second_database") or depends_on_database(item)


def depends_on_database(item):
    if item.get_closest_marker("browser") or item.get_closest_marker("once"):
        return False
    is_marked = item.get_closest_marker("django_db") is not None
    return is_marked or not DATABASE_FIXTURES.isdisjoint(item.fixturenames)


class StrictClient(Client):
    """A client that fails the test for what no page may hold."""

    def request(self, **request):
        response = super().request(**request)
        if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
            assert "content-security-policy" in {name.lower() for name in response.headers}
            html = html_of(response)
            for what, pattern in FORBIDDEN.items():
                found = pattern.search(html)
                assert not found, (
                    f"{what} in {request['PATH_INFO']}: {html[found.start() : found.end() + 60]}"
                )
        return response


@pytest.fixture(scope="session")
def is_thorough(pytestconfig):
    """Whether what `make test-all` alone tries is tried."""
    return pytestconfig.getoption("thorough")


@pytest.fixture
def some(is_thorough):
    """Choose, by the run's seed, some of many values that are much alike; all of them in `make test-all`."""

    def choose(values, number):
        return [*values] if is_thorough else random.sample([*values], min(number, len(values)))

    return choose


@pytest.fixture(scope="session")
def live_server(django_db_setup, live_server):
    """The server, started when the test database is there: on SQLite its threads share the one in memory."""
    return live_server


@pytest.fixture(scope="session", autouse=True)
def _widgets_are_not_told_of(django_test_environment):
    """Keep no context of a widget's template for ``response.context``: a form has hundreds, each with a copy of all."""
    instrumented = Template._render

    def render(template, context):
        if str(template.name).startswith("django/forms/"):
            return template.nodelist.render(context)
        return instrumented(template, context)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", render)
        yield


@pytest.fixture
def client():
    return StrictClient()


@pytest.fixture(autouse=True)
def _another_process():
    """What a process keeps of the catalog is of the tests before: their rows are gone."""
    begin_process()


@pytest.fixture(autouse=True)
def _private_files(settings, tmp_path, monkeypatch):
    """Uploads, and what the cache of files holds, go to folders of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = {
        **settings.STORAGES,
        "imports": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "imports")},
        },
    }
    # A field keeps the storage that it was made with.
    for name in ("file", "mistakes"):
        monkeypatch.setattr(Import._meta.get_field(name), "storage", storages["imports"])
    settings.CACHES = {
        **settings.CACHES,
        **{
            name: {**settings.CACHES[name], "LOCATION": str(tmp_path / name)}
            for name in ("shared", "summaries")
        },
    }
    cache.clear()


def load_seed():
    """Store the seed's topic area, as `make run` loads it."""
    call_command("loaddata", "secondary_traumatic_stress", verbosity=0)


@pytest.fixture
def seed(db):
    """The seed's topic area."""
    load_seed()


def catalog_permissions(*actions):
    """Return the permissions on the catalog's models for these actions ("view", "publish", …)."""
    permissions = Permission.objects.filter(content_type__app_label="catalog")
    return [p for p in permissions if p.codename.split("_")[0] in actions]


@pytest.fixture
def editor(db):
    """Staff who may do everything to the catalog."""
    user = UserFactory(username="editor", is_staff=True)
    user.user_permissions.set(
        catalog_permissions(
            "view", "add", "change", "delete", "publish", "import", "export", "undo"
        )
    )
    return user


@pytest.fixture
def writer(db):
    """Staff who write, and neither publish nor import."""
    user = UserFactory(username="writer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view", "add", "change"))
    return user


def restore_groups(**kwargs):
    """Make the missing groups of the migrations again: the flush after a transactional test takes them away."""
    for name, codenames in GROUPS.items():
        group, is_new = Group.objects.get_or_create(name=name)
        if is_new:
            catalog = Permission.objects.filter(content_type__app_label="catalog")
            group.permissions.set(catalog.filter(codename__in=codenames))


def restore_scale(**kwargs):
    """Make the edition of the rating scale again, as the migration makes it."""
    if not ScaleEdition.objects.filter(name=SCALE.NAME).exists():
        # Without a history, as a migration leaves it.
        shipped = ScaleEdition(
            name=SCALE.NAME, note=SCALE.NOTE, is_current=True, in_use_since=SCALE.NAME
        )
        (edition,) = ScaleEdition.objects.bulk_create([shipped])
        SCALE.add_criteria(edition, Criterion)


def without_synonyms(**kwargs):
    """Take the synonyms away that a site begins with: tests bring the few that they are about."""
    # Without a history, as a migration has brought them.
    SynonymGroup.objects.all()._raw_delete("default")


def without_pages(**kwargs):
    """Take the drafts of pages away that a site begins with: else they wait on every desk."""
    Page.objects.all()._raw_delete("default")


# A flush tells so by this signal. The permissions are back by then: they are made first, by the same signal.
post_migrate.connect(restore_groups, sender=apps.get_app_config("catalog"))
post_migrate.connect(restore_scale, sender=apps.get_app_config("catalog"))
post_migrate.connect(without_synonyms, sender=apps.get_app_config("catalog"))
post_migrate.connect(without_pages, sender=apps.get_app_config("catalog"))


def group_user(name):
    """Return staff of a group ("Viewers", "Editors", "Publishers"), as the migration makes it."""
    user = UserFactory(username=f"one-of-{name.lower()}", is_staff=True)
    user.groups.add(Group.objects.get(name=name))
    return user


@pytest.fixture
def viewer(db):
    """Staff who read."""
    return group_user("Viewers")


@pytest.fixture
def publisher(db):
    """Staff who publish."""
    return group_user("Publishers")


@pytest.fixture
def editor_client(client, editor):
    client.force_login(editor)
    return client


@pytest.fixture
def fixtures():
    """The folder of the example files."""
    return Path(__file__).parent.parent / "fixtures"
