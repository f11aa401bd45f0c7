"""Files of programs, and of where they are rated now."""

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from import_export.fields import Field

from ..editorial.rating import compare_ratings, may_rate
from ..editorial.workflow import NOT_RATED
from ..history.bulk_writer import BulkWriter
from ..models import ImportAction, Program, Rating, ScientificRating, TopicArea
from ..models.ratings import check_place, check_reason
from ..spreadsheets import Sheet
from .base import Plan, SheetRow
from .cells import AreaLookup, EntryWidget, FieldWidget, merged_away
from .problems import Problem, shortened
from .publishable import STATUS_NOTE, PublishableResource
from .ratings import BEYOND, RATING_COLUMNS, changes_of_rating, fuller, is_same_fact


@dataclass
class ProgramRows:
    """The rows of a program that has several, as far as they have been planned."""

    rows: int
    first: SheetRow = field(default_factory=dict)
    plan: Plan | None = None
    areas: dict[Any, int] = field(default_factory=dict)


class ProgramResource(PublishableResource):
    """Programs and, with the last four columns, their place in a topic area.

    A program in several topic areas takes several rows; after the first, a blank program cell means "as above".
    """

    kind = "programs"
    topic_area = Field(column_name="topic_area", widget=EntryWidget(AreaLookup()))
    scientific_rating = Field(
        column_name="scientific_rating",
        widget=FieldWidget(Rating._meta.get_field("scientific_rating")),
    )
    rated_on = Field(column_name="rated_on", widget=FieldWidget(Rating._meta.get_field("rated_on")))
    not_rated_reason = Field(
        column_name="not_rated_reason",
        widget=FieldWidget(Rating._meta.get_field("not_rated_reason")),
    )
    examples = {
        "slug": "steady-ground",
        "name": "Steady Ground®",
        "also_known_as": "Steady Ground for Teams|Firm Ground",
        "description": "A team meets once a week to talk through what its cases do to it.",
        "scope_note": "Only the form for groups was reviewed.",
        "target_population": "Casework teams and their supervisors.",
        "child_age_min": "0",
        "child_age_max": "17",
        "caregiver_child_age_min": "3",
        "caregiver_child_age_max": "12",
        "goals": "To lower stress, and to strengthen support within the team.",
        "essential_components": "Closed groups of 6 to 12 colleagues.",
        "languages": "English|Spanish",
        "manual_notes": "From the program's website.",
        "training_notes": "Two days for facilitators.",
        "contact_name": "Robin Example",
        "contact_organization": "Example County",
        "contact_phone": "555-0100",
        "topic_area": "secondary-traumatic-stress",
        "scientific_rating": ScientificRating.NOT_RATED,
    }
    notes = {
        "status": STATUS_NOTE,
        "topic_area": "Where the program is rated. One that is rated in several areas takes a row for each.",
        "rated_on": "A blank cell leaves the date as recorded; one that only says more of it completes it; "
        "another date is another rating.",
        "not_rated_reason": "A blank cell leaves the reason as recorded.",
    }

    class Meta:
        model = Program
        fields = [
            "slug",
            "name",
            "acronym",
            "also_known_as",
            "description",
            "scope_note",
            "target_population",
            "child_age_min",
            "child_age_max",
            "caregiver_child_age_min",
            "caregiver_child_age_max",
            "relevance_level",
            "goals",
            "essential_components",
            "delivery_settings",
            "intensity",
            "duration",
            "languages",
            "manual_available",
            "manual_notes",
            "training_available",
            "training_notes",
            "outcomes",
            "website",
            "contact_name",
            "contact_organization",
            "contact_email",
            "contact_phone",
            "is_nonresponder",
            "research_last_reviewed",
            "content_last_reviewed",
            "loaded_on",
            "status",
            "topic_area",
            "scientific_rating",
            "rated_on",
            "not_rated_reason",
        ]

    @classmethod
    def model_field(cls, column: str) -> Field:
        model = Rating if column in RATING_COLUMNS else Program
        return model._meta.get_field(column)

    def prepare(self, sheet: Sheet) -> None:
        self.groups: dict[str, ProgramRows] = {}
        merged = Program.objects.filter(merged_into__isnull=False).select_related("merged_into")
        self.merged = {program.slug: program.merged_into for program in merged}
        super().prepare(sheet)

    def slugs_named(self, name: str) -> dict[str, None]:
        """A name means a program that was merged into another only where no other program has it."""
        slugs = super().slugs_named(name)
        return {slug: None for slug in slugs if slug not in self.merged} or slugs

    def repeat(self, slug: str, first: int, problem: Problem) -> None:
        """A further row of a program places it in a further topic area."""
        self.groups.setdefault(slug, ProgramRows(rows=1)).rows += 1

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan]:
        self.ratings = self.recorded_ratings(rows)
        plans = super().plan(rows)
        for plan in plans:
            if plan.does_something and (survivor := self.merged.get(plan.entry.slug)):
                self.note(plan.number, "slug", plan.entry.slug, merged_away(survivor))
                plan.action = None
        self.find_unrated(rows, plans)
        return plans

    def find_unrated(self, rows: Sequence[SheetRow], plans: Sequence[Plan]) -> None:
        """Remember what these rows publish that is rated nowhere; a later row may still rate it."""
        published = []
        for row, plan in zip(rows, plans, strict=True):
            if row.get("topic_area"):
                self.unfit.pop(row["slug"], None)
            elif row["#"] in self.publishing:
                published.append((row, plan.entry.pk))
        if not published:
            return
        stored = [pk for _, pk in published if pk]
        current = Rating.objects.current().filter(program__in=stored).order_by()
        rated = set(current.values_list("program_id", flat=True)) if stored else set()
        placed = {row["slug"] for row in rows if row.get("topic_area")}
        for row, pk in published:
            if pk not in rated and row["slug"] not in placed:
                self.may_be_unfit(row, NOT_RATED)

    def recorded_ratings(self, rows: Sequence[SheetRow]) -> dict[tuple[int, int], list[Rating]]:
        """Return the ratings of these rows' programs by program and topic area, where the file places programs."""
        found: dict[tuple[int, int], list[Rating]] = defaultdict(list)
        if "topic_area" in rows[0]:
            pks = {self.found[row["#"]] for row in rows if row["#"] in self.found}
            for rating in self.locked(Rating.objects.filter(program__in=pks)).values():
                found[rating.program_id, rating.topic_area_id].append(rating)
        return found

    def plan_row(self, row: SheetRow, original: Any) -> Plan:
        group = self.groups.get(row["slug"])
        plan = (
            self.plan_in_group(group, row, original) if group else super().plan_row(row, original)
        )
        if plan.action and row.get("topic_area") and row.get("scientific_rating"):
            # The program before this file: who rates a draft may publish it next.
            before = group.plan.original if group and group.plan else original
            self.plan_rating(plan, row, before)
        # A further place of a new program is new as well.
        if plan.rating and group and group.plan and group.plan.original is None:
            plan.action = ImportAction.NEW
        return plan

    def plan_in_group(self, group: ProgramRows, row: SheetRow, original: Any) -> Plan:
        """Plan a row of a program that has several."""
        self.check_group(group, row)
        if group.plan:
            plan = self.plan_further_row(row, group.plan.entry)
        else:
            plan = group.plan = super().plan_row(row, original)
        group.rows -= 1
        if not group.rows:
            del self.groups[row["slug"]]
        return plan

    def plan_further_row(self, row: SheetRow, program: Program) -> Plan:
        """Only place the program: the rest of the row is "as above"."""
        errors: dict[str, str] = {}
        self.check_rating_cells(program, row, errors)
        for column, message in errors.items():
            self.note(row["#"], column, row.get(column, ""), message)
        action = None if errors else ImportAction.UNCHANGED
        return Plan(row["#"], program, program, action)

    def check_group(self, group: ProgramRows, row: SheetRow) -> None:
        """Note where the later rows of a program disagree with its first, or repeat a topic area."""
        area = self.area_key(row)
        if not group.first:
            group.first, group.areas[area] = dict(row), row["#"]
            return
        for column in set(row) & set(self.columns()) - {*RATING_COLUMNS, "slug"}:
            if row[column] and row[column] != group.first[column]:
                self.note(
                    row["#"],
                    column,
                    row[column],
                    f"Row {group.first['#']} says “{shortened(group.first[column])}” of the same program."
                    if group.first[column]
                    else f"Row {group.first['#']} leaves this blank for the same program.",
                )
        if area in group.areas:
            self.note(
                row["#"],
                "topic_area",
                row.get("topic_area", ""),
                f"Row {group.areas[area]} places the same program in the same topic area."
                if area
                else f"Row {group.areas[area]} is about the same program; a further row names a further topic area.",
            )
        group.areas.setdefault(area, row["#"])

    def area_key(self, row: SheetRow) -> Any:
        """Return what tells a row's topic area apart: its primary key, or the cell where that names none."""
        try:
            area = self.fields["topic_area"].widget.clean(row.get("topic_area", ""))
        except ValueError:
            return row["topic_area"]
        return area.pk if area else None

    def check_row(self, entry: Any, original: Any, row: SheetRow, errors: dict[str, str]) -> None:
        super().check_row(entry, original, row, errors)
        self.check_rating_cells(entry, row, errors)

    def check_rating_cells(self, program: Program, row: SheetRow, errors: dict[str, str]) -> None:
        """Add to errors what is wrong with the cells that place the program; keep the values of the others."""
        self.rating_cells: dict[str, Any] = {}
        for name in RATING_COLUMNS:
            if not row.get(name):
                continue
            try:
                self.rating_cells[name] = self.fields[name].widget.clean(row[name])
            except ValueError as error:
                errors[name] = str(error)
        if set(errors) & set(RATING_COLUMNS):
            return
        area, level = (self.rating_cells.get(name) for name in RATING_COLUMNS[:2])
        if level and not area:
            errors["topic_area"] = "A rating needs the topic area that it holds in."
        elif set(self.rating_cells) - {"topic_area"} and not level:
            errors["scientific_rating"] = "Give the rating that these cells belong to."
        elif area and not level and not self.current_rating(program, area):
            errors["scientific_rating"] = (
                "To place a program in a topic area, give its rating there."
            )
        try:
            if area:
                check_place(area)
            check_reason(level or "", self.rating_cells.get("not_rated_reason", ""))
        except ValidationError as error:
            self.add_errors(errors, error)

    def current_rating(self, program: Program, area: TopicArea) -> Rating | None:
        ratings = self.ratings.get((program.pk, area.pk), [])
        return next((rating for rating in ratings if rating.is_current), None)

    def plan_rating(self, plan: Plan, row: SheetRow, before: Program | None) -> None:
        """Place the program in the row's topic area, or re-rate it there; ``before`` is the program as it is stored.

        A blank date or reason leaves what is recorded; another reason corrects it; another date or level is a new
        rating.
        """
        cells = self.rating_cells
        area, level = cells["topic_area"], cells["scientific_rating"]
        rated_on, reason = cells.get("rated_on", ""), cells.get("not_rated_reason", "")
        current = self.current_rating(plan.entry, area)
        if current and is_same_fact(
            (current.scientific_rating, current.rated_on), (level, rated_on)
        ):
            rating = copy.copy(current)
            rating.rated_on = fuller(rated_on, current.rated_on)
            rating.not_rated_reason = reason or current.not_rated_reason
        else:
            rating = Rating(scientific_rating=level, rated_on=rated_on, not_rated_reason=reason)
        rating.program, rating.topic_area = plan.entry, area
        changes = changes_of_rating(current, rating)
        if rating.pk and not changes:
            return
        plan.rating, plan.replaced = rating, None if rating.pk else current
        self.check_rating(plan, row, before)
        if doubt := self.fields["rated_on"].widget.doubt(rated_on):
            self.warn(row["#"], "rated_on", row["rated_on"], doubt)
        if current and rating.pk and reason and current.not_rated_reason not in {"", reason}:
            self.warn(
                row["#"],
                "not_rated_reason",
                row["not_rated_reason"],
                f"This changes the reason recorded for the rating of {current.rated_on or 'an unknown date'}; "
                "a new rating takes a new date.",
            )
        if current and not rating.pk:
            for column, message in compare_ratings(rating, current):
                self.warn(row["#"], column, row.get(column, ""), message)
        plan.changes += changes
        if plan.action != ImportAction.NEW:
            plan.action = ImportAction.RE_RATED if plan.replaced else ImportAction.CHANGED

    def check_rating(self, plan: Plan, row: SheetRow, before: Program | None) -> None:
        """Note what is wrong with a rating that is to be added or changed, or that takes the place of another."""
        rating = plan.rating
        actions = ["change"] if rating.pk else ["add", *(["change"] if plan.replaced else [])]
        refused = [
            f"Your account may not {action} ratings."
            for action in actions
            if self.user and not self.user.has_perm(f"catalog.{action}_rating")
        ]
        if self.user and before and not refused and not may_rate(self.user, before, actions[0]):
            refused = [BEYOND]
        for message in refused:
            self.note(row["#"], "topic_area", row["topic_area"], message)
        for other in self.ratings.get((rating.program.pk, rating.topic_area_id), []):
            same = (other.rated_on, other.scientific_rating) == (
                rating.rated_on,
                rating.scientific_rating,
            )
            if same and other.pk != rating.pk:
                message = "This rating of the program, of the same date, is recorded already."
                self.note(row["#"], "", "", message)

    def write(self, writer: BulkWriter, plans: Sequence[Plan]) -> None:
        """Write the programs, then their ratings."""
        first = [plan for plan in plans if plan.entry is not plan.original]
        writer.add([plan.entry for plan in first if plan.original is None])
        writer.change([plan.entry for plan in first if plan.original], self.written_fields())
        writer.retire([plan.replaced.pk for plan in plans if plan.replaced])
        ratings = [plan.rating for plan in plans if plan.rating]
        writer.change([r for r in ratings if r.pk], ["rated_on", "not_rated_reason"])
        writer.add([rating for rating in ratings if not rating.pk])

    # --- Export: a row for each current rating, one row for a program with none

    def get_queryset(self) -> QuerySet[Program]:
        return Program.objects.all()

    def iter_queryset(self, queryset: QuerySet[Program]) -> Iterator[Program]:
        current = Rating.objects.current().select_related("topic_area").in_topic_area_order()
        programs = queryset.prefetch_related(
            Prefetch("ratings", current, to_attr="exported_ratings")
        )
        for program in programs.iterator(chunk_size=500):
            ratings: list[Any] = program.exported_ratings or [None]
            for rating in ratings:
                self.exported = rating
                yield program

    def dehydrate_topic_area(self, program: Program) -> str:
        return self.exported.topic_area.slug if self.exported else ""

    def dehydrate_scientific_rating(self, program: Program) -> str:
        return self.exported.scientific_rating if self.exported else ""

    def dehydrate_rated_on(self, program: Program) -> str:
        return self.exported.rated_on if self.exported else ""

    def dehydrate_not_rated_reason(self, program: Program) -> str:
        return self.exported.not_rated_reason if self.exported else ""
