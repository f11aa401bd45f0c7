"""Previews: what is not public, shown for a while to whoever was sent the address, and to nobody else."""

import re
from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import PreviewLink, Program, Status

from ..conftest import StrictClient, catalog_permissions
from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, UserFactory
from ..pages import read

pytestmark = pytest.mark.once

NOW = timezone.now()


def link_to(entry, **fields):
    fields = {
        "created_at": timezone.now(),
        "expires_at": timezone.now() + timedelta(days=1),
    } | fields
    return entry.preview_links.create(**fields)


def page_of(entry):
    name = f"admin:catalog_{entry._meta.model_name}_previews"
    return reverse(name, args=[entry.pk])


def addresses_on(response):
    """Return the addresses of previews that the entry's page in the admin offers."""
    return re.findall(r'href="([^"]+/preview/[^"]+)"', response.content.decode())


@pytest.fixture
def draft(db):
    """A draft, rated in a public area, in one that is scheduled and in a draft."""
    program = ProgramFactory(name="Secret", description="Not yet known.", status=Status.DRAFT)
    soon = timezone.now() + timedelta(days=3)
    for name, fields in {
        "Open area": {},
        "Coming area": {"published_at": soon},
        "Hidden area": {"status": Status.DRAFT},
    }.items():
        RatingFactory(program=program, topic_area=TopicAreaFactory(name=name, **fields))
    return program


@pytest.mark.parametrize("status", [Status.DRAFT, Status.IN_REVIEW, Status.PUBLISHED])
def test_whoever_has_the_address_sees_the_entry_as_visitors_will(client, draft, status):
    fields = {"status": status}
    if status == Status.PUBLISHED:
        fields["published_at"] = timezone.now() + timedelta(days=2)
    Program.objects.filter(pk=draft.pk).update(**fields)
    link = link_to(draft)

    response = client.get(link.get_absolute_url())

    page = read(response)
    assert response.status_code == 200
    assert page.h1 == "Secret"
    assert "Not yet known." in page.main.text
    assert "Open area" in page.main.text
    assert "Coming area" not in page.text
    assert "Hidden area" not in page.text
    assert "2 ratings are left out" in page.one("aside", class_="preview-banner").text
    assert client.get(draft.get_absolute_url()).status_code == 404


def test_preview_of_a_topic_area_names_no_other_draft(client, draft):
    area = draft.ratings.get(topic_area__name="Hidden area").topic_area
    RatingFactory(topic_area=area, program__name="Known program")
    RatingFactory(topic_area=area, program__name="Replaced", is_current=False)

    page = read(client.get(link_to(area).get_absolute_url()))

    assert page.h1 == "Hidden area"
    assert "Known program" in page.main.text
    assert "Secret" not in page.text
    assert "Replaced" not in page.text
    assert "1 rating is left out" in page.one("aside", class_="preview-banner").text
    assert [address for _, address in page.links if "summary.pdf" in address] == []


def test_preview_is_kept_by_no_cache_and_no_search_engine(client, draft):
    for response in (
        client.get(link_to(draft).get_absolute_url()),
        client.get("/preview/nonsense/"),
    ):
        assert "no-store" in response["Cache-Control"]
        assert "private" in response["Cache-Control"]
        assert not response.has_header("ETag")
        assert response["X-Robots-Tag"] == "noindex, nofollow"
        # The address would tell the sites that the page links to how to open it.
        assert response["Referrer-Policy"] == "no-referrer"
    assert "Disallow: /preview/" in client.get("/robots.txt").content.decode()


def ended(draft):
    now = timezone.now()
    link = link_to(draft)
    return {
        "expired": link_to(
            draft, created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1)
        ).get_absolute_url(),
        "revoked": link_to(draft, revoked_at=now).get_absolute_url(),
        "forged": f"/preview/{link.pk}:forged/",
        "unsigned": f"/preview/{link.pk}/",
        "signed for something else": f"/preview/{Signer(salt='other').sign(str(link.pk))}/",
        "gone": link_to(draft).get_absolute_url().replace(str(link.pk + 3), str(link.pk + 9), 1),
    }


def test_address_that_was_never_made_or_is_over_tells_nothing(client, draft):
    pages = {why: client.get(address) for why, address in ended(draft).items()}

    assert {why: page.status_code for why, page in pages.items()} == dict.fromkeys(pages, 404)
    assert {read(page).h1 for page in pages.values()} == {"This preview has ended"}
    assert len({page.content for page in pages.values()}) == 1
    assert b"Secret" not in pages["expired"].content


@pytest.mark.django_db
@given(token=st.text(min_size=1).filter(lambda text: not set("/?#") & set(text)))
def test_no_token_that_anybody_makes_up_opens_anything(token):
    link_to(ProgramFactory(status=Status.DRAFT))

    response = StrictClient().get(reverse("catalog:preview", args=[token]))

    assert response.status_code == 404


def test_preview_of_what_is_public_by_now_leads_to_its_page(client, draft):
    address = link_to(draft).get_absolute_url()
    seen = []
    for status in (Status.PUBLISHED, Status.RETIRED):
        draft.status = status
        draft.save()
        response = client.get(address)
        seen.append((response.status_code, response.get("Location")))

    assert seen == [(302, "/programs/secret/"), (302, "/programs/secret/")]


def test_preview_does_not_show_what_was_published_and_withdrawn_since(client, draft):
    link = link_to(draft, created_at=timezone.now() - timedelta(days=1))
    for status in (Status.PUBLISHED, Status.DRAFT):
        draft.status = status
        draft.save()

    ended, new = client.get(link.get_absolute_url()), client.get(link_to(draft).get_absolute_url())

    assert (ended.status_code, read(ended).h1) == (404, "This preview has ended")
    assert (new.status_code, read(new).h1) == (200, "Secret")


def test_preview_is_of_no_earlier_day(client, draft):
    response = client.get(f"{link_to(draft).get_absolute_url()}?as_of=2026-01-01")

    assert (response.status_code, read(response).h1) == (200, "Secret")


def test_retired_entry_that_was_never_public_is_not_shown(client, db):
    program = ProgramFactory(status=Status.RETIRED)

    assert client.get(link_to(program).get_absolute_url()).status_code == 404


@pytest.mark.parametrize(
    "fields",
    [{}, {"both": True}, {"expires_at": NOW - timedelta(days=1), "created_at": NOW}],
    ids=["of nothing", "of two entries", "that expired before it was made"],
)
def test_database_refuses_a_link(db, fields):
    program, area = ProgramFactory(), TopicAreaFactory()
    values = {"expires_at": NOW + timedelta(days=1), "created_at": NOW, **fields}
    if values.pop("both", False):
        values |= {"program": program, "topic_area": area}
    elif fields:
        values["program"] = program

    with pytest.raises(IntegrityError, match="previewlink_"), transaction.atomic():
        PreviewLink.objects.create(**values)


# --- In the admin


@pytest.mark.parametrize("factory", [ProgramFactory, TopicAreaFactory])
def test_editor_makes_an_address_and_closes_it(editor_client, editor, factory):
    entry = factory(name="Secret", status=Status.DRAFT)
    before = timezone.now()

    response = editor_client.post(page_of(entry), {"days": "7"})

    link = entry.preview_links.get()
    (address,) = addresses_on(editor_client.get(response["Location"]))
    assert link.created_by == editor
    assert link.expires_at - link.created_at == timedelta(days=7)
    assert before <= link.created_at <= timezone.now()
    assert address == f"http://testserver{link.get_absolute_url()}"
    assert StrictClient().get(address).status_code == 200

    editor_client.post(page_of(entry), {"revoke": str(link.pk)})

    link.refresh_from_db()
    assert link.revoked_at is not None
    assert StrictClient().get(address).status_code == 404
    assert addresses_on(editor_client.get(page_of(entry))) == []


@pytest.mark.parametrize("sent", [{"days": "9999"}, {"days": ""}, {}, {"days": "x"}])
def test_no_other_time_than_those_offered(editor_client, draft, sent):
    editor_client.post(page_of(draft), sent)

    assert not draft.preview_links.exists()


@pytest.mark.parametrize("key", ["", "x", "0", "9" * 60, "9" * 5_000, "٣"])
def test_closing_what_is_not_there_says_so(editor_client, draft, key):
    link = link_to(draft)

    response = editor_client.post(page_of(draft), {"revoke": key}, follow=True)

    link.refresh_from_db()
    assert link.revoked_at is None
    assert [str(message) for message in response.context["messages"]] == [
        "That address was closed before."
    ]


def test_address_of_another_entry_cannot_be_closed_here(editor_client, draft):
    link = link_to(ProgramFactory(status=Status.DRAFT))

    editor_client.post(page_of(draft), {"revoke": str(link.pk)})

    link.refresh_from_db()
    assert link.revoked_at is None


def test_who_may_only_read_shares_nothing(client, draft):
    reader = UserFactory(is_staff=True)
    reader.user_permissions.set(catalog_permissions("view"))
    client.force_login(reader)

    assert client.get(page_of(draft)).status_code == 403
    assert client.post(page_of(draft), {"days": "7"}).status_code == 403
    form = client.get(reverse("admin:catalog_program_change", args=[draft.pk]))
    assert b"Share a preview" not in form.content
    assert not draft.preview_links.exists()


@pytest.mark.parametrize("status", [Status.PUBLISHED, Status.RETIRED])
def test_what_is_public_or_retired_needs_no_preview(editor_client, status):
    program = ProgramFactory()
    program.status = status
    program.save()

    editor_client.post(page_of(program), {"days": "7"})

    page = editor_client.get(page_of(program))
    assert not program.preview_links.exists()
    assert b"There is nothing to preview." in page.content
