"""Status, and the one rule that says what the public may see."""

from datetime import datetime
from typing import Any, Protocol, Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils import timezone

from ..values.expressions import HoldsValue
from ..values.fields import LimitedTextField
from .base import PERMISSIONS, Slugged, SluggedQuerySet


class Status(models.TextChoices):
    DRAFT = "draft", "Draft"
    IN_REVIEW = "in-review", "In review"
    PUBLISHED = "published", "Published"
    RETIRED = "retired", "Retired"


# What follows the status, and is written with it.
DATED_BY_STATUS = ("published_at", "retired_at", "retirement_reason")


def is_public(prefix: str = "") -> Q:
    """Return the condition under which an entry is public: the only place that says so.

    prefix leads to the entry from the model that is asked ("program__"). It asks the database's clock when it is
    evaluated: what is scheduled becomes public by itself.
    """
    has_come = Q(**{f"{prefix}published_at__lte": Now()})
    if prefix:
        return Q(HoldsValue(F(f"{prefix}status"), Value(Status.PUBLISHED))) & has_come
    return Q(status=Status.PUBLISHED) & has_come


def is_live(prefix: str = "") -> Q:
    """Return the condition under which visitors see an entry's words, or will without anybody's doing.

    What is scheduled becomes public by itself, and a retired entry keeps its address. prefix is as for ``is_public``.
    """
    was_public = Q(**{f"{prefix}status": Status.RETIRED, f"{prefix}published_at__isnull": False})
    return Q(**{f"{prefix}status": Status.PUBLISHED}) | was_public


class Standing(Protocol):
    """An entry or a row of its history, which says whether the entry was public."""

    @property
    def status(self) -> str: ...

    @property
    def published_at(self) -> datetime | None: ...


def is_public_at(entry: Standing, moment: datetime) -> bool:
    """Return whether an entry, or a row of its history, that stood so at a moment was public then: the same rule."""
    return (
        entry.status == Status.PUBLISHED
        and entry.published_at is not None
        and entry.published_at <= moment
    )


class PublishableQuerySet(SluggedQuerySet):
    def published(self) -> Self:
        """Return the entries that the public sees in lists, counts, search and exports."""
        return self.filter(is_public())

    def addressable(self) -> Self:
        """Return the entries that answer at their address: public ones, and retired ones, which say that they are."""
        return self.filter(is_public() | Q(status=Status.RETIRED, published_at__isnull=False))

    def once_public(self) -> models.QuerySet:
        """Return the primary keys of all entries that are or were public, of deleted ones too."""
        stored = self.model._default_manager.filter(published_at__lte=Now()).order_by()
        return stored.values("id").union(self.deletions_of_public().order_by().values("id"))

    def deletions_of_public(self) -> Any:
        """Return the records of deletions of what was public before, as these say themselves."""
        return self.records.filter(history_type="-", published_at__lte=F("history_date"))

    def live(self) -> Self:
        """Return the entries that take the permission to publish to be changed."""
        return self.filter(is_live())

    def unretired(self) -> Self:
        """Return the entries that editors still work on: those that are public, and those that may become so."""
        return self.exclude(status=Status.RETIRED)

    def scheduled(self) -> Self:
        """Return the entries that are to be public from a moment that has not come yet."""
        return self.filter(status=Status.PUBLISHED, published_at__gt=Now())


class Publishable(Slugged):
    """An entry that is drafted, reviewed, published and, one day, retired."""

    status = models.CharField(
        max_length=10,
        choices=Status,
        default=Status.DRAFT,
        db_index=True,
        help_text="Only published entries are public. A retired one keeps its address and says that it is retired.",
    )
    # Since when it was first public; ahead of it, the entry is scheduled.
    published_at = models.DateTimeField("public from", null=True, blank=True, editable=False)
    retired_at = models.DateTimeField("retired", null=True, blank=True, editable=False)
    retirement_reason = LimitedTextField(
        blank=True, editable=False, help_text="Public: it stands at the entry's address."
    )

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
                violation_error_message="A published entry keeps the day from which it is public.",
            ),
            models.CheckConstraint(
                name="%(class)s_retired_has_date",
                condition=Q(status=Status.RETIRED, retired_at__isnull=False)
                | (~Q(status=Status.RETIRED) & Q(retired_at__isnull=True)),
                violation_error_message="A retired entry, and no other, keeps the day when it was retired.",
            ),
            models.CheckConstraint(
                name="%(class)s_retirement_reason_only_if_retired",
                condition=Q(status=Status.RETIRED) | Q(retirement_reason=""),
                violation_error_message="Only a retired entry has a reason for being retired.",
            ),
        ]
        indexes = [
            # By it the catalog's version knows the next moment at which something becomes public. Not partial: SQLite
            # would rather read all that is published.
            models.Index(fields=["status", "published_at"], name="%(class)s_public_from")
        ]

    @property
    def is_published(self) -> bool:
        """Return whether the entry is public: what ``is_public`` says, of an entry that was read."""
        return is_public_at(self, timezone.now())

    @property
    def is_scheduled(self) -> bool:
        return self.status == Status.PUBLISHED and not self.was_public

    @property
    def was_public(self) -> bool:
        """Return whether the entry is or once was public, so that others may know its address."""
        return self.published_at is not None and self.published_at <= timezone.now()

    @property
    def is_retired(self) -> bool:
        return self.status == Status.RETIRED

    def clean(self) -> None:
        self.date_status()
        super().clean()

    def save(self, **kwargs: Any) -> None:
        self.date_status()
        if (fields := kwargs.get("update_fields")) and "status" in fields:
            kwargs["update_fields"] = {*fields, *DATED_BY_STATUS}
        super().save(**kwargs)

    def date_status(self) -> None:
        """Keep the dates in step with the status: public from, and retired."""
        now = timezone.now()
        if self.status == Status.PUBLISHED:
            # A whole second: the clock of SQLite has fewer digits than ours, and would be behind it.
            self.published_at = self.published_at or now.replace(microsecond=0)
        elif not self.was_public:
            self.published_at = None
        if not self.is_retired:
            self.retired_at, self.retirement_reason = None, ""
        elif not self.retired_at:
            self.retired_at = now
