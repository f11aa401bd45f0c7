"""The contacts of a program beside its main one: whom to ask, and about what."""

from functools import reduce
from operator import or_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, Q, Value, When

from ..values.expressions import NameKey, name_key
from .base import PERMISSIONS
from .history import history
from .program_rows import ProgramRow, ProgramRowQuerySet

# One of these says whom to ask.
REACHED_BY = ("name", "title", "organization", "email", "phone", "website")
NOBODY = "Give at least one of these: name, title, organization, e-mail address, phone, website."


class ContactPurpose(models.TextChoices):
    """Name what a contact is asked about, in the order of the page."""

    PROGRAM = "program", "Program"
    TRAINING = "training", "Training"
    OTHER = "other", "Other"


class ContactQuerySet(ProgramRowQuerySet):
    def get_by_natural_key(self, program: str, purpose: str, name: str) -> Any:
        return self.get(program__slug=program, purpose=purpose, name=name)


class Contact(ProgramRow):
    """Record somebody, or an office, to ask about a program; the main contact stands in the program itself."""

    key_fields = ("purpose", "name")

    program = models.ForeignKey(
        "catalog.Program", on_delete=models.CASCADE, related_name="contacts"
    )
    purpose = models.CharField(
        max_length=8, choices=ContactPurpose, help_text="What they are asked about."
    )
    name = models.CharField(max_length=200, blank=True, help_text="Blank for an office.")
    title = models.CharField(
        max_length=200, blank=True, help_text="For example “Director of Training”."
    )
    organization = models.CharField(max_length=200, blank=True)
    email = models.EmailField("e-mail address", blank=True)
    phone = models.CharField(max_length=50, blank=True)
    website = models.URLField(max_length=500, blank=True, help_text="With https://.")

    objects = ContactQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = [
            Case(When(purpose=ContactPurpose.OTHER, then=Value(1)), default=Value(0)),
            "purpose",
            NameKey("name"),
            "pk",
        ]
        default_permissions = PERMISSIONS
        constraints = [
            models.UniqueConstraint(
                fields=["program", "purpose", "name"],
                name="contact_once_in_program",
                violation_error_message="The program has a contact of this name for this purpose already.",
            ),
            models.CheckConstraint(
                name="contact_purpose_is_known",
                condition=Q(purpose__in=ContactPurpose.values),
                violation_error_message=f"The purpose is one of: {', '.join(ContactPurpose.values)}.",
            ),
            models.CheckConstraint(
                name="contact_says_whom_to_ask",
                condition=reduce(or_, (~Q(**{name: ""}) for name in REACHED_BY)),
                violation_error_message=NOBODY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.who}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.program.natural_key(), self.purpose, self.name)

    natural_key.dependencies = ["catalog.program"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Raise ValidationError where nothing says whom to ask."""
        super().clean()
        if not any(getattr(self, name) for name in REACHED_BY):
            raise ValidationError({"name": NOBODY})

    @property
    def who(self) -> str:
        """Return the first that is known of whom to ask: "Robin Example"."""
        return next(filter(None, (getattr(self, name) for name in REACHED_BY)), "")

    @property
    def called(self) -> str:
        """Return how people call it: "contact Robin Example (training)"."""
        return f"contact {self.who} ({self.get_purpose_display().lower()})"

    def place_on_page(self) -> tuple[object, ...]:
        """Return what puts contacts in memory in the order of ``Meta``."""
        return ContactPurpose.values.index(self.purpose), name_key(self.name), self.pk or 0
