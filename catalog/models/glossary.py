"""The glossary: what the words of the field mean here."""

from typing import Self

from django.db import models
from django.urls import reverse

from ..values.expressions import NameKey
from ..values.fields import LimitedTextField
from .base import Slugged, SluggedQuerySet
from .history import history


class TermQuerySet(SluggedQuerySet):
    def published(self) -> Self:
        """Return the terms that visitors read."""
        return self.filter(is_public=True)

    def once_public(self) -> models.QuerySet:
        """Return the primary keys of all terms that are or were public, of deleted ones too."""
        return self.records.filter(is_public=True).values("id")

    def live(self) -> Self:
        """Return the terms that take the permission to publish to be changed: those that visitors read."""
        return self.published()


class Term(Slugged):
    """A word with its definition, which visitors read once somebody who may publish has made it public."""

    name = models.CharField(max_length=200, help_text="As in a sentence: “Usual care”.")
    slug = models.SlugField(
        max_length=100,
        unique=True,
        blank=True,
        help_text="By this, pages ask for the definition. Made from the name when left blank.",
    )
    definition = LimitedTextField(help_text="One to three plain sentences, without markup.")

    is_public = models.BooleanField(
        "public", default=True, help_text="Visitors read it in the glossary and where it is used."
    )

    objects = TermQuerySet.as_manager()
    history = history()

    class Meta:
        # Terms are neither imported nor exported.
        default_permissions = ("add", "change", "delete", "view", "publish")
        verbose_name_plural = "glossary terms"
        ordering = [NameKey("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                NameKey("name"),
                name="term_name_is_unique",
                violation_error_message="The glossary has this term already.",
            )
        ]

    def get_absolute_url(self) -> str:
        return f"{reverse('catalog:glossary')}#{self.slug}"
