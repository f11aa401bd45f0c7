"""Reviews that the clearinghouse announces: planned, or under way."""

from typing import Self

from django.db import models
from django.db.models import Q

from ..values.expressions import NameKey
from ..values.fields import LimitedTextField
from .base import CatalogModel
from .history import history


class PlannedReviewState(models.TextChoices):
    UNDER_WAY = "under-way", "Under way"
    PLANNED = "planned", "Planned"


class PlannedReviewQuerySet(models.QuerySet["PlannedReview"]):
    def get_by_natural_key(self, name: str) -> "PlannedReview":
        return self.get(name=name)

    def live(self) -> Self:
        """Return none: nobody proposes changes to the list, and whoever may change it may at once."""
        return self.none()


class PlannedReview(CatalogModel):
    """A review that visitors may know of; what is not announced has no row here."""

    name = models.CharField(
        "review of", max_length=200, help_text="A program, or a topic area: as visitors read it."
    )
    state = models.CharField(
        max_length=10, choices=PlannedReviewState, default=PlannedReviewState.PLANNED
    )
    since = models.DateField(help_text="Since when it is planned or, if so, under way.")
    note = LimitedTextField(
        blank=True, max_length=1_000, help_text="What visitors may know besides; in Markdown."
    )

    objects = PlannedReviewQuerySet.as_manager()
    history = history()

    class Meta:
        default_permissions = ("add", "change", "delete", "view")
        verbose_name = "announced review"
        ordering = ["-state", "since", NameKey("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                NameKey("name"),
                name="plannedreview_name_is_unique",
                violation_error_message="This review is announced already.",
            ),
            models.CheckConstraint(
                name="plannedreview_state_is_known",
                condition=Q(state__in=PlannedReviewState.values),
                violation_error_message="A review is planned or under way.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str, ...]:
        return (self.name,)
