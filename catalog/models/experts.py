"""Topic experts."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from ..values.expressions import NameKey
from ..values.fields import LimitedTextField
from .base import PERMISSIONS, Slugged, SluggedQuerySet
from .history import history
from .status import is_live, is_public


class TopicExpertQuerySet(SluggedQuerySet):
    def published(self) -> Self:
        """Return the experts of at least one public topic area."""
        return self.in_areas(is_public("topicarea__"))

    def live(self) -> Self:
        """Return what takes the permission to publish to be changed."""
        return self.in_areas(is_live("topicarea__"))

    def in_areas(self, stand: Q) -> Self:
        """Return the experts of at least one topic area that stands so."""
        links = TopicExpert.topic_areas.through._default_manager.filter(topicexpert=OuterRef("pk"))
        return self.filter(Exists(links.filter(stand)))


class TopicExpert(Slugged):
    """Someone who helps to define a topic area, and to find and rate its programs when it is launched."""

    name = models.CharField(max_length=200, help_text="As the expert signs: “Ginny Sprang”.")
    credentials = models.CharField(
        max_length=100, blank=True, help_text="For example “PhD”, “LCSW, MSW”."
    )
    position = models.CharField(max_length=200, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    biography = LimitedTextField(blank=True, help_text="Two or three sentences, in Markdown.")
    website = models.URLField(max_length=500, blank=True)

    objects = TopicExpertQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = [NameKey("name"), "pk"]
        default_permissions = (*PERMISSIONS, "publish")

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:expert", args=[self.slug])
