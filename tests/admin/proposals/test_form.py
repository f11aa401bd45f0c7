"""The form of an entry that visitors read: who may not publish proposes there, and nothing of it is public."""

import re
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Program, Proposal, ProposalState, Term

from ...conftest import catalog_permissions, group_user
from ...factories import (
    ProgramFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..entry_form.open_form import Form, blank_study
from ..pages import address, said, submit, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def program(db):
    return ProgramFactory(name="Calm", goals="Rest.", description="What it is.")


def live(entry):
    return type(entry).objects.get(pk=entry.pk)


def step(client, proposal, name, **typed):
    page = client.get(proposal.get_absolute_url())
    return client.post(
        proposal.get_absolute_url(),
        {"step": name, "seen": page.context["seen"], **typed},
        follow=True,
    )


def test_writer_proposes_and_is_told_so_before(ann, program):
    form = ann.get(address("change", program))
    assert "What you save is kept as a proposal" in text_of(form)
    assert 'name="_save"' not in form.content.decode()

    answer = submit(ann, address("change", program), goals="Sleep.")

    proposal = Proposal.objects.get()
    assert answer.url == proposal.get_absolute_url()
    assert proposal.changes == {"goals": ["Rest.", "Sleep."]}
    assert (live(program).goals, Program.history.count()) == ("Rest.", 1)


def test_form_shows_the_proposal_and_the_next_save_changes_it(ann, bob, program):
    submit(ann, address("change", program), goals="Sleep.")

    form = bob.get(address("change", program))
    assert "This form shows the proposal of one-of-editors" in text_of(form)
    assert "Sleep." in form.content.decode()
    assert "Rest." in bob.get(address("change", program) + "?live=1").content.decode()
    submit(bob, address("change", program), duration="A week")

    assert Proposal.objects.get().changes == {
        "goals": ["Rest.", "Sleep."],
        "duration": ["", "A week"],
    }
    assert (live(program).goals, live(program).duration) == ("Rest.", "")


@pytest.mark.parametrize("state", ProposalState.values)
def test_whatever_a_writer_presses_changes_a_proposal_alone(ann, program, state):
    """In every state of the proposal that there is: one that has ended is followed by another one."""
    known = Proposal(program=program, changes={"goals": ["Rest.", "Sleep."]}, state=state)
    known.is_minor = True
    known.approved_digest = known.digest if state == "approved" else ""
    known.published_at = datetime(2026, 3, 1, tzinfo=UTC) if state == "published" else None
    known.save()
    assert Form(ann, program).data["goals"] == ["Sleep." if known.is_open else "Rest."]

    for button in ("_save", "_continue", "_propose"):
        form = Form(ann, program)
        ann.post(form.path, {**form.data, "duration": button, button: "x"})

    assert (live(program).duration, live(program).goals) == ("", "Rest.")
    kept = Proposal.objects.open().get()
    assert (kept.pk == known.pk) == known.is_open
    assert kept.changes.pop("duration") == ["", "_propose"]
    assert kept.changes == (known.changes if known.is_open else {})
    is_read = state in {"submitted", "approved"}
    now = "submitted" if is_read else state if known.is_open else "draft"
    assert (kept.state, kept.approved_digest) == (now, "")


def test_who_may_publish_chooses(bob, program):
    form = bob.get(address("change", program)).content.decode()
    assert form.index('name="_propose"') < form.index('name="_save"')

    submit(bob, address("change", program), goals="Work.", _save="Save")
    assert (live(program).goals, Proposal.objects.count()) == ("Work.", 0)

    submit(bob, address("change", program), goals="Sleep.", _propose="Save as proposal")
    assert (live(program).goals, Proposal.objects.get().changes) == (
        "Work.",
        {"goals": ["Work.", "Sleep."]},
    )


def test_relations_and_rows_are_part_of_it(ann, bob, program):
    area, expert = TopicAreaFactory(definition="It."), TopicExpertFactory()
    submit(ann, address("change", area), experts=[expert.pk])
    stays, goes = StudyFactory(program=program), StudyFactory(program=program)
    comes = ReferenceFactory()
    order = list(program.studies.values_list("pk", flat=True))
    place, gone = order.index(stays.pk), order.index(goes.pk)

    submit(
        ann,
        address("change", program),
        **{
            f"studies-{place}-location": "Utah",
            f"studies-{gone}-DELETE": "on",
            "studies-TOTAL_FORMS": "3",
            "studies-2-reference": comes.pk,
            **blank_study(2),
        },
    )

    of_area, of_program = (
        Proposal.objects.get(topic_area=area),
        Proposal.objects.get(program=program),
    )
    assert of_area.changes == {"experts": [[], [expert.pk]]}
    rows = dict(of_program.rows["studies"])
    assert rows.pop(str(goes.pk))["DELETE"][1] is None
    assert rows.pop(str(stays.pk)) == {"location": ["", "Utah"]}
    assert rows == {"+1": {"reference": [None, comes.pk]}}
    assert area.experts.count() == 0
    assert set(program.studies.values_list("location", flat=True)) == {""}

    page = bob.get(of_program.get_absolute_url())
    assert "New study" in text_of(page)
    submit(ann, address("change", program), duration="A week")
    again = Proposal.objects.get(program=program)
    assert (again.rows, set(again.changes)) == (of_program.rows, {"duration"})

    for client, name, typed in [
        (ann, "submit", {"note": "New studies"}),
        (bob, "approve", {}),
        (bob, "publish", {}),
    ]:
        step(client, again, name, **typed)
    found = program.studies.order_by("pk").values_list("reference", "location")
    assert list(found) == [(stays.reference_id, "Utah"), (comes.pk, "")]
    assert live(program).duration == "A week"


def test_second_writer_is_asked_where_both_changed_the_same(ann, bob, program):
    path = address("change", program)
    submit(ann, path, goals="Sleep.", duration="A week")
    mine = Form(ann, program)
    submit(bob, path, goals="Work.", intensity="Daily")

    assert not mine.save(goals="Walk.", duration="A month")
    assert "one-of-publishers has saved this program" in text_of(mine.page)
    assert mine.choices == {
        "Goals: both of you changed it": [
            "Theirs: Sleep. → Work.",
            "Yours: Sleep. → Walk. (the text below, which you may still change)",
        ]
    }
    assert Proposal.objects.get().changes["goals"] == ["Rest.", "Work."]

    assert mine.save(**{"choice-goals": "mine"})
    assert Proposal.objects.get().changes == {
        "goals": ["Rest.", "Walk."],
        "duration": ["", "A month"],
        "intensity": ["", "Daily"],
    }


def test_steps_lead_to_the_public(ann, bob, program):
    submit(ann, address("change", program), goals="Sleep.")
    proposal = Proposal.objects.get()

    assert "Say what is new for visitors" in text_of(step(ann, proposal, "submit"))
    step(ann, proposal, "submit", note="New goals")
    assert "Say why: the writer reads it." in text_of(step(bob, proposal, "send-back"))
    step(bob, proposal, "send-back", reason="Whose sleep?")
    why = "Sent back by one-of-publishers: Whose sleep?"
    for page in (proposal.get_absolute_url(), address("change", program)):
        assert why in text_of(ann.get(page))
    assert why not in text_of(ann.get(address("change", ProgramFactory())))
    step(ann, proposal, "submit", is_minor="on")
    step(bob, proposal, "approve")
    assert live(program).goals == "Rest."
    answer = step(bob, proposal, "publish")

    assert "Published: visitors read it from now on." in " ".join(said(answer))
    assert live(program).goals == "Sleep."
    assert Proposal.objects.get().state == ProposalState.PUBLISHED


def test_it_is_published_at_a_moment_and_of_a_doubled_hour_at_which_one(ann, bob, program):
    submit(ann, address("change", program), goals="Sleep.")
    proposal = Proposal.objects.get()
    step(ann, proposal, "submit", is_minor="on")
    step(bob, proposal, "approve")

    assert "A date of publication lies in the future" in text_of(step(bob, proposal, "schedule"))
    skipped = step(bob, proposal, "schedule", day="2099-03-08", at="02:30")
    assert "Clocks skip this time on that day" in text_of(skipped)
    doubled = step(bob, proposal, "schedule", day="2099-11-01", at="01:30")
    assert "The second one, an hour later" in text_of(doubled)
    assert Proposal.objects.get().publish_at is None

    answer = step(bob, proposal, "schedule", day="2099-11-01", at="01:30", fold="1")

    assert Proposal.objects.get().publish_at == datetime(2099, 11, 1, 9, 30, tzinfo=UTC)
    assert "It is published by itself on November 1, 2099, 1:30 AM." in text_of(answer)
    step(bob, proposal, "unschedule")
    assert Proposal.objects.get().publish_at is None
    assert live(program).goals == "Rest."


def test_form_opens_where_a_proposed_reference_is_deleted(ann, program):
    reference = ReferenceFactory()
    StudyFactory(program=program)
    submit(ann, address("change", program), **{"studies-0-reference": reference.pk})
    reference.delete()

    page = ann.get(address("change", program))

    assert page.status_code == 200
    assert "This form shows the proposal" in text_of(page)


def test_discarded_meanwhile_is_told(ann, bob, program):
    submit(ann, address("change", program), goals="Sleep.")
    mine = Form(ann, program)
    step(bob, Proposal.objects.get(), "discard")

    assert not mine.save(duration="A week")
    assert "one-of-publishers discarded the proposal" in re.sub(r"\s+", " ", text_of(mine.page))
    assert Proposal.objects.get().state == ProposalState.DISCARDED


def test_new_row_that_another_one_took_back_does_not_return(ann, bob, program):
    new = {
        "studies-TOTAL_FORMS": "1",
        "studies-0-reference": ReferenceFactory().pk,
        **blank_study(0),
    }
    submit(ann, address("change", program), goals="Sleep.", **new)
    mine = Form(ann, program)
    submit(bob, address("change", program), **{"studies-0-DELETE": "on"})
    assert Proposal.objects.get().rows == {}

    mine.save(duration="A week")
    mine.save()

    assert Proposal.objects.get().rows == {}
    assert set(Proposal.objects.get().changes) == {"goals", "duration"}


def test_reader_sees_what_is_live(ann, client, program):
    submit(ann, address("change", program), goals="Sleep.")
    reader = type(client)()
    reader.force_login(group_user("Viewers"))

    page = text_of(reader.get(address("change", program)))

    assert ("Rest." in page, "Sleep." in page) == (True, False)


def test_who_may_not_change_rows_leaves_those_that_are_proposed(ann, client, program):
    StudyFactory(program=program)
    submit(ann, address("change", program), **{"studies-0-location": "Utah"})
    carl = UserFactory(username="carl", is_staff=True)
    allowed = [p for p in catalog_permissions("view", "change") if p.codename.endswith("_program")]
    carl.user_permissions.set(allowed)
    other = type(client)()
    other.force_login(carl)

    submit(other, address("change", program), duration="A week")

    proposal = Proposal.objects.get()
    assert (set(proposal.changes), list(proposal.rows)) == ({"duration"}, ["studies"])


def test_entry_that_had_a_proposal_can_be_deleted(bob):
    term = TermFactory()
    Proposal.objects.create(term=term, state="discarded")

    bob.post(address("delete", term), {"post": "yes"})

    assert (Term.objects.count(), Proposal.objects.count()) == (0, 0)


def test_name_of_a_proposed_file_fits_its_column(ann, bob):
    area = TopicAreaFactory(definition="It.", rating_criteria="It.")
    file = SimpleUploadedFile("x" * 96 + ".pdf", b"%PDF-1.4 %%EOF")

    submit(ann, address("change", area), summary_document=file)

    name = Proposal.objects.get().changes["summary_document"][1]
    assert (len(name) <= 100, name.endswith(".pdf")) == (True, True)


def test_page_costs_the_same_for_one_row_and_six(ann, bob, program):
    def queries(rows):
        stored = [StudyFactory(program=program) for _ in range(rows)]
        changes = {
            str(s.pk): {"reference": [s.reference_id, ReferenceFactory().pk]} for s in stored
        }
        new = {f"+{n}": {"reference": [None, ReferenceFactory().pk]} for n in range(rows)}
        Proposal.objects.filter(state="draft").delete()
        proposal = Proposal.objects.create(program=program, rows={"studies": {**changes, **new}})
        bob.get(proposal.get_absolute_url())
        with CaptureQueriesContext(connection) as captured:
            bob.get(proposal.get_absolute_url())
        return len(captured)

    assert queries(1) == queries(6)
