"""Who is told of what becomes of their work, and who is not."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from catalog.editorial.assignments import Errand, assign
from catalog.editorial.linked_merging import digest as linked_digest
from catalog.editorial.linked_merging import merge_linked
from catalog.editorial.merging import digest, merge
from catalog.editorial.notifications import tell
from catalog.editorial.proposals.changes import propose
from catalog.editorial.proposals.comments import comment
from catalog.editorial.proposals.schedule import publish_due
from catalog.editorial.proposals.steps import (
    APPROVE,
    DISCARD,
    PUBLISH,
    SCHEDULE,
    SEND_BACK,
    SUBMIT,
    Said,
    take,
)
from catalog.editorial.transitions import BACK_TO_DRAFT
from catalog.editorial.versions import versions
from catalog.editorial.workflow import Hindered, apply_to_all, apply_transition
from catalog.models import Notification, NotificationKind, Program, Status, Task

from ..conftest import catalog_permissions
from ..factories import ProgramFactory, RatingFactory, ReferenceFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleo(bob):
    cleo = UserFactory(username="cleo", is_staff=True)
    cleo.groups.set(bob.groups.all())
    return cleo


def written(writer, **fields):
    """Return a program that somebody wrote."""
    program = ProgramFactory.build(description="What it is.", **fields)
    program._history_user = writer
    program.save()
    return Program.objects.get(pk=program.pk)


def told():
    """Return who was told what, by whom and with which words, in order; and forget it."""
    found = list(
        Notification.objects.order_by("pk").values_list("recipient", "kind", "by", "words")
    )
    Notification.objects.all().delete()
    return found


def test_steps_of_a_proposal_are_told_to_those_who_worked_on_it(ann, bob, cleo):
    program = written(cleo, name="Calm", goals="Rest.")
    proposal = propose(program, {"goals": "Rest and sleep."}, {}, user=ann)
    take(proposal, SUBMIT, Said(note="New goals"), user=ann)
    assert told() == []

    take(proposal, SEND_BACK, Said(reason="Whose sleep?"), user=bob)
    assert told() == [(ann.pk, "sent-back", bob.pk, "Whose sleep?")]

    take(proposal, SUBMIT, Said(note="New goals"), user=ann)
    take(proposal, APPROVE, user=bob)
    assert told() == [(ann.pk, "approved", bob.pk, "")]

    take(proposal, PUBLISH, user=cleo)
    assert told() == [(ann.pk, "published", cleo.pk, ""), (bob.pk, "published", cleo.pk, "")]


def test_who_discards_their_own_proposal_is_not_told(ann, bob):
    proposal = propose(written(bob, name="Calm"), {"goals": "Sleep."}, {}, user=ann)
    take(proposal, DISCARD, user=ann)
    assert told() == []


def test_proposal_not_published_at_its_moment_is_told_to_all(ann, bob):
    program = written(bob, name="Calm", goals="Rest.")
    proposal = propose(program, {"goals": "Rest and sleep."}, {}, user=ann)
    take(proposal, SUBMIT, Said(is_minor=True), user=ann)
    proposal = take(proposal, APPROVE, user=bob)
    soon = timezone.now() + timedelta(days=1)
    take(proposal, SCHEDULE, Said(moment=soon), user=bob)
    type(proposal).objects.update(publish_at=timezone.now() - timedelta(minutes=1))
    Program.objects.filter(pk=program.pk).update(goals="Work.")
    told()

    publish_due()

    assert [(who, kind, by) for who, kind, by, _ in told()] == [
        (pk, "not-published", None) for pk in sorted([ann.pk, bob.pk])
    ]


def test_comment_is_told_to_workers_and_to_who_commented_before(ann, bob, cleo):
    proposal = propose(written(bob, name="Calm"), {"goals": "Sleep."}, {}, user=ann)

    comment(proposal, "Whose?", user=cleo)
    assert told() == [(ann.pk, "commented", cleo.pk, "Whose?")]
    comment(proposal, "The children's.", user=ann)
    assert told() == [(cleo.pk, "commented", ann.pk, "The children's.")]
    assert [each.text for each in proposal.comments.all()] == ["Whose?", "The children's."]


def test_entry_that_goes_back_from_review_needs_a_reason_and_is_told(ann, bob):
    program = written(ann, name="Calm", status=Status.DRAFT)
    apply_transition(program, Status.IN_REVIEW, user=ann)
    with pytest.raises(Hindered, match="Say why it goes back"):
        apply_transition(program, Status.DRAFT, user=bob)

    apply_transition(program, Status.DRAFT, user=bob, reason="No goals.")
    assert told() == [(ann.pk, "sent-back", bob.pk, "No goals.")]

    apply_transition(program, Status.IN_REVIEW, user=ann)
    apply_transition(program, Status.DRAFT, user=ann)
    assert told() == []


def test_many_that_go_back_need_a_reason_and_are_one_notification(ann, bob):
    programs = [written(ann, name=f"Calm {n}", status=Status.DRAFT) for n in range(12)]
    for program in programs:
        apply_transition(program, Status.IN_REVIEW, user=ann)
    seen = versions(Program, [program.pk for program in programs])
    taken = apply_to_all(Program, BACK_TO_DRAFT, seen, user=bob)
    assert (len(taken.done), len(taken.left)) == (0, 12)

    apply_to_all(Program, BACK_TO_DRAFT, seen, user=bob, reason="Not yet.")

    (notification,) = Notification.objects.all()
    names = ", ".join(f"“Calm {n}”" for n in range(10))
    assert notification.subject == f"{names} and 2 more"
    assert (notification.recipient, notification.by, notification.words) == (ann, bob, "Not yet.")


def test_publishing_retiring_and_merging_are_told_to_writers(ann, bob, cleo):
    program, other = written(ann, name="Calm", status=Status.IN_REVIEW), written(cleo, name="Rest")
    RatingFactory(program=program)
    apply_transition(program, Status.PUBLISHED, user=bob)
    assert told() == [(ann.pk, "published", bob.pk, "")]

    program.refresh_from_db()
    seen = {each.pk: digest(each) for each in (program, other)}
    merge(program, other, user=bob, reason="The same.", seen=seen)
    assert sorted(told()) == sorted(
        [(ann.pk, "merged", bob.pk, "The same."), (cleo.pk, "merged", bob.pk, "The same.")]
    )

    other.refresh_from_db()
    apply_transition(other, Status.RETIRED, user=bob, reason="Outdated.")
    assert told() == [(cleo.pk, "retired", bob.pk, "Outdated.")]


def test_nobody_who_has_left_is_told(ann):
    gone = UserFactory(is_staff=True, is_active=False)
    visitor = UserFactory(is_staff=False)
    tell(
        [gone.pk, visitor.pk, None, ann.pk],
        NotificationKind.COMMENTED,
        about=Program,
        subject="x" * 900,
        address="/",
    )
    (notification,) = Notification.objects.all()
    assert (notification.recipient, len(notification.subject)) == (ann, 500)


def test_who_may_not_read_such_entries_any_more_is_not_told(ann, bob):
    program = written(ann, name="Secret", status=Status.IN_REVIEW)
    ann.groups.clear()
    apply_transition(program, Status.DRAFT, user=bob, reason="No goals.")
    assert told() == []

    proposal = propose(written(bob, name="Calm"), {"goals": "Sleep."}, {}, user=bob)
    ann.user_permissions.set(catalog_permissions("view"))
    type(proposal).objects.update(author=ann)
    proposal.refresh_from_db()
    take(proposal, DISCARD, user=bob)
    assert told() == [(ann.pk, "discarded", bob.pk, "")]


def test_author_of_what_was_published_has_written_it(ann, bob, cleo):
    program = written(None, name="Calm", goals="Rest.")
    proposal = propose(program, {"goals": "Rest and sleep."}, {}, user=ann)
    take(proposal, SUBMIT, Said(note="New goals"), user=ann)
    take(proposal, APPROVE, user=bob)
    take(proposal, PUBLISH, user=bob)
    told()

    apply_transition(program, Status.RETIRED, user=cleo, reason="Outdated.")

    assert told() == [(ann.pk, "retired", cleo.pk, "Outdated.")]


def test_merging_of_references_is_told_to_writers_and_leads_to_what_stays(ann, bob):
    merged, survivor = ReferenceFactory.build(key="two"), ReferenceFactory.build(key="one")
    merged._history_user = ann
    for reference in (merged, survivor):
        reference.save()
    seen = {each.pk: linked_digest(each) for each in (merged, survivor)}

    merge_linked(merged, survivor, user=bob, reason="The same.", seen=seen)

    (notification,) = Notification.objects.all()
    assert notification.subject == f"“{survivor}”, “{merged}”"
    assert notification.address == f"/admin/catalog/reference/{survivor.pk}/change/"
    assert told() == [(ann.pk, "merged", bob.pk, "The same.")]


def test_task_is_told_to_who_is_given_it_once_for_many_entries(ann, bob):
    programs = [written(bob, name=name) for name in ("Calm", "Rest", "Work")]
    errand = Errand(Task.REVIEW, ann, date(2026, 3, 1), "the new trial")
    assign(Program, [programs[0].pk], errand, user=bob)
    assert told() == [
        (ann.pk, "assigned", bob.pk, "Review the research, until March 1, 2026: the new trial")
    ]

    assign(Program, [program.pk for program in programs], errand, user=bob)
    (notification,) = Notification.objects.all()
    assert notification.subject == "“Rest”, “Work”"
    assert notification.address == f"/admin/catalog/program/{programs[1].pk}/change/"
