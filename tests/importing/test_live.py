"""Imports of people who may not publish change nothing that visitors read."""

import pytest

from catalog.importing.permissions import LIVE

from ..conftest import catalog_permissions
from ..factories import (
    ContactFactory,
    ExternalRatingFactory,
    FindingFactory,
    ProgramFactory,
    ReferenceFactory,
    RegistryFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from .loading import load

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def writer(db):
    """Staff who write and import, and may not publish."""
    user = UserFactory()
    user.user_permissions.set(catalog_permissions("view", "add", "change", "import"))
    return user


def entries(status):
    """One entry of each kind, of a program and an area with this status."""
    area = TopicAreaFactory(slug="area", status=status, definition="It.")
    program = ProgramFactory(slug="calm", status=status)
    area.experts.add(TopicExpertFactory(slug="ada"))
    read, cited = ReferenceFactory(key="read"), ReferenceFactory(key="cited")
    area.further_reading.add(read)
    ContactFactory(program=program, name="Kim")
    ExternalRatingFactory(program=program, registry=RegistryFactory(slug="index"))
    return [area, program, FindingFactory(program=program, reference=cited, topic_area=area)]


FILES = {
    "topic-areas": "slug,definition\narea,Another.\n",
    "experts": "slug,organization\nada,Another\n",
    "references": "key,container\nread,Another\ncited,Another\n",
    "programs": "slug,description\ncalm,Another.\n",
    "studies": "program,reference,location\ncalm,cited,Another\ncalm,read,New\n",
    "findings": "program,reference,topic_area,outcome,note\ncalm,cited,area,,Another\ncalm,cited,area,New,\n",
    "contacts": "program,purpose,name,title\ncalm,training,Kim,Another\ncalm,training,New,\n",
    "registries": "slug,state\nindex,closed\n",
    "external-ratings": "program,registry,scope,rating\ncalm,index,,Another\ncalm,index,New,New\n",
}


# How many of a file's columns tell its rows apart.
KEYS = {"studies": 2, "findings": 4, "contacts": 3, "external-ratings": 3}


@pytest.mark.parametrize("kind", FILES)
@pytest.mark.parametrize("status", ["draft", "published"])
def test_rows_that_change_what_is_live_are_refused(kind, status, writer):
    entries(status)

    result = load(kind, FILES[kind], user=writer)

    rows = range(2, FILES[kind].count("\n") + 1)
    refused = [(row, LIVE) for row in rows] if status == "published" else []
    assert [(p.row, p.message) for p in result.problems] == refused


@pytest.mark.parametrize("kind", FILES)
def test_rows_that_change_nothing_or_no_live_entry_are_not(kind, writer):
    entries("published")
    header, key = FILES[kind].splitlines()[0].split(","), FILES[kind].splitlines()[1]
    names = header[: KEYS.get(kind, 1)]
    same = ",".join(key.split(",")[: len(names)])

    result = load(kind, f"{','.join(names)}\n{same}\n", user=writer)

    assert (list(result.problems), result.written) == ([], 0)
