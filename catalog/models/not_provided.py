"""What a program's representative did not provide: said of any field by its name, also of choices, ages and lists."""

from collections.abc import Iterable
from functools import reduce
from operator import and_
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from ..values.expressions import Constant, Lists
from ..values.fields import ListField, list_constraint
from .program_details import PROVISIONS

NOT_PROVIDED = "Not provided by the representative"


class Providable(models.TextChoices):
    """List the fields that a program's representative is asked for, by their names."""

    TARGET_POPULATION = "target_population", "Target population"
    CHILD_AGE_MIN = "child_age_min", "Children from age"
    CHILD_AGE_MAX = "child_age_max", "Children to age"
    CAREGIVER_CHILD_AGE_MIN = "caregiver_child_age_min", "Caregivers of children from age"
    CAREGIVER_CHILD_AGE_MAX = "caregiver_child_age_max", "Caregivers of children to age"
    RELEVANCE_LEVEL = "relevance_level", "Child welfare relevance level"
    OUTCOMES = "outcomes", "Child-welfare outcomes"
    GOALS = "goals", "Goals"
    ESSENTIAL_COMPONENTS = "essential_components", "Essential components"
    ADVERSE_EFFECTS = "adverse_effects", "Adverse effects"
    CHILD_SERVICES = "child_services", "Services to children and adolescents"
    CAREGIVER_SERVICES = "caregiver_services", "Services to parents and caregivers"
    DELIVERY_SETTINGS = "delivery_settings", "Delivery settings"
    INTENSITY = "intensity", "Recommended intensity"
    DURATION = "duration", "Recommended duration"
    GROUP_FORMAT = "group_format", "Group format and size"
    HOMEWORK = "homework", "Homework"
    LANGUAGES = "languages", "Languages"
    RESOURCES_NEEDED = "resources_needed", "Resources needed"
    PROVIDER_QUALIFICATIONS = "provider_qualifications", "Provider qualifications"
    MANUAL_AVAILABLE = "manual_available", "Whether there is a manual"
    TRAINING_AVAILABLE = "training_available", "Whether there is training"
    LOGIC_MODEL = "logic_model", "Whether there is a logic model"
    PRE_IMPLEMENTATION = "pre_implementation", "Pre-implementation materials"
    FORMAL_SUPPORT = "formal_support", "Formal support"
    FIDELITY_MEASURES = "fidelity_measures", "Fidelity measures"
    IMPLEMENTATION_GUIDES = "implementation_guides", "Implementation guides or manuals"
    IMPLEMENTATION_RESEARCH = "implementation_research", "Research on how to implement it"
    COST = "cost", "Cost"
    WEBSITE = "website", "Website"
    CONTACT_NAME = "contact_name", "Contact's name"
    CONTACT_ORGANIZATION = "contact_organization", "Contact's organization"
    CONTACT_EMAIL = "contact_email", "Contact's e-mail address"
    CONTACT_PHONE = "contact_phone", "Contact's phone number"


# What a field holds that nobody has filled in, where that is not "".
BLANKS: dict[str, Any] = {
    **dict.fromkeys(name for name in Providable.values if "_age_" in name),
    **dict.fromkeys(("manual_available", "training_available", *PROVISIONS), "not-known"),
}


def names(field: str) -> Lists:
    """Return the condition that a field is among those that were not provided; an index may have it to the letter."""
    return Lists("not_provided", Constant(f"|{field}|"))


def is_blank(field: str) -> Q:
    """Return the condition that a field is not filled in."""
    blank = BLANKS.get(field, "")
    return Q(**{f"{field}__isnull": True}) if blank is None else Q(**{field: blank})


NOT_PROVIDED_CONSTRAINTS = [
    list_constraint("program", "not_provided", Providable),
    models.CheckConstraint(
        name="program_not_provided_is_blank",
        # As a rule nothing is, and this is asked of each program of an import.
        condition=Q(not_provided="")
        | reduce(and_, (~Q(names(field)) | is_blank(field) for field in Providable.values)),
        violation_error_message="What is filled in was provided.",
    ),
]


class ProvidedByRepresentative(models.Model):
    """A program, of which its representative is asked for most."""

    not_provided: Any = ListField(
        codes=Providable,
        help_text="What was asked for and not given. Of blank fields only.",
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Raise ValidationError for a field that is filled in and said not to be provided."""
        super().clean()
        if given := [Providable(n).label for n in self.not_provided if not self.is_unsaid(n)]:
            filled = f"“{'”, “'.join(given)}” {'is' if len(given) == 1 else 'are'} filled in"
            raise ValidationError({"not_provided": f"{filled}: say so only of what is blank."})

    def is_unsaid(self, field: str) -> bool:
        """Return whether a field is not filled in; of one that there is not, that is said elsewhere."""
        blank = BLANKS.get(field, "")
        return field not in Providable.values or getattr(self, field) in {blank, ()}

    def keep_unprovided(self) -> None:
        """Forget of what has been filled in that it was not provided."""
        self.not_provided = tuple(filter(self.is_unsaid, self.not_provided))

    def unprovided(self, fields: Iterable[str]) -> str:
        """Return what stands in the place of these fields where none is filled in, and one of them was not provided.

        "" elsewhere: what is known of an age, or of a contact, is not hidden by what is not.
        """
        names = set(fields)
        is_said = bool(set(self.not_provided) & names) and all(map(self.is_unsaid, names))
        return NOT_PROVIDED if is_said else ""
