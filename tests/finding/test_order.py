"""Names have one order everywhere: A to Z ignoring case, then what is beyond ASCII by its code points."""

import pytest

from catalog.models import TopicArea

from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, TopicExpertFactory
from ..pages import read
from .list_page import ask

# Beside their case the fourth and the fifth are one name: they stand as they were entered.
IN_ORDER = ["adams", "Baker", "Zed", "Élan", "ÉLAN", "émile"]


@pytest.fixture
def area(db):
    """A topic area whose experts are not entered in the order of their names."""
    area = TopicAreaFactory(slug="area")
    for name in ["émile", "Zed", "Élan", "adams", "ÉLAN", "Baker"]:
        area.experts.add(TopicExpertFactory(name=name, slug=f"expert-{IN_ORDER.index(name)}"))
    return area


def test_experts_have_one_order_in_filters_and_in_lists(client, area):
    every_expert = "&".join(f"expert={expert.slug}" for expert in area.experts.all())

    topic = read(client.get("/topics/area/"))
    listed = read(client.get(f"/programs/?{every_expert}", follow=True))

    of_area = [name for name, address in topic.main.links if address.startswith("/experts/")]
    chosen = [chip.text for chip in listed.all("a", class_="chip")]
    kept = [field.attributes["value"] for field in listed.all("input", name="expert")]
    assert [name.partition(",")[0] for name in of_area] == [*IN_ORDER, "All topic experts"]
    assert chosen == [f"Remove the filter Topic expert: {name}" for name in IN_ORDER]
    assert kept == [f"expert-{n}" for n in range(len(IN_ORDER))]


def test_experts_that_match_words_are_in_the_order_of_names(client, db):
    area = TopicAreaFactory(name="Elsewhere")
    for name in ["émile calm", "Zed calm", "Élan calm"]:
        area.experts.add(TopicExpertFactory(name=name))

    others = read(client.get("/programs/?q=calm")).one("div", aria_label="Also matching")

    assert [name.partition(",")[0] for name, _ in others.links] == [
        "Zed calm",
        "Élan calm",
        "émile calm",
    ]


def test_programs_and_topic_areas_have_the_order_of_experts(client, db):
    program = ProgramFactory(name="Compared", slug="compared")
    names = [name for name in IN_ORDER if name != "ÉLAN"]  # names of areas differ in more than case
    for n, name in reversed(list(enumerate(names))):
        RatingFactory(program=program, topic_area=TopicAreaFactory(name=f"{name} area"))
        ProgramFactory(name=name, slug=f"program-{n}")

    table = read(client.get("/compare/?program=compared"))
    areas = [name for name, address in table.main.links if address.startswith("/topics/")]

    assert areas == [f"{name} area" for name in names]
    assert [area.name for area in TopicArea.objects.all()] == areas
    assert ask("/programs/?sort=name")[0] == [
        *(f"/programs/program-{n}/" for n in (0, 1)),
        "/programs/compared/",
        *(f"/programs/program-{n}/" for n in range(2, len(names))),
    ]
