"""Whatever the addresses and the lists of the admin are sent, they answer: with a page, or with why not."""

import pytest
from django.apps import apps
from django.urls import URLPattern, get_resolver, reverse

from catalog.models import Reference

from ..factories import (
    RatingFactory,
    StudyFactory,
    TermFactory,
    TopicExpertFactory,
)
from ..transactions import stored_once

pytestmark = pytest.mark.once

MODELS = ["program", "topicarea", "topicexpert", "reference", "rating", "study", "term", "import"]
MODELS += ["proposal", "staffnote"]
ACCOUNTS = ["auth_user", "auth_group"]
LISTS = [*(f"catalog_{name}" for name in MODELS), *ACCOUNTS]
EXPORTED = ["program", "topicarea", "topicexpert", "reference", "rating", "study"]
HOSTILE_KEYS = ["abc", "9" * 30, "-1", "1.5", "", "1_0", "\u0663", "_5F", "0" * 400, "%", "'"]
HOSTILE_QUERIES = [
    "foo=bar",
    "year_added=abc",
    "year_added__exact=abc",
    "year_added=" + "9" * 30,
    "scientific_rating__exact=abc",
    "is_current__exact=abc",
    "is_nonresponder__exact=2",
    "id=abc",
    "id__exact=" + "9" * 30,
    "id__in=abc",
    "pk=abc",
    "p=abc",
    "p=-1",
    "p=" + "9" * 30,
    "all=" + "9" * 30,
    "all=",
    "o=abc",
    "o=" + "9" * 30,
    "o=-1.-2.99",
    "o=" + ".".join(["1"] * 200),
    "q=" + "x" * 5_000,
    "q=%27%22%5C%25",
    "area=abc",
    "rating=abc",
    "status=abc",
    "status__exact=abc",
    "review=abc",
    "complete=abc",
    "lacks=abc",
    "current=abc",
    "created_at__gte=abc",
    "_popup=abc",
    "_to_field=abc",
    "_changelist_filters=abc",
    "e=1",
    "user__password__startswith=a",
    "program__name=",
    "name__regex=(",
    "work=abc",
    "work=" + "9" * 30,
    "work=%00",
    "by=abc",
    "by=" + "9" * 30,
    "q=%00",
]


def store_entries():
    """Store one entry of each kind; return the rating."""
    rating = RatingFactory()
    rating.topic_area.experts.add(TopicExpertFactory())
    StudyFactory(program=rating.program)
    TermFactory()
    return rating


entries = stored_once(store_entries)


def answered(response):
    """Whether a response is a page, a refusal in words or a way on, and tells nothing of how the site is built."""
    return response.status_code in {200, 302, 400, 403, 404, 405}


# --- Lists


@pytest.mark.parametrize("name", LISTS)
def test_no_parameter_breaks_a_list_of_the_admin(name, entries, root, some):
    path = reverse(f"admin:{name}_changelist")

    wrong = [
        query for query in some(HOSTILE_QUERIES, 6) if not answered(root.get(f"{path}?{query}"))
    ]

    assert wrong == []


@pytest.mark.parametrize("name", EXPORTED)
def test_no_parameter_breaks_an_export_of_the_admin(name, entries, root, some):
    path = reverse(f"admin:catalog_{name}_export")

    wrong = [
        query for query in some(HOSTILE_QUERIES, 6) if not answered(root.get(f"{path}?{query}"))
    ]

    assert wrong == []


# --- Selected entries


@pytest.mark.alike(5)
@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "action", ["delete_selected", "export_csv", "publish", "assign_selected", "nothing"]
)
def test_no_selected_key_breaks_an_action_of_a_list(action, name, entries, root):
    path = reverse(f"admin:{name}_changelist")

    wrong = [
        key
        for key in HOSTILE_KEYS
        if not answered(root.post(path, {"action": action, "_selected_action": key, "index": "0"}))
    ]

    assert wrong == []


# --- Addresses of one entry


def patterns(resolver, prefix=""):
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from patterns(pattern, route)


# Every route of the admin that leads to an entry by its key.
ROUTES = sorted(
    route
    for route in patterns(get_resolver())
    if route.startswith("admin/") and ("object_id" in route or "<int:pk>" in route)
)


def address_of(route, key):
    for name in ("<path:object_id>", "<int:pk>"):
        route = route.replace(name, key)
    return "/" + route.replace("<int:version_id>", "9" * 30).replace("<slug:target>", "published")


@pytest.mark.alike(50)
@pytest.mark.parametrize("route", [route for route in ROUTES if "password" not in route])
def test_no_key_breaks_a_page_of_an_entry(route, entries, root, some):
    keys = ["abc", "9" * 30, "-1", "_", "1.5", "0", "١"]

    wrong = [
        (method, key)
        for key in some(keys, 1)
        for method in ("get", "post")
        if not answered(getattr(root, method)(address_of(route, key)))
    ]

    assert wrong == []


def test_routes_with_keys_are_all_of_them():
    assert len(ROUTES) > 60


@pytest.mark.parametrize(
    "query",
    ["area=%00", "area=" + "9" * 5_000, "page=abc", "q=%27%25", "next=//elsewhere.example/"],
)
def test_no_parameter_breaks_the_choice_of_what_is_rated(query, entries, root):
    pages = [
        reverse("admin:catalog_program_rate", args=[entries.program_id]),
        reverse("admin:catalog_topicarea_rate", args=[entries.topic_area_id]),
        reverse("admin:catalog_rating_add"),
        reverse("admin:catalog_program_merge", args=[entries.program_id]),
        reverse("admin:catalog_program_unmerge", args=[entries.program_id]),
        reverse("admin:catalog_reference_unmerge", args=[Reference.objects.get().pk]),
    ]

    assert [page for page in pages if not answered(root.get(f"{page}?{query}"))] == []


# --- Recent changes, and what several entries are sent to


@pytest.mark.parametrize("name", ["person", "kind", "source", "before", "after"])
def test_no_parameter_breaks_the_recent_changes(name, entries, root, some):
    values = [*HOSTILE_KEYS, "%00", "9" * 17 + ".99." + "9" * 18, "0.0.0", "1.1", "program"]
    page = reverse("admin:recent_changes")

    found = {value: root.get(f"{page}?{name}={value}").status_code for value in some(values, 3)}

    assert {*found.values()} == {200}, found


@pytest.mark.parametrize("name", ["program", "topicarea", "reference", "topicexpert", "term"])
def test_nothing_that_is_sent_breaks_assigning_and_noting(name, entries, root, some):
    model = apps.get_model("catalog", name)
    keys = [*HOSTILE_KEYS, "1 2 x", "1" * 19, " ", "\0"]
    many = reverse(f"admin:catalog_{name}_assign_many")
    one, notes = (
        reverse(f"admin:catalog_{name}_{page}", args=[model.objects.last().pk])
        for page in ("assign", "notes")
    )

    sent = [(many, {"entries": key}) for key in keys]
    sent += [(many, {"entries": str(model.objects.last().pk), "person": key}) for key in keys]
    for field in ("end", "take", "task", "person", "due_on", "note"):
        sent += [(one, {field: key}) for key in keys]
    for field in ("kind", "written_on", "text"):
        sent += [(notes, {"text": "x", field: key}) for key in keys]
    wrong = [(path, data) for path, data in some(sent, 12) if not answered(root.post(path, data))]

    assert wrong == []
