"""The glossary: what the words of the field mean here."""

from typing import Self

from django.db import models
from django.urls import reverse

from ..values.expressions import NameKey
from ..values.fields import LimitedTextField
from .base import Slugged, SluggedQuerySet
from .history import history


class TermQuerySet(SluggedQuerySet):
    def live(self) -> Self:
        """Return the terms that take the permission to publish to be changed: all, as every term is public."""
        return self.all()


class Term(Slugged):
    """A word with its definition, public from the moment that it is stored."""

    name = models.CharField(max_length=200, help_text="As in a sentence: “Usual care”.")
    slug = models.SlugField(
        max_length=100,
        unique=True,
        blank=True,
        help_text="By this, pages ask for the definition. Made from the name when left blank.",
    )
    definition = LimitedTextField(help_text="One to three plain sentences, without markup.")

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
