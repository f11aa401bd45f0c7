"""Forms say at the slug which entry had it before, and ask for one where the name makes none."""

import pytest

from catalog.models import Program, Proposal, Status

from ..conftest import group_user
from ..factories import ProgramFactory, TermFactory, TopicAreaFactory, TopicExpertFactory
from .pages import address, submit, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

each_kind = pytest.mark.parametrize(
    "factory",
    [ProgramFactory, TopicAreaFactory, TopicExpertFactory, TermFactory],
    ids=lambda factory: factory._meta.model._meta.model_name,
)
FORMER = "“Beta” had this slug before, and links to it still lead there. Choose another one, such as “alpha-2”."


def was_alpha(factory):
    """Store an entry that is “Beta” now, and had the slug “alpha” before."""
    entry = factory(name="Beta", slug="alpha")
    entry.slug = "beta"
    entry.save()
    return entry


def add(client, factory, **typed):
    """Send the form for a new entry."""
    model = factory._meta.model
    needed = {"definition": "What it means."} if factory is TermFactory else {}
    return submit(client, address("add", model), **needed, **typed)


def errors(response):
    """Return what the form says, by field."""
    return response.context["adminform"].form.errors


@each_kind
def test_form_says_which_entry_had_the_slug(editor_client, factory):
    was_alpha(factory)

    response = add(editor_client, factory, name="Alpha", slug="alpha")

    assert errors(response) == {"slug": [FORMER]}
    assert text_of(response).count(FORMER) == 2  # at the field, and in the list of mistakes
    assert list(factory._meta.model.objects.values_list("slug", flat=True)) == ["beta"]


@each_kind
def test_slug_left_blank_is_none_that_another_entry_had(editor_client, factory):
    was_alpha(factory)

    add(editor_client, factory, name="Alpha", slug="")

    assert factory._meta.model.objects.get(name="Alpha").slug == "alpha-2"


@each_kind
def test_form_asks_for_a_slug_where_the_name_makes_none(editor_client, factory):
    asked = add(editor_client, factory, name="!!!", slug="")
    add(editor_client, factory, name="!!!", slug="signs")

    assert errors(asked) == {
        "slug": [
            "No slug can be made of “!!!”: it has no letters or digits. Give a slug, such as “calm-corners”."
        ]
    }
    assert list(factory._meta.model.objects.values_list("name", "slug")) == [("!!!", "signs")]


def test_entry_takes_back_its_own_former_slug(editor_client):
    entry = was_alpha(ProgramFactory)

    submit(editor_client, address("change", entry), slug="alpha")

    entry.refresh_from_db()
    assert entry.slug == "alpha"


def test_slug_that_is_cleared_is_made_again(editor_client):
    entry = ProgramFactory(name="Alpha")

    submit(editor_client, address("change", entry), slug="", goals="Rest.")

    entry.refresh_from_db()
    assert (entry.slug, entry.goals) == ("alpha", "Rest.")


def test_entry_cannot_take_over_the_slug_that_another_had(editor_client):
    was_alpha(ProgramFactory)
    other = ProgramFactory(name="Other", status=Status.DRAFT)

    response = submit(editor_client, address("change", other), slug="alpha")

    assert errors(response) == {"slug": [FORMER]}


def test_proposal_is_not_published_with_a_slug_that_another_entry_had_meanwhile(client):
    program = ProgramFactory(name="Program", description="What it is.")
    client.force_login(group_user("Editors"))
    submit(client, address("change", program), slug="alpha")
    proposal = Proposal.objects.get()
    client.post(
        proposal.get_absolute_url(),
        {"step": "submit", "seen": seen(client, proposal), "note": "Name"},
    )
    was_alpha(ProgramFactory)
    client.force_login(group_user("Publishers"))
    for name in ("approve", "publish"):
        answer = client.post(
            proposal.get_absolute_url(), {"step": name, "seen": seen(client, proposal)}, follow=True
        )

    assert FORMER in text_of(answer)
    assert Program.objects.get(pk=program.pk).slug == "program"


def seen(client, proposal):
    return client.get(proposal.get_absolute_url()).context["seen"]
