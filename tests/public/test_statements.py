"""What pages say is what is recorded: a bare catalog has just these statements, and each value brings its own."""

import json
from collections import Counter

import pytest
from django.utils import timezone

from catalog.models import Program, Rating, TopicArea, TopicExpert
from catalog.public.summary.content import summary_content

from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, TopicExpertFactory
from ..pages import INLINE, read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADDRESSES = {
    "program": "/programs/steady/",
    "as of": f"/programs/steady/?as_of={timezone.localdate()}",
    "area": "/topics/calm/",
    "comparison": "/compare/?program=steady&program=other",
    "expert": "/experts/ada/",
    "list": "/programs/",
    "areas": "/topics/",
    "map": "/evidence-map/",
    "home": "/",
}


def statements(element):
    """Return what an element says, block by block; a fact with its label and a row of a table are one."""
    lines, words = [], []

    def end():
        lines.append(" ".join("".join(words).split()))
        words.clear()

    def walk(part):
        if isinstance(part, str):
            words.append(part)
        elif part.tag == "tr" or [c for c in part.children if getattr(c, "tag", "") == "dt"]:
            end()
            lines.append(part.text)
        elif part.tag not in {"form", "nav", "search", "script", "button"}:
            if part.tag not in INLINE:
                end()
            for child in part.children:
                walk(child)
            if part.tag not in INLINE:
                end()

    walk(element)
    return Counter(filter(None, lines))


def of_summary():
    area = TopicArea.objects.get(slug="calm")
    content = summary_content(
        area,
        ratings=Rating.objects.published().current().filter(topic_area=area).in_program_order(),
        experts=area.experts.all(),
        further_reading=(),
        site_name="",
        address="https://example.org/topics/calm/",
        made_on=timezone.localdate(),
    )
    shown = json.loads(content)
    said = [shown["involvement"], shown["program_count"], *map(str, shown["experts"])]
    said += [str(entry) for entry in shown["rated"] + shown["not_rated"]]
    return Counter(said)


def all_statements(client):
    said = {name: statements(read(client.get(path)).main) for name, path in ADDRESSES.items()}
    return {**said, "pdf": of_summary()}


def test_dump(client, db):
    area = TopicAreaFactory(name="Calm", slug="calm")
    expert = TopicExpertFactory(name="Ada", slug="ada")
    area.experts.add(expert)
    program = ProgramFactory(name="Steady", slug="steady")
    ProgramFactory(name="Other", slug="other")
    rating = RatingFactory(program=program, topic_area=area)
    objs = {"program": program, "rating": rating, "area": area, "expert": expert}
    said = all_statements(client)
    for k, v in said.items():
        print("==", k)
        for line, n in v.items():
            print("   ", n, repr(line))
    CH = [("area", "year_added", 2024), ("program", "loaded_on", "2024"), ("program", "is_nonresponder", True),
      ("program", "manual_available", "yes"), ("program", "child_age_min", 3), ("program", "relevance_level", "high"),("program","outcomes",("safety",)),
      ("program","research_last_reviewed","2025"),("program","content_last_reviewed","2025"),("program","contact_name","Ada L."),("program","scope_note","One use."),
      ("rating","scientific_rating","NR"),("rating","rated_on","2024"),("area","rating_criteria","Sleep."),("expert","position","Chair"),("program","not_provided",("goals",)), ("program", "acronym", "ST"),("program","delivery_settings",("school",)),]
    for what, field, value in CH:
        obj = objs[what]; before = getattr(obj, field)
        setattr(obj, field, value); obj.save()
        now = all_statements(client)
        print("####", what, field, value)
        for k in now:
            for line in now[k] - said[k]: print("   +", k, repr(line))
            for line in said[k] - now[k]: print("   -", k, repr(line))
        setattr(obj, field, before); obj.save()
    assert all_statements(client) == said
