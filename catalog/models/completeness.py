"""What visitors need to know of a program, and what of that it lacks: said once, for Python and both databases."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add, and_
from typing import Any

from django.db.models import Case, IntegerField, Q, When
from django.db.models.expressions import Combinable
from django.utils.text import slugify

from ..values.expressions import Constant
from .not_provided import NOT_PROVIDED, Providable, names
from .program_details import PROVISIONS

NOT_KNOWN = "not-known"


@dataclass(frozen=True)
class Need:
    """Declare what visitors need: one of its fields tells it, unless all of them hold one of the blanks; or a row does.

    ``row`` is the annotation of ``ProgramQuerySet.with_needs`` that holds the key of such a row in another table.
    What only the representative can give is not missing where nobody answered; that it was not given is told then. So
    it is of what is said not to be provided.
    """

    label: str
    fields: tuple[str, ...] = ()
    blanks: tuple[str | None, ...] = ("",)
    is_asked_of_representative: bool = False
    row: str = ""

    @property
    def slug(self) -> str:
        """Return the need in an address: "lacks=essential-components"."""
        return slugify(self.label)

    def is_lacked_by(self, program: Any) -> bool:
        if self.is_asked_of_representative and program.is_nonresponder:
            return False
        if program.unprovided(self.fields):
            return False
        if self.row and getattr(program, self.row) is not None:
            return False
        # An empty list is "" in the database.
        values = ("" if (value := getattr(program, f)) == () else value for f in self.fields)
        return all(value in self.blanks for value in values)

    @property
    def lacking(self) -> Q:
        """Return the condition that a program lacks it."""
        condition = reduce(and_, map(self.is_blank, self.fields), Q())
        if self.is_asked_of_representative:
            condition &= Q(is_nonresponder=Constant(False))
        for field in self.fields:
            if field in Providable.values:
                condition &= ~Q(names(field))
        # Last: other tables are asked only where the program itself does not tell.
        if self.row:
            condition &= Q(**{f"{self.row}__isnull": True})
        return condition

    def is_blank(self, field: str) -> Q:
        condition = Q()
        for blank in self.blanks:
            if blank is None:
                condition |= Q(**{f"{field}__isnull": True})
            else:
                condition |= Q(**{field: Constant(blank)})
        return condition


def asked(label: str, *fields: str, blanks: tuple[str, ...] = ("",), row: str = "") -> Need:
    """Return a need that only the program's representative can meet."""
    return Need(label, fields, blanks, is_asked_of_representative=True, row=row)


AGES = ("child_age_min", "child_age_max", "caregiver_child_age_min", "caregiver_child_age_max")
MAIN_CONTACT = ("website", "contact_name", "contact_organization", "contact_email", "contact_phone")

# In the program's own fields.
OWN_NEEDS = (
    Need("description", ("description",), ("", NOT_PROVIDED)),
    asked("target population", "target_population"),
    Need("ages", AGES, (None,)),
    asked("goals", "goals"),
    asked("essential components", "essential_components"),
    Need("delivery settings", ("delivery_settings",)),
    asked("intensity", "intensity"),
    asked("duration", "duration"),
    Need("relevance level", ("relevance_level",)),
    Need("child-welfare outcomes", ("outcomes",)),
    asked("manual", "manual_available", blanks=(NOT_KNOWN,)),
    asked("training", "training_available", blanks=(NOT_KNOWN,)),
    asked(
        "services and format", "child_services", "caregiver_services", "group_format", "homework"
    ),
    asked("resources and qualifications", "resources_needed", "provider_qualifications"),
    asked("implementation", *PROVISIONS, blanks=(NOT_KNOWN,)),
    asked("cost", "cost"),
    asked("adverse effects", "adverse_effects"),
    Need("date of the last research review", ("research_last_reviewed",)),
)
# In other tables, too; ``ProgramQuerySet.with_needs`` finds a row.
CONTACT = asked("contact or website", *MAIN_CONTACT, row="any_contact")
RATING = Need("rating", row="any_rating")
REFERENCE = Need("reference", row="any_reference")
ROW_NEEDS = (CONTACT, RATING, REFERENCE)
NEEDS = (*OWN_NEEDS, *ROW_NEEDS)


def needs_lacked(program: Any) -> list[Need]:
    """Return the needs that the program lacks, in the order of its page; needs ``with_needs()``."""
    return [need for need in NEEDS if need.is_lacked_by(program)]


def missing(program: Any) -> list[str]:
    """Return the labels of what the program lacks; needs ``with_needs()``."""
    return [need.label for need in needs_lacked(program)]


def number_missing(needs: Iterable[Need] = NEEDS) -> Combinable:
    """Return the number of needs that a program lacks, as an expression for a query ``with_needs()``."""
    numbers: Iterable[Combinable] = (
        Case(When(need.lacking, then=Constant(1)), default=Constant(0), output_field=IntegerField())
        for need in needs
    )
    # Not sum(), which begins with a 0 that is sent along.
    return reduce(add, numbers)
