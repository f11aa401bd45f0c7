"""Fact checks: what a program's representative, who has no account, says of its page, section by section."""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.signing import Signer
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..values.fields import LimitedTextField
from .signed_links import SignedLink, SignedLinkQuerySet


class FactCheckSection(models.TextChoices):
    """List the sections of a program's page, in its order."""

    NAMES = "names", "Names"
    FACTS = "facts", "At a glance"
    RATINGS = "ratings", "Scientific rating"
    ABOUT = "about", "About the program"
    POPULATION = "population", "Target population"
    GOALS = "goals", "Goals"
    COMPONENTS = "components", "Essential components"
    ADVERSE_EFFECTS = "adverse", "Adverse effects"
    DELIVERY = "delivery", "Delivery"
    RESEARCH = "research", "Research"
    REGISTRIES = "registries", "Other registries"
    IMPLEMENTATION = "implement", "Implementation"
    CONTACT = "contact", "Contact"
    DATES = "dates", "Dates"
    RELATED = "related", "Related programs"


class Verdict(models.TextChoices):
    RIGHT = "right", "This is right"
    CHANGE = "change", "Please change"


class FactCheckQuerySet(SignedLinkQuerySet):
    def answered(self) -> Self:
        """Return the fact checks that somebody has answered."""
        return self.filter(answered_at__isnull=False)

    def unsettled(self) -> Self:
        """Return the fact checks with answers that no editor has dealt with."""
        return self.answered().filter(settled_at__isnull=True)


class FactCheck(SignedLink):
    """An address at which a program's representative says of each section whether it is right.

    ``answered_by`` and ``answered_at`` are of what was sent last; whoever sends something else after an editor has
    dealt with it (``settled_at``) puts it before them again.
    """

    signer = Signer(salt="catalog.fact-check")
    view = "catalog:fact_check"

    program = models.ForeignKey(
        "catalog.Program", on_delete=models.CASCADE, related_name="fact_checks"
    )
    sent_to = models.CharField(max_length=200)
    answered_by = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    # Of the page that the answers are about, with what was proposed to it then.
    answered_version = models.CharField(max_length=100, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = FactCheckQuerySet.as_manager()

    class Meta(SignedLink.Meta):
        constraints = [
            *SignedLink.Meta.constraints,
            models.CheckConstraint(
                name="factcheck_says_whom_it_was_sent_to", condition=~Q(sent_to="")
            ),
            models.CheckConstraint(
                name="factcheck_answered_has_name",
                condition=Q(answered_at__isnull=True, answered_by="")
                | (Q(answered_at__isnull=False) & ~Q(answered_by="")),
            ),
            models.CheckConstraint(
                name="factcheck_settled_was_answered",
                condition=Q(settled_at__isnull=True) | Q(answered_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["answered_at"],
                condition=Q(answered_at__isnull=False, settled_at__isnull=True),
                name="factcheck_unsettled",
            )
        ]

    def __str__(self) -> str:
        return f"Fact check of {self.program}"

    @property
    def entry(self) -> Any:
        """Return the program that it shows."""
        return self.program

    @property
    def is_over(self) -> bool:
        """Return whether it opens nothing any more: also when its program is retired, or merged into another one."""
        return self.is_closed or self.program.is_retired

    @property
    def is_unsettled(self) -> bool:
        return self.answered_at is not None and self.settled_at is None

    @property
    def answered_on(self) -> date | None:
        """Return the day, in the site's time zone, of what was sent last."""
        return timezone.localdate(self.answered_at) if self.answered_at else None

    @property
    def in_order(self) -> list["FactCheckAnswer"]:
        """Return its answers in the order of the page."""
        return sorted(self.answers.all(), key=lambda answer: SECTIONS.index(answer.section))

    @property
    def remarks(self) -> list["FactCheckAnswer"]:
        """Return its answers that an editor has to read, in the order of the page."""
        return [answer for answer in self.in_order if answer.comment]

    @property
    def plainly_right(self) -> list[str]:
        """Return the names of the sections that are right, and of which nothing else was said."""
        return [answer.get_section_display() for answer in self.in_order if not answer.comment]

    @property
    def in_short(self) -> str:
        """Return what was answered, as a line: "2 of 7 sections: please change"."""
        verdicts = [answer.verdict for answer in self.answers.all()]
        changes, number = verdicts.count(Verdict.CHANGE), len(verdicts)
        sections = "1 section" if number == 1 else f"{number} sections"
        return f"{changes} of {sections}: please change" if changes else f"{sections}: right"


SECTIONS = list(FactCheckSection.values)


class FactCheckAnswer(models.Model):
    """An answer of a representative to one section, as it is now."""

    fact_check = models.ForeignKey(FactCheck, on_delete=models.CASCADE, related_name="answers")
    section = models.CharField(max_length=10, choices=FactCheckSection)
    verdict = models.CharField(max_length=6, choices=Verdict)
    comment = LimitedTextField(blank=True)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["fact_check", "section"], name="factcheckanswer_one_for_a_section"
            ),
            models.CheckConstraint(
                name="factcheckanswer_section_is_known",
                condition=Q(section__in=FactCheckSection.values),
            ),
            models.CheckConstraint(
                name="factcheckanswer_verdict_is_known", condition=Q(verdict__in=Verdict.values)
            ),
            models.CheckConstraint(
                name="factcheckanswer_change_says_which",
                condition=~Q(verdict=Verdict.CHANGE) | ~Q(comment=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_section_display()}: {self.get_verdict_display()}"


class FactCheckSend(models.Model):
    """A sending of answers, from an address; kept for as long as it counts."""

    fact_check = models.ForeignKey(FactCheck, on_delete=models.CASCADE, related_name="sends")
    address = models.GenericIPAddressField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        default_permissions = ()
        indexes = [
            models.Index(fields=["address", "sent_at"], name="factchecksend_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.address}, {self.sent_at}"
