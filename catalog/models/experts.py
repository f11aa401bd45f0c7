"""Topic experts."""

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from ..values.expressions import NameKey
from ..values.fields import LimitedTextField
from .base import PERMISSIONS, MergedKey, Slugged, SluggedQuerySet, source_line
from .history import history
from .status import is_live, is_public


class TopicExpertQuerySet(SluggedQuerySet):
    def with_former_slug(self, slug: str) -> Self:
        """Return the experts that had this slug before, or into whom one was merged that had it."""
        merged = MergedExpertSlug.objects.filter(key=slug).values("entry")
        former = super().with_former_slug(slug).values("pk")
        return self.filter(Q(pk__in=former) | Q(pk__in=merged))

    def former_slugs(self) -> dict[str, str]:
        """Return the slugs that nobody has now, each with the slug of the expert for whom it stands."""
        merged = MergedExpertSlug.objects.filter(entry__in=self.order_by())
        return {**dict(merged.values_list("key", "entry__slug")), **super().former_slugs()}

    def taken_slugs(self, slugs: Collection[str]) -> set[str]:
        """Return those of these slugs that an expert has or had, one that was merged too."""
        merged = MergedExpertSlug.objects.filter(key__in=slugs, entry__in=self.order_by())
        return super().taken_slugs(slugs) | set(merged.values_list("key", flat=True))

    def by_slugs(self, slugs: Collection[str]) -> dict[str, "TopicExpert"]:
        """Return the experts for whom these slugs stand, former ones too, by slug. Four queries at most."""
        experts: Any = self
        found: dict[str, TopicExpert] = {e.slug: e for e in experts.filter(slug__in=slugs)}
        if missing := set(slugs) - found.keys():
            here = self.order_by().values("pk")
            former = self.records.filter(slug__in=missing, id__in=here).order_by("history_id")
            merged = MergedExpertSlug.objects.filter(key__in=missing).values_list("key", "entry")
            keys = dict(former.values_list("slug", "id")) | dict(merged)
            others = experts.in_bulk(set(keys.values()))
            found |= {slug: others[pk] for slug, pk in keys.items() if pk in others}
        return found

    def published(self) -> Self:
        """Return the experts of at least one public topic area."""
        return self.in_areas(is_public("topicarea__"))

    def once_public(self) -> models.QuerySet:
        """Return the primary keys of all experts that a topic area ever had in public, of deleted ones too."""
        areas: Any = TopicExpert.topic_areas.field.model
        public = areas.history.filter(is_public()).order_by()
        found: models.QuerySet = public.values("historicaltopicarea_experts__topicexpert")
        return found

    def live(self) -> Self:
        """Return the experts that take the permission to publish to be changed."""
        return self.in_areas(is_live("topicarea__"))

    def in_areas(self, stand: Q) -> Self:
        """Return the experts of at least one topic area that stands so."""
        links = TopicExpert.topic_areas.through._default_manager.filter(topicexpert=OuterRef("pk"))
        return self.filter(Exists(links.filter(stand)))


class TopicExpert(Slugged):
    """A person who helps to define a topic area, and to find and rate its programs when it is launched."""

    name = models.CharField(max_length=200, help_text="As the expert signs: “Ginny Sprang”.")
    credentials = models.CharField(
        max_length=100, blank=True, help_text="For example “PhD”, “LCSW, MSW”."
    )
    position = models.CharField(max_length=200, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    biography = LimitedTextField(blank=True, help_text="Two or three sentences, in Markdown.")
    website = models.URLField(max_length=500, blank=True)
    source = source_line()

    objects = TopicExpertQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = [NameKey("name"), "pk"]
        default_permissions = (*PERMISSIONS, "publish")

    def __str__(self) -> str:
        return f"{self.name}, {self.credentials}" if self.credentials else self.name

    @property
    def is_published(self) -> bool:
        """Return whether visitors see the expert, as one of a public topic area. One query."""
        return TopicExpert.objects.published().filter(pk=self.pk).exists()

    def get_absolute_url(self) -> str:
        return reverse("catalog:expert", args=[self.slug])


class MergedExpertSlug(MergedKey):
    """A slug of an expert who was in the catalog twice."""

    entry = models.ForeignKey(TopicExpert, on_delete=models.CASCADE, related_name="merged_slugs")
