"""What the studies of a program found, and whether that counts in the rating of a topic area."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import OuterRef, Q

from ..values.expressions import NameKey
from ..values.fields import LimitedTextField
from .base import PERMISSIONS
from .history import history
from .program_rows import ProgramRow, ProgramRowQuerySet
from .status import is_public

# Fifty years.
MOST_MONTHS = [MaxValueValidator(600)]
REASON_BUT_COUNTS = "Only a finding that does not count takes a reason for that."


class Effect(models.TextChoices):
    BENEFIT = "benefit", "Benefit"
    NO_EFFECT = "no-effect", "No effect"
    HARM = "harm", "Harm"
    MIXED = "mixed", "Mixed"
    NOT_REPORTED = "not-reported", "Not reported"


class NotCountedReason(models.TextChoices):
    """Say why a finding does not count in the rating of an area."""

    MEASURES = "measures", "Measures not reliable or valid"
    NOT_PEER_REVIEWED = "not-peer-reviewed", "Not peer-reviewed"
    NO_CONTROL_GROUP = "no-control-group", "No control group"
    OUTSIDE_OUTCOMES = "outside-outcomes", "Outcomes outside the topic area"
    SAME_SAMPLE = "same-sample", "Same sample as another study"
    OTHER = "other", "Another reason"


def months_after_the_end(months: int | None) -> str:
    """Return a number of months after the end of a program in words; "" for None."""
    if months is None:
        return ""
    return f"{months} month{'' if months == 1 else 's'} after the end" if months else "at the end"


class FindingQuerySet(ProgramRowQuerySet):
    def published(self) -> Self:
        """Return the findings of public programs in public topic areas."""
        return super().published().filter(is_public("topic_area__"))

    def of_outer_study(self) -> Self:
        """Return the findings of the study that an outer query is about, for Exists."""
        return self.filter(program=OuterRef("program"), reference=OuterRef("reference")).order_by()

    def get_by_natural_key(
        self, program: str, reference: str, topic_area: str, outcome: str
    ) -> Any:
        return self.get(
            program__slug=program,
            reference__key=reference,
            topic_area__slug=topic_area,
            outcome=outcome,
        )


class Finding(ProgramRow):
    """A result of a program's study for one outcome, and whether it counts in the rating in a topic area."""

    key_fields = ("reference", "topic_area", "outcome")

    program = models.ForeignKey(
        "catalog.Program", on_delete=models.CASCADE, related_name="findings"
    )
    # A study of the program. It is named by its reference, so that a proposal can hold both before either is stored.
    reference = models.ForeignKey(
        "catalog.Reference", on_delete=models.PROTECT, related_name="findings"
    )
    topic_area = models.ForeignKey(
        "catalog.TopicArea", on_delete=models.PROTECT, related_name="findings"
    )
    outcome = models.CharField(
        max_length=300,
        blank=True,
        help_text="What was measured. For example “Symptoms of secondary traumatic stress”.",
    )
    effect = models.CharField(
        max_length=12,
        choices=Effect,
        blank=True,
        help_text="Of the program, beside what it was compared with. Blank where nobody has recorded it.",
    )
    sustained_months = models.PositiveSmallIntegerField(
        "held for, in months",
        null=True,
        blank=True,
        validators=MOST_MONTHS,
        help_text="How long after the end of the program the effect was still found. 0: at its end.",
    )
    counts = models.BooleanField(
        "counts in the rating",
        default=True,
        help_text="Whether the rating in this topic area rests on it, too.",
    )
    not_counted_reason = models.CharField(
        "why it does not count",
        max_length=17,
        choices=NotCountedReason,
        blank=True,
        help_text="Only for a finding that does not count.",
    )
    note = LimitedTextField(
        blank=True, help_text="What the codes cannot say. For example “Only among girls”."
    )

    objects = FindingQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = [NameKey("topic_area__name"), "reference_id", NameKey("outcome"), "pk"]
        default_permissions = PERMISSIONS
        constraints = [
            models.UniqueConstraint(
                fields=["program", "reference", "topic_area", "outcome"],
                name="finding_once_in_program",
                violation_error_message="This outcome of the study is recorded in the topic area already.",
            ),
            models.CheckConstraint(
                name="finding_effect_is_known",
                condition=Q(effect__in=["", *Effect.values]),
                violation_error_message=f"The effect is one of: {', '.join(Effect.values)}.",
            ),
            models.CheckConstraint(
                name="finding_reason_is_known",
                condition=Q(not_counted_reason__in=["", *NotCountedReason.values]),
                violation_error_message="This reason is not known.",
            ),
            models.CheckConstraint(
                name="finding_reason_only_if_not_counted",
                condition=Q(not_counted_reason="") | Q(counts=False),
                violation_error_message=REASON_BUT_COUNTS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.reference} in {self.topic_area}"

    def natural_key(self) -> tuple[str, ...]:
        return (
            *self.program.natural_key(),
            *self.reference.natural_key(),
            *self.topic_area.natural_key(),
            self.outcome,
        )

    natural_key.dependencies = [  # type: ignore[attr-defined]
        "catalog.program",
        "catalog.reference",
        "catalog.topicarea",
        "catalog.study",
    ]

    def clean(self) -> None:
        super().clean()
        if self.counts and self.not_counted_reason:
            raise ValidationError({"not_counted_reason": REASON_BUT_COUNTS})

    @property
    def called(self) -> str:
        """Return how people call it: "finding of bride-2007 in Burnout (Stress)"."""
        outcome = f" ({self.outcome})" if self.outcome else ""
        return f"finding of {self.reference.key} in {self.topic_area}{outcome}"

    @property
    def in_words(self) -> str:
        """Return the effect and how long it held: "Benefit, still found 12 months after the end"; or ""."""
        if not self.effect:
            return ""
        held = months_after_the_end(self.sustained_months)
        return (
            f"{self.get_effect_display()}, still found {held}"
            if held
            else self.get_effect_display()
        )

    @property
    def why_not_counted(self) -> str:
        """Return why the finding does not count, as far as that is recorded."""
        reason = self.get_not_counted_reason_display()
        return "" if self.not_counted_reason == NotCountedReason.OTHER and self.note else reason


class ResearchPart(models.TextChoices):
    """Say what part a study plays in a program's ratings, by its findings."""

    COUNTS = "counts", "Research that counts in a rating"
    NOT_COUNTED = "not-counted", "Research that does not count in a rating"
    OTHER = "other", "Other references"


def by_reference(findings: Iterable[Finding]) -> dict[int, list[Finding]]:
    """Return findings, in their order, by the reference of their study; none for any other."""
    found: dict[int, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.reference_id].append(finding)
    return found


def research_part(findings: Iterable[Finding]) -> ResearchPart:
    """Return what part a study with these findings plays."""
    counts = [finding.counts for finding in findings]
    if any(counts):
        return ResearchPart.COUNTS
    return ResearchPart.NOT_COUNTED if counts else ResearchPart.OTHER
