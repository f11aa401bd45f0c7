"""Which records of history are one save."""

import pytest
from django.contrib.admin.templatetags.admin_urls import admin_urlname
from django.urls import reverse

from catalog.history.records import newest_first, records_of, saves
from catalog.models import Rating, TopicArea
from catalog.models.history import one_save

from ..admin.pages import submit
from ..factories import ProgramFactory, RatingFactory, TopicAreaFactory, TopicExpertFactory


def kinds(model):
    """Return how many records each save of a model's entries has made, the oldest first."""
    return [len(save) for save in saves(newest_first(records_of(model, model.history.all())))][::-1]


def test_request_is_one_save_and_the_next_is_another(editor_client):
    area, expert = TopicAreaFactory(), TopicExpertFactory()
    form = reverse(admin_urlname(TopicArea._meta, "change"), args=[area.pk])

    for definition in ("What it is.", "What it is not."):
        changes = {"definition": definition, "experts": [expert.pk], "_change_reason": "Why"}
        assert submit(editor_client, form, **changes).status_code == 302

    # The experts are recorded after the entry.
    assert area.history.count() == 4
    assert kinds(TopicArea) == [1, 2, 1]


def test_rating_is_one_save_with_the_one_that_it_retires(db):
    program, area = ProgramFactory(), TopicAreaFactory()
    RatingFactory(program=program, topic_area=area, scientific_rating="3")

    RatingFactory(program=program, topic_area=area, scientific_rating="2")

    assert Rating.history.count() == 3
    assert kinds(Rating) == [1, 2]


def test_entry_as_it_was_is_no_part_of_the_save_that_found_it(editor):
    area = TopicAreaFactory()
    area.history.all().delete()

    area._history_user = editor
    area.save()

    assert kinds(TopicArea) == [1, 1]


@pytest.mark.parametrize("is_inside", [True, False])
def test_save_ends_with_the_outermost(is_inside, db):
    with one_save():
        first = TopicAreaFactory()
        with one_save():
            inner = TopicAreaFactory()
        last = TopicAreaFactory() if is_inside else None
    last = last or TopicAreaFactory()

    ids = {area.history.get().history_save for area in (first, inner, last)}

    assert len(ids) == (1 if is_inside else 2)
