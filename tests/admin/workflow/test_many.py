"""Steps of many entries of a list at once."""

import html
import re

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.editorial import requirements, versions
from catalog.editorial.transitions import WorkflowState
from catalog.models import Program, Status

from ..pages import actions, address, run_action, said, text_of
from .steps import PAST, confirm, each_model, hidden, make, people

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@each_model
def test_lists_offer_the_steps_that_somebody_may_take(client, model):
    offered = {}
    make(model, WorkflowState.DRAFT)
    for role, user in people().items():
        if role != "nobody":
            client.force_login(user)
            offered[role] = set(actions(client.get(address("changelist", model))))

    exports = {"export_csv", "export_xlsx"}
    editors = exports | {"review", "draft", "assign_selected"}
    publishers = editors | {"publish", "withdraw", "retire", "delete_selected"}
    assert offered == {
        "Viewers": exports,
        "Editors": editors,
        "Publishers": publishers,
        "superuser": publishers,
    }


@each_model
def test_many_are_asked_about_before_anything_is_done(publisher_client, model):
    entries = [make(model, WorkflowState.IN_REVIEW, name=f"Fit {n:02}") for n in range(22)]
    entries += [make(model, WorkflowState.DRAFT, name="Early")]

    response = run_action(publisher_client, "publish", entries)

    text = text_of(response)
    assert "Fit 19" in text
    assert "Fit 20" not in text
    assert "And 2 more." in text
    assert "What stays as it is: 1" in text
    assert "Early Draft It is a draft; this can only be done with what is in review." in text
    kind = "programs" if model is Program else "topic areas"
    assert f"Publish: 22 {kind}" in text
    assert model.objects.filter(pk__in=[e.pk for e in entries]).published().count() == 0


@each_model
def test_many_take_a_step_each_with_its_history(publisher_client, publisher, model):
    entries = [make(model, WorkflowState.PUBLISHED, name=f"Fit {n}") for n in range(3)]
    entries += [make(model, WorkflowState.DRAFT, name="Early")]
    before = {entry.pk: entry.history.count() for entry in entries}

    response = confirm(publisher_client, "retire", entries, reason="The *law* changed.")

    kind = "programs" if model is Program else "topic areas"
    assert said(response) == [f"Retired: 3 {kind}."]
    for entry in entries[:3]:
        entry.refresh_from_db()
        change = entry.history.first()
        assert (entry.status, entry.retirement_reason) == (Status.RETIRED, "The *law* changed.")
        assert entry.published_at == PAST
        assert entry.history.count() == before[entry.pk] + 1
        assert (change.history_user, change.history_change_reason, change.status) == (
            publisher,
            "Retired: The *law* changed.",
            Status.RETIRED,
        )
    assert model.objects.get(name="Early").status == Status.DRAFT
    assert {entry.get_change_message() for entry in LogEntry.objects.all()} == {"Changed status."}
    assert LogEntry.objects.count() == 3


@pytest.mark.parametrize(
    ("action", "source", "done", "status"),
    [
        ("review", WorkflowState.DRAFT, "Sent to review", Status.IN_REVIEW),
        ("draft", WorkflowState.IN_REVIEW, "Back to draft", Status.DRAFT),
        ("publish", WorkflowState.IN_REVIEW, "Published", Status.PUBLISHED),
        ("withdraw", WorkflowState.PUBLISHED, "Withdrawn", Status.DRAFT),
    ],
)
def test_each_action_takes_its_step(publisher_client, action, source, done, status):
    program = make(Program, source)

    response = confirm(publisher_client, action, [program], reason="Why.")

    program.refresh_from_db()
    assert said(response) == [f"{done}: 1 program."]
    in_history = f"{done}: Why."
    assert (program.status, program.history.first().history_change_reason) == (status, in_history)


def test_many_that_changed_meanwhile_are_named_and_left(publisher_client, editor):
    entries = [make(Program, WorkflowState.IN_REVIEW, name=f"P{n}") for n in range(4)]
    response = run_action(publisher_client, "publish", entries)
    entries[0]._history_user = editor
    entries[0].save()
    entries[1].ratings.all().delete()
    entries[2].ratings.all().delete()
    entries[2].delete()

    response = publisher_client.post(
        "/admin/catalog/program/status/publish/",
        {"seen": hidden(response), "when": "now", "reason": ""},
    )

    assert said(response) == [
        "“P0” stays as it is. editor has saved this entry since you opened the page.",
        "“P1” stays as it is. Somebody has changed its ratings since you opened the page.",
        "Deleted meanwhile: 1 program.",
        "Published: 1 program.",
    ]
    assert list(Program.objects.published().values_list("name", flat=True)) == ["P3"]


def test_many_are_scheduled_but_for_what_was_public(publisher_client):
    new = make(Program, WorkflowState.IN_REVIEW, name="New")
    old = make(Program, WorkflowState.IN_REVIEW, name="Old", published_at=PAST)

    response = confirm(publisher_client, "publish", [new, old], when="later", day="2090-03-01")

    new.refresh_from_db()
    old.refresh_from_db()
    assert (new.is_scheduled, old.status) == (True, Status.IN_REVIEW)
    why = (
        "It was public from June 3, 2025 on, so it cannot be scheduled; "
        "publish it when it is ready."
    )
    assert said(response) == [
        f"“Old” stays as it is. {why}",
        "Scheduled for March 1, 2090, 12:00 AM: 1 program.",
    ]


def test_many_are_not_retired_without_a_reason(publisher_client):
    program = make(Program, WorkflowState.PUBLISHED)

    response = confirm(publisher_client, "retire", [program])

    assert response.context["form"].errors == {"reason": [requirements.NO_REASON]}
    assert hidden(response) == f"{program.pk}-{versions.version(program)}"
    assert Program.objects.get(pk=program.pk).is_published


@pytest.mark.parametrize("role", ["Viewers", "Editors", "nobody"])
def test_many_are_not_published_by_others(client, role):
    program = make(Program, WorkflowState.IN_REVIEW)
    client.force_login(people()[role])

    run_action(client, "publish", [program])
    response = client.post(
        "/admin/catalog/program/status/publish/",
        {"seen": f"{program.pk}-{versions.version(program)}", "when": "now", "reason": ""},
    )

    assert response.status_code == 403
    assert Program.objects.get(pk=program.pk).status == Status.IN_REVIEW


def test_page_of_many_is_left_by_reload_and_keeps_the_filters(publisher_client):
    program = make(Program, WorkflowState.DRAFT)
    listed = f"{address('changelist', Program)}?status__exact=draft"
    selected = {"action": "review", "_selected_action": [program.pk]}
    asked = publisher_client.post(listed, selected).content.decode()
    where = html.unescape(re.search(r'<form action="([^"]*)" method="post"', asked)[1])

    assert publisher_client.get(where).url == listed
    assert publisher_client.get("/admin/catalog/program/status/nowhere/").status_code == 404


@pytest.mark.parametrize("action", ["review", "assign_selected", "delete_selected"])
def test_too_many_are_refused_in_a_sentence(action, publisher_client, monkeypatch):
    monkeypatch.setattr("catalog.admin.selected.MOST_SELECTED", 2)
    entries = [make(Program, WorkflowState.DRAFT) for _ in range(3)]

    response = run_action(publisher_client, action, entries)

    assert "More than 2 entries are selected." in text_of(response)
    assert Program.objects.filter(status=Status.DRAFT).count() == 3


@each_model
def test_many_take_as_many_queries_as_few(publisher_client, model):
    counts = {}
    for number in (2, 12):
        entries = [make(model, WorkflowState.IN_REVIEW) for _ in range(number)]
        # Or else the first of them asks for one more.
        ContentType.objects.get_for_model(model)
        with CaptureQueriesContext(connection) as asked:
            response = run_action(publisher_client, "publish", entries)
        sent = {"seen": hidden(response), "when": "now", "reason": ""}
        where = f"/admin/catalog/{model._meta.model_name}/status/publish/"
        with CaptureQueriesContext(connection) as done:
            publisher_client.post(where, sent)
        counts[number] = (len(asked), len(done))

    assert counts[2] == counts[12]
