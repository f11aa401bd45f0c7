"""Programs."""

from functools import reduce
from operator import or_
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from ..values.expressions import NameKey, SortableDate
from ..values.fields import (
    MOST_OF_LONG_TEXT,
    MOST_OF_TEXT,
    LimitedTextField,
    ListField,
    PartialDateField,
    list_constraint,
    partial_date_constraint,
)
from ..values.links import WrongLink
from .ages import AGE_RANGES, AGES, age_range_constraint, ages_in_words
from .base import source_line
from .completeness import OWN_NEEDS, RATING, ROW_NEEDS, Need, number_missing
from .contacts import Contact
from .findings import Finding
from .history import history
from .not_provided import NOT_PROVIDED_CONSTRAINTS, ProvidedByRepresentative
from .program_choices import Availability, DeliverySetting, Outcome, RelevanceLevel
from .program_details import DETAILS_CONSTRAINTS, ProgramDetails
from .program_rows import ProgramRow
from .ratings import Rating
from .registries import ExternalRating
from .related_programs import RelatedProgram
from .reviews import ReviewAge, last_day_beyond, review_age
from .status import Publishable, PublishableQuerySet, Status
from .studies import Study

ROWS_LACKING = reduce(or_, (need.lacking for need in ROW_NEEDS))

# What lists and comparisons show of a rating.
LISTED_OF_RATING = (
    "program",
    "scientific_rating",
    "not_rated_reason",
    "rated_on",
    "topic_area__name",
    "topic_area__slug",
    "topic_area__abbreviation",
)

# The rows of a program by the relation that leads to them, in the order in which they are written: a finding names a
# study.
PROGRAM_ROWS: dict[str, type[ProgramRow]] = {
    "studies": Study,
    "findings": Finding,
    "external_ratings": ExternalRating,
    "contacts": Contact,
    "related_programs": RelatedProgram,
}


class ProgramQuerySet(PublishableQuerySet):
    # What was merged into another program is that one now.
    present_slug = Coalesce("merged_into__slug", "slug")

    def rated(self, ratings: QuerySet[Rating]) -> Self:
        """Return the programs that one of these ratings is about."""
        return self.filter(pk__in=ratings.values("program"))

    def with_public_ratings(self) -> Self:
        """Fetch ``public_ratings``: what lists show of the current public ratings, best first."""
        ratings = Rating.objects.published().current().select_related("topic_area")
        return self.prefetch_related(
            Prefetch(
                "ratings",
                ratings.in_topic_area_order().only(*LISTED_OF_RATING),
                to_attr="public_ratings",
            )
        )

    def without_rating(self) -> Self:
        """Return the programs that are rated nowhere."""
        return self.filter(~Exists(Rating.objects.current().filter(program=OuterRef("pk"))))

    def reviewed(self, after: str = "", until: str = "9999") -> Self:
        """Return the programs last reviewed after a date and until another, as ``SortableDate`` writes them."""
        return self.alias(reviewed_on=SortableDate("research_last_reviewed")).filter(
            reviewed_on__gt=after, reviewed_on__lte=until
        )

    def review_unknown(self) -> Self:
        """Return the programs of which nobody knows when their research was last reviewed."""
        return self.alias(reviewed_on=SortableDate("research_last_reviewed")).filter(reviewed_on="")

    def review_overdue(self) -> Self:
        """Return the programs whose research, for certain, was not reviewed within the interval."""
        return self.reviewed(until=last_day_beyond(settings.REVIEW_INTERVAL_MONTHS))

    def review_due_within(self, months: int) -> Self:
        """Return the programs whose review is not overdue, and will be for certain after so many months."""
        interval = settings.REVIEW_INTERVAL_MONTHS
        return self.reviewed(last_day_beyond(interval), last_day_beyond(interval - months))

    def with_needs(self) -> Self:
        """Annotate what ``completeness`` asks of other tables: ``any_contact`` and so on, keys or None.

        No Exists: PostgreSQL would look at all ratings and studies first, even for a few programs.
        """
        ratings = Rating.objects.current().filter(program=OuterRef("pk")).order_by()
        studies = Study.objects.filter(program=OuterRef("pk")).order_by()
        contacts = Contact.objects.filter(program=OuterRef("pk")).order_by()
        return self.annotate(
            any_contact=Subquery(contacts.values("pk")[:1]),
            any_rating=Subquery(ratings.values("pk")[:1]),
            any_reference=Subquery(studies.values("pk")[:1]),
        )

    def with_lacked(self) -> Self:
        """Make ``lacked`` known to filters and orders: how much is lacking in the programs' own fields."""
        return self.with_needs().alias(lacked=number_missing(OWN_NEEDS))

    def lacking(self, need: Need) -> Self:
        """Return the programs that lack something that visitors need."""
        if need == RATING:
            return self.without_rating()
        lacking = self.with_lacked().filter(need.lacking)
        return lacking.filter(lacked__gt=0) if need in OWN_NEEDS else lacking

    def incomplete(self) -> Self:
        """Return the programs that lack something that visitors need."""
        return self.with_lacked().filter(Q(lacked__gt=0) | ROWS_LACKING)

    def complete(self) -> Self:
        """Return the programs that lack nothing that visitors need."""
        return self.with_lacked().filter(lacked=0).exclude(ROWS_LACKING)


class Program(ProvidedByRepresentative, ProgramDetails, Publishable):
    """An intervention or practice whose research the clearinghouse reviews."""

    name = models.CharField(
        max_length=300,
        help_text="In full, as its owners write it, with ® or ™. The acronym has a field of its own.",
    )
    acronym = models.CharField(max_length=50, blank=True, help_text="For example “CRM”.")
    also_known_as = ListField(
        "other names",
        max_length=MOST_OF_TEXT,
        help_text="Earlier names, short forms, names of versions: what people may search for. Separated by |.",
    )
    description = LimitedTextField(
        max_length=MOST_OF_LONG_TEXT,
        blank=True,
        help_text="What the program is and does, in a few sentences; in Markdown. Visitors read this first. "
        "What its research found belongs to the references.",
    )
    scope_note = LimitedTextField(
        blank=True,
        help_text="Only if less than the whole program was reviewed: which version, or which use of it. "
        "For example “Only the group version for schools was reviewed.”",
    )
    target_population = LimitedTextField(
        blank=True,
        help_text="Whom the program serves, as its owners say: needs, roles, situation. For example "
        "“Foster parents of children who have lived through violence”.",
    )
    child_age_min = models.PositiveSmallIntegerField(
        "children from age",
        null=True,
        blank=True,
        validators=AGES,
        help_text="Of the children who take part themselves, in whole years; 0 is before the first birthday.",
    )
    child_age_max = models.PositiveSmallIntegerField(
        "children to age",
        null=True,
        blank=True,
        validators=AGES,
        help_text="Their last year that is included: 17 is up to the 18th birthday.",
    )
    caregiver_child_age_min = models.PositiveSmallIntegerField(
        "caregivers of children from age",
        null=True,
        blank=True,
        validators=AGES,
        help_text="Where the parents or caregivers take part: the age of their youngest children.",
    )
    caregiver_child_age_max = models.PositiveSmallIntegerField(
        "caregivers of children to age",
        null=True,
        blank=True,
        validators=AGES,
        help_text="And of their oldest ones.",
    )
    relevance_level = models.CharField(
        "child welfare relevance level",
        max_length=6,
        choices=RelevanceLevel,
        blank=True,
        help_text="How close its usual clients are to those of child welfare: High, if it is made for them or commonly "
        "used with them. It is not a rating, and says nothing about the research.",
    )
    goals = LimitedTextField(
        blank=True,
        help_text="What it wants to achieve in those who take part. A list reads best: a line for each, after “- ”.",
    )
    essential_components = LimitedTextField(
        max_length=MOST_OF_LONG_TEXT,
        blank=True,
        help_text="What makes it this program, and must not be left out where it is delivered. A list reads best.",
    )
    delivery_settings = ListField(
        codes=DeliverySetting,
        help_text="Where it is delivered as a rule, not wherever it could be.",
    )
    intensity = LimitedTextField(
        "recommended intensity",
        blank=True,
        help_text="How often, and how long each time. For example “Weekly sessions of 90 minutes”.",
    )
    duration = LimitedTextField(
        "recommended duration",
        blank=True,
        help_text="How long it takes from beginning to end. For example “24 weeks”.",
    )
    languages = ListField(
        max_length=MOST_OF_TEXT,
        help_text="In which its materials exist, English too; separated by |.",
    )
    manual_available = models.CharField(
        "is there a manual?",
        max_length=9,
        choices=Availability,
        default=Availability.NOT_KNOWN,
        help_text="One that says how to deliver it. “No” only if its owners say so.",
    )
    manual_notes = LimitedTextField(blank=True, help_text="What it is called, and where to get it.")
    training_available = models.CharField(
        "is there training?",
        max_length=9,
        choices=Availability,
        default=Availability.NOT_KNOWN,
        help_text="For those who deliver it. “No” only if its owners say so.",
    )
    training_notes = LimitedTextField(blank=True, help_text="Who gives it, how long, for whom.")
    outcomes = ListField(
        "child-welfare outcomes", codes=Outcome, help_text="Which of these its research examines."
    )
    website = models.URLField(
        max_length=500,
        blank=True,
        help_text="The program's own page, with https://; not that of a seller.",
    )
    contact_name = models.CharField(max_length=200, blank=True)
    contact_organization = models.CharField(max_length=200, blank=True)
    contact_email = models.EmailField(blank=True)
    contact_phone = models.CharField(max_length=50, blank=True)
    source = source_line()
    is_nonresponder = models.BooleanField(
        "nonresponder",
        default=False,
        help_text="The program's representative was asked and did not answer: the entry rests on public information. "
        "The page says so.",
    )
    research_last_reviewed = PartialDateField(
        help_text="When the clearinghouse last searched for its research and read what was found, even if nothing "
        "was new. An edit of this text does not count. For example 2024-06."
    )
    content_last_reviewed = PartialDateField(
        help_text="When the program's own staff last looked through this text and agreed to it."
    )
    loaded_on = PartialDateField(
        "originally loaded",
        help_text="When the program first came into the catalog. With the year of a topic area it tells whether the "
        "topic expert took part.",
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged",
        help_text="The same program's entry that took this one's place; this address leads there.",
    )

    objects = ProgramQuerySet.as_manager()
    history = history()

    class Meta(Publishable.Meta):
        ordering = [NameKey("name"), "pk"]
        indexes = [
            *Publishable.Meta.indexes,
            models.Index(NameKey("name"), "id", name="program_by_name"),
            models.Index("status", NameKey("name"), "id", name="program_by_status_and_name"),
            models.Index(
                SortableDate("research_last_reviewed"), "id", name="program_by_review_date"
            ),
            models.Index(number_missing(OWN_NEEDS), "id", name="program_by_number_missing"),
            models.Index(
                fields=["id"], condition=Q(WrongLink("website")), name="program_wrong_link"
            ),
        ]
        constraints = [
            *Publishable.Meta.constraints,
            age_range_constraint("child_age_min", "child_age_max"),
            age_range_constraint("caregiver_child_age_min", "caregiver_child_age_max"),
            list_constraint("program", "delivery_settings", DeliverySetting),
            list_constraint("program", "outcomes", Outcome),
            models.CheckConstraint(
                name="program_relevance_level_is_known",
                condition=Q(relevance_level__in=["", *RelevanceLevel.values]),
                violation_error_message="The relevance level is high, medium, low or blank.",
            ),
            models.CheckConstraint(
                name="program_availability_is_known",
                condition=Q(
                    manual_available__in=Availability.values,
                    training_available__in=Availability.values,
                ),
                violation_error_message="Manual and training: yes, no or not-known.",
            ),
            models.CheckConstraint(
                name="program_merged_is_retired",
                condition=Q(merged_into__isnull=True)
                | (Q(status=Status.RETIRED) & ~Q(merged_into=F("id"))),
                violation_error_message="A program that was merged into another one is retired.",
            ),
            *NOT_PROVIDED_CONSTRAINTS,
            *DETAILS_CONSTRAINTS,
            partial_date_constraint("program", "research_last_reviewed"),
            partial_date_constraint("program", "content_last_reviewed"),
            partial_date_constraint("program", "loaded_on"),
        ]

    def get_absolute_url(self) -> str:
        return reverse("catalog:program", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        wrong = {}
        for low, high in AGE_RANGES:
            youngest, oldest = getattr(self, low), getattr(self, high)
            if youngest is not None and oldest is not None and youngest > oldest:
                wrong[low] = f"{youngest} is above the greatest age, {oldest}."
        if wrong:
            raise ValidationError(wrong)

    @property
    def child_ages(self) -> str:
        """Return the ages of the children served, in words; "" when none is stated."""
        return ages_in_words(self.child_age_min, self.child_age_max)

    @property
    def caregiver_child_ages(self) -> str:
        """Return the ages of the children of the caregivers served, in words; "" when none is stated."""
        return ages_in_words(self.caregiver_child_age_min, self.caregiver_child_age_max)

    @property
    def outcome_labels(self) -> list[str]:
        return [Outcome(code).label for code in self.outcomes]

    @property
    def delivery_setting_labels(self) -> list[str]:
        return [DeliverySetting(code).label for code in self.delivery_settings]

    @property
    def research_age(self) -> ReviewAge:
        """Return the age of the last review of the research as of today, and whether that is too long ago."""
        today = timezone.localdate()
        return review_age(self.research_last_reviewed, today, settings.REVIEW_INTERVAL_MONTHS)

    @property
    def has_contact(self) -> bool:
        parts = ("name", "organization", "email", "phone")
        return bool(self.website or any(getattr(self, f"contact_{part}") for part in parts))
