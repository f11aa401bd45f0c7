"""A program as of a day: change it, let days pass, and open its page."""

from datetime import timedelta

from django.db import models
from django.db.models import F
from django.utils import timezone

from catalog.models import PROGRAM_ROWS, Program, Proposal, Registry, Status, TopicArea
from catalog.models.base import CatalogModel

from ..conftest import StrictClient
from ..factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TopicAreaFactory,
)
from ..pages import read
from ..processes import begin_process

MARKER = "zanzibar"


def days_pass(days=1):
    """Make everything on record as much older as if these days had passed. No process keeps a page for so long."""
    begin_process()
    for model in [
        *CatalogModel.__subclasses__(),
        *(Program, TopicArea, Registry, Proposal),
        *PROGRAM_ROWS.values(),
    ]:
        if model._meta.abstract:
            continue
        for table in (model, model.history.model):
            moments = [f.name for f in table._meta.fields if isinstance(f, models.DateTimeField)]
            if moments:
                passed = {name: F(name) - timedelta(days=days) for name in moments}
                table._base_manager.update(**passed)


def ago(days):
    return timezone.localdate() - timedelta(days=days)


def change(entry, **values):
    """Save an entry as it is stored now with other values."""
    entry.refresh_from_db()
    for name, value in values.items():
        setattr(entry, name, value)
    entry.save()


def get(program, day=None):
    return StrictClient().get(program.get_absolute_url(), {"as_of": day} if day else {})


# Of today only, or compared by its facts.
ELSEWHERE = {"Cite this page", "Contact", "At a glance", "In the same topic area"}


def content(response):
    """Return what a program's page says of the entry, or None where it shows none."""
    page = read(response) if response.status_code == 200 else None
    if page is None or not page.all("h2", id="about"):
        return None
    shown = {
        section.all("h2")[0].text: section.text
        for section in page.all("section")
        if section.all("h2") and section.all("h2")[0].text not in ELSEWHERE
    }
    return page.h1, shown, page.section("At a glance").facts


def names(response):
    return [heading.text for heading in read(response).section("Scientific rating").all("h3")]


def marked_life():
    """A program that was public for a while in between; what was not public then bears the marker."""
    hidden = TopicAreaFactory(name=f"{MARKER} area", status=Status.DRAFT, rating_criteria=MARKER)
    area = TopicAreaFactory(name="Area")
    program = ProgramFactory(
        name=MARKER, slug="program", description=MARKER, scope_note=MARKER, status=Status.DRAFT
    )
    program.also_known_as = [MARKER]
    program.save()
    rating = RatingFactory(program=program, topic_area=area, rationale=MARKER, rated_on="2020")
    RatingFactory(program=program, topic_area=hidden, rationale=MARKER, rated_on="2020")
    study = StudyFactory(program=program, reference=ReferenceFactory(title=MARKER), summary=MARKER)
    days_pass()
    public = {"name": "Program", "description": "", "scope_note": "", "also_known_as": ()}
    change(rating, rationale="Public.")
    change(study.reference, title="Public")
    change(study, summary="")
    change(program, status=Status.PUBLISHED, **public)
    days_pass(2)
    return program, area, rating
