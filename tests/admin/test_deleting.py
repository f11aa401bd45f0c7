"""Deleting many entries of a list: what goes, what is kept and why."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Program, Reference, Status, Study, Term, TopicArea

from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from ..pages import read
from .pages import address, fields_of, run_action, said

pytestmark = [pytest.mark.django_db, pytest.mark.once]

RETIRE = "It was public: retire it instead."
RATED = "It has ratings, which are facts with a date and are kept."


def draft(name, **fields):
    return ProgramFactory(name=name, status=Status.DRAFT, **fields)


def listed(page, place):
    """Return the entries of one of the page's lists, each with what is said of it."""
    lists = read(page).main.all("ul", class_="entries")
    return [item.text for item in lists[place].all("li")] if len(lists) > place else []


def confirm(client, page, model):
    return client.post(address("changelist", model), fields_of(page))


def test_what_goes_and_what_is_kept_are_named_before_and_afterwards(root):
    going = draft("Going")
    StudyFactory(program=going)
    public, rated = ProgramFactory(name="Public"), draft("Rated")
    RatingFactory(program=rated)

    page = run_action(root, "delete_selected", [going, public, rated])

    assert read(page).h1 == "Delete 1 program"
    assert listed(page, 0) == ["Going"]
    assert listed(page, 1) == [f"Public {RETIRE}", f"Rated {RATED}"]
    assert "What goes with them: 1 study." in read(page).main.text
    ProgramFactory(name="New")
    answer = confirm(root, page, Program)
    assert said(answer)[-1:] == ["Deleted: 1 program. Their history is kept."]
    assert {p.name for p in Program.objects.all()} == {"Public", "Rated", "New"}
    deletion = Program.history.filter(id=going.pk).first()
    assert (deletion.history_type, deletion.history_user.username) == ("-", "admin")
    assert Study.history.filter(program_id=going.pk).first().history_type == "-"
    assert [entry.object_repr for entry in LogEntry.objects.all()] == ["Going"]


def test_what_was_published_meanwhile_is_kept_and_named(root):
    entries = [draft("One"), draft("Two")]
    page = run_action(root, "delete_selected", entries)
    Program.objects.filter(name="Two").update(status="published", published_at="2026-01-01T00:00Z")

    answer = confirm(root, page, Program)

    assert said(answer) == [
        f"“Two” is not deleted. {RETIRE}",
        "Deleted: 1 program. Their history is kept.",
    ]
    assert [p.name for p in Program.objects.all()] == ["Two"]


def test_where_nothing_can_go_there_is_no_button(root):
    area = TopicAreaFactory(name="Sleep", status=Status.DRAFT)
    TopicAreaFactory(name="Part", parent=area)
    reference, expert, cited = ReferenceFactory(), TopicExpertFactory(), StudyFactory().reference
    for relation, entry in (("further_reading", reference), ("experts", expert)):
        getattr(area, relation).add(entry)
    related = TopicAreaFactory(name="Rest", status=Status.DRAFT)
    area.related_areas.add(related)
    linked = "The topic area “Sleep” links to it: take it out there first."
    cites = "A program cites it: take it out there first, or merge it into another one."

    for entry, why in (
        (area, "Other topic areas are parts of it."),
        (related, "The topic area “Sleep” names it as related: take it out there first."),
        (reference, linked),
        (expert, linked),
        (cited, cites),
    ):
        page = run_action(root, "delete_selected", [entry])
        assert listed(page, 0) == [f"{entry} {why}"]
        assert read(page).main.all("form", method="post") == []
        sent = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
        answer = root.post(address("changelist", type(entry)), sent)
        assert said(answer)[-1] == f"“{entry}” is not deleted. {why}"
        # Its own page says the same.
        assert said(root.get(address("delete", entry)))[-1] == f"“{entry}” is not deleted. {why}"
    assert (TopicArea.objects.count(), Reference.objects.count()) == (3, 2)


def test_terms_and_references_that_nothing_uses_go(root):
    for entry in (TermFactory(), ReferenceFactory(), TopicExpertFactory()):
        answer = confirm(root, run_action(root, "delete_selected", [entry]), type(entry))
        assert said(answer)[-1].startswith("Deleted: 1 ")
    assert (Term.objects.count(), Reference.objects.count()) == (0, 0)


def test_the_action_says_what_it_deletes(root):
    labels = {}
    for model in (Program, Reference, Term):
        page = root.get(address("changelist", model))
        options = read(page).all("option", value="delete_selected")
        labels[model] = [option.text for option in options]

    assert labels == {
        Program: ["Delete the selected programs that were never public"],
        Reference: ["Delete the selected references that nothing links to"],
        Term: ["Delete the selected glossary terms"],
    }


def test_many_cost_as_many_queries_as_one(root):
    costs = []
    for number in (1, 5):
        entries = [ProgramFactory() for _ in range(number)]
        entries += [draft(f"Draft {number} {n}") for n in range(number)]
        for entry in entries:
            StudyFactory(program=entry)
        with CaptureQueriesContext(connection) as queries:
            run_action(root, "delete_selected", entries)
        costs.append(len(queries))

    assert costs[0] == costs[1]


@pytest.mark.parametrize("factory", [ReferenceFactory, TermFactory, ProgramFactory, StudyFactory])
def test_many_cost_a_writer_as_many_queries_as_one(client, writer, factory):
    permission = f"delete_{factory._meta.model._meta.model_name}"
    writer.user_permissions.add(Permission.objects.get(codename=permission))
    client.force_login(writer)
    run_action(client, "delete_selected", [factory()])  # content types are looked up once
    costs = []
    for number in (1, 5):
        entries = factory.create_batch(number)
        with CaptureQueriesContext(connection) as queries:
            page = run_action(client, "delete_selected", entries)
        assert page.status_code == 200
        costs.append(len(queries))

    assert costs[0] == costs[1]
