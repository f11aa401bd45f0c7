"""Imports to undo, and what to look at afterwards."""

import re

from django.core.files.base import ContentFile

from catalog.importing import jobs
from catalog.models import (
    Contact,
    ExternalRating,
    Finding,
    Program,
    Rating,
    Reference,
    Registry,
    RelatedProgram,
    Study,
    TopicArea,
    TopicExpert,
)

from .loading import (
    as_csv,
)

MODELS = (
    *(TopicExpert, Reference, TopicArea, Program, Rating, Study, Finding),
    *(Contact, RelatedProgram, Registry, ExternalRating),
)
# What an editor writes into an entry of each kind.
TEXTS = {
    TopicExpert: "position",
    Reference: "pages",
    TopicArea: "delivered_by",
    Program: "duration",
    Rating: "rationale",
    Study: "location",
    Finding: "note",
    Contact: "title",
    Registry: "scale",
    ExternalRating: "checked_by",
}
# For each kind a row that changes an entry of `catalog`.
CHANGED_ROWS = {
    "experts": {"slug": "old-expert", "name": "New Expert", "position": "Chair"},
    "references": {"key": "old-2020", "title": "New title", "year": "2021", "doi": "10.1234/new"},
    "topic-areas": {
        "slug": "old-area",
        "name": "New area",
        "experts": "old-expert",
        "further_reading": "old-2020",
        "status": "retired",
    },
    "programs": {"slug": "old-program", "name": "New program", "status": "draft"},
    "ratings": {
        "program": "old-program",
        "topic_area": "old-area",
        "scientific_rating": "3",
        "rationale": "New.",
    },
    "studies": {"program": "old-program", "reference": "old-2020", "enrolled": "7"},
    "findings": {
        "program": "old-program",
        "reference": "old-2020",
        "topic_area": "old-area",
        "outcome": "",
        "effect": "benefit",
    },
    "contacts": {
        "program": "old-program",
        "purpose": "training",
        "name": "Old contact",
        "title": "Director",
    },
    "registries": {"slug": "old-registry", "name": "New registry", "state": "closed"},
    "external-ratings": {
        "program": "old-program",
        "registry": "old-registry",
        "scope": "",
        "rating": "Effective",
        "checked_on": "2025",
    },
}


def bring_in(kind, content, user):
    """Import a file, given as bytes, as text or as rows, as the pages do; return the record."""
    if isinstance(content, list):
        content = as_csv(content)
    data = content.encode() if isinstance(content, str) else content
    record = jobs.receive(kind, ContentFile(data, name="spring.csv"), user=user)
    jobs.check_soon(record)
    jobs.confirm(record)
    record.refresh_from_db()
    return record


def entries():
    """Return what is stored of every entry of the catalog, its relations too, by model and primary key."""
    found = {}
    for model in MODELS:
        columns = [field.attname for field in model._meta.concrete_fields]
        for values in model.objects.order_by().values(*columns):
            found[model, values["id"]] = values
        for field in model._meta.many_to_many:
            for key in [key for key in found if key[0] is model]:
                found[key][field.name] = set()
            for pk, other in model.objects.order_by().values_list("pk", field.name):
                found[model, pk][field.name] |= {other} - {None}
    return found


def history_is_complete():
    """Whether what the history says last of every entry is what is stored."""
    for (model, pk), values in entries().items():
        last = model.history.filter(id=pk).order_by("history_id").last()
        columns = [field.attname for field in model._meta.concrete_fields]
        if {name: getattr(last, name) for name in columns} != {
            name: values[name] for name in columns
        }:
            return False
        for field in model._meta.many_to_many:
            links = getattr(last, field.name).values_list(f"{field.m2m_reverse_field_name()}_id")
            if {other for (other,) in links} != values[field.name]:
                return False
    return True


def kept(record):
    """Return what an undo has kept and why, without the times."""
    return [
        (item["entry"], re.sub(r" on \w+ \d+, \d+, \d?\d:\d\d [AP]M", "", item["why"]))
        for item in record.kept
    ]
