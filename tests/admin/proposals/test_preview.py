"""The whole page as visitors would see it, with what is proposed: at an address that is shared."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.editorial.proposals.changes import propose
from catalog.editorial.proposals.merging import put_in
from catalog.models import Proposal

from ...factories import (
    PageFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
    UserFactory,
)
from ...pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def user(db):
    return UserFactory(username="ann", is_staff=True, is_superuser=True)


def shared(client, entry):
    """What the shared address shows."""
    now = timezone.now()
    link = entry.preview_links.create(created_at=now, expires_at=now + timedelta(days=1))
    return client.get(link.get_absolute_url())


def words(response):
    """The text of the page's main part, without what only a page of its own says."""
    page = read(response).one("main")
    return page.text


def test_program_is_shown_as_publishing_would_have_it(client, user):
    program = ProgramFactory(slug="calm", name="Calm", goals="Rest.")
    RatingFactory(program=program)
    changed, gone = StudyFactory.create_batch(2, program=program)
    first = ReferenceFactory(authors="Aaron, A.", title="It comes first")
    rows = {
        str(changed.pk): {"location": ["", "Utah"]},
        str(gone.pk): {"DELETE": [None, None]},
        "+1": {"reference": [None, first.pk]},
    }
    propose(program, {"goals": "Sleep.", "name": "Calmer"}, {"studies": rows}, user=user)
    before = words(client.get("/programs/calm/"))

    preview = words(shared(client, program))

    assert words(client.get("/programs/calm/")) == before
    assert ("Sleep." in preview, "Rest." in preview, "Calmer" in preview) == (True, False, True)
    assert (gone.reference.title in preview, "Utah" in preview) == (False, True)
    assert preview.index("It comes first") < preview.index(changed.reference.title)

    put_in(Proposal.objects.get(), program, user)
    Proposal.objects.update(state="discarded")
    live = words(client.get("/programs/calm/"))
    assert [line for line in preview.split() if line not in live.split()] == []


def test_topic_area_is_shown_with_its_proposed_experts_and_reading(client, user):
    area = TopicAreaFactory(slug="area", definition="Then.", rating_criteria="It.")
    stays, goes, comes = (TopicExpertFactory(name=name) for name in ("Ada", "Bob", "Cleo"))
    area.experts.set([stays, goes])
    reading = ReferenceFactory(title="New reading")
    sent = {
        "definition": "Soon.",
        "experts": frozenset([stays.pk, comes.pk]),
        "further_reading": frozenset([reading.pk]),
    }
    propose(area, sent, {}, user=user)

    preview = words(shared(client, area))

    names = [
        name for name in ("Ada", "Bob", "Cleo", "Soon.", "Then.", "New reading") if name in preview
    ]
    assert names == ["Ada", "Cleo", "Soon.", "New reading"]
    assert "Bob" in words(client.get("/topics/area/"))


def test_expert_is_shown_with_what_is_proposed(client, user):
    area = TopicAreaFactory(name="Sleep")
    expert = TopicExpertFactory(name="Ada", biography="Then.", organization="Then & Co.")
    area.experts.add(expert)
    propose(expert, {"biography": "**Soon.**", "organization": "Soon & Co."}, {}, user=user)

    answer = shared(client, expert)

    preview, banner = words(answer), read(answer).one("aside", class_="preview-banner").text
    assert ("Soon." in preview, "Soon & Co." in preview, "Then" in preview) == (True, True, False)
    assert "Sleep" in preview
    assert "This page is not published, and may change." in banner
    assert "Then." in words(client.get(expert.get_absolute_url()))


def test_preview_of_an_expert_ends_with_the_proposal(client, user):
    expert = TopicExpertFactory()
    propose(expert, {"biography": "Soon."}, {}, user=user)
    assert shared(client, expert).status_code == 200

    Proposal.objects.update(state="discarded")
    ended = shared(client, expert)
    TopicAreaFactory().experts.add(expert)
    public = shared(client, expert)

    assert ended.status_code == 404
    assert (public.status_code, public["Location"]) == (302, expert.get_absolute_url())


def test_page_of_the_agency_is_shown_with_what_is_proposed(client, user):
    page = PageFactory(name="About", text="Then.", place="menu")
    propose(page, {"name": "Who we are", "text": "*Soon.*"}, {}, user=user)

    answer = shared(client, page)

    assert read(answer).h1 == "Who we are"
    assert ("Soon." in words(answer), "Then." in words(answer)) == (True, False)
    assert "Then." in words(client.get(page.get_absolute_url()))


@pytest.mark.parametrize(
    ("factory", "text", "page"),
    [
        (ProgramFactory, "goals", "program"),
        (TopicAreaFactory, "definition", "topicarea"),
        (TopicExpertFactory, "biography", "topicexpert"),
        (PageFactory, "text", "page"),
        (ReferenceFactory, "container", None),
        (TermFactory, "definition", None),
    ],
)
def test_proposal_leads_to_its_preview_or_says_why_there_is_none(
    admin_client, user, factory, text, page
):
    entry = factory()
    proposal = propose(entry, {text: "Soon."}, {}, user=user)

    content = admin_client.get(proposal.get_absolute_url()).content.decode()

    assert ("It has no page of its own to preview" in content) == (page is None)
    assert ("See or share the whole page" in content) == (page is not None)
    if page:
        address = reverse(f"admin:catalog_{page}_previews", args=[entry.pk])
        assert f'href="{address}"' in content
        made = admin_client.post(address, {"days": "1"}, follow=True).content.decode()
        assert f"{entry.preview_links.get().get_absolute_url()}" in made


def test_expert_of_whom_nothing_is_proposed_has_nothing_to_preview(admin_client):
    expert = TopicExpertFactory()
    address = reverse("admin:catalog_topicexpert_previews", args=[expert.pk])

    content = admin_client.get(address).content.decode()
    admin_client.post(address, {"days": "1"})

    assert "There is no open proposal, so there is nothing to preview." in content
    assert not expert.preview_links.exists()


def test_address_leads_to_the_live_page_when_nothing_is_proposed_any_more(client, user):
    program = ProgramFactory(slug="calm", goals="Rest.")
    propose(program, {"goals": "Sleep."}, {}, user=user)
    assert shared(client, program).status_code == 200

    Proposal.objects.update(state="discarded")

    answer = shared(client, program)
    assert (answer.status_code, answer["Location"]) == (302, "/programs/calm/")


def test_preview_is_no_page_to_cite_or_to_keep(client, user):
    program = ProgramFactory(slug="calm", goals="Rest.")
    RatingFactory(program=program)
    propose(program, {"goals": "Sleep."}, {}, user=user)
    assert "Cite this page" in client.get("/programs/calm/").content.decode()

    answer = shared(client, program)

    assert "Cite this page" not in answer.content.decode()
    assert "please do not pass it on or cite it" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
