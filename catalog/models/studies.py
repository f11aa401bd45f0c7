"""The studies of a program: its references, and how each study was done."""

from math import inf
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.functional import cached_property

from ..values.expressions import NameKey, name_key
from ..values.fields import MOST_OF_LONG_TEXT, LimitedTextField
from .base import PERMISSIONS
from .findings import MOST_MONTHS, Finding, months_after_the_end
from .history import history
from .program_choices import Availability
from .program_rows import ProgramRow, ProgramRowQuerySet

SAME_SAMPLE_AS_ITSELF = "A study has the same sample as itself. Name the other study."
MORE_ANALYSED = "{:,} analysed are more than {:,} enrolled."


class StudyDesign(models.TextChoices):
    RCT = "rct", "Randomized controlled trial"
    QUASI_EXPERIMENT = "quasi-experiment", "Quasi-experiment with a comparison"
    PRE_POST = "pre-post", "Single group, before and after"
    SINGLE_CASE = "single-case", "Single case"
    REVIEW = "review", "Systematic review or meta-analysis"
    OTHER = "other", "Other"


class Comparison(models.TextChoices):
    """Say with whom those who took part were compared."""

    USUAL_CARE = "usual-care", "Usual care"
    NONE = "none", "No treatment or waiting list"
    OTHER_TREATMENT = "other-treatment", "Another treatment"
    ATTENTION = "attention", "Placebo or attention"
    NO_COMPARISON = "no-comparison", "No comparison group"


class StudyQuerySet(ProgramRowQuerySet):
    def get_by_natural_key(self, program: str, reference: str) -> Any:
        return self.get(program__slug=program, reference__key=reference)


def answer_field(verbose_name: str, help_text: str) -> models.CharField:
    """Return a field for yes, no or not known."""
    return models.CharField(
        verbose_name,
        max_length=9,
        choices=Availability,
        default=Availability.NOT_KNOWN,
        help_text=help_text,
    )


ANSWERS = ("peer_reviewed", "usual_care", "sound_measures", "independent")


class Study(ProgramRow):
    """A reference of a program, with the facts of how the study was done."""

    key_fields = ("reference",)

    program = models.ForeignKey("catalog.Program", on_delete=models.CASCADE, related_name="studies")
    reference = models.ForeignKey(
        "catalog.Reference", on_delete=models.PROTECT, related_name="studies"
    )
    design = models.CharField(
        max_length=16,
        choices=StudyDesign,
        blank=True,
        help_text="Blank where nobody has looked, and for what is no study.",
    )
    design_note = LimitedTextField(
        "note on design and sample",
        max_length=MOST_OF_LONG_TEXT,
        blank=True,
        help_text="What the fields beside it cannot say. For example “Randomized by school”.",
    )
    comparison = models.CharField(
        max_length=15,
        choices=Comparison,
        blank=True,
        help_text="What the others got with whom those who took part were compared.",
    )
    peer_reviewed = answer_field(
        "published and peer-reviewed?", "Whether experts had judged it before it was published."
    )
    usual_care = answer_field(
        "in usual care?", "Whether it was carried out where and by whom the program is given."
    )
    sound_measures = answer_field(
        "reliable and valid measures?", "And used alike for all who took part."
    )
    independent = answer_field(
        "independent of the developer?", "Whether none of its authors made or sells the program."
    )
    same_sample_as = models.ForeignKey(
        "catalog.Reference",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="studies_of_same_sample",
        help_text="Another study of the program, of the same people: the two are one trial.",
    )
    participants_age = models.CharField(
        "age of participants", max_length=200, blank=True, help_text="For example “Mean 34 years”."
    )
    participants_gender = models.CharField(
        "gender of participants", max_length=200, blank=True, help_text="As the study says."
    )
    participants_race_ethnicity = models.CharField(
        "race and ethnicity of participants",
        max_length=500,
        blank=True,
        help_text="As the study says.",
    )
    participants_status = models.CharField(
        "status of participants",
        max_length=500,
        blank=True,
        help_text="Who they are. For example “Caseworkers in foster care”.",
    )
    enrolled = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="All who were randomized or enrolled, of all groups together.",
    )
    analysed = models.PositiveIntegerField(
        null=True, blank=True, help_text="Of these, on how many the results rest."
    )
    location = models.CharField(
        max_length=200, blank=True, help_text="Where it was done. For example “Ohio, USA”."
    )
    follow_up_months = models.PositiveSmallIntegerField(
        "follow-up, in months",
        null=True,
        blank=True,
        validators=MOST_MONTHS,
        help_text="How long after the program ended the groups were last compared. 0: only at its end.",
    )
    summary = LimitedTextField(
        max_length=MOST_OF_LONG_TEXT,
        blank=True,
        help_text="In your own words: what was asked and what was found. In Markdown.",
    )
    limitations = LimitedTextField(
        blank=True, help_text="What limits it, as the study or its readers say. In Markdown."
    )

    objects = StudyQuerySet.as_manager()
    history = history()

    class Meta:
        verbose_name_plural = "studies"
        ordering = [
            NameKey("reference__authors"),
            F("reference__year").asc(nulls_last=True),
            "pk",
        ]
        default_permissions = PERMISSIONS
        constraints = [
            models.UniqueConstraint(
                fields=["program", "reference"],
                name="study_reference_once_in_program",
                violation_error_message="The program has this reference already.",
            ),
            models.CheckConstraint(
                name="study_design_is_known",
                condition=Q(design__in=["", *StudyDesign.values]),
                violation_error_message=f"The design is one of: {', '.join(StudyDesign.values)}.",
            ),
            models.CheckConstraint(
                name="study_comparison_is_known",
                condition=Q(comparison__in=["", *Comparison.values]),
                violation_error_message=f"The comparison is one of: {', '.join(Comparison.values)}.",
            ),
            models.CheckConstraint(
                name="study_answers_are_known",
                condition=Q(**{f"{name}__in": Availability.values for name in ANSWERS}),
                violation_error_message="What is asked of a study: yes, no or not-known.",
            ),
            models.CheckConstraint(
                name="study_same_sample_as_another",
                condition=Q(same_sample_as__isnull=True) | ~Q(same_sample_as=F("reference")),
                violation_error_message=SAME_SAMPLE_AS_ITSELF,
            ),
            models.CheckConstraint(
                name="study_analysed_were_enrolled",
                condition=Q(enrolled__isnull=True)
                | Q(analysed__isnull=True)
                | Q(analysed__lte=F("enrolled")),
                violation_error_message="No more can be analysed than were enrolled.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.reference}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.program.natural_key(), *self.reference.natural_key())

    natural_key.dependencies = ["catalog.program", "catalog.reference"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        super().clean()
        wrong = {}
        if self.same_sample_as_id and self.same_sample_as_id == self.reference_id:
            wrong["same_sample_as"] = SAME_SAMPLE_AS_ITSELF
        if (
            self.enrolled is not None
            and self.analysed is not None
            and self.analysed > self.enrolled
        ):
            wrong["analysed"] = MORE_ANALYSED.format(self.analysed, self.enrolled)
        if wrong:
            raise ValidationError(wrong)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Delete the study, and first what it found, each with a row of history."""
        with transaction.atomic():
            for finding in self.its_findings():
                self.attribute(finding, self._change_reason)
                finding.delete()
            return super().delete(*args, **kwargs)

    def its_findings(self) -> models.QuerySet[Finding]:
        """Return the recorded findings of the study."""
        return Finding.objects.filter(program=self.program_id, reference=self.reference_id)

    @cached_property
    def has_findings(self) -> bool:
        """Return whether it is recorded what the study found."""
        return self.its_findings().exists()

    @property
    def called(self) -> str:
        """Return how people call it: "reference bride-2007"."""
        return f"reference {self.reference.key}"

    def place_on_page(self) -> tuple[object, ...]:
        """Return the key that sorts studies in memory as ``Meta`` orders them."""
        year = self.reference.year
        return name_key(self.reference.authors), year is None, year or 0, self.pk or inf

    @property
    def facts(self) -> list[tuple[str, object]]:
        """Return the recorded facts of how the study was done, as labels and values."""
        known = [
            ("Type of study", self.get_design_display()),
            ("Compared with", self.get_comparison_display()),
            ("Participants", self.numbers),
            ("Age", self.participants_age),
            ("Gender", self.participants_gender),
            ("Race and ethnicity", self.participants_race_ethnicity),
            ("Who took part", self.participants_status),
            ("Location", self.location),
            ("Last compared", months_after_the_end(self.follow_up_months)),
            *((label, dict(Availability.choices)[given]) for label, given in self.answers),
        ]
        return [(label, value) for label, value in known if value]

    @property
    def numbers(self) -> str:
        """Return how many were enrolled and analysed: "184 enrolled, 170 analysed", or ""."""
        known = [(self.enrolled, "enrolled"), (self.analysed, "analysed")]
        return ", ".join(f"{number:,} {what}" for number, what in known if number is not None)

    @property
    def answers(self) -> list[tuple[str, str]]:
        """Return what is known of the study's soundness, as labels and codes."""
        asked = [
            ("Published and peer-reviewed", self.peer_reviewed),
            ("In usual care", self.usual_care),
            ("Reliable and valid measures", self.sound_measures),
            ("Independent of the developer", self.independent),
        ]
        return [(label, given) for label, given in asked if given != Availability.NOT_KNOWN]


# The rows of a program by the relation that leads to them, in the order in which they are written: a finding names a
# study.
PROGRAM_ROWS: dict[str, type[ProgramRow]] = {"studies": Study, "findings": Finding}
