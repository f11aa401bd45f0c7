"""What the pages say of relations between programs where two are merged, and where that is undone."""

import pytest

from catalog.editorial.twins import MergeRefused
from catalog.models import Program, RelatedProgram

from ...factories import ContactFactory, ProgramFactory, RelatedProgramFactory
from ...pages import read
from .merging import merging, page_of, put_together
from .test_unmerging import take_apart

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def pair(db):
    """Two entries of one program; Farms is adapted from one, Rooms of the family of both."""
    merged, survivor = ProgramFactory(name="Calm"), ProgramFactory(name="Calm Corners")
    farms, rooms = ProgramFactory(name="Farms"), ProgramFactory(name="Rooms")
    RelatedProgramFactory(program=farms, kind="adaptation", other=merged)
    for one in (merged, survivor):
        RelatedProgramFactory(program=rooms, kind="family", other=one)
    RelatedProgramFactory(program=survivor, other=merged)
    RelatedProgramFactory(program=merged, kind="family", other=farms)
    ContactFactory(program=merged, name="Kim")
    return merged, survivor


def points(client, address):
    listed = read(client.get(address)).main.all("li")
    return [item.text for item in listed if "relat" in item.text or "contact" in item.text]


def test_page_says_what_becomes_of_relations_and_contacts(editor_client, pair):
    said = points(editor_client, merging(*pair))

    end = "goes: it would relate “Calm Corners” to itself, or stand there twice."
    assert said == [
        "The contact Kim (training) moves.",
        "The relation “Of one family with Farms” moves.",
        "“Farms” names “Calm Corners” as related from then on, instead of “Calm”.",
        f"The relation “A version of Calm” of “Calm Corners” {end}",
        f"The relation “Of one family with Calm” of “Rooms” {end}",
    ]


def test_page_of_undoing_says_which_relations_come_back(editor_client, pair):
    put_together(*pair)

    assert points(editor_client, page_of(pair[0], "unmerge")) == [
        "The contact Kim (training) goes back to “Calm”.",
        "The relation “Of one family with Farms” goes back to “Calm”.",
        "“Farms” is related again: Adapted from Calm.",
        "“Rooms” is related again: Of one family with Calm.",
        "“Calm Corners” is related again: A version of Calm.",
    ]


def again(program):
    RelatedProgramFactory(program=program, other=Program.objects.get(slug="calm"))
    return "The relation “Calm Corners: A version of Calm” has been recorded again since."


def changed(program):
    relation = RelatedProgram.objects.get(kind="adaptation")
    relation.kind = "version"
    relation.save()
    return "“Farms: A version of Calm Corners” is no longer as the merge left it."


@pytest.mark.parametrize("do", [again, changed])
def test_merge_is_not_undone_where_relations_are_others_since(pair, do):
    put_together(*pair)
    expected = do(pair[1])

    with pytest.raises(MergeRefused, match="^" + expected.replace("(", r"\(")):
        take_apart(pair[0])


def test_relation_that_is_added_meanwhile_is_seen_before_merging(editor_client, pair):
    merged, survivor = pair
    page = editor_client.get(merging(merged, survivor))
    RelatedProgramFactory(program=ProgramFactory(), other=merged)
    form = read(page).one("form", id="merge_form")
    sent = {
        e.attributes["name"]: e.attributes.get("value", "")
        for e in form.all("input")
        if "name" in e.attributes and e.attributes.get("type") != "checkbox"
    }

    answer = editor_client.post(merging(merged, survivor), {**sent, "reason": "The same"})

    assert "has changed since you opened this page" in read(answer).text
    merged.refresh_from_db()
    assert merged.merged_into is None
