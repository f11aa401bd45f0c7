"""The rating scale as data: its editions, and what each asks of the recorded studies for a level."""

from collections.abc import Collection, Sequence
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone

from ..values.fields import (
    LimitedTextField,
    PartialDateField,
    last_begun,
    partial_date_constraint,
)
from .base import CatalogModel
from .history import history, one_save
from .levels import ScientificRating

# NR has no criteria: it says that those of no level can be judged.
LEVELS = [choice for choice in ScientificRating.choices if choice[0] != ScientificRating.NOT_RATED]


class Rule(models.TextChoices):
    """Name what a criterion asks, as a rule that can be computed. ``catalog.evidence`` says what each means."""

    TRIALS = "trials", "So many randomized trials"
    CONTROLLED = "controlled", "So many controlled studies: trials, or quasi-experiments"
    SEPARATE_SAMPLES = "separate-samples", "… of samples that do not overlap"
    USUAL_CARE = "usual-care", "… in usual care"
    BENEFIT = "benefit", "… with a finding of benefit"
    PEER_REVIEWED = "peer-reviewed", "… published and peer-reviewed"
    SOUND_MEASURES = "sound-measures", "… with reliable and valid measures"
    SUSTAINED = "sustained", "… at least one with a benefit that held for so many months"
    NO_BENEFIT = "no-benefit", "… none with a finding of benefit"
    MANUAL = "manual", "The program has a manual"
    WEIGHT = "weight", "The weight of the findings is positive"
    NO_HARM = "no-harm", "No finding of harm"
    MORE_HARM = "more-harm", "More findings of harm than of benefit"


COUNTING_RULES = (Rule.TRIALS, Rule.CONTROLLED)
NUMBER_MISSING = "Say how many studies this rule asks for."
MONTHS_MISSING = "Say for how many months the benefit must have held."
TAKES_NO_NUMBER = "Only trials and controlled studies are counted; leave this blank."
TAKES_NO_MONTHS = "Only a benefit that held takes a number of months; leave this blank."


class ScaleEditionQuerySet(models.QuerySet["ScaleEdition"]):
    def get_by_natural_key(self, name: str) -> "ScaleEdition":
        return self.get(name=name)

    def live(self) -> Self:
        """Return none: nobody proposes changes to the scale, and whoever may change it may at once."""
        return self.none()

    def in_use(self) -> "ScaleEdition | None":
        """Return the edition by which programs are rated now; None where none is."""
        return self.filter(is_current=True).first()

    def in_use_on(self, days: Collection[str]) -> dict[str, "ScaleEdition"]:
        """Return the editions that were in use on partial dates, as far as that is certain. One query."""
        begun = {edition.in_use_since: edition for edition in self.exclude(in_use_since="")}
        return {day: begun[since] for day in days if (since := last_begun(day, begun.keys()))}


class ScaleEdition(CatalogModel):
    """An edition of the rating scale. One without criteria is known by its name alone."""

    name = models.CharField(
        max_length=50,
        unique=True,
        help_text="As a rating names it, by its year as a rule. For example “2026”.",
    )
    note = LimitedTextField(
        blank=True, help_text="Where it comes from, and how it differs from the edition before it."
    )
    is_current = models.BooleanField(
        "in use",
        default=False,
        help_text="New ratings are given by it. The edition that was in use until now no longer is.",
    )
    in_use_since = PartialDateField(
        help_text="New ratings of this date or later that name no edition are taken to be given by it, until the next "
        "one begins. Left blank when it is first put to use, the day is set.",
    )

    objects = ScaleEditionQuerySet.as_manager()
    history = history()

    class Meta:
        # Editions are neither imported nor exported; ratings name them.
        default_permissions = ("add", "change", "delete", "view")
        verbose_name_plural = "editions of the rating scale"
        ordering = ["-is_current", "-name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_current"],
                condition=Q(is_current=True),
                name="scale_one_edition_in_use",
                violation_error_message="Another edition is in use.",
            ),
            partial_date_constraint("scaleedition", "in_use_since"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, **kwargs: Any) -> None:
        """Save the edition; where it is in use, the one before it no longer is, with a history entry."""
        with transaction.atomic(), one_save():
            if self.is_current:
                self.in_use_since = self.in_use_since or timezone.localdate().isoformat()
                before = ScaleEdition.objects.exclude(pk=self.pk).filter(is_current=True)
                for edition in before.select_for_update():
                    edition.is_current = False
                    self.attribute(edition, f"“{self.name}” is in use now")
                    edition.save(update_fields=["is_current"])
            super().save(**kwargs)

    def natural_key(self) -> tuple[str, ...]:
        return (self.name,)

    def get_constraints(self) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Return the constraints without the one that ``save`` sees to."""
        return self.constraints_without("scale_one_edition_in_use")


class CriterionQuerySet(models.QuerySet["Criterion"]):
    def get_by_natural_key(self, edition: str, level: str, code: str) -> "Criterion":
        return self.get(edition__name=edition, level=level, code=code)


class Criterion(CatalogModel):
    """A requirement of a level in an edition: a sentence for people, and the rule that is computed."""

    edition = models.ForeignKey(ScaleEdition, on_delete=models.CASCADE, related_name="criteria")
    level = models.CharField(max_length=1, choices=LEVELS)
    position = models.PositiveSmallIntegerField(
        default=0,
        help_text="The criteria of a level are read in this order: each asks more of the studies before it.",
    )
    code = models.SlugField(
        max_length=50, help_text="Its name within the level. For example “trials”."
    )
    text = models.CharField(
        max_length=300, help_text="What is asked, in one sentence; visitors read it."
    )
    rule = models.CharField(
        max_length=20,
        choices=Rule,
        help_text="Rules that begin with “…” are asked of the studies that met the ones before them.",
    )
    number = models.PositiveSmallIntegerField(
        "so many studies",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(20)],
    )
    months = models.PositiveSmallIntegerField(
        "so many months",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(600)],
    )

    objects = CriterionQuerySet.as_manager()
    history = history()

    class Meta:
        default_permissions = ("add", "change", "delete", "view")
        verbose_name_plural = "criteria"
        ordering = ["level", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "level", "code"],
                name="criterion_code_once_in_level",
                violation_error_message="The level has a criterion of this code already.",
            ),
            models.CheckConstraint(
                name="criterion_level_is_known",
                condition=Q(level__in=[level for level, _ in LEVELS]),
                violation_error_message="The level is 1, 2, 3, 4 or 5.",
            ),
            models.CheckConstraint(
                name="criterion_rule_is_known",
                condition=Q(rule__in=Rule.values),
                violation_error_message=f"The rule is one of: {', '.join(Rule.values)}.",
            ),
            models.CheckConstraint(
                name="criterion_number_with_its_rules",
                condition=Q(rule__in=COUNTING_RULES, number__isnull=False, number__gte=1)
                | (~Q(rule__in=COUNTING_RULES) & Q(number__isnull=True)),
                violation_error_message="Trials and controlled studies take a number of studies, other rules none.",
            ),
            models.CheckConstraint(
                name="criterion_months_with_their_rule",
                condition=Q(rule=Rule.SUSTAINED, months__isnull=False, months__gte=1)
                | (~Q(rule=Rule.SUSTAINED) & Q(months__isnull=True)),
                violation_error_message="A benefit that held takes a number of months, other rules none.",
            ),
        ]

    def __str__(self) -> str:
        return f"Level {self.level}, {self.code}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.edition.natural_key(), self.level, self.code)

    natural_key.dependencies = ["catalog.scaleedition"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        counts, held = self.rule in COUNTING_RULES, self.rule == Rule.SUSTAINED
        wrong = {}
        if counts != (self.number is not None):
            wrong["number"] = NUMBER_MISSING if counts else TAKES_NO_NUMBER
        if held != (self.months is not None):
            wrong["months"] = MONTHS_MISSING if held else TAKES_NO_MONTHS
        if wrong:
            raise ValidationError(wrong)
