"""Where the addresses of merged programs lead."""

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.finding.comparison import published_at
from catalog.models import Status

from ...factories import ProgramFactory
from ...pages import read
from ..pages import text_of
from .merging import put_together, rename

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def where(client, slug):
    """Return the status of a program's address, and where it leads."""
    response = client.get(f"/programs/{slug}/")
    return response.status_code, response.headers.get("Location", "")


def test_every_address_of_a_merged_program_leads_to_the_survivor(client):
    merged = ProgramFactory(slug="first")
    rename(merged, "second")
    survivor = ProgramFactory(slug="third")
    put_together(merged, survivor)
    rename(survivor, "fourth")

    found = {slug: where(client, slug) for slug in ("first", "second", "third")}

    assert found == dict.fromkeys(found, (301, "/programs/fourth/"))
    assert published_at([*found, "fourth"]) == dict.fromkeys([*found, "fourth"], survivor.pk)


def test_an_address_that_two_had_leads_to_the_one_that_had_it_itself(client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two")
    rename(merged, "one-merged")
    put_together(merged, survivor)
    other = ProgramFactory(slug="one")
    rename(other, "other")

    assert where(client, "one") == (301, "/programs/other/")
    assert published_at(["one"]) == {"one": other.pk}


def test_address_of_a_merged_program_precedes_a_former_one_of_another(client):
    other = ProgramFactory(slug="one")
    rename(other, "other")
    merged, survivor = ProgramFactory(slug="one", status="draft"), ProgramFactory(slug="two")
    put_together(merged, survivor)

    assert where(client, "one") == (301, "/programs/two/")
    assert published_at(["one"]) == {"one": survivor.pk}


def test_merged_into_what_is_not_public_answers_as_that_address_does(client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two", status="draft")
    put_together(merged, survivor)
    as_draft = where(client, "one")
    survivor.status = Status.PUBLISHED
    survivor.save()
    as_public = where(client, "one")
    survivor.status = Status.RETIRED
    survivor.save()

    assert (as_draft, as_public) == ((404, ""), (301, "/programs/two/"))
    assert where(client, "one") == (301, "/programs/two/")
    assert read(client.get("/programs/two/")).h1 == survivor.name
    assert published_at(["one"]) == {}


# How the survivor of a merge can be hidden: its status, and since when it was or is to be public.
HIDDEN = {
    "draft": (Status.DRAFT, None),
    "scheduled": (Status.PUBLISHED, timezone.now() + timedelta(days=9)),
    "withdrawn": (Status.DRAFT, timezone.now() - timedelta(days=9)),
}


@pytest.mark.alike(1)
@pytest.mark.parametrize("hidden", HIDDEN)
def test_the_name_of_a_survivor_that_is_not_public_shows_at_no_address(client, hidden):
    earlier, merged = (
        ProgramFactory(slug=f"{name}-then", published_at=timezone.now() - timedelta(days=9))
        for name in ("earlier", "merged")
    )
    status, published_at = HIDDEN[hidden]
    survivor = ProgramFactory(
        name="Zanzibar", slug="zanzibar", status=status, published_at=published_at
    )
    for program in (earlier, merged):
        rename(program, program.slug.removesuffix("-then"))
    put_together(earlier, merged)
    put_together(merged, survivor)
    days = ("", *(str(timezone.localdate() - timedelta(days=days)) for days in (0, 1, 5, 99)), "x")
    slugs = ("earlier", "earlier-then", "merged", "merged-then", "zanzibar")

    answers = [
        client.get(address, follow=True)
        for slug in slugs
        for address in (
            f"/programs/{slug}/",
            *(f"/programs/{slug}/?as_of={day}" for day in days),
            f"/compare/?program={slug}",
        )
    ]

    told = [answer for answer in answers if "another entry of this catalog" in text_of(answer)]
    assert told != []
    assert [answer.request for answer in answers if "Zanzibar" in answer.content.decode()] == []
    assert "zanzibar" not in "".join(answer.headers.get("Location", "") for answer in answers)


def test_a_day_of_the_past_is_asked_of_the_merged_program_itself(client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two")
    put_together(merged, survivor)

    response = client.get("/programs/one/", {"as_of": "2026-01-01"})

    assert response.headers.get("Location") is None


def test_staff_are_led_to_a_draft_too(editor_client):
    merged, survivor = ProgramFactory(slug="one"), ProgramFactory(slug="two", status="draft")
    put_together(merged, survivor)

    assert where(editor_client, "one") == (301, "/programs/two/")
