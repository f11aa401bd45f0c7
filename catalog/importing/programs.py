"""The import of programs, and of where they are rated now."""

import copy
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from ..editorial.rating import compare_ratings, may_rate
from ..editorial.requirements import NOT_RATED
from ..history.bulk_writer import BulkWriter
from ..models import ImportAction, Program, Rating, TopicArea
from ..models.ratings import check_place, check_reason
from ..resources import ProgramResource
from ..resources.ratings import RATING_COLUMNS
from .importer import add_errors
from .plans import Plan
from .problems import Problem, shortened
from .publishable import PublishableImporter, merged_away
from .ratings import BEYOND, changes_of_rating, fuller, is_same_fact, replace_no_answer
from .rows import SheetRow, Table

BECOMES_NONRESPONDER = (
    "Notice. This is no reason any more: "
    "it becomes not-stated, and the program's is_nonresponder yes."
)

# The primary key of a topic area, or the text that names none.
AreaKey = int | str | None


@dataclass
class ProgramRows:
    """Hold the rows of a program that has several, as far as they have been planned."""

    rows: int
    first: SheetRow | None = None
    plan: Plan[Program] | None = None
    areas: dict[AreaKey, int] = field(default_factory=dict)


class ProgramImporter(PublishableImporter[Program]):
    """Import programs and, with the last four columns, their place in a topic area.

    A program in several topic areas takes several rows; after the first, a blank program cell means "as above".
    """

    resource_class = ProgramResource

    def prepare(self, sheet: Table) -> None:
        self.groups: dict[str, ProgramRows] = {}
        merged = Program.objects.filter(merged_into__isnull=False).select_related("merged_into")
        self.merged = {program.slug: program.merged_into for program in merged}
        # The rows whose reason is that nobody answered, then the slugs of their programs.
        self.unanswered: set[int] = set()
        self.silent: set[str] = set()
        super().prepare(sheet)
        self.silent = {self.slugs[number] for number in self.unanswered}

    def rows(self, sheet: Table) -> Iterator[SheetRow]:
        """Yield the rows, with the reasons of today; the first one of a program says that nobody answered for it."""
        silent = set(self.silent)
        for row in super().rows(sheet):
            if reason := replace_no_answer(row):
                self.unanswered.add(row.number)
                self.warn(row.number, "not_rated_reason", reason, BECOMES_NONRESPONDER)
            if row.get("slug") in silent:
                silent.remove(row["slug"])
                row["is_nonresponder"] = row.get("is_nonresponder") or "yes"
            yield row

    def slugs_named(self, name: str) -> dict[str, None]:
        """Return the slugs that a name means: of a program merged into another only where no other has it."""
        slugs = super().slugs_named(name)
        return {slug: None for slug in slugs if slug not in self.merged} or slugs

    def repeat(self, slug: str, first: int, problem: Problem) -> None:
        """Remember that a program has several rows: each places it in a topic area."""
        self.groups.setdefault(slug, ProgramRows(rows=1)).rows += 1

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Program]]:
        self.ratings = self.recorded_ratings(rows)
        answered = ("is_nonresponder", self.fields["is_nonresponder"].widget, "is_nonresponder")
        if self.silent and answered not in self.cells:
            self.cells.append(answered)
        plans = super().plan(rows)
        for plan in plans:
            if plan.does_something and (survivor := self.merged.get(plan.entry.slug)):
                self.note(plan.number, "slug", plan.entry.slug, merged_away(survivor))
                plan.action = None
        self.find_unrated(rows, plans)
        return plans

    def find_unrated(self, rows: Sequence[SheetRow], plans: Sequence[Plan[Program]]) -> None:
        """Remember what these rows publish that is rated nowhere; a later row may still rate it."""
        published = []
        for row, plan in zip(rows, plans, strict=True):
            if row.get("topic_area"):
                self.unfit.pop(row["slug"], None)
            elif row.number in self.publishing:
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
            pks = {self.found[row.number] for row in rows if row.number in self.found}
            for rating in self.locked(Rating.objects.filter(program__in=pks)).values():
                found[rating.program_id, rating.topic_area_id].append(rating)
        return found

    def plan_row(self, row: SheetRow, original: Program | None) -> Plan[Program]:
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

    def plan_in_group(
        self, group: ProgramRows, row: SheetRow, original: Program | None
    ) -> Plan[Program]:
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

    def plan_further_row(self, row: SheetRow, program: Program) -> Plan[Program]:
        """Plan a row that only places the program: the rest of it is "as above"."""
        errors: dict[str, str] = {}
        self.check_rating_cells(program, row, errors)
        for column, message in errors.items():
            self.note(row.number, column, row.get(column, ""), message)
        action = None if errors else ImportAction.UNCHANGED
        return Plan(row.number, program, program, action)

    def check_group(self, group: ProgramRows, row: SheetRow) -> None:
        """Note where the later rows of a program disagree with its first, or repeat a topic area."""
        area = self.area_key(row)
        first = group.first
        if first is None:
            group.first, group.areas[area] = SheetRow(row.number, row.items()), row.number
            return
        for column in set(row) & set(self.resource.columns()) - {*RATING_COLUMNS, "slug"}:
            if row[column] and row[column] != first[column]:
                self.note(
                    row.number,
                    column,
                    row[column],
                    f"Row {first.number} says “{shortened(first[column])}” of the same program."
                    if first[column]
                    else f"Row {first.number} leaves this blank for the same program.",
                )
        if area in group.areas:
            self.note(
                row.number,
                "topic_area",
                row.get("topic_area", ""),
                f"Row {group.areas[area]} places the same program in the same topic area."
                if area
                else f"Row {group.areas[area]} is about the same program; a further row names a further topic area.",
            )
        group.areas.setdefault(area, row.number)

    def area_key(self, row: SheetRow) -> AreaKey:
        """Return the key of a row's topic area: its primary key, or the cell where that names none."""
        try:
            area = self.fields["topic_area"].widget.clean(row.get("topic_area", ""))
        except ValueError:
            return row["topic_area"]
        return area.pk if area else None

    def check_row(
        self, entry: Program, original: Program | None, row: SheetRow, errors: dict[str, str]
    ) -> None:
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
            add_errors(errors, error)

    def current_rating(self, program: Program, area: TopicArea) -> Rating | None:
        ratings = self.ratings.get((program.pk, area.pk), [])
        return next((rating for rating in ratings if rating.is_current), None)

    def plan_rating(self, plan: Plan[Program], row: SheetRow, before: Program | None) -> None:
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
        self.check_rating(rating, plan.replaced, row, before)
        if doubt := self.fields["rated_on"].widget.doubt(rated_on):
            self.warn(row.number, "rated_on", row["rated_on"], doubt)
        if current and rating.pk and reason and current.not_rated_reason not in {"", reason}:
            self.warn(
                row.number,
                "not_rated_reason",
                row["not_rated_reason"],
                f"This changes the reason recorded for the rating of {current.rated_on or 'an unknown date'}; "
                "a new rating takes a new date.",
            )
        if current and not rating.pk:
            for column, message in compare_ratings(rating, current):
                self.warn(row.number, column, row.get(column, ""), message)
        plan.changes += changes
        if plan.action != ImportAction.NEW:
            plan.action = ImportAction.RE_RATED if plan.replaced else ImportAction.CHANGED

    def check_rating(
        self, rating: Rating, replaced: Rating | None, row: SheetRow, before: Program | None
    ) -> None:
        """Note what is wrong with a rating that is to be added or changed, or that takes the place of another."""
        actions = ["change"] if rating.pk else ["add", *(["change"] if replaced else [])]
        refused = [
            f"Your account may not {action} ratings."
            for action in actions
            if self.user and not self.user.has_perm(f"catalog.{action}_rating")
        ]
        if self.user and before and not refused and not may_rate(self.user, before, actions[0]):
            refused = [BEYOND]
        for message in refused:
            self.note(row.number, "topic_area", row["topic_area"], message)
        for other in self.ratings.get((rating.program.pk, rating.topic_area_id), []):
            same = (other.rated_on, other.scientific_rating) == (
                rating.rated_on,
                rating.scientific_rating,
            )
            if same and other.pk != rating.pk:
                message = "This rating of the program, of the same date, is recorded already."
                self.note(row.number, "", "", message)

    def write(self, writer: BulkWriter, plans: Sequence[Plan[Program]]) -> None:
        """Write the programs, then their ratings."""
        first = [plan for plan in plans if plan.entry is not plan.original]
        writer.add([plan.entry for plan in first if plan.original is None])
        writer.change([plan.entry for plan in first if plan.original], self.written_fields())
        writer.retire([plan.replaced.pk for plan in plans if plan.replaced])
        ratings = [plan.rating for plan in plans if plan.rating]
        writer.change([r for r in ratings if r.pk], ["rated_on", "not_rated_reason"])
        writer.add([rating for rating in ratings if not rating.pk])
