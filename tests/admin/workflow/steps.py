"""Entries in every state, people of every role, and the pages of the steps between states."""

import html
import re
from datetime import UTC, datetime, timedelta

import pytest

from catalog.editorial.transitions import WorkflowState
from catalog.models import Program, Status, TopicArea

from ...conftest import group_user
from ...factories import UserFactory, publishable
from ..pages import address, run_action

PAST = datetime(2025, 6, 3, 12, tzinfo=UTC)

AHEAD = datetime(2090, 3, 1, 17, tzinfo=UTC)

# How an entry gets to stand where it stands.
FIELDS = {
    WorkflowState.DRAFT: {"status": Status.DRAFT},
    WorkflowState.IN_REVIEW: {"status": Status.IN_REVIEW},
    WorkflowState.SCHEDULED: {"status": Status.PUBLISHED, "published_at": AHEAD},
    WorkflowState.PUBLISHED: {"status": Status.PUBLISHED, "published_at": PAST},
    WorkflowState.RETIRED: {
        "status": Status.RETIRED,
        "published_at": PAST,
        "retired_at": PAST + timedelta(days=1),
        "retirement_reason": "Nobody *offers* it.",
    },
}

# Which step leads where, and what it takes.
WAYS = {
    (WorkflowState.DRAFT, Status.IN_REVIEW): ("Send to review", "change"),
    (WorkflowState.IN_REVIEW, Status.DRAFT): ("Back to draft", "change"),
    (WorkflowState.IN_REVIEW, Status.PUBLISHED): ("Publish", "publish"),
    (WorkflowState.SCHEDULED, Status.PUBLISHED): ("Publish now or on another date", "publish"),
    (WorkflowState.SCHEDULED, Status.IN_REVIEW): ("Unschedule", "publish"),
    (WorkflowState.PUBLISHED, Status.DRAFT): ("Withdraw", "publish"),
    (WorkflowState.PUBLISHED, Status.RETIRED): ("Retire", "publish"),
    (WorkflowState.RETIRED, Status.PUBLISHED): ("Publish again", "publish"),
}

MAY = {
    "nobody": set(),
    "Viewers": set(),
    "Editors": {"change"},
    "Publishers": {"change", "publish"},
    "superuser": {"change", "publish"},
}

each_model = pytest.mark.parametrize(
    "model", [Program, TopicArea], ids=lambda model: model._meta.model_name
)


def make(model, state, **fields):
    """Make an entry that stands somewhere, and lacks nothing to be published."""
    return publishable(model, **{**FIELDS[state], **fields})


def people():
    """Return somebody of each role."""
    return {
        "nobody": UserFactory(username="nobody", is_staff=True),
        **{name: group_user(name) for name in ("Viewers", "Editors", "Publishers")},
        "superuser": UserFactory(username="root", is_staff=True, is_superuser=True),
    }


def page(entry, target):
    return address("status", entry, target)


def steps_offered(response):
    """Return the steps that a change form links to, by label."""
    links = re.findall(r'<a href="[^"]*/status/[\w-]+/">([^<]*)</a>', response.content.decode())
    return [html.unescape(label) for label in links]


def hidden(response, name="seen"):
    return re.search(rf'name="{name}" value="([^"]*)"', response.content.decode())[1]


def send(client, entry, target, **sent):
    """Open the page of a step and send its form."""
    seen = hidden(client.get(page(entry, target)))
    return client.post(page(entry, target), {"seen": seen, "when": "now", "reason": "", **sent})


def confirm(client, action, entries, **sent):
    """Choose an action of a list for entries, and send the form of the page that asks about it."""
    response = run_action(client, action, entries)
    where = re.search(r'<form action="([^"]*)" method="post"', response.content.decode())[1]
    sent = {"seen": hidden(response), "when": "now", "reason": "", **sent}
    return client.post(html.unescape(where), sent, follow=True)
