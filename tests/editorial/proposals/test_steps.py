"""The way of a proposal from a draft to the public: who may take which step, and what becomes of the entry."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.editorial.proposals.changes import must_propose, propose
from catalog.editorial.proposals.merging import Disputed, seen_of
from catalog.editorial.proposals.steps import (
    APPROVE,
    DISCARD,
    PUBLISH,
    SEND_BACK,
    SUBMIT,
    TAKE_UP,
    Said,
    steps_from,
    take,
)
from catalog.editorial.workflow import Hindered
from catalog.models import Program, Proposal, ProposalState, Status, Study

from ...factories import (
    ProgramFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)

pytestmark = [pytest.mark.once, pytest.mark.django_db]

NOTE = Said(note="New goals")


def proposed(program, user, rows=None, **sent):
    return propose(program, sent, rows or {}, user=user)


def submitted(program, ann, rows=None, **sent):
    return take(proposed(program, ann, rows, **sent), SUBMIT, NOTE, user=ann)


def approved(program, ann, bob, rows=None, **sent):
    return take(submitted(program, ann, rows, **sent), APPROVE, user=bob)


def live(program):
    return Program.objects.get(pk=program.pk)


def why(*args, **kwargs):
    with pytest.raises(Hindered) as hindered:
        take(*args, **kwargs)
    return " ".join(hindered.value.sentences)


@pytest.mark.parametrize(
    ("status", "published_at", "is_live"),
    [
        (Status.DRAFT, None, False),
        (Status.DRAFT, "past", False),
        (Status.IN_REVIEW, None, False),
        (Status.PUBLISHED, "past", True),
        (Status.PUBLISHED, "future", True),
        (Status.RETIRED, "past", True),
        (Status.RETIRED, None, False),
    ],
)
def test_what_visitors_see_or_will_see_is_live(ann, bob, status, published_at, is_live):
    days = {"past": -2, "future": 2}
    when = timezone.now() + timedelta(days=days[published_at]) if published_at else None
    program = ProgramFactory(status=status, published_at=when)
    area = TopicAreaFactory(status=status, published_at=when)
    expert, read, cited = TopicExpertFactory(), ReferenceFactory(), ReferenceFactory()
    area.experts.add(expert)
    area.further_reading.add(read)
    StudyFactory(program=program, reference=cited)

    entries = [program, area, expert, read, cited]

    assert [must_propose(ann, entry) for entry in entries] == [is_live] * 5
    assert [must_propose(bob, entry) for entry in entries] == [False] * 5


def test_term_is_live_and_what_nothing_uses_is_not(ann, bob):
    entries = [TermFactory(), ReferenceFactory(), TopicExpertFactory()]

    assert [must_propose(ann, entry) for entry in entries] == [True, False, False]
    assert not must_propose(bob, entries[0])


def test_proposal_is_published_as_one_change_that_names_author_and_approver(program, ann, bob):
    before = Program.history.count()
    proposal = approved(program, ann, bob, goals="Sleep.")
    assert live(program).goals == "Rest."

    take(proposal, PUBLISH, user=bob)

    record = Program.history.latest("history_id")
    assert live(program).goals == "Sleep."
    assert (record.history_user, Program.history.count() - before) == (bob, 1)
    assert record.history_change_reason == (
        "Proposed by one-of-editors, approved by one-of-publishers: New goals"
    )


def test_who_submitted_does_not_approve_unless_a_setting_says_so(program, bob, settings):
    proposal = submitted(program, bob, goals="Sleep.")

    assert why(proposal, APPROVE, user=bob) == (
        "You have submitted it yourself: somebody else approves it."
    )
    assert APPROVE not in steps_from(proposal, bob)

    settings.AUTHORS_MAY_APPROVE = True
    take(take(proposal, APPROVE, user=bob), PUBLISH, user=bob)
    record = Program.history.latest("history_id")
    assert "approved by the author" in record.history_change_reason


def test_unchanged_save_keeps_an_approval_and_a_changed_one_ends_it(program, ann, bob):
    proposal = approved(program, ann, bob, goals="Sleep.")

    again = proposed(program, ann, goals="Sleep.", description="What it is.")
    assert (again, again.state) == (proposal, ProposalState.APPROVED)

    changed = proposed(program, ann, goals="Sleep well.")
    assert (changed.state, changed.approved_by, changed.approved_digest) == (
        ProposalState.SUBMITTED,
        None,
        "",
    )


def test_what_is_not_proposed_follows_the_live_entry(program, ann, bob):
    proposal = approved(program, ann, bob, goals="Sleep.")
    program.description = "What it is now."
    program.save()

    take(proposal, PUBLISH, user=bob)

    assert (live(program).goals, live(program).description) == ("Sleep.", "What it is now.")


@pytest.mark.parametrize(("choice", "goals"), [("mine", "Sleep."), ("theirs", "Work.")])
def test_both_changed_the_same_and_somebody_chooses(program, ann, bob, choice, goals):
    proposal = approved(program, ann, bob, goals="Sleep.", duration="A week")
    program.goals = "Work."
    program.save()

    with pytest.raises(Disputed) as disputed:
        take(proposal, PUBLISH, user=bob)
    assert [(d.key, d.label, *d.three) for d in disputed.value.disputes] == [
        ("goals", "Goals", "Rest.", "Work.", "Sleep.")
    ]
    assert live(program).duration == ""

    take(proposal, PUBLISH, user=bob, choices={"goals": choice})
    assert (live(program).goals, live(program).duration) == (goals, "A week")


def test_proposal_of_nothing_is_none(program, ann):
    assert proposed(program, ann, goals="Rest.") is None
    assert not Proposal.objects.exists()

    proposal = proposed(program, ann, goals="Sleep.")
    proposed(program, ann, goals="Rest.")
    assert why(proposal, SUBMIT, NOTE, user=ann) == "It changes nothing that is live."


def test_steps_want_their_words(program, ann, bob):
    proposal = proposed(program, ann, goals="Sleep.")

    assert why(proposal, SUBMIT, user=ann) == (
        "Say what is new for visitors, or that the change is minor."
    )
    take(proposal, SUBMIT, Said(is_minor=True), user=ann)
    assert why(proposal, SEND_BACK, user=bob) == "Say why: the writer reads it."
    assert why(proposal, SEND_BACK, Said("No."), user=ann) == "Your account may not do this."
    assert why(proposal, PUBLISH, user=bob) == ("It is submitted, so this cannot be done with it.")


def test_discarded_one_is_kept_and_can_be_taken_up_again(program, ann, bob):
    proposal = take(proposed(program, ann, goals="Sleep."), DISCARD, user=ann)
    other = proposed(program, bob, goals="Work.")

    assert why(proposal, TAKE_UP, user=ann) == "There is another open proposal for this entry."
    take(other, DISCARD, user=bob)
    assert take(proposal, TAKE_UP, user=ann).state == ProposalState.DRAFT


def test_what_was_decided_on_is_what_was_seen(program, ann, bob):
    proposal = submitted(program, ann, goals="Sleep.")
    opened = seen_of(proposal)
    proposed(program, ann, goals="Sleep well.")

    assert why(proposal, APPROVE, user=bob, seen=opened) == (
        "It, or what is live, has changed since you opened the page. Look at it once more."
    )
    seen = seen_of(proposal)
    assert take(proposal, APPROVE, user=bob, seen=seen).state == ProposalState.APPROVED


def test_rows_come_go_and_change_with_their_program(program, ann, bob):
    goes, changes = StudyFactory(program=program), StudyFactory(program=program, location="Ohio")
    comes = ReferenceFactory()
    rows = {
        "studies": {
            str(goes.pk): {"DELETE": [None, None]},
            str(changes.pk): {"location": ["Ohio", "Utah"]},
            "+1": {"reference": [None, comes.pk], "location": ["", "Maine"]},
        }
    }
    proposal = approved(program, ann, bob, rows)
    assert program.studies.count() == 2

    with pytest.raises(Disputed):
        take(proposal, PUBLISH, user=bob)
    take(proposal, PUBLISH, user=bob, choices={f"studies.{goes.pk}.DELETE": "mine"})

    found = program.studies.order_by("pk").values_list("reference", "location")
    assert list(found) == [(changes.reference_id, "Utah"), (comes.pk, "Maine")]
    users = Study.history.exclude(history_type="+", id__in=[goes.pk, changes.pk])
    assert set(users.values_list("history_user", flat=True)) == {bob.pk}
    assert Proposal.objects.get().state == ProposalState.PUBLISHED


def test_nothing_is_published_where_all_rows_are_left_as_they_are(program, ann, bob):
    study = StudyFactory(program=program, location="Ohio")
    rows = {"studies": {str(study.pk): {"location": ["Ohio", "Utah"]}}}
    proposal = approved(program, ann, bob, rows)
    Study.objects.update(location="Maine")
    theirs = {f"studies.{study.pk}.location": "theirs"}

    assert why(proposal, PUBLISH, user=bob, choices=theirs) == "It changes nothing that is live."
    assert Proposal.objects.get().state == ProposalState.APPROVED


def test_row_that_is_gone_meanwhile_is_not_changed_silently(program, ann, bob):
    study = StudyFactory(program=program)
    rows = {"studies": {str(study.pk): {"location": ["", "Utah"]}}}
    proposal = approved(program, ann, bob, rows, goals="Sleep.")
    study.delete()

    assert why(proposal, PUBLISH, user=bob) == (
        "A study that it changes was removed. Open the form and save it again."
    )
    assert live(program).goals == "Rest."


def test_account_of_nobody_special_may_nothing(program, ann):
    proposal = submitted(program, ann, goals="Sleep.")

    assert steps_from(proposal, UserFactory(is_staff=True)) == []


# --- What others do meanwhile ------------------------------------------------------------------------------------


def test_what_is_deleted_meanwhile_is_said_and_nothing_is_published(ann, bob):
    area, expert, umbrella = (
        TopicAreaFactory(definition="It."),
        TopicExpertFactory(),
        TopicAreaFactory(),
    )
    sent = {"experts": frozenset([expert.pk]), "parent": umbrella.pk, "definition": "New."}
    proposal = approved(area, ann, bob, **sent)
    expert.delete()
    umbrella.delete()

    assert why(proposal, PUBLISH, user=bob) == (
        "Umbrella area, Topic experts: what is proposed was deleted. Open the form and save it again."
    )
    area.refresh_from_db()
    assert area.definition == "It."


def test_row_whose_reference_is_deleted_meanwhile_is_said(program, ann, bob):
    reference = ReferenceFactory()
    proposal = approved(program, ann, bob, {"studies": {"+1": {"reference": [None, reference.pk]}}})
    reference.delete()

    assert why(proposal, PUBLISH, user=bob) == (
        "Reference: what is proposed was deleted. Open the form and save it again."
    )


def test_taking_a_change_back_undoes_nothing_that_is_live_meanwhile(program, ann):
    proposed(program, ann, goals="Sleep.", duration="A week")
    program.goals = "Work."
    program.save()

    proposed(program, ann, goals="Rest.")

    assert Proposal.objects.get().changes == {"duration": ["", "A week"]}


def test_rows_of_a_relation_that_was_not_sent_stay(program, ann, bob):
    rows = {"studies": {"+1": {"reference": [None, ReferenceFactory().pk]}}}
    proposed(program, ann, rows)

    proposal = proposed(program, bob, goals="Sleep.")
    assert proposal.rows == rows
    assert proposed(program, bob, {"studies": {}}).rows == {}


def test_who_changes_what_was_submitted_does_not_approve_it(program, ann, bob):
    proposal = submitted(program, ann, goals="Sleep.")
    proposed(program, bob, goals="Work.")

    assert why(proposal, APPROVE, user=bob) == (
        "You have submitted it yourself: somebody else approves it."
    )


def test_choice_holds_for_what_was_seen(program, ann, bob):
    proposal = approved(program, ann, bob, goals="Sleep.")
    for goals in ("Work.", "Play."):
        seen = seen_of(Proposal.objects.get())
        program.goals = goals
        program.save()

    assert why(proposal, PUBLISH, user=bob, seen=seen, choices={"goals": "mine"}) == (
        "It, or what is live, has changed since you opened the page. Look at it once more."
    )
    seen = seen_of(Proposal.objects.get())
    take(proposal, PUBLISH, user=bob, seen=seen, choices={"goals": "mine"})
    assert live(program).goals == "Sleep."


def test_program_that_was_merged_takes_no_proposal_any_more(program, ann, bob):
    proposal = approved(program, ann, bob, goals="Sleep.")
    Program.objects.filter(pk=program.pk).update(
        merged_into=ProgramFactory(), status=Status.RETIRED, retired_at=timezone.now()
    )

    sentence = "The program was merged into another one: discard this, or propose the change there."
    assert why(proposal, PUBLISH, user=bob) == sentence
    assert steps_from(Proposal.objects.get(), bob) == [DISCARD]


def test_history_names_who_approved(program, ann, bob, settings):
    settings.AUTHORS_MAY_APPROVE = True
    proposal = take(proposed(program, ann, goals="Sleep."), SUBMIT, NOTE, user=bob)
    take(take(proposal, APPROVE, user=bob), PUBLISH, user=bob)

    assert Program.history.latest("history_id").history_change_reason == (
        "Proposed by one-of-editors, approved by one-of-publishers: New goals"
    )


def test_date_that_another_step_does_not_use_is_no_part_of_its_words(program, ann, bob):
    proposal = approved(program, ann, bob, goals="Sleep.")
    later = timezone.now() + timedelta(days=1)

    take(proposal, SEND_BACK, Said("Whose?", moment=later), user=bob)

    assert Proposal.history.latest("history_id").history_change_reason == "Sent back: Whose?"


def test_empty_one_is_not_approved(program, ann, bob):
    proposal = submitted(program, ann, goals="Sleep.")
    proposed(program, ann, goals="Rest.")

    assert why(proposal, APPROVE, user=bob) == "It changes nothing that is live."
