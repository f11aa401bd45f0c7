"""What visitors are told of changes: the notes of published proposals, at the foot of the entry's page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from catalog.editorial.proposals.changes import propose
from catalog.editorial.proposals.steps import APPROVE, PUBLISH, SUBMIT, Said, take
from catalog.models import Proposal, ProposalState
from catalog.models.about_entry import entry_field

from ..conftest import group_user
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ..pages import read

pytestmark = pytest.mark.django_db

FACTORIES = [ProgramFactory, TopicAreaFactory, TopicExpertFactory]


def noted(entry, note, day=1, **fields):
    """Store a proposal for an entry that was published on a day of June 2024."""
    moment = datetime(2024, 6, day, 16, tzinfo=UTC)
    fields = {"state": ProposalState.PUBLISHED, "published_at": moment, **fields}
    return Proposal.objects.create(**{entry_field(type(entry)): entry}, change_note=note, **fields)


def stored_unpublished(entry):
    """Store a proposal for an entry in every state but published; none of them is told."""
    for state in ProposalState:
        if state != ProposalState.PUBLISHED:
            proposal = noted(entry, "Hidden", state=state, published_at=None, approved_digest="x")
            if proposal.is_open:
                proposal.delete()
    noted(entry, "Hidden", state=ProposalState.DRAFT, published_at=None)


def told(response):
    """Return what a page tells of changes, the words and the machine's day of each; None without such a section."""
    sections = read(response).main.all("section", aria_labelledby="what-changed")
    return [
        (item.text, item.one("time").attributes["datetime"])
        for section in sections
        for item in section.all("li")
    ]


@pytest.mark.parametrize("factory", FACTORIES)
def test_page_tells_the_five_latest_changes_the_newest_first(client, factory):
    entry, other = factory(), factory()
    if factory is TopicExpertFactory:
        TopicAreaFactory().experts.set([entry, other])
    assert told(client.get(entry.get_absolute_url())) == []
    for day in (3, 1, 2, 6, 5, 4):
        noted(entry, f"Change <{day}>", day)
    noted(entry, "A spelling", 7, is_minor=True)
    noted(other, "Of another one", 8)
    stored_unpublished(entry)

    assert told(client.get(entry.get_absolute_url())) == [
        (f"June {day}, 2024 Change <{day}>", f"2024-06-0{day}") for day in (6, 5, 4, 3, 2)
    ]


@pytest.mark.parametrize("factory", [ProgramFactory, TopicAreaFactory])
def test_preview_tells_what_visitors_are_told(client, factory):
    entry = factory()
    noted(entry, "New contact")
    stored_unpublished(entry)
    now = timezone.now()
    link = entry.preview_links.create(created_at=now, expires_at=now + timedelta(days=1))

    preview = client.get(link.get_absolute_url())

    assert told(preview) == [("June 1, 2024 New contact", "2024-06-01")]
    assert "Hidden" not in preview.content.decode()


def test_note_of_a_reference_is_on_no_page(client):
    area = TopicAreaFactory()
    reference = ReferenceFactory()
    area.further_reading.add(reference)
    noted(reference, "Hidden")

    pages = [client.get(address) for address in ("/references/", area.get_absolute_url())]

    assert [told(page) for page in pages] == [[], []]
    assert [page.status_code for page in pages if "Hidden" not in page.content.decode()] == [
        200
    ] * 2


def test_published_proposal_is_told_and_names_nobody(client):
    ann, bob = group_user("Editors"), group_user("Publishers")
    for user, name in ((ann, "Zanzibar"), (bob, "Timbuktu")):
        user.first_name = user.last_name = name
        user.save()
    program = ProgramFactory(description="What it is.", goals="Rest.")
    RatingFactory(program=program)
    page = client.get(program.get_absolute_url())
    before = page["ETag"]

    proposal = propose(program, {"goals": "Sleep."}, {}, user=ann)
    proposal = take(proposal, SUBMIT, Said(note="New goals"), user=ann)
    proposal = take(proposal, APPROVE, user=bob)
    assert client.get(program.get_absolute_url())["ETag"] == before
    proposal = take(proposal, PUBLISH, user=bob)

    page = client.get(program.get_absolute_url(), headers={"if-none-match": before})
    day = timezone.localdate(proposal.published_at).isoformat()
    assert [(words.split(" ", 3)[3], when) for words, when in told(page)] == [("New goals", day)]
    content = page.content.decode()
    assert [name for name in ("Zanzibar", "Timbuktu", "one-of") if name in content] == []


def test_page_of_an_entry_that_says_the_same_already_is_sent_anew(client):
    ann, bob = UserFactory(is_staff=True, is_superuser=True), group_user("Publishers")
    program = ProgramFactory(description="What it is.", goals="Rest.")
    proposal = propose(program, {"goals": "Sleep."}, {}, user=ann)
    proposal = take(proposal, SUBMIT, Said(note="New goals"), user=ann)
    proposal = take(proposal, APPROVE, user=bob)
    type(program).objects.update(goals="Sleep.")
    etag = Client().get(program.get_absolute_url())["ETag"]

    take(proposal, PUBLISH, user=bob)

    page = client.get(program.get_absolute_url(), headers={"if-none-match": etag})
    assert (page.status_code, [words[-9:] for words, _ in told(page)]) == (200, ["New goals"])
