"""Deleting the account of somebody who has worked with the catalog: what goes with it, and what stays."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import Assignment, Notification, Proposal, StaffNote

from ..conftest import group_user
from ..factories import ProgramFactory
from .pages import address, run_action, text_of

pytestmark = [pytest.mark.once, pytest.mark.django_db]


@pytest.fixture
def ann(db):
    """Somebody with something of everything that is kept beside an entry."""
    ann = group_user("Editors")
    program = ProgramFactory(name="Calm")
    people = ("author", "submitted_by", "approved_by", "scheduled_by")
    Proposal.objects.create(program=program, is_minor=True, **dict.fromkeys(people, ann))
    StaffNote.objects.create(program=program, text="A letter.", author=ann)
    Assignment.objects.create(program=program, person=ann, assigned_by=ann)
    Notification.objects.create(
        recipient=ann, by=ann, kind="sent-back", subject="“Calm”", address="/admin/"
    )
    in_a_week = timezone.now() + timedelta(days=7)
    program.fact_checks.create(sent_to="Ada", created_by=ann, expires_at=in_a_week)
    return ann


def test_account_goes_and_the_work_stays_without_a_name(root, ann):
    page = text_of(root.get(address("delete", ann)))
    root.post(address("delete", ann), {"post": "yes"})

    assert "doesn't have permission" not in page
    assert "Notifications: 1" in page
    assert not User.objects.filter(pk=ann.pk).exists()
    assert (Notification.objects.count(), Assignment.objects.count()) == (0, 0)
    proposal, note = Proposal.objects.get(), StaffNote.objects.get()
    assert (proposal.author, proposal.submitted_by, note.author) == (None, None, None)
    pages = (
        *("/admin/", "/admin/recent-changes/", proposal.get_absolute_url()),
        *(address(page, note.program) for page in ("change", "notes", "assign", "fact_checks")),
    )
    assert {root.get(page).status_code for page in pages} == {200}


def test_accounts_that_are_selected_go_too(root, ann):
    selected = {"action": "delete_selected", "_selected_action": [ann.pk], "post": "yes"}

    page = text_of(run_action(root, "delete_selected", [ann]))
    root.post(address("changelist", User), selected)

    assert "doesn't have permission" not in page
    assert not User.objects.filter(pk=ann.pk).exists()
