"""The import of ratings; and what a rating is beside the one recorded, for the import of programs too."""

from collections.abc import Iterator, Sequence

from ..editorial.rating import compare_ratings, programs_user_may_not_rate
from ..history.bulk_writer import BulkWriter
from ..models import ImportAction, NotRatedReason, Program, Rating
from ..models.ratings import name_editions
from ..resources import RatingResource
from ..resources.ratings import RATING_COLUMNS
from .plans import CellChange, Plan
from .problems import same_entry
from .program_links import ProgramLinkImporter
from .rows import SheetRow, Table

BEYOND = "Your account may not rate programs that are public."

# A reason of former files, in its two forms. It told of the program, and not why research was no ground for a rating.
NO_ANSWER = ("nonresponder", "the program's representative did not respond")
SAID_OF_PROGRAM = (
    "Notice. This is no reason any more: it becomes not-stated. A file of programs says in is_nonresponder that a "
    "representative did not answer."
)

# A program and a topic area, by their primary keys.
Placement = tuple[int, int]
# A placement, a level, and a date: None where the file has none.
RatingFact = tuple[int, int, str, str | None]


def is_same_fact(recorded: tuple[str, str], given: tuple[str, str]) -> bool:
    """Return whether a row's level and date are about the rating of the level and date that are recorded.

    A date may say less than the one recorded, or more, and so complete it: "2025-06" for "2025", or for none.
    """
    (level, rated_on), (given_level, given_on) = recorded, given
    return level == given_level and (given_on.startswith(rated_on) or rated_on.startswith(given_on))


def replace_no_answer(row: SheetRow) -> str:
    """Write the reason of today into a row whose reason was that nobody answered; return what stood there, else ""."""
    reason = row.get("not_rated_reason", "")
    if reason.casefold() not in NO_ANSWER:
        return ""
    row["not_rated_reason"] = NotRatedReason.NOT_STATED
    return reason


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


class RatingImporter(ProgramLinkImporter[Rating]):
    """Import the whole history of ratings. A row adds a fact or repeats one; it never overwrites a past rating."""

    resource_class = RatingResource

    def prepare(self, sheet: Table) -> None:
        """Find each row's rating by its date and level, and the rows that are to be current."""
        super().prepare(sheet)
        beyond = programs_user_may_not_rate(self.user) if self.user else Program.objects.none()
        self.beyond = set(beyond.values_list("pk", flat=True))
        # The current ratings that rows of this file make past ones.
        self.ended: set[int] = set()
        self.currents: dict[Placement, int] = {}
        self.places: dict[Placement, tuple[int, str]] = {}
        self.read_stored()
        facts: dict[RatingFact, int] = {}
        for row in self.rows(sheet):
            if fact := self.fact(row):
                self.note_fact(row, fact, facts)
                if pk := self.stored.get(fact):
                    self.found[row.number] = pk
        del self.stored
        self.find_completed(facts)

    def rows(self, sheet: Table) -> Iterator[SheetRow]:
        """Yield the rows, with the reasons of today."""
        for row in super().rows(sheet):
            if reason := replace_no_answer(row):
                self.warn(row.number, "not_rated_reason", reason, SAID_OF_PROGRAM)
            yield row

    def read_stored(self) -> None:
        """Read the ratings that there are: all by what they say, the current ones by where they hold."""
        self.stored: dict[RatingFact, int] = {}
        self.were_current: dict[Placement, int] = {}
        self.current_facts: dict[Placement, tuple[str, str]] = {}
        keys = ("program", "topic_area", "scientific_rating", "rated_on", "pk", "is_current")
        ratings = Rating.objects.order_by("is_current", "pk").values_list(*keys)
        for program, area, level, rated_on, pk, is_current in ratings.iterator():
            self.stored[program, area, level, rated_on] = pk
            # For a file without dates: the current one before past ones.
            self.stored[program, area, level, None] = pk
            if is_current:
                self.were_current[program, area] = pk
                self.current_facts[program, area] = level, rated_on

    def find_completed(self, facts: dict[RatingFact, int]) -> None:
        """Find the current ratings of whose dates rows say more or less, where no row gives the date recorded."""
        taken = set(self.found.values())
        for (program, area, level, rated_on), number in facts.items():
            pk = self.were_current.get((program, area))
            if number in self.found or pk is None or pk in taken or rated_on is None:
                continue
            if is_same_fact(self.current_facts[program, area], (level, rated_on)):
                self.found[number] = pk
                taken.add(pk)

    def fact(self, row: SheetRow) -> RatingFact | None:
        """Return the rating that the row states; None where a cell is wrong, which is said when the row is planned."""
        place = self.pair(row, "program", "topic_area")
        try:
            level = self.fields["scientific_rating"].widget.clean(row["scientific_rating"])
            rated_on = (
                self.fields["rated_on"].widget.clean(row["rated_on"]) if "rated_on" in row else None
            )
            self.is_current(row)
        except ValueError:
            return None
        return (*place, level, rated_on) if place else None

    def is_current(self, row: SheetRow) -> bool:
        """Return whether the row gives a current rating. Raises ValueError."""
        return self.fields["is_current"].widget.clean(row.get("is_current", ""))

    def note_fact(self, row: SheetRow, fact: RatingFact, facts: dict[RatingFact, int]) -> None:
        """Note a row that repeats a rating of the file, or that is current beside another one."""
        number, cell, place = row.number, row.get("is_current", ""), fact[:2]
        self.places.setdefault(place, (number, cell))
        if fact in facts:
            repeated = same_entry(facts[fact])
            self.note(number, "scientific_rating", row["scientific_rating"], repeated)
        facts.setdefault(fact, number)
        if not self.is_current(row):
            return
        if place in self.currents:
            self.note(
                number,
                "is_current",
                cell,
                f"Row {self.currents[place]} gives another current rating of the same program in the same topic area.",
            )
        self.currents.setdefault(place, number)

    def in_order(self, sheet: Table) -> Iterator[SheetRow]:
        """Return past ratings first: a current one then retires the one before it."""
        current = set(self.currents.values())
        for is_current in (False, True):
            for row in self.rows(sheet):
                if (row.number in current) is is_current:
                    # A blank is as none: a new rating is current, a recorded one stays what it is.
                    if not row.get("is_current"):
                        row.pop("is_current", None)
                    yield row

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Rating]]:
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
        self.name_editions([plan for plan in plans if plan.original is None])
        return plans

    def name_editions(self, new: Sequence[Plan[Rating]]) -> None:
        """Name the edition of new ratings that give none, where it is on record, and show it of first ones."""
        unnamed = [plan for plan in new if not plan.entry.scale_edition_id]
        name_editions([plan.entry for plan in unnamed])
        for plan in unnamed:
            # Of a re-rating the preview shows level and date alone.
            if (edition := plan.entry.scale_edition) and plan.action == ImportAction.NEW:
                plan.changes.append(CellChange("scale_edition", "", str(edition)))

    def plan_row(self, row: SheetRow, original: Rating | None) -> Plan[Rating]:
        if original and "rated_on" in row:
            rated_on = self.fields["rated_on"].widget.clean(row["rated_on"])
            row["rated_on"] = fuller(rated_on, original.rated_on)
        plan = super().plan_row(row, original)
        if plan.does_something and plan.entry.program_id in self.beyond:
            self.note(row.number, "program", row["program"], BEYOND)
        if original and original.is_current and not plan.entry.is_current:
            self.ended.add(original.pk)
        return plan

    def clean_entry(self, entry: Rating, original: Rating | None) -> None:
        if entry.topic_area_id and entry.scientific_rating:
            entry.clean_fact()
        if original:
            entry.clean_change(original)

    def write(self, writer: BulkWriter, plans: Sequence[Plan[Rating]]) -> None:
        super().write(writer, [plan for plan in plans if plan.action == ImportAction.CHANGED])
        writer.retire([plan.replaced.pk for plan in plans if plan.replaced])
        writer.add([p.entry for p in plans if p.original is None])

    def check_after(self) -> None:
        """Note where a program would be left without the one current rating that it has in each of its topic areas."""
        for place, (number, cell) in self.places.items():
            before = self.were_current.get(place)
            if place not in self.currents and (before is None or before in self.ended):
                self.note(
                    number,
                    "is_current",
                    cell,
                    "This would leave the program without a current rating in the topic area.",
                )
