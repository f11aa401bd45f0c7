"""Who gets into the admin, and what a list offers them."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.urls import resolve, reverse

from catalog.models import Program, Status, TopicArea

from ..conftest import catalog_permissions
from ..factories import UserFactory
from .pages import BrowserForm, actions, address, heading, listed, run_action, text_of
from .registered_models import CATALOG, IMPORTED, each_listed_model, each_model, each_publishable

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def viewer(db):
    """Staff who may look at everything, and change nothing."""
    user = UserFactory(username="viewer", is_staff=True)
    user.user_permissions.set(catalog_permissions("view"))
    return user


# --- Publish and retire, from the list


@pytest.mark.parametrize("model", [Program, TopicArea])
def test_only_publishers_are_offered_publish_and_retire(client, entries, editor, writer, model):
    offered = {}
    for user in (editor, writer):
        client.force_login(user)
        offered[user.username] = actions(client.get(address("changelist", model)))

    exports = ["export_csv", "export_xlsx"]
    steps = ["review", "draft", "assign_selected"]
    assert {name: sorted(found) for name, found in offered.items()} == {
        "editor": sorted([*steps, *exports, "delete_selected", "publish", "withdraw", "retire"]),
        "writer": sorted(steps),
    }


@each_publishable
@pytest.mark.parametrize("action", ["publish", "retire", "delete_selected"])
def test_posted_action_is_refused_to_writer(client, writer, factory, action):
    entry = factory(status=Status.DRAFT)
    client.force_login(writer)

    run_action(client, action, [entry])

    entry.refresh_from_db()
    assert entry.status == Status.DRAFT
    assert entry.history.count() == 1
    assert not LogEntry.objects.exists()


# --- Who gets in


def admin_addresses(patterns=None, prefix="/admin/"):
    """Return an address for every pattern of the admin."""
    found = []
    for pattern in admin.site.urls[0] if patterns is None else patterns:
        route = str(pattern.pattern)
        if hasattr(pattern, "url_patterns"):
            found += admin_addresses(pattern.url_patterns, prefix + route)
            continue
        route = re.sub(r"\(\?P<app_label>[^)]*\)", "catalog", route)
        route = route.replace("(?P<url>.*)", "nothing-here").strip("^$")
        found.append(prefix + re.sub(r"<[^>]*>|\(\[\^/\]\+\)", "1", route))
    return found


def test_every_admin_address_is_known():
    paths = admin_addresses()

    assert len(paths) > 10 * len(CATALOG)
    assert all(re.fullmatch(r"/admin/[\w/.-]*", path) and resolve(path) for path in paths)


@pytest.mark.parametrize("who", ["anonymous", "not staff"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_every_admin_address_sends_strangers_to_the_login(client, who, method):
    if who == "not staff":
        user = UserFactory()
        user.user_permissions.set(catalog_permissions("view", "add", "change", "import", "publish"))
        client.force_login(user)
    login = reverse("admin:login")

    answers = {}
    for path in set(admin_addresses()) - {login, reverse("admin:logout")}:
        response = getattr(client, method)(path)
        answers[path] = (response.status_code, response.get("Location"))

    assert answers == {path: (302, f"{login}?next={path}") for path in answers}


@pytest.mark.alike(6)
@each_listed_model
def test_viewer_sees_and_cannot_change(client, viewer, entries, model):
    client.force_login(viewer)
    entry = entries[model]
    before = model.objects.values().get(pk=entry.pk)

    changelist = client.get(address("changelist", model))
    page = client.get(address("change", entry))
    history = client.get(address("history", entry))

    assert listed(changelist) == [str(entry)]
    assert actions(changelist) == []
    assert address("add", model) not in changelist.content.decode()
    assert heading(page) == f"View {model._meta.verbose_name}"
    assert BrowserForm(page).fields == set()
    assert heading(history) == "History"
    refused = {address("change", entry): "post"}
    refused |= {address("add", model): "get", address("delete", entry): "get"}
    if model in IMPORTED:
        refused |= {address(name, model): "get" for name in ("import", "export")}
    answers = {path: getattr(client, how)(path).status_code for path, how in refused.items()}
    assert answers == dict.fromkeys(refused, 403)
    assert model.objects.values().get(pk=entry.pk) == before


@pytest.mark.alike(6)
@each_model
def test_staff_without_permission_sees_nothing(client, entries, model):
    client.force_login(UserFactory(is_staff=True))
    entry = entries[model]
    imports = ["import", "export"] if model in IMPORTED else []
    pages = [address(page, model) for page in ("changelist", "add", *imports)]
    pages += [address(page, entry) for page in ("change", "history", "delete")]
    pages += [address("simple_history", entry, entry.history.first().history_id)]

    answers = {page: client.get(page).status_code for page in pages}

    assert answers == dict.fromkeys(pages, 403)
    assert "You don’t have permission to view or edit anything." in text_of(client.get("/admin/"))


def test_autocomplete_is_refused_without_permission_to_view(client, entries):
    client.force_login(UserFactory(is_staff=True))
    query = {"app_label": "catalog", "model_name": "rating", "field_name": "program", "term": "c"}

    response = client.get(reverse("admin:autocomplete"), query)

    assert response.status_code == 403
