"""What a program takes and comes with: its services, what it asks of an agency, and what helps to carry it out."""

from functools import reduce
from operator import and_

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from ..values.fields import LimitedTextField
from .program_choices import Provision

YEARS = 1900, 2100
# What may be provided: the fields that say whether it is.
PROVISIONS = (
    "logic_model",
    "pre_implementation",
    "formal_support",
    "fidelity_measures",
    "implementation_guides",
    "implementation_research",
)
LINK_NEEDS_LOGIC_MODEL = "Only a logic model that is provided has an address."


def provision(label: str, help_text: str) -> models.CharField:
    """Return the field that says whether something is provided."""
    return models.CharField(
        label,
        max_length=9,
        choices=Provision,
        default=Provision.NOT_KNOWN,
        help_text=f"{help_text} “None provided” only if its owners say so.",
    )


class ProgramDetails(models.Model):
    """A program, as it is delivered to people by providers whom an agency prepares for it."""

    logic_model = provision(
        "logic model",
        "A picture of how what the program does leads to what it wants to achieve.",
    )
    logic_model_url = models.URLField(
        "logic model's address",
        max_length=500,
        blank=True,
        help_text="Where it can be seen, with https://.",
    )
    pre_implementation = provision(
        "pre-implementation materials",
        "What helps an agency to find out whether it is ready: checklists, guides.",
    )
    pre_implementation_notes = LimitedTextField(
        "pre-implementation notes", blank=True, help_text="What there is, and where."
    )
    formal_support = provision(
        "formal support",
        "Coaching or consultation while an agency introduces the program.",
    )
    formal_support_notes = LimitedTextField(blank=True, help_text="Who gives it, and how.")
    fidelity_measures = provision(
        "fidelity measures",
        "Instruments that show whether the program is delivered as intended.",
    )
    fidelity_measures_notes = LimitedTextField(
        blank=True, help_text="What they are called, who fills them in, where to get them."
    )
    implementation_guides = provision(
        "implementation guides or manuals",
        "On how to introduce the program in an agency. The manual on how to deliver it has a field of its own.",
    )
    implementation_guides_notes = LimitedTextField(
        blank=True, help_text="What they are called, and where to get them."
    )
    implementation_research = provision(
        "research on how to implement it",
        "Studies of how agencies introduced the program, not of its effect.",
    )
    implementation_research_notes = LimitedTextField(
        blank=True, help_text="Which studies, and what they say."
    )
    child_services = LimitedTextField(
        "services to children and adolescents",
        blank=True,
        help_text="What children or adolescents themselves are helped with; in Markdown. Blank where they do not "
        "take part.",
    )
    caregiver_services = LimitedTextField(
        "services to parents and caregivers",
        blank=True,
        help_text="What parents or caregivers are helped with; in Markdown. Blank where they do not take part.",
    )
    group_format = LimitedTextField(
        "group format and size",
        blank=True,
        help_text="Whether people take part alone or in groups, and in groups of how many. For example “Groups of 6 "
        "to 12”.",
    )
    homework = LimitedTextField(
        blank=True,
        help_text="What participants are asked to do between sessions. For example “Daily practice, 10 minutes”.",
    )
    resources_needed = LimitedTextField(
        blank=True,
        help_text="What an agency must have: rooms, equipment, staff. For example “A room with a one-way mirror”.",
    )
    provider_qualifications = LimitedTextField(
        blank=True,
        help_text="What those who deliver it must have learned. For example “A master's degree in social work”.",
    )
    adverse_effects = LimitedTextField(
        blank=True,
        help_text="Harm that its studies or its owners report, or that they looked for it and found none. Blank "
        "says nothing about it.",
    )
    cost = LimitedTextField(
        blank=True,
        help_text="What an agency pays: training, materials, for each family; as its owners say.",
    )
    cost_year = models.PositiveSmallIntegerField(
        "year of the cost",
        null=True,
        blank=True,
        validators=[MinValueValidator(YEARS[0]), MaxValueValidator(YEARS[1])],
        help_text="The year whose prices these are.",
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        """Raise ValidationError for the address of a logic model that there is not."""
        super().clean()
        if self.logic_model_url and self.logic_model != Provision.YES:
            raise ValidationError(
                {"logic_model_url": f"{LINK_NEEDS_LOGIC_MODEL} Say “Provided” above, or clear it."}
            )


DETAILS_CONSTRAINTS = [
    models.CheckConstraint(
        name="program_provision_is_known",
        condition=reduce(
            and_,
            (Q(**{f"{field}__in": Provision.values}) for field in PROVISIONS),
        ),
        violation_error_message="Logic model and parts of implementation: yes, no or not-known.",
    ),
    models.CheckConstraint(
        name="program_logic_model_url_is_of_one",
        condition=Q(logic_model_url="") | Q(logic_model=Provision.YES),
        violation_error_message=LINK_NEEDS_LOGIC_MODEL,
    ),
    models.CheckConstraint(
        name="program_cost_year_is_plausible",
        condition=Q(cost_year__isnull=True) | Q(cost_year__range=YEARS),
        violation_error_message="The year of the cost lies between 1900 and 2100.",
    ),
]
