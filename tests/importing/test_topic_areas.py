"""Files of topic areas: umbrella areas and their parts."""

import pytest

from catalog.models import (
    TopicArea,
)

from ..factories import (
    TopicAreaFactory,
)
from .loading import load, problems, stored

pytestmark = pytest.mark.django_db


def test_a_part_finds_its_stored_umbrella_area_after_a_new_one(db):
    TopicAreaFactory(name="Stored umbrella")

    result = load("topic-areas", "slug,name,parent\nnew,New,\npart,Part,stored-umbrella\n")

    assert problems(result) == []
    assert TopicArea.objects.get(slug="part").parent.name == "Stored umbrella"


def test_a_part_names_an_umbrella_area_that_the_file_holds_too(db):
    TopicAreaFactory(slug="abc", name="Umbrella")

    result = load("topic-areas", "slug,name,parent\nabc,Umbrella,\npart,Part,Umbrella\n")

    assert problems(result) == []
    assert TopicArea.objects.get(slug="part").parent.slug == "abc"


def test_names_of_topic_areas_are_passed_on_in_two_steps(db):
    TopicAreaFactory(slug="a", name="First")
    TopicAreaFactory(slug="b", name="Second")

    def refused(slug):
        return (
            f"The topic area “{slug}” has this name now. "
            "Import in two steps: give that area its other name first."
        )

    swap = load("topic-areas", "slug,name\na,Second\nb,FIRST\n")
    new = load("topic-areas", "slug,name\nb,Third\nc,Second\n")

    assert problems(swap) == [
        (2, "name", "Second", refused("b")),
        (3, "name", "FIRST", refused("a")),
    ]
    assert problems(new) == [(3, "name", "Second", refused("b"))]
    assert [
        problems(load("topic-areas", f"slug,name\n{row}\n")) for row in ("b,Third", "c,Second")
    ] == [[], []]


def test_name_of_a_topic_area_that_keeps_it_is_refused(db):
    TopicAreaFactory(slug="a", name="First")

    result = load("topic-areas", "slug,name\nb,first\n")

    assert problems(result) == [
        (2, "name", "first", "There is a topic area with this name already.")
    ]


def test_parts_may_stand_before_their_umbrella_area(db):
    result = load("topic-areas", "name,parent\nPart,Umbrella\nUmbrella,\nOther part,umbrella\n")

    assert problems(result) == []
    assert sorted(TopicArea.objects.values_list("name", "parent__name")) == [
        ("Other part", "Umbrella"),
        ("Part", "Umbrella"),
        ("Umbrella", None),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "name,parent\nA,\nB,A\nC,B\n",
        "name,parent\nC,B\nB,A\nA,\n",
        "slug,parent\nold-area,old-area\n",
        "slug,parent\nold-area,new\n",
    ],
)
def test_areas_have_two_levels_and_no_circles(text, neighbours):
    TopicAreaFactory(name="New", parent=TopicArea.objects.get())
    before = stored()

    result = load("topic-areas", text)

    assert {problem.column for problem in result.problems} == {"parent"}
    assert stored() == before
