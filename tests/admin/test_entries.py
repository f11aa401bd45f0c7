"""Entries in their forms: added, shown, never changed behind somebody's back, and deleted where that loses nothing."""

import re

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.utils import timezone

from catalog.models import Program, Rating, Reference, Status, TopicArea

from ..factories import ProgramFactory, RatingFactory, ReferenceFactory, TopicAreaFactory
from .entry_form.open_form import ADD_STUDY
from .pages import BrowserForm, actions, address, heading, run_action, submit, text_of
from .registered_models import FACTORIES, each_model, each_publishable

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_program_is_added_with_reference(editor_client, editor):
    reference = ReferenceFactory()
    study = {"reference": reference.pk, "enrolled": "184"}

    response = submit(
        editor_client,
        "/admin/catalog/program/add/",
        name="Calm Corners",
        outcomes=["permanency", "safety"],
        research_last_reviewed="October 2016",
        **ADD_STUDY,
        **{f"studies-0-{name}": value for name, value in study.items()},
    )

    assert response.url == "/admin/catalog/program/"
    program = Program.objects.get()
    assert (program.slug, program.status) == ("calm-corners", Status.DRAFT)
    assert program.outcomes == ("safety", "permanency")
    assert program.research_last_reviewed == "2016-10"
    assert program.studies.get().enrolled == 184
    for entry in (program, program.studies.get()):
        assert [change.history_user for change in entry.history.all()] == [editor]


def test_topic_area_is_related_to_others_only(editor_client):
    area, other = TopicAreaFactory(), TopicAreaFactory()

    refused = submit(editor_client, address("change", area), related_areas=[area.pk, other.pk])
    assert "A topic area is not related to itself." in text_of(refused)
    assert list(area.related_areas.all()) == []

    submit(editor_client, address("change", area), related_areas=[other.pk], change_reason="Near")
    assert list(area.related_areas.all()) == [other]
    assert list(area.history.first().related_areas.values_list("to_topicarea", flat=True)) == [
        other.pk
    ]


# --- Ratings on their own


def test_past_rating_is_shown_and_cannot_be_changed(editor_client):
    past = RatingFactory(scientific_rating="3", rated_on="2020", rationale="One trial.")
    RatingFactory(program=past.program, topic_area=past.topic_area, rated_on="2024")
    path = address("change", past)

    page = editor_client.get(path)
    response = editor_client.post(path, {"scientific_rating": "1", "rated_on": "2020"})

    past.refresh_from_db()
    assert heading(page) == "View rating"
    assert "One trial." in text_of(page)
    assert BrowserForm(page).fields == set()
    assert response.status_code == 403
    assert (past.scientific_rating, past.is_current) == ("3", False)


def test_current_rating_cannot_move_to_another_program(editor_client):
    rating = RatingFactory()

    other = ProgramFactory()
    submit(editor_client, address("change", rating), program=other.pk, change_reason="Moved")

    assert Rating.objects.get().program == rating.program


def test_no_rating_can_be_deleted(editor_client):
    past = RatingFactory(rated_on="2020")
    current = RatingFactory(program=past.program, topic_area=past.topic_area)

    menu = actions(editor_client.get("/admin/catalog/rating/"))
    run_action(editor_client, "delete_selected", [past, current])
    answers = [
        editor_client.post(address("delete", rating), {"post": "yes"}).status_code
        for rating in (past, current)
    ]

    assert "delete_selected" not in menu
    assert answers == [403, 403]
    assert Rating.objects.count() == 2


# --- Deleting


def delete_by_page(client, entry):
    return client.post(address("delete", entry), {"post": "yes"}, follow=True)


def delete_by_action(client, entry):
    selected = {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"}
    return client.post(address("changelist", type(entry)), selected, follow=True)


each_way_to_delete = pytest.mark.parametrize("delete", [delete_by_page, delete_by_action])


@pytest.mark.parametrize("model", [Program, TopicArea, Reference])
@each_way_to_delete
def test_deleting_takes_no_rating_and_no_reference_along(editor_client, entries, model, delete):
    # As drafts that never were public, so that nothing but what hangs on them keeps them.
    for model_of_status in (Program, TopicArea):
        model_of_status.objects.update(status=Status.DRAFT, published_at=None)
    entry = model.objects.get()

    response = delete(editor_client, entry)

    assert "were deleted" not in text_of(response)
    assert {kept: kept.objects.count() for kept in entries} == dict.fromkeys(entries, 1)
    assert not LogEntry.objects.filter(action_flag=DELETION).exists()


@each_publishable
@pytest.mark.parametrize("status", Status)
@each_way_to_delete
def test_what_was_ever_public_cannot_be_deleted(editor_client, factory, status, delete):
    entry = factory(status=status, published_at=timezone.now())

    delete(editor_client, entry)

    assert type(entry).objects.get() == entry


@each_publishable
@each_way_to_delete
def test_draft_can_be_deleted(editor_client, factory, delete):
    entry = factory(status=Status.DRAFT)

    delete(editor_client, entry)

    assert not type(entry).objects.exists()
    assert LogEntry.objects.get().action_flag == DELETION


@pytest.mark.parametrize("name", ["experts", "further_reading"])
def test_topic_area_loses_nothing_behind_its_history(editor_client, name):
    area = TopicAreaFactory()
    entry = FACTORIES[area._meta.get_field(name).related_model]()
    getattr(area, name).add(entry)
    before = area.history.count()

    delete_by_page(editor_client, entry)

    # Either what an area names cannot be deleted, or the area's own history says that it is gone.
    is_kept = getattr(area, name).filter(pk=entry.pk).exists()
    assert is_kept or area.history.count() > before


def test_deleted_program_keeps_its_history(editor_client, editor):
    program = ProgramFactory(name="Mistake", status=Status.DRAFT)

    editor_client.post(address("delete", program), {"post": "yes"})

    assert not Program.objects.exists()
    deletion, creation = Program.history.filter(id=program.pk)
    assert (deletion.history_type, deletion.history_user) == ("-", editor)
    assert creation.name == "Mistake"


# --- Links to the site, and the history


@each_publishable
def test_view_on_site_leads_to_preview_of_draft(editor_client, factory):
    entry = factory(name="Not out yet", status=Status.DRAFT)
    page = editor_client.get(address("change", entry)).content.decode()

    (link,) = re.findall(r'href="([^"]+)" class="viewsitelink"', page)
    response = editor_client.get(link)

    assert link == entry.get_absolute_url()

    assert "<h1>Not out yet</h1>" in response.content.decode()
    assert "Draft. Only staff see this page" in text_of(response)


@pytest.mark.alike(10)
@each_model
@pytest.mark.parametrize("who", ["editor", "viewer"])
def test_old_version_cannot_be_put_back(client, request, entries, model, who):
    client.force_login(request.getfixturevalue(who))
    entry = entries[model]
    before = model.objects.values().get(pk=entry.pk)
    version = address("simple_history", entry, entry.history.last().history_id)
    texts = dict.fromkeys(("name", "title", "location"), "Overwritten")
    level = {"scientific_rating": "1", "not_rated_reason": ""}
    data = BrowserForm(client.get(version)).data

    client.post(version, {**data, **texts, **level, "_save": "Revert"})

    assert model.objects.values().get(pk=entry.pk) == before
    assert not LogEntry.objects.exists()


@pytest.mark.alike(6)
@each_model
def test_form_opened_before_another_change_is_not_saved(editor_client, entries, model):
    entry = entries[model]
    path = address("change", entry)
    form = BrowserForm(editor_client.get(path)).data
    entry.save()
    before = entry.history.count()

    response = editor_client.post(path, {**form, "_save": "Save"})

    assert response.status_code == 200
    assert entry.history.count() == before
