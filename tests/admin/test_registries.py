"""Registries in the admin, and what they say of programs in the histories of these."""

import pytest
from django.urls import reverse

from catalog.models import ExternalRating, Program, Proposal, Registry

from ..conftest import StrictClient
from ..factories import ExternalRatingFactory, ProgramFactory, RegistryFactory
from .history.versions import told
from .pages import BrowserForm

pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture
def writer_client(writer):
    client = StrictClient()
    client.force_login(writer)
    return client


def page_of(registry):
    return reverse("admin:catalog_registry_change", args=[registry.pk])


def test_writer_changes_a_registry_until_visitors_read_it(writer_client):
    registry = RegistryFactory(scale="Then.")
    form = BrowserForm(writer_client.get(page_of(registry))).data
    writer_client.post(page_of(registry), {**form, "scale": "Now.", "_save": "Save"})
    form = BrowserForm(writer_client.get(page_of(registry))).data
    ExternalRatingFactory(registry=registry)

    answer = writer_client.post(page_of(registry), {**form, "scale": "Later.", "_save": "Save"})

    why = "Visitors read what this registry says of programs. Only somebody who may publish registries changes it."
    # What was typed is shown, to be copied.
    assert (answer.status_code, "Later." in answer.content.decode()) == (409, True)
    assert why in writer_client.get(page_of(registry)).content.decode()
    assert Registry.objects.get().scale == "Now."


def test_registry_that_rates_programs_is_not_deleted(editor_client):
    registry = ExternalRatingFactory().registry
    page = reverse("admin:catalog_registry_delete", args=[registry.pk])

    answer = editor_client.post(page, {"post": "yes"}, follow=True)

    why = "What it says of programs is recorded: take that out there first."
    assert f"“{registry}” is not deleted. {why}" in answer.content.decode()
    assert Registry.objects.exists()


def test_list_finds_ratings_by_the_names_of_programs_and_registries(editor_client):
    ExternalRatingFactory(program__name="Calm", registry__name="Index")
    ExternalRatingFactory(program__name="Quiet", registry__name="Guide")
    page = reverse("admin:catalog_externalrating_changelist")

    def found(words):
        response = editor_client.get(page, {"q": words})
        return [rating.program.name for rating in response.context["cl"].result_list]

    assert (found("calm"), found("guide"), found("other")) == (["Calm"], ["Quiet"], [])


def test_history_of_a_program_tells_what_became_of_ratings_by_others(editor_client, editor):
    program = ProgramFactory()
    Program.history.all().delete()
    registry = RegistryFactory(name="Index")
    rating = ExternalRating(program=program, registry=registry, scope="Sleep", rating="Good")
    for change in ("save", "rate", "delete"):
        rating._history_user = editor
        if change == "rate":
            rating.rating = "Better"
        (rating.delete if change == "delete" else rating.save)()

    [(_, items)] = told(editor_client, program)

    name = "Rating by another registry"
    assert [item[0] for item in items] == [
        f"{name} removed: Index (Sleep)",
        f"{name} changed: Index (Sleep)",
        f"{name} added: Index (Sleep)",
    ]


def test_writer_proposes_what_another_registry_says_of_a_live_program(writer_client):
    program = ProgramFactory()
    page = reverse("admin:catalog_program_change", args=[program.pk])
    form = BrowserForm(writer_client.get(page)).data
    row = "external_ratings-0"
    typed = {
        "external_ratings-TOTAL_FORMS": "1",
        f"{row}-id": "",
        f"{row}-program": program.pk,
        f"{row}-registry": RegistryFactory().pk,
        f"{row}-rating": "Promising",
        **{
            f"{row}-{name}": "" for name in ("scope", "url", "rated_on", "checked_on", "checked_by")
        },
    }

    writer_client.post(page, {**form, **typed, "_save": "Save as proposal"})

    (rows,) = Proposal.objects.get().rows.values()
    assert [changes["rating"] for changes in rows.values()] == [["", "Promising"]]
    assert not ExternalRating.objects.exists()
