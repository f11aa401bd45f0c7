"""The filters of the lists: each finds what it asks for by an index, or among what another one has found."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from ..evidence.ratings import read_ratings
from ..models import Rating, ScientificRating, Status, TopicArea
from ..models.completeness import NEEDS, Need
from ..models.programs import ProgramQuerySet
from ..models.ratings import NO_RATIONALE, NO_REASON
from ..models.reviews import last_day_beyond
from .desk.gaps import MONTHS_AHEAD

MONTHS_OF_A_YEAR = 12


class ChoiceFilter(admin.SimpleListFilter):
    """Find by each value what a query of its own finds; by an unknown value, everything."""

    finds: dict[str, tuple[str, Callable[[Any], QuerySet]]]

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return the values, each with its label."""
        return [(value, label) for value, (label, _) in self.finds.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        """Return what the chosen value finds."""
        if (value := self.value()) not in self.finds:
            return queryset
        _, find = self.finds[str(value)]
        return find(queryset)


class StatusFilter(ChoiceFilter):
    """Find entries by their status as editors speak of it: what is scheduled is not public yet."""

    title = "status"
    parameter_name = "status"
    finds = {
        "draft": ("Draft", lambda entries: entries.filter(status=Status.DRAFT)),
        "in-review": ("In review", lambda entries: entries.filter(status=Status.IN_REVIEW)),
        "scheduled": ("Scheduled", lambda entries: entries.scheduled()),
        "published": ("Published", lambda entries: entries.published()),
        "retired": ("Retired", lambda entries: entries.filter(status=Status.RETIRED)),
    }


class ProgramStatusFilter(StatusFilter):
    finds = {
        **StatusFilter.finds,
        "merged": (
            "Merged",
            lambda programs: programs.filter(status=Status.RETIRED, merged_into__isnull=False),
        ),
    }


class RatedInFilter(admin.SimpleListFilter):
    title = "topic area"
    parameter_name = "area"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return the topic areas, by their slugs."""
        return list(TopicArea.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Return the programs rated in the chosen area, or the ratings given there; those in its parts, too."""
        slug = self.value()
        if not slug:
            return queryset
        areas = TopicArea.objects.with_parts(slug)
        if queryset.model is Rating:
            return queryset.filter(topic_area__in=areas)
        return queryset.rated(Rating.objects.current().filter(topic_area__in=areas))


class LevelFilter(admin.SimpleListFilter):
    title = "scientific rating"
    parameter_name = "rating"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Return the levels, and one for having none."""
        return [
            ("none", "Not rated in any area"),
            *numbered_levels(),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Return the programs with the chosen level, in the chosen area if there is one."""
        if not self.value():
            return queryset
        if self.value() == "none":
            return queryset.without_rating()
        ratings = Rating.objects.current().filter(scientific_rating=self.value())
        if area := request.GET.get(RatedInFilter.parameter_name):  # that rating in that area
            ratings = ratings.filter(topic_area__in=TopicArea.objects.with_parts(area))
            return queryset.rated(ratings)
        return queryset.filter(Exists(ratings.filter(program=OuterRef("pk"))))


def numbered_levels() -> list[tuple[str, str]]:
    """Return the levels by number and words: "3 Promising Research Evidence"."""
    return [(level.value, f"{level.value} {level.label}") for level in ScientificRating]


class UnretiredFilter(ChoiceFilter):
    """Find what is still to be done: nothing that is retired."""

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Return what the chosen value finds of what is not retired."""
        return super().queryset(request, queryset.unretired() if self.value() else queryset)


class ReviewFilter(UnretiredFilter):
    """Find programs by when their research was last reviewed, as far as its date says for certain."""

    title = "review of the research"
    parameter_name = "review"
    finds = {
        "overdue": ("Overdue", lambda programs: programs.review_overdue()),
        "due": (
            f"Due within {MONTHS_AHEAD} months",
            lambda programs: programs.review_due_within(MONTHS_AHEAD),
        ),
        "recent": (
            f"Within the last {MONTHS_OF_A_YEAR} months",
            lambda programs: programs.reviewed(last_day_beyond(MONTHS_OF_A_YEAR)).filter(
                research_last_reviewed__lte=today()
            ),
        ),
        "future": (
            "Date in the future",
            lambda programs: programs.reviewed(today()).filter(research_last_reviewed__gt=today()),
        ),
        "unknown": ("Date not recorded", lambda programs: programs.review_unknown()),
    }


def today() -> str:
    """Return the date of today as dates are stored: "2024-06-15"."""
    return timezone.localdate().isoformat()


def find_lacking(need: Need, programs: ProgramQuerySet) -> QuerySet:
    """Return those of some programs that lack something."""
    return programs.lacking(need)


class CompletenessFilter(UnretiredFilter):
    title = "completeness"
    parameter_name = "complete"
    finds = {
        "yes": ("Complete", lambda programs: programs.complete()),
        "no": ("Lacks something", lambda programs: programs.incomplete()),
        **{
            f"no-{need.slug}": (f"Lacks {need.label}", partial(find_lacking, need))
            for need in NEEDS
        },
    }


class CheckFilter(ChoiceFilter):
    """Find ratings by other registries by when somebody last looked whether these still say so."""

    title = "last check"
    parameter_name = "check"
    finds = {"overdue": ("Overdue, or not recorded", lambda ratings: ratings.check_overdue())}


class CurrentFilter(ChoiceFilter):
    title = "current or past"
    parameter_name = "current"
    finds = {
        "yes": ("Current", lambda ratings: ratings.filter(is_current=True)),
        "no": ("Past", lambda ratings: ratings.filter(is_current=False)),
    }


class LackFilter(UnretiredFilter):
    title = "what is missing"
    parameter_name = "lacks"
    finds = {
        "rationale": ("Rationale", lambda ratings: ratings.filter(NO_RATIONALE)),
        "reason": ("Reason of an NR", lambda ratings: ratings.filter(NO_REASON)),
    }


# So many ratings are read at most to compare them with their studies: about a second.
MOST_READ = 2_000
READ_OF_MORE = (
    f"Only the {MOST_READ:,} latest of these ratings were compared with their studies. Narrow the list, by a topic "
    "area for example, to compare the others."
)


class RecordedStudiesFilter(UnretiredFilter):
    """Find current ratings by what is recorded of their studies, among what the filters before it have found."""

    title = "recorded studies"
    parameter_name = "studies"
    finds = {
        "differ": ("Meet another level", lambda ratings: ratings.current()),
        "none": ("Not recorded", lambda ratings: ratings.current().without_findings()),
    }

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet:
        """Return what the chosen value finds; say where there are more ratings than are read."""
        ratings = super().queryset(request, queryset)
        if self.value() != "differ":
            return ratings
        latest = ratings.select_related("program", "topic_area").order_by("-pk")
        read = list(latest[: MOST_READ + 1])
        if len(read) > MOST_READ:
            messages.warning(request, READ_OF_MORE)
        doubted = [r.pk for r, evidence in read_ratings(read[:MOST_READ]) if evidence.doubt]
        return ratings.filter(pk__in=doubted)
