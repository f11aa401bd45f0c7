"""Other registries of programs, and what they say of ours: in their own words, and merged into no score."""

from math import inf
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from ..values.expressions import NameKey, SortableDate, name_key
from ..values.fields import LimitedTextField, PartialDateField, partial_date_constraint
from .base import PERMISSIONS, Slugged, SluggedQuerySet
from .history import history
from .program_rows import ProgramRow, ProgramRowQuerySet
from .reviews import last_day_beyond
from .status import Status, is_live, is_public

# What other registries say is to be looked up again within so many months.
CHECK_INTERVAL_MONTHS = 12


class RegistryState(models.TextChoices):
    ACTIVE = "active", "Active"
    FROZEN = "frozen", "No longer updated"
    CLOSED = "closed", "Closed"


class RegistryQuerySet(SluggedQuerySet):
    def published(self) -> Self:
        """Return the registries that rate a public program."""
        return self.rating_programs(is_public("program__"))

    def once_public(self) -> models.QuerySet:
        """Return the primary keys of all registries that ever rated what was public, of deleted ones too."""
        programs: Any = ExternalRating.program.field.related_model
        ratings = ExternalRating.history.filter(program_id__in=programs.objects.once_public())
        found: models.QuerySet = ratings.order_by().values("registry_id")
        return found

    def live(self) -> Self:
        """Return what takes the permission to publish to be changed."""
        return self.rating_programs(is_live("program__"))

    def rating_programs(self, stand: Q) -> Self:
        """Return the registries that rate at least one program that stands so."""
        ratings = ExternalRating.objects.filter(stand, registry=OuterRef("pk")).order_by()
        return self.filter(Exists(ratings))


class Registry(Slugged):
    """Record a registry that rates programs by criteria of its own."""

    name = models.CharField(
        max_length=200, help_text="As it calls itself. For example “CrimeSolutions”."
    )
    slug = models.SlugField(
        max_length=100,
        unique=True,
        blank=True,
        help_text="By this, files and addresses of lists name it. Made from the name when left blank.",
    )
    url = models.URLField("address", max_length=500, blank=True, help_text="Of its first page.")
    scale = LimitedTextField(
        blank=True,
        help_text="How it rates, in your own words: its levels, from best to worst. In Markdown.",
    )
    state = models.CharField(
        max_length=6,
        choices=RegistryState,
        default=RegistryState.ACTIVE,
        help_text="Whether it still adds and updates ratings. Visitors read it where it does not.",
    )

    objects = RegistryQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name_plural = "registries"
        default_permissions = (*PERMISSIONS, "publish")
        ordering = [NameKey("name"), "pk"]
        constraints = [
            models.UniqueConstraint(
                NameKey("name"),
                name="registry_name_is_unique",
                violation_error_message="There is a registry with this name already.",
            ),
            models.CheckConstraint(
                name="registry_state_is_known",
                condition=Q(state__in=RegistryState.values),
                violation_error_message=f"The state is one of: {', '.join(RegistryState.values)}.",
            ),
        ]

    @property
    def why_dated(self) -> str:
        """Return why its ratings may be out of date: "no longer updated", "closed", or ""."""
        return "" if self.state == RegistryState.ACTIVE else self.get_state_display().lower()


class ExternalRatingQuerySet(ProgramRowQuerySet):
    def get_by_natural_key(self, program: str, registry: str, scope: str) -> Any:
        return self.get(program__slug=program, registry__slug=registry, scope=scope)

    def on_page(self) -> Self:
        """Return the ratings with their registries, by the names of these and by scope."""
        return self.select_related("registry").order_by(
            NameKey("registry__name"), NameKey("scope"), "pk"
        )

    def check_overdue(self) -> Self:
        """Return the ratings that nobody, for certain, has checked within the interval, the longest ago first.

        Left out is what retired programs have, and what closed registries say: that does not change any more.
        """
        ratings = self.alias(last_check=SortableDate("checked_on"))
        return (
            ratings.filter(last_check__lte=last_day_beyond(CHECK_INTERVAL_MONTHS))
            .exclude(program__status=Status.RETIRED)
            .exclude(registry__state=RegistryState.CLOSED)
            .order_by("last_check", "pk")
        )


class ExternalRating(ProgramRow):
    """Record what another registry says of a program, in its own words, with the date on which that was checked."""

    key_fields = ("registry", "scope")

    program = models.ForeignKey(
        "catalog.Program", on_delete=models.CASCADE, related_name="external_ratings"
    )
    registry = models.ForeignKey(
        Registry, on_delete=models.PROTECT, related_name="external_ratings"
    )
    scope = models.CharField(
        max_length=300,
        blank=True,
        help_text="For which outcome or group it holds, where the registry says so. For example “Substance use”.",
    )
    rating = models.CharField(
        max_length=300, help_text="As the registry words it. For example “Promising”."
    )
    url = models.URLField(
        "address",
        max_length=500,
        blank=True,
        help_text="Of the page of the registry that says it.",
    )
    rated_on = PartialDateField(
        help_text="When the registry rated it, as exactly as it says: 2024, 2024-06 or 2024-06-15."
    )
    checked_on = PartialDateField(
        help_text="When somebody last looked whether the registry still says so."
    )
    checked_by = models.CharField(
        max_length=200, blank=True, help_text="Who looked. For the staff; visitors do not see it."
    )

    objects = ExternalRatingQuerySet.as_manager()
    history = history()

    class Meta:
        default_permissions = PERMISSIONS
        ordering = [NameKey("registry__name"), NameKey("scope"), "pk"]
        indexes = [models.Index(SortableDate("checked_on"), "id", name="externalrating_by_check")]
        constraints = [
            models.UniqueConstraint(
                fields=["program", "registry", "scope"],
                name="externalrating_once_in_program",
                violation_error_message="What the registry says of the program in this scope is recorded already.",
            ),
            partial_date_constraint("externalrating", "rated_on"),
            partial_date_constraint("externalrating", "checked_on"),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.called}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.program.natural_key(), *self.registry.natural_key(), self.scope)

    natural_key.dependencies = ["catalog.program", "catalog.registry"]  # type: ignore[attr-defined]

    def place_on_page(self) -> tuple[object, ...]:
        """Return what puts ratings in memory in the order of ``on_page``."""
        return name_key(self.registry.name), name_key(self.scope), self.pk or inf

    @property
    def called(self) -> str:
        """Return how people call it: "rating by CrimeSolutions (Substance use)"."""
        scope = f" ({self.scope})" if self.scope else ""
        return f"rating by {self.registry}{scope}"
