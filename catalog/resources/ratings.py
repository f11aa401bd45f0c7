"""Files of ratings; and what a rating is beside the one recorded, for files of programs too."""

from collections.abc import Iterator, Sequence
from typing import Any

from ..editorial.rating import compare_ratings, programs_user_may_not_rate
from ..history.bulk_writer import BulkWriter
from ..models import ImportAction, Rating, ScientificRating
from ..spreadsheets import Sheet
from .base import Plan, SheetRow, same_entry
from .cells import AreaLookup, ProgramLookup, entry_field
from .problems import CellChange
from .program_links import ProgramLinkResource

BEYOND = "Your account may not rate programs that are public."
RATING_COLUMNS = ("topic_area", "scientific_rating", "rated_on", "not_rated_reason")


def is_same_fact(recorded: tuple[str, str], given: tuple[str, str]) -> bool:
    """Return whether a row's level and date are about the rating of the level and date that are recorded.

    A date may say less than the one recorded, or more, and so complete it: "2025-06" for "2025", or for none.
    """
    (level, rated_on), (given_level, given_on) = recorded, given
    return level == given_level and (given_on.startswith(rated_on) or rated_on.startswith(given_on))


def fuller(*dates: str) -> str:
    """Return, of dates of which one says more of the other, that one."""
    return max(dates, key=len)


def changes_of_rating(before: Rating | None, after: Rating) -> list[CellChange]:
    """Return what a rating changes, beside the one whose place it takes; if anything, where it holds comes first."""
    changes = [
        CellChange(column, getattr(before, column, ""), getattr(after, column))
        for column in RATING_COLUMNS[1:]
        if getattr(before, column, "") != getattr(after, column)
    ]
    area = after.topic_area.slug
    return changes and [CellChange(RATING_COLUMNS[0], area if before else "", area), *changes]


class RatingResource(ProgramLinkResource):
    """The whole history of ratings. A row adds a fact or repeats one; it never overwrites a past rating."""

    kind = "ratings"
    keys = (("program", "topic_area", "scientific_rating"),)
    program = entry_field("program", ProgramLookup())
    topic_area = entry_field("topic_area", AreaLookup())
    examples = {
        "program": "steady-ground",
        "topic_area": "secondary-traumatic-stress",
        "scientific_rating": ScientificRating.NOT_RATED,
        "rationale": "There is no published study of it.",
        "scale_edition": "2023",
    }
    notes = {
        "rated_on": "A date that only says more of the current rating's completes it; another date is another rating.",
        "is_current": "Yes for the rating that holds now, no for one that held before.",
    }

    class Meta:
        model = Rating
        fields = [
            "program",
            "topic_area",
            "scientific_rating",
            "not_rated_reason",
            "rationale",
            "rated_on",
            "scale_edition",
            "is_current",
        ]

    def prepare(self, sheet: Sheet) -> None:
        """Find each row's rating by its date and level, and the rows that are to be current."""
        super().prepare(sheet)
        beyond = (
            programs_user_may_not_rate(self.user).values_list("pk", flat=True) if self.user else ()
        )
        self.beyond = set(beyond)
        # The current ratings that rows of this file make past ones.
        self.ended: set[int] = set()
        self.currents: dict[tuple[int, ...], int] = {}
        self.places: dict[tuple[int, ...], tuple[int, str]] = {}
        self.were_current: dict[tuple[int, ...], int] = {}
        stored = {}
        current = {}
        keys = ("program", "topic_area", "scientific_rating", "rated_on", "pk", "is_current")
        ratings = Rating.objects.order_by("is_current", "pk").values_list(*keys)
        for program, area, level, rated_on, pk, is_current in ratings.iterator():
            stored[program, area, level, rated_on] = pk
            # For a file without dates: the current one before past ones.
            stored[program, area, level, None] = pk
            if is_current:
                self.were_current[program, area] = pk
                current[program, area] = level, rated_on
        facts: dict[tuple[Any, ...], int] = {}
        for row in self.rows(sheet):
            if fact := self.fact(row):
                *place, level, rated_on, is_current = fact
                self.note_fact(row, (*place,), (*place, level, rated_on), is_current, facts)
                if pk := stored.get((*place, level, rated_on)):
                    self.found[row["#"]] = pk
        # Then the current ratings of whose dates rows say more or less, where no row gives the date recorded.
        taken = set(self.found.values())
        for (program, area, *given), number in facts.items():
            pk = self.were_current.get((program, area))
            if number in self.found or pk is None or pk in taken:
                continue
            if is_same_fact(current[program, area], (given[0], given[1])):
                self.found[number] = pk
                taken.add(pk)

    def fact(self, row: SheetRow) -> tuple[Any, ...] | None:
        """Return program, topic area, level, date (None where the file has none) and whether this is current."""
        place = self.pair(row, "program", "topic_area")
        try:
            level = self.fields["scientific_rating"].widget.clean(row["scientific_rating"])
            rated_on = (
                self.fields["rated_on"].widget.clean(row["rated_on"]) if "rated_on" in row else None
            )
            is_current = self.fields["is_current"].widget.clean(row.get("is_current", ""))
        except ValueError:
            return None
        return place and (*place, level, rated_on, is_current)

    def note_fact(
        self,
        row: SheetRow,
        place: tuple[int, ...],
        fact: tuple[Any, ...],
        is_current: bool,
        facts: dict[tuple[Any, ...], int],
    ) -> None:
        """Note a row that repeats a rating of the file, or that is current beside another one."""
        number, cell = row["#"], row.get("is_current", "")
        self.places.setdefault(place, (number, cell))
        if fact in facts:
            self.note(
                number,
                "scientific_rating",
                row["scientific_rating"],
                same_entry(facts[fact]),
            )
        facts.setdefault(fact, number)
        if is_current and place in self.currents:
            self.note(
                number,
                "is_current",
                cell,
                f"Row {self.currents[place]} gives another current rating of the same program in the same topic area.",
            )
        if is_current:
            self.currents.setdefault(place, number)

    def in_order(self, sheet: Sheet) -> Iterator[SheetRow]:
        """Past ratings first: a current one then retires the one before it."""
        current = set(self.currents.values())
        for is_current in (False, True):
            for row in self.rows(sheet):
                if (row["#"] in current) is is_current:
                    # A blank is as none: a new rating is current, a recorded one stays what it is.
                    if not row.get("is_current"):
                        row.pop("is_current", None)
                    yield row

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan]:
        plans = super().plan(rows)
        new = [plan for plan in plans if plan.action == ImportAction.NEW and plan.entry.is_current]
        places = {(p.entry.program_id, p.entry.topic_area_id): p for p in new}
        pks = {self.were_current[p] for p in places if p in self.were_current}
        current = Rating.objects.filter(pk__in=pks).select_related("program", "topic_area")
        for rating in self.locked(current).values():
            plan = places[rating.program_id, rating.topic_area_id]
            plan.action = ImportAction.RE_RATED
            # Unless a row of the file makes it a past one.
            plan.replaced = None if rating.pk in self.ended else rating
            plan.changes = changes_of_rating(rating, plan.entry)
            for column, message in compare_ratings(plan.entry, rating):
                self.warn(plan.number, column, getattr(plan.entry, column), message)
        return plans

    def plan_row(self, row: SheetRow, original: Any) -> Plan:
        if original and "rated_on" in row:
            rated_on = self.fields["rated_on"].widget.clean(row["rated_on"])
            row["rated_on"] = fuller(rated_on, original.rated_on)
        plan = super().plan_row(row, original)
        if plan.does_something and plan.entry.program_id in self.beyond:
            self.note(row["#"], "program", row["program"], BEYOND)
        if original and original.is_current and not plan.entry.is_current:
            self.ended.add(original.pk)
        return plan

    def clean_entry(self, entry: Any, original: Any) -> None:
        if entry.topic_area_id and entry.scientific_rating:
            entry.clean_fact()
        if original:
            entry.clean_change(original)

    def write(self, writer: BulkWriter, plans: Sequence[Plan]) -> None:
        super().write(writer, [plan for plan in plans if plan.action == ImportAction.CHANGED])
        writer.retire([plan.replaced.pk for plan in plans if plan.replaced])
        writer.add([p.entry for p in plans if p.original is None])

    def check_after(self) -> None:
        """A program that is placed in a topic area keeps exactly one current rating there."""
        for place, (number, cell) in self.places.items():
            before = self.were_current.get(place)
            if place not in self.currents and (before is None or before in self.ended):
                self.note(
                    number,
                    "is_current",
                    cell,
                    "This would leave the program without a current rating in the topic area.",
                )

    def get_queryset(self) -> Any:
        return Rating.objects.select_related("program", "topic_area")
