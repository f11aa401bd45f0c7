"""The pages on which something is given to somebody, the filter that finds it, and the desk that tells of it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from catalog.admin.team.assign_form import PAST
from catalog.editorial.assignments import Errand, assign
from catalog.models import Assignment, Program, Proposal, Task

from ...factories import ProgramFactory, TermFactory, UserFactory
from ...pages import read
from ..pages import actions, address, fields_of, listed, notes, run_action, said, text_of
from ..workflow.merging import put_together

pytestmark = [pytest.mark.once, pytest.mark.django_db]


def in_words(days):
    return date_format(timezone.localdate() + timedelta(days=days), "DATE_FORMAT")


def give(program, person, by, task=Task.EDIT, *, days=None, note=""):
    """Give somebody a task that is due in so many days, which may be past."""
    due = None if days is None else timezone.localdate() + timedelta(days=days)
    (made,) = assign(Program, [program.pk], Errand(task, person, due, note), user=by)
    return made


def tools(response):
    """Return what the page of an entry offers to do."""
    return [text for text, _ in read(response).one("ul", class_="object-tools").links]


# --- One entry


def test_somebody_is_given_a_review_and_hands_it_on(mine, ann, bob, program):
    page = address("assign", program)
    due = timezone.localdate() + timedelta(days=9)
    typed = {"task": "review", "person": bob.pk, "due_on": due.isoformat(), "note": "Two trials."}

    given = mine.post(page, typed, follow=True)

    words = f"Review the research: Bob Example, until {in_words(9)}"
    assert said(given) == [f"{words}."]
    there_is = read(given).section("What there is to do").one("li").text
    assert there_is.startswith(f"{words} Two trials. Assigned on {in_words(0)} by Ann Example.")
    assert tools(mine.get(address("change", program)))[:2] == ["Notes", "Assigned to Bob Example"]
    first = Assignment.objects.get()
    mine.post(page, {"take": first.pk})
    taken = Assignment.objects.open().get()
    assert (taken.person, taken.due_on, taken.note) == (ann, due, "Two trials.")
    done = mine.post(page, {"end": taken.pk}, follow=True)
    assert said(done)[-1] == f"Done: Review the research: Ann Example, until {in_words(9)}."
    assert "Nobody has anything to do here." in text_of(done)
    again = mine.post(page, {"end": taken.pk}, follow=True)
    assert said(again) == ["That was done or handed on before."]
    listed_ones = read(again).section("What was done or handed on").all("li")
    assert [item.text.partition(" assigned")[0] for item in listed_ones] == [
        "Review the research: Ann Example",
        "Review the research: Bob Example",
    ]


def test_what_cannot_be_is_refused_in_words_and_what_was_typed_stays(mine, ann, program):
    yesterday = timezone.localdate() - timedelta(days=1)
    typed = {"task": "edit", "person": "", "due_on": yesterday.isoformat(), "note": "<b>Soon</b>"}

    page = mine.post(address("assign", program), typed)

    assert notes(page) == ["Nothing was assigned yet: see below what to fix."]
    assert "Choose who is to do it." in text_of(page)
    assert PAST in text_of(page)
    form = read(page).all("form", method="post")[-1]
    assert form.one("textarea").text == "<b>Soon</b>"
    assert not Assignment.objects.exists()


def test_decision_is_for_who_may_publish(mine, ann, bob, program):
    Proposal.objects.create(program=program, state="submitted", is_minor=True, submitted_by=ann)
    typed = {"task": "decide", "person": ann.pk}

    refused = mine.post(address("assign", program), typed)
    given = mine.post(address("assign", program), {**typed, "person": bob.pk}, follow=True)

    assert "Ann Example may not publish programs: choose somebody who may." in text_of(refused)
    assert said(given) == ["Decide on the proposal: Bob Example."]
    assert "Take it over" not in text_of(given)


def test_nobody_takes_over_the_decision_on_their_own_proposal(client, ann, bob, program):
    root = UserFactory(is_superuser=True, is_staff=True)
    Proposal.objects.create(program=program, state="submitted", is_minor=True, submitted_by=root)
    given = give(program, bob, ann, Task.DECIDE)
    client.force_login(root)

    page = client.post(address("assign", program), {"take": given.pk}, follow=True)

    why = f"{root.username} has submitted its proposal: somebody else decides on it."
    assert said(page) == [f"Nothing was assigned. {why}"]
    assert Assignment.objects.open().get().person == bob


def test_deleting_an_entry_takes_its_assignments_along(client, bob, ann):
    client.force_login(bob)
    draft = ProgramFactory(status="draft")
    give(draft, ann, bob)

    client.post(address("delete", draft), {"post": "yes"})

    assert not Assignment.objects.exists()


# --- Many entries


def test_many_entries_are_given_to_somebody_at_once(mine, ann, bob):
    programs = [ProgramFactory(name=f"P{n}") for n in range(3)]
    give(programs[1], bob, ann)

    page = run_action(mine, "assign_selected", programs)
    form = fields_of(page)
    done = mine.post(
        address("assign_many", Program), {**form, "task": "edit", "person": ann.pk}, follow=True
    )

    assert "P1 Edit the entry: Bob Example" in text_of(page)
    assert said(done) == ["Edit the entry: Ann Example (3 programs)."]
    found = Assignment.objects.open().order_by("program__name")
    assert [(one.program.name, one.person) for one in found] == [(f"P{n}", ann) for n in range(3)]


def test_one_that_is_refused_keeps_all_from_being_assigned(mine, ann):
    good, retired = ProgramFactory(name="Good"), ProgramFactory(name="Old", status="retired")
    sent = {"entries": f"{good.pk} {retired.pk}", "task": "review", "person": ann.pk, "note": "N."}

    page = mine.post(address("assign_many", Program), sent)

    assert notes(page) == ["Nothing was assigned."]
    assert "“Old”: It is retired: its research is not reviewed any more." in text_of(page)
    assert fields_of(page)["entries"] == [f"{good.pk} {retired.pk}"]
    assert fields_of(page)["note"] == ["N."]
    assert not Assignment.objects.exists()


def test_only_who_may_change_entries_is_offered_the_action(client, ann, viewer, program):
    offered = {}
    for user in (ann, viewer):
        client.force_login(user)
        found = actions(client.get(address("changelist", Program)))
        offered[user.username] = "assign_selected" in found

    assert offered == {"one-of-editors": True, "one-of-viewers": False}


# --- Filters


def test_lists_are_filtered_by_who_has_something_to_do(mine, ann, bob):
    late, soon, taken, free = (ProgramFactory(name=n) for n in ("Late", "Soon", "Taken", "Free"))
    give(late, ann, bob, days=1)
    Assignment.objects.update(due_on=timezone.localdate() - timedelta(days=1))
    give(soon, ann, bob, days=1)
    give(taken, bob, bob)
    give(late, bob, bob, Task.REVIEW)

    def found(work):
        return listed(mine.get(address("changelist", Program), {"work": work}))

    assert found("mine") == ["Late", "Soon"]
    assert found("nobody") == ["Free"]
    assert found("overdue") == ["Late"]
    assert found(str(bob.pk)) == ["Late", "Taken"]
    everything = ["Free", "Late", "Soon", "Taken"]
    assert [found(value) for value in ("", "x", "-1")] == [everything] * 3
    assert free.pk


def test_proposals_are_filtered_by_who_decides_on_them(client, ann, bob, program):
    client.force_login(bob)
    given = Proposal.objects.create(program=program, state="submitted", is_minor=True)
    other = Proposal.objects.create(term=TermFactory(), state="submitted", is_minor=True)
    give(program, bob, ann, Task.DECIDE)

    def found(work):
        page = client.get(address("changelist", Proposal), {"work": work})
        return list(page.context["cl"].result_list)

    assert (found("mine"), found("nobody")) == ([given], [other])


# --- The desk


def sections(client, user):
    client.force_login(user)
    page = read(client.get("/admin/"))
    parts = {s.one("h3").text: s for s in page.all("section") if not s.all("h2")}
    return {title: [item.text for item in part.all("li")] for title, part in parts.items()}


def test_desk_says_what_is_mine_and_what_is_overdue(client, ann, bob, program):
    give(ProgramFactory(name="Someday"), ann, bob)
    give(ProgramFactory(name="Later"), ann, bob, days=3)
    give(program, ann, bob, Task.REVIEW, note="Two trials.")
    Assignment.objects.filter(program=program).update(
        due_on=timezone.localdate() - timedelta(days=2)
    )
    do = "Done, or hand it on …"

    anns, bobs = sections(client, ann), sections(client, bob)

    assert anns["Assigned to me 3"] == [
        f"Calm Review the research, overdue since {in_words(-2)}: Two trials. {do}",
        f"Later Edit the entry, until {in_words(3)} {do}",
        f"Someday Edit the entry {do}",
    ]
    assert "Assigned and overdue" not in str(anns)
    assert bobs["Assigned and overdue 1"] == [
        f"Calm Review the research, overdue since {in_words(-2)}, Ann Example: Two trials. {do}"
    ]


def test_what_is_given_to_somebody_is_nobodys_no_more(client, ann, bob, program):
    Program.objects.filter(pk=program.pk).update(research_last_reviewed="2001")
    Proposal.objects.create(program=program, state="submitted", is_minor=True)
    before = sections(client, ann)

    give(program, bob, ann, Task.DECIDE)
    after = sections(client, ann)

    for title in ("Reviews that are nobody’s", "Proposals that are nobody’s"):
        assert len(before[f"{title} 1"]) == 1
        assert after[title] == []


def test_proposal_of_a_merged_program_is_given_to_nobody(client, ann, bob, program):
    Proposal.objects.create(program=program, state="submitted", is_minor=True)
    put_together(program, ProgramFactory(name="Rest"))

    nobodys = sections(client, bob)["Proposals that are nobody’s"]
    page = client.get(address("changelist", Proposal), {"work": "nobody"})

    assert nobodys == []
    assert listed(page) == []


def test_what_somebody_has_to_do_who_has_left_the_staff_is_nobodys(mine, ann, bob, program):
    give(program, bob, ann)
    assert Assignment.objects.open().count() == 1

    type(bob).objects.filter(pk=bob.pk).update(is_staff=False)

    assert not Assignment.objects.open().exists()
    page = mine.get(address("changelist", Program), {"work": "nobody"})
    assert listed(page) == ["Calm"]
