"""Status, and the one rule that says what the public may see."""

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .base import PERMISSIONS, Slugged, SluggedQuerySet


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in-review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


def is_public(prefix: str = "") -> Q:
    """Return the condition under which an entry is public: the only place that says so.

    prefix leads to the entry from the model that is asked ("program__").
    """
    return Q(**{f"{prefix}status": Status.PUBLISHED})


class PublishableQuerySet(SluggedQuerySet):
    def published(self) -> Self:
        """Return what the public sees in lists, counts, search and exports."""
        return self.filter(is_public())

    def addressable(self) -> Self:
        """Return what answers at its address: what is public, and what once was and says that it is retired."""
        return self.filter(is_public() | Q(status=Status.RETIRED, published_at__isnull=False))


class Publishable(Slugged):
    """An entry that is drafted, reviewed, published and, one day, retired."""

    status = models.CharField(
        max_length=10,
        choices=Status,
        default=Status.DRAFT,
        db_index=True,
        help_text="Only published entries are public. A retired one keeps its address and says that it is retired.",
    )
    published_at = models.DateTimeField("first published", null=True, blank=True, editable=False)
    retired_at = models.DateTimeField("retired", null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        default_permissions = (*PERMISSIONS, "publish")
        constraints = [
            models.CheckConstraint(
                name="%(class)s_status_is_known",
                condition=Q(status__in=Status.values),
                violation_error_message=f"Status is one of: {', '.join(Status.values)}.",
            ),
            models.CheckConstraint(
                name="%(class)s_published_has_date",
                condition=~Q(status=Status.PUBLISHED) | Q(published_at__isnull=False),
                violation_error_message="A published entry keeps the day when it was first published.",
            ),
            models.CheckConstraint(
                name="%(class)s_retired_has_date",
                condition=Q(status=Status.RETIRED, retired_at__isnull=False)
                | (~Q(status=Status.RETIRED) & Q(retired_at__isnull=True)),
                violation_error_message="A retired entry, and no other, keeps the day when it was retired.",
            ),
        ]

    @property
    def is_published(self) -> bool:
        return self.status == Status.PUBLISHED

    @property
    def is_retired(self) -> bool:
        return self.status == Status.RETIRED

    def clean(self) -> None:
        super().clean()
        self.date_status()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.date_status()
        if (fields := kwargs.get("update_fields")) and "status" in fields:
            kwargs["update_fields"] = {*fields, "published_at", "retired_at"}
        super().save(*args, **kwargs)

    def date_status(self) -> None:
        """Keep the dates in step with the status: first published, and retired."""
        if self.is_published and not self.published_at:
            self.published_at = timezone.now()
        if not self.is_retired:
            self.retired_at = None
        elif not self.retired_at:
            self.retired_at = timezone.now()
