"""Ratings: what the research on a program is worth, within a topic area, from a day on."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Exists, Min, OuterRef, Q, Subquery

from ..values.expressions import NameKey
from ..values.fields import (
    MOST_OF_LONG_TEXT,
    LimitedTextField,
    PartialDateField,
    partial_date_constraint,
)
from ..values.raters import NOT_PUBLIC, RatersField
from ..values.richtext import plain
from .base import PERMISSIONS, CatalogModel
from .experts import TopicExpert
from .findings import Finding
from .history import history, one_save
from .levels import ScientificRating, explain
from .raters import (
    UNKNOWN_SLUG,
    Involvement,
    NamedRater,
    expert_involvement,
    named_raters,
    recorded_involvement,
    slugs_in,
    unknown_slugs,
)
from .scale import ScaleEdition
from .status import Status, is_live, is_public


class NotRatedReason(models.TextChoices):
    NO_ELIGIBLE_STUDY = "no-eligible-study", "No eligible study"
    NO_CONTROL_GROUP = "no-control-group", "No study with a control group"
    MEASURES = "measures", "Measures not reliable or valid"
    NOT_PEER_REVIEWED = "not-peer-reviewed", "Research not peer-reviewed"
    OUTSIDE_OUTCOMES = "outside-outcomes", "Outcomes outside the topic area"
    NOT_STATED = "not-stated", "Reason not stated"


def check_place(area: Any) -> None:
    """Raise ValidationError where programs cannot be rated in a topic area."""
    if area.is_umbrella:
        message = f"“{area}” is an umbrella area; rate the program in one of its parts."
        raise ValidationError({"topic_area": message})


def check_reason(level: str, reason: str) -> None:
    """Raise ValidationError where a rating has a reason for not being one."""
    if reason and level != ScientificRating.NOT_RATED:
        raise ValidationError({"not_rated_reason": "Only NR takes a reason for not being rated."})


# Of current ratings, what visitors ask for and is not told; an index holds the ones of each kind.
NO_RATIONALE = Q(is_current=True, rationale="")
NO_REASON = Q(
    is_current=True,
    scientific_rating=ScientificRating.NOT_RATED,
    not_rated_reason__in=["", NotRatedReason.NOT_STATED],
)


class RatingQuerySet(models.QuerySet["Rating"]):
    def get_by_natural_key(
        self, program: str, topic_area: str, level: str, rated_on: str
    ) -> "Rating":
        return self.get(
            program__slug=program,
            topic_area__slug=topic_area,
            scientific_rating=level,
            rated_on=rated_on,
        )

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Insert ratings; the new ones belong to an edition of the scale, as by ``save``."""
        ratings = list(objs)
        name_editions(ratings)
        return super().bulk_create(ratings, *args, **kwargs)

    def published(self) -> Self:
        """Return the ratings, past ones too, whose program and topic area are both public."""
        return self.filter(is_public("program__"), is_public("topic_area__"))

    def live(self) -> Self:
        """Return the ratings that take the permission to publish ratings to be changed."""
        return self.filter(is_live("program__"))

    def current(self) -> Self:
        return self.filter(is_current=True)

    def experts_named(self, pks: Collection[int]) -> set[int]:
        """Return those of the topic experts with these primary keys whom ratings name among those who gave them."""
        columns = self.exclude(raters="").order_by().values_list("raters", flat=True).distinct()
        named = TopicExpert.objects.by_slugs(slugs_in(columns)).values()
        return {expert.pk for expert in named} & set(pks)

    def in_program_order(self) -> Self:
        """Return the ratings in clearinghouse order: level, NR last, then the program's name."""
        return self.order_by("scientific_rating", NameKey("program__name"), "program_id", "pk")

    def in_topic_area_order(self) -> Self:
        """Return the ratings of one program: level, NR last, then the topic area's name."""
        return self.order_by("scientific_rating", NameKey("topic_area__name"), "pk")

    def without_findings(self) -> Self:
        """Return the ratings of a level to which no finding of a study is recorded in their topic area."""
        theirs = Finding.objects.filter(
            program=OuterRef("program"), topic_area=OuterRef("topic_area")
        )
        rated = self.exclude(scientific_rating=ScientificRating.NOT_RATED)
        return rated.filter(~Exists(theirs))

    def unretired(self) -> Self:
        """Return the ratings of programs and in topic areas that editors still work on.

        The few that are retired are looked up once, and not the program of every rating.
        """
        everywhere = Rating.objects.order_by()
        programs = everywhere.filter(program__status=Status.RETIRED).values("program")
        areas = everywhere.filter(topic_area__status=Status.RETIRED).values("topic_area")
        return self.exclude(program__in=programs).exclude(topic_area__in=areas)

    def newest_first(self) -> Self:
        """Return the history of a rating: the current one, then the past ones; undated ones last."""
        return self.order_by("-is_current", "-rated_on", "-pk")

    def with_earliest_rated(self) -> Self:
        """Annotate what the topic-expert rule asks: ``earliest_rated_on`` (or None) and ``has_undated``."""
        same = Rating.objects.filter(program=OuterRef("program"), topic_area=OuterRef("topic_area"))
        dated = same.exclude(rated_on="").order_by().values("program")
        earliest = dated.values(earliest=Min("rated_on"))
        return self.annotate(
            earliest_rated_on=Subquery(earliest), has_undated=Exists(same.filter(rated_on=""))
        )


class Rating(CatalogModel):
    """A fact with a date: re-rating adds a row and retires the one before it."""

    program = models.ForeignKey("catalog.Program", on_delete=models.PROTECT, related_name="ratings")
    topic_area = models.ForeignKey(
        "catalog.TopicArea", on_delete=models.PROTECT, related_name="ratings"
    )
    scientific_rating = models.CharField(
        max_length=2,
        choices=ScientificRating,
        help_text="For this topic area alone. 1 is the most support by research. NR: the research which a level needs "
        "was not found. Rigorous trials in which it works no better than usual care are 4.",
    )
    not_rated_reason = models.CharField(
        max_length=20,
        choices=NotRatedReason,
        blank=True,
        help_text="Only with NR, and then always. No study that counts: no eligible study. Studies, but none with a "
        "comparison: no control group. Studies of other outcomes: outside the topic area. That the representative did "
        "not answer is no reason; the program has a box for it.",
    )
    rationale = LimitedTextField(
        max_length=MOST_OF_LONG_TEXT,
        blank=True,
        help_text="Why this level and no other: which studies, what they found, what is missing. In Markdown; public.",
    )
    rated_on = PartialDateField(
        help_text="When it was decided, not when it was typed in; as exactly as known: 2024, 2024-06 or 2024-06-15."
    )
    scale_edition = models.ForeignKey(
        ScaleEdition,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="ratings",
        verbose_name="edition of the scale",
        help_text="Which edition of the rating scale was applied. Left blank in a new rating, it is the one that was "
        "in use on its date, where that is on record.",
    )
    raters: Any = RatersField(
        max_length=2_000,
        help_text="Who decided it: topic experts by their slugs, others by their names. Behind whoever visitors are "
        "not to see, write (not public).",
    )
    conflict_statement = LimitedTextField(
        "conflicts of interest",
        blank=True,
        help_text="What the raters declared, for example “None declared”, or what interest somebody has in the "
        "program. In Markdown; public: name nobody here who is not public.",
    )
    is_current = models.BooleanField("current", default=True)

    # As ``name_raters`` sets them: who gave this rating, and who gave any in its topic area.
    named_raters: list[NamedRater]
    raters_here: list[NamedRater]

    objects = RatingQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["scientific_rating", "pk"]
        # To publish a rating is to give one to a program that is or was public.
        default_permissions = (*PERMISSIONS, "publish")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "topic_area"],
                condition=Q(is_current=True),
                name="rating_one_current",
                violation_error_message="The program has a current rating in this topic area already.",
            ),
            models.UniqueConstraint(
                fields=["program", "topic_area", "rated_on", "scientific_rating"],
                name="rating_is_a_new_fact",
                violation_error_message="This rating of the program, of the same date, is recorded already.",
            ),
            models.CheckConstraint(
                name="rating_level_is_known",
                condition=Q(scientific_rating__in=ScientificRating.values),
                violation_error_message="The scientific rating is 1, 2, 3, 4, 5 or NR.",
            ),
            models.CheckConstraint(
                name="rating_reason_is_known",
                condition=Q(not_rated_reason__in=["", *NotRatedReason.values]),
                violation_error_message="This reason is not known.",
            ),
            models.CheckConstraint(
                name="rating_reason_only_with_nr",
                condition=Q(not_rated_reason="") | Q(scientific_rating=ScientificRating.NOT_RATED),
                violation_error_message="Only NR takes a reason for not being rated.",
            ),
            partial_date_constraint("rating", "rated_on"),
            models.CheckConstraint(
                name="rating_raters_have_names",
                condition=~Q(raters__contains=f"|{NOT_PUBLIC}|"),
                violation_error_message=f"“{NOT_PUBLIC}” stands behind a name.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["topic_area", "is_current", "scientific_rating"],
                name="rating_by_area_and_level",
            ),
            models.Index(fields=["rated_on", "id"], name="rating_by_date"),
            models.Index(fields=["id"], condition=NO_RATIONALE, name="rating_without_rationale"),
            models.Index(fields=["id"], condition=NO_REASON, name="rating_without_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.scientific_rating} in {self.topic_area}"

    def save(self, **kwargs: Any) -> None:
        """Save the rating; a new current rating retires the one before it, in one transaction, with a history entry."""
        with transaction.atomic(), one_save():
            name_editions([self])
            if self._state.adding and self.is_current:
                before = Rating.objects.current().filter(
                    program=self.program_id, topic_area=self.topic_area_id
                )
                for rating in before.select_for_update():
                    rating.is_current = False
                    self.attribute(rating, self._change_reason or "Re-rated")
                    rating.save(update_fields=["is_current"])
            super().save(**kwargs)

    def natural_key(self) -> tuple[str, ...]:
        return (
            *self.program.natural_key(),
            *self.topic_area.natural_key(),
            self.scientific_rating,
            self.rated_on,
        )

    natural_key.dependencies = ["catalog.program", "catalog.topicarea"]  # type: ignore[attr-defined]

    @property
    def level(self) -> ScientificRating:
        return ScientificRating(self.scientific_rating)

    @property
    def explanation(self) -> str:
        """Return what the rating means in its topic area, to follow "In <topic area>, "."""
        return explain(self.level, plain(self.topic_area.rating_criteria))

    @property
    def expert_involvement(self) -> Involvement:
        """Return whether the topic expert took part; needs ``with_earliest_rated()`` and ``name_raters()``."""
        by_rule = expert_involvement(
            self.topic_area.year_added,
            self.earliest_rated_on or "",  # type: ignore[attr-defined]
            self.has_undated,  # type: ignore[attr-defined]
            self.program.loaded_on,
        )
        return recorded_involvement(by_rule, self.raters_here, self.topic_area.experts.all())

    @property
    def public_raters(self) -> list[NamedRater]:
        """Return those who gave the rating and are named in public; needs ``name_raters()``."""
        return [rater for rater in self.named_raters if rater.is_public]

    @property
    def withheld_raters(self) -> int:
        """Return how many gave the rating and are not named in public."""
        return sum(not rater.is_public for rater in self.named_raters)

    def clean(self) -> None:
        super().clean()
        self.clean_fact()
        if unknown := unknown_slugs([self.raters]):
            raise ValidationError({"raters": [UNKNOWN_SLUG.format(who) for who in sorted(unknown)]})
        if self.pk and (stored := Rating.objects.filter(pk=self.pk).first()):
            self.clean_change(stored)

    def clean_fact(self) -> None:
        """Raise ValidationError where the rating cannot be one."""
        if self.topic_area_id:
            check_place(self.topic_area)
        check_reason(self.scientific_rating, self.not_rated_reason)

    def clean_change(self, stored: "Rating") -> None:
        """Raise ValidationError where the rating is a past one and no longer what is stored."""
        changed = [
            str(f.verbose_name)
            for f in self._meta.fields
            if f.value_from_object(self) != f.value_from_object(stored)
        ]
        if changed and not stored.is_current:
            raise ValidationError(
                f"A past rating is kept as it was; {', '.join(changed)} cannot change."
            )

    def get_constraints(
        self,
    ) -> list[tuple[type[models.Model], Sequence[models.BaseConstraint]]]:
        """Return the constraints; a new current rating may meet the one before it, which ``save`` retires first."""
        if not (self._state.adding and self.is_current):
            return super().get_constraints()
        return self.constraints_without("rating_one_current")


def name_editions(ratings: Iterable[Rating]) -> None:
    """Set on new ratings that name no edition of the scale the one in use on their dates, where that is certain."""
    unnamed = [r for r in ratings if r._state.adding and not r.scale_edition_id and r.rated_on]
    if unnamed:
        in_use = ScaleEdition.objects.in_use_on({rating.rated_on for rating in unnamed})
        for rating in unnamed:
            rating.scale_edition = in_use.get(rating.rated_on)


def name_raters(ratings: Iterable[Rating]) -> None:
    """Set on the ratings of programs who gave them, and who gave any of them in the same topic area."""
    ratings = list(ratings)
    named = named_raters({tuple(rating.raters) for rating in ratings})
    here: dict[tuple[int, int], list[NamedRater]] = defaultdict(list)
    for rating in ratings:
        rating.named_raters = named[tuple(rating.raters)]
        rating.raters_here = here[rating.program_id, rating.topic_area_id]
        rating.raters_here += rating.named_raters
