"""Topic areas."""

from django.core.exceptions import ValidationError
from django.core.validators import FileExtensionValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import cached_property

from ..values.documents import check_pdf
from ..values.expressions import NameKey
from ..values.fields import MOST_OF_LONG_TEXT, LimitedTextField
from .base import source_line
from .history import history
from .ratings import Rating
from .status import Publishable, PublishableQuerySet

RELATED_TO_ITSELF = "A topic area is not related to itself."


def count_by_area(ratings: models.QuerySet[Rating]) -> Coalesce:
    """Return the number of these ratings in an area, as a subquery: grouping by an area's long texts takes seconds."""
    own = ratings.filter(topic_area=OuterRef("pk")).order_by().values("topic_area")
    return Coalesce(Subquery(own.annotate(count=Count("*")).values("count")), 0)


def check_umbrella(
    umbrella: object, *, is_itself: bool, is_part: bool, of_umbrella: bool, is_rated: bool
) -> None:
    """Raise ValidationError where an area cannot be the umbrella area of another one.

    All but ``of_umbrella`` is told of the umbrella area; that says whether the other one has parts itself.
    """
    message = ""
    if is_itself:
        message = "A topic area cannot be its own umbrella area."
    elif is_part:
        message = f"“{umbrella}” has an umbrella area itself; areas have two levels."
    elif of_umbrella:
        message = "This area is an umbrella area itself; areas have two levels."
    elif is_rated:
        message = f"“{umbrella}” holds ratings, so it cannot be an umbrella area."
    if message:
        raise ValidationError({"parent": message})


class TopicArea(Publishable):
    """A subject that programs are for, with what they must show to be rated for it.

    An umbrella area has a definition and child areas; programs are rated in the children.
    """

    name = models.CharField(
        max_length=200, help_text="In full, as a heading. No other area has it, in capitals or not."
    )
    abbreviation = models.CharField(
        max_length=20,
        blank=True,
        help_text="What lists call it where there is little room. For example “STS”.",
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name="umbrella area",
        help_text="The wider area that this one is a part of. An umbrella area holds no programs itself.",
    )
    definition = LimitedTextField(
        max_length=MOST_OF_LONG_TEXT,
        blank=True,
        help_text="What the programs of this area are and want, in two or three sentences; in Markdown.",
    )
    target_population = LimitedTextField(
        blank=True,
        help_text="Whom a program must serve to belong here. For example “Staff who work with traumatized people”.",
    )
    services_types = LimitedTextField(
        "services/types that fit",
        blank=True,
        help_text="Which kinds of service belong here, and which do not. For example “Training, supervision, groups”.",
    )
    delivered_by = LimitedTextField(
        blank=True, help_text="Who must deliver it, if that matters here. Else “Any provider”."
    )
    inclusion_criteria = LimitedTextField(
        "in order to be included",
        blank=True,
        help_text="What a program must set out to do to be listed here, whatever its research shows.",
    )
    rating_criteria = LimitedTextField(
        "in order to be rated",
        blank=True,
        help_text="Which outcomes its research must examine to be rated here. Pages quote it beside every rating, and "
        "research on other outcomes is NR here.",
    )
    year_added = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1900), MaxValueValidator(2100)],
        help_text="The year in which the area was added. It decides which programs the topic expert helped to rate.",
    )
    experts = models.ManyToManyField(
        "catalog.TopicExpert",
        blank=True,
        related_name="topic_areas",
        verbose_name="topic experts",
    )
    further_reading = models.ManyToManyField(
        "catalog.Reference", blank=True, related_name="topic_areas"
    )
    cautionary_notes = LimitedTextField(
        blank=True,
        help_text="What readers must bear in mind before they choose a program here, such as harm that was reported of "
        "this kind of program; in Markdown. The page and the summary show it before the programs.",
    )
    related_areas = models.ManyToManyField(
        "self",
        blank=True,
        symmetrical=False,
        related_name="related_from",
        verbose_name="related topic areas",
        help_text="Where else readers of this page may look. That page leads back only if it names this area.",
    )
    why_chosen = LimitedTextField(
        "why it was chosen",
        blank=True,
        help_text="Why the clearinghouse reviews programs for this topic; in Markdown.",
    )
    source = source_line()
    summary_document = models.FileField(
        upload_to="summaries/",
        blank=True,
        validators=[FileExtensionValidator(["pdf"]), check_pdf],
        help_text="A PDF to offer instead of the summary that is made from this page. It does not change when "
        "a rating does.",
    )

    objects = models.Manager.from_queryset(PublishableQuerySet)()
    history = history(m2m_fields=["experts", "further_reading", "related_areas"])

    class Meta(Publishable.Meta):
        ordering = [NameKey("name"), "pk"]
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(
                NameKey("name"),
                name="topicarea_name_is_unique",
                violation_error_message="There is a topic area with this name already.",
            ),
            models.CheckConstraint(
                name="topicarea_is_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message="A topic area cannot be its own umbrella area.",
            ),
            models.CheckConstraint(
                name="topicarea_year_added_is_plausible",
                condition=Q(year_added__isnull=True) | Q(year_added__range=(1900, 2100)),
                violation_error_message="The year lies between 1900 and 2100.",
            ),
        ]

    def get_absolute_url(self) -> str:
        return reverse("catalog:topic_area", args=[self.slug])

    def clean(self) -> None:
        super().clean()
        if self.parent:
            check_umbrella(
                self.parent,
                is_itself=self.parent == self,
                is_part=self.parent.parent_id is not None,
                of_umbrella=bool(self.pk) and self.children.exists(),
                is_rated=self.parent.ratings.exists(),
            )

    @cached_property
    def is_umbrella(self) -> bool:
        """Return whether the area has parts, and so no programs of its own."""
        return self.children.exists()

    @property
    def criteria(self) -> list[tuple[str, str]]:
        """Return the five criteria under their fixed labels, in the order of the page."""
        return [
            ("Target population", self.target_population),
            ("Services/types that fit", self.services_types),
            ("Delivered by", self.delivered_by),
            ("In order to be included", self.inclusion_criteria),
            ("In order to be rated", self.rating_criteria),
        ]


# The table of the relation has a model of Django's own making, whose constraints no migration follows: 0018 adds this
# one by hand.
TopicArea.related_areas.through._meta.constraints = [
    models.CheckConstraint(
        name="topicarea_is_not_related_to_itself",
        condition=~Q(from_topicarea=F("to_topicarea")),
    )
]
