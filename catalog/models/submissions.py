"""What visitors write to the clearinghouse: corrections, nominations, messages. It changes nothing by itself."""

from datetime import date, timedelta
from secrets import choice
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from ..values.fields import LimitedTextField
from .site_settings import SiteSettings

# Without those that are easily taken for another one.
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
MOST_TYPED = 5_000
DAYS_IN_A_MONTH = 30


def new_receipt() -> str:
    """Return a receipt number that nobody guesses: "K7Q2-M4XD"."""
    signs = "".join(choice(SIGNS) for _ in range(8))
    return f"{signs[:4]}-{signs[4:]}"


class SubmissionKind(models.TextChoices):
    CORRECTION = "correction", "Correction"
    PROGRAM = "program", "Program to review"
    TOPIC_AREA = "topic-area", "Topic area to add"
    MESSAGE = "message", "Message"


class SubmissionState(models.TextChoices):
    NEW = "new", "New"
    IN_WORK = "in-work", "In work"
    ANSWERED = "answered", "Answered"
    DECLINED = "declined", "Declined"


NOMINATIONS = (SubmissionKind.PROGRAM, SubmissionKind.TOPIC_AREA)
OPEN = (SubmissionState.NEW, SubmissionState.IN_WORK)


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def waiting(self) -> Self:
        """Return those that somebody has still to answer or decline, the longest waiting first."""
        return self.filter(state__in=OPEN).order_by("created_at", "pk")

    def outlived(self) -> Self:
        """Return those that have been kept for as long as the site's settings say."""
        months = SiteSettings.objects.current().submissions_kept_months
        return self.filter(created_at__lt=timezone.now() - timedelta(months * DAYS_IN_A_MONTH))


class Submission(models.Model):
    """What a visitor has sent by a form, and how it stands with it. It is deleted after a time, and has no history."""

    receipt = models.CharField(
        "receipt number", max_length=9, unique=True, default=new_receipt, editable=False
    )
    kind = models.CharField(max_length=10, choices=SubmissionKind, editable=False)
    # By its slug, which leads to it for ever, also after it was merged or renamed.
    program_slug = models.SlugField("program", max_length=100, blank=True, editable=False)
    subject = models.CharField("about", max_length=200, blank=True, editable=False)
    text = LimitedTextField(max_length=MOST_TYPED, editable=False)
    name = models.CharField(max_length=200, blank=True, editable=False)
    email = models.EmailField("e-mail", blank=True, editable=False)
    created_at = models.DateTimeField("sent", default=timezone.now, editable=False)
    # The address that it came from, for as long as it counts.
    sent_from = models.GenericIPAddressField(null=True, editable=False)
    state = models.CharField(
        max_length=10, choices=SubmissionState, default=SubmissionState.NEW, db_index=True
    )
    reason = LimitedTextField(
        "answer or reason",
        blank=True,
        help_text="What was answered, or why it was declined. For the team: the site sends no mail to visitors.",
    )
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    handled_at = models.DateTimeField("last handled", null=True, editable=False)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        # Visitors add them.
        default_permissions = ("change", "delete", "view")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="submission_kind_is_known",
                condition=Q(kind__in=SubmissionKind.values),
                violation_error_message="This kind is not known.",
            ),
            models.CheckConstraint(
                name="submission_state_is_known",
                condition=Q(state__in=SubmissionState.values),
                violation_error_message="This state is not known.",
            ),
            models.CheckConstraint(
                name="submission_correction_names_program",
                condition=Q(kind=SubmissionKind.CORRECTION) ^ Q(program_slug=""),
                violation_error_message="A correction, and nothing else, is about a program.",
            ),
            models.CheckConstraint(
                name="submission_declined_with_reason",
                condition=~Q(state=SubmissionState.DECLINED) | ~Q(reason=""),
                violation_error_message="Say why it is declined.",
            ),
        ]
        indexes = [models.Index(fields=["sent_from", "created_at"], name="submission_by_address")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.receipt}"


class NominationWindow:
    """Say whether nominations are taken on a day, by the dates of the site's settings; without dates, always."""

    def __init__(self, site: SiteSettings, day: date) -> None:
        self.first, self.last, self.day = site.nominations_from, site.nominations_until, day

    @property
    def is_open(self) -> bool:
        return not self.is_ahead and not (self.last and self.day > self.last)

    @property
    def is_ahead(self) -> bool:
        return bool(self.first and self.day < self.first)
