"""What is kept beside one entry, of whichever kind: proposals, assignments, notes of the staff."""

from collections.abc import Collection, Iterable
from functools import reduce
from operator import or_
from typing import Self

from django.apps import apps
from django.db import models
from django.db.models import Q

from .base import CatalogModel

# The fields that name the entry, one of which is filled, with the kinds of entries that they lead to.
ENTRY_FIELDS = {
    "program": "catalog.Program",
    "topic_area": "catalog.TopicArea",
    "reference": "catalog.Reference",
    "expert": "catalog.TopicExpert",
    "term": "catalog.Term",
    "page": "catalog.Page",
}


def entry_models() -> dict[str, type[CatalogModel]]:
    """Return the kinds of entries, by the field that names one."""
    found = {name: apps.get_model(label) for name, label in ENTRY_FIELDS.items()}
    return {name: model for name, model in found.items() if issubclass(model, CatalogModel)}


def entry_field(model: type[models.Model]) -> str:
    """Return which field names an entry of a model."""
    return next(name for name, label in ENTRY_FIELDS.items() if label == model._meta.label)


def is_of_one_entry(fields: Collection[str] = tuple(ENTRY_FIELDS)) -> Q:
    """Return the condition that one of these fields names an entry, and no other one does."""
    condition = Q()
    for one in fields:
        condition |= Q(**{f"{name}__isnull": name != one for name in fields})
    return condition


def is_of_kinds(fields: Iterable[str]) -> Q:
    """Return the condition that the entry is of one of the kinds that these fields name; false for no fields."""
    return reduce(or_, [Q(**{f"{name}__isnull": False}) for name in fields], Q(pk__in=[]))


class AboutEntryQuerySet(models.QuerySet):
    def of_kinds(self, fields: Iterable[str]) -> Self:
        """Return the rows about entries of the kinds that these fields name; none for no fields."""
        return self.filter(is_of_kinds(fields))

    def of(self, entry: models.Model) -> Self:
        """Return the rows about an entry."""
        return self.filter(**{entry_field(type(entry)): entry.pk})


class AboutEntry(models.Model):
    """A row about one entry: one of six keys names it, as ``is_of_one_entry`` says."""

    program = models.ForeignKey(
        "catalog.Program", models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    topic_area = models.ForeignKey(
        "catalog.TopicArea", models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    reference = models.ForeignKey(
        "catalog.Reference", models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    expert = models.ForeignKey(
        "catalog.TopicExpert", models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    term = models.ForeignKey(
        "catalog.Term", models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )
    page = models.ForeignKey(
        "catalog.Page", models.CASCADE, null=True, blank=True, related_name="%(class)ss"
    )

    class Meta:
        abstract = True

    @property
    def entry(self) -> CatalogModel:
        """Return the entry that it is about."""
        return next(filter(None, (getattr(self, name) for name in ENTRY_FIELDS)))

    @property
    def entry_key(self) -> int:
        """Return the primary key of the entry, without asking for the entry."""
        return next(filter(None, (getattr(self, f"{name}_id") for name in ENTRY_FIELDS)))
