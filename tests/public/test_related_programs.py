"""What programs' pages and the comparison say of related programs."""

import pytest

from catalog.editorial.proposals.changes import propose
from catalog.models import Program, Status

from ..factories import ProgramFactory, RelatedProgramFactory, UserFactory
from ..history.past import ago, change, days_pass
from ..pages import read
from .entries import preview_link
from .hidden import HIDDEN, PAST

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def related(client, address):
    """Return what a page says of related programs, None where it says nothing."""
    page = read(client.get(address))
    if not page.all("h2", id="related"):
        return None
    return page.section("Related programs").facts


@pytest.fixture
def programs(db):
    """Two versions of Calm Corners, one adapted from it, and one of its family that names it, too."""
    calm = ProgramFactory(name="Calm Corners")
    for name, kind in [
        *[("Calm Online", "version"), ("Calm at School", "version")],
        *[("Calm Farms", "adaptation"), ("Quiet Rooms", "family")],
    ]:
        RelatedProgramFactory(program=ProgramFactory(name=name), kind=kind, other=calm)
    quiet = Program.objects.get(slug="quiet-rooms")
    RelatedProgramFactory(program=calm, kind="family", other=quiet)
    return calm


def test_both_pages_say_how_programs_are_related(client, programs):
    assert related(client, "/programs/calm-corners/") == {
        "Versions": "Calm at School, Calm Online",
        "Adaptations": "Calm Farms",
        "Same family": "Quiet Rooms",
    }
    for slug, expected in {
        "calm-online": {"A version of": "Calm Corners"},
        "calm-farms": {"Adapted from": "Calm Corners"},
        "quiet-rooms": {"Same family": "Calm Corners"},
    }.items():
        assert related(client, f"/programs/{slug}/") == expected


@pytest.mark.parametrize("kind", HIDDEN)
def test_only_public_programs_are_named(client, programs, kind):
    status, published_at = HIDDEN[kind]
    Program.objects.filter(slug__in=["calm-online", "quiet-rooms"]).update(
        status=status,
        published_at=published_at,
        retired_at=PAST if status == "retired" else None,
    )

    assert related(client, "/programs/calm-corners/") == {
        "Versions": "Calm at School",
        "Adaptations": "Calm Farms",
    }


def test_without_relations_there_is_no_section(client):
    ProgramFactory(slug="calm")

    assert related(client, "/programs/calm/") is None


def test_comparison_says_how_programs_are_related(client, programs):
    page = read(client.get("/compare/?program=calm-corners&program=calm-farms"))

    assert "Versions: Calm at School, Calm Online; Adaptations: Calm Farms" in page.main.text
    assert "Adapted from: Calm Corners" in page.main.text


def test_preview_shows_the_relations_that_are_proposed(client, programs):
    firm = ProgramFactory(name="Firm Ground")
    online = Program.objects.get(slug="calm-online")
    stored = online.related_programs.get()
    rows = {str(stored.pk): {"kind": ["version", "adaptation"]}}
    rows["+1"] = {"kind": ["", "family"], "other": [None, firm.pk]}
    hidden = ProgramFactory(name="Hidden", status=Status.DRAFT)
    rows["+2"] = {"kind": ["", "family"], "other": [None, hidden.pk]}
    propose(online, {}, {"related_programs": rows}, user=UserFactory())
    link = preview_link(online)

    assert related(client, link.get_absolute_url()) == {
        "Adapted from": "Calm Corners",
        "Same family": "Firm Ground",
    }
    assert related(client, "/programs/calm-online/") == {"A version of": "Calm Corners"}


def test_day_of_the_past_has_the_relations_of_then(client, programs):
    for program in Program.objects.all():
        change(program)
    days_pass()
    online, farms = (Program.objects.get(slug=f"calm-{name}") for name in ("online", "farms"))
    change(online, name="Calm Anywhere")
    online.related_programs.get().delete()
    change(farms, status=Status.DRAFT)

    then = related(client, f"/programs/calm-corners/?as_of={ago(1)}")

    # What was withdrawn has no past for anyone.
    assert then == {"Versions": "Calm at School, Calm Online", "Same family": "Quiet Rooms"}
    page = read(client.get(f"/programs/calm-corners/?as_of={ago(1)}"))
    assert "Its related programs are other ones." in page.text
    assert related(client, "/programs/calm-corners/") == {
        "Versions": "Calm at School",
        "Same family": "Quiet Rooms",
    }
