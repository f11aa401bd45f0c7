"""Entries that are not deleted: their pages say why, and what to do instead."""

import pytest

from catalog.editorial.transitions import WorkflowState
from catalog.models import Program, Reference, Status

from ..factories import ProgramFactory, ReferenceFactory, TopicAreaFactory, TopicExpertFactory
from ..pages import read
from .pages import address, said
from .workflow.steps import make

pytestmark = [pytest.mark.django_db, pytest.mark.once]

RETIRE = "It was public: retire it instead."


def public():
    return ProgramFactory(name="Calm")


def retired():
    return make(Program, WorkflowState.RETIRED, name="Calm")


def merged():
    other = ProgramFactory(name="Quiet", status=Status.DRAFT)
    return ProgramFactory(name="Calm", status=Status.RETIRED, merged_into=other)


def read_by_area():
    area = TopicAreaFactory(name="Sleep")
    reference = ReferenceFactory()
    area.further_reading.add(reference)
    return reference


def expert_of_area():
    expert = TopicExpertFactory(name="Ada")
    TopicAreaFactory(name="Sleep").experts.add(expert)
    return expert


LINKED = "The topic area “Sleep” links to it: take it out there first."


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (public, RETIRE),
        (lambda: TopicAreaFactory(name="Sleep"), RETIRE),
        (retired, "It was public, and its address keeps saying that it is retired."),
        (merged, "It was merged into “Quiet”, and its address leads there."),
        (read_by_area, LINKED),
        (expert_of_area, LINKED),
    ],
)
def test_pages_say_why_an_entry_is_not_deleted(root, kept, why):
    entry = kept()
    page = root.get(address("change", entry))
    assert {p.text for p in read(page).all("p", class_="why-kept")} == {f"Not to be deleted: {why}"}

    for ask in (root.get, root.post):
        answer = ask(address("delete", entry), {"post": "yes"} if ask == root.post else {})
        assert answer.url == address("change", entry)
        assert said(answer)[-1] == f"“{entry}” is not deleted. {why}"
    assert type(entry).objects.filter(pk=entry.pk).count() == 1


def test_what_may_be_deleted_says_nothing_of_it(root):
    for entry in (ProgramFactory(status=Status.DRAFT), ReferenceFactory()):
        assert read(root.get(address("change", entry))).all("p", class_="why-kept") == []
        assert root.post(address("delete", entry), {"post": "yes"}).status_code == 302
    assert (Program.objects.count(), Reference.objects.count()) == (0, 0)


def test_who_may_delete_nothing_is_refused(client, writer):
    client.force_login(writer)
    entry = public()

    assert client.post(address("delete", entry), {"post": "yes"}).status_code == 403
    assert read(client.get(address("change", entry))).all("p", class_="why-kept") == []


def test_merging_says_until_when_it_can_be_undone(root):
    merged, survivor = ProgramFactory(name="Calm"), ProgramFactory(name="Quiet")
    path = address("merge", merged)

    undone = "A merge can be undone until somebody edits what it has changed."
    assert undone in read(root.get(path)).main.text
    points = [li.text for li in read(root.get(path, {"into": survivor.pk})).main.all("li")]
    undone = "The merge can be undone while nobody has edited since what it changes. After that it is final."
    assert points.count(undone) == 1
