"""What the imports of a program's ratings and rows have in common: their cells together are the key."""

from collections.abc import Collection, Sequence
from itertools import batched
from typing import Any

from ..history.bulk_writer import BATCH
from ..models import Program, ProgramRow, Rating, Status
from ..resources.cells import EntryWidget
from .importer import Importer
from .plans import Plan
from .problems import same_entry
from .publishable import RETIRED, merged_away
from .rows import SheetRow, Table

RECORDED_OTHERWISE = (
    "This {} is recorded as “{}”, which differs in nothing but capitals. Write it like that."
)
WRITTEN_OTHERWISE = "Row {} writes “{}”, which differs in nothing but capitals. Write them alike."

# The values of the columns of a key, entries by their primary keys; the text is the last one.
Key = tuple[Any, ...]


class ProgramLinkImporter[Entry: Rating | ProgramRow](Importer[Entry]):
    """Import rows that stand between a program and something else; their cells together are the key."""

    def prepare(self, sheet: Table) -> None:
        retired = Program.objects.filter(status=Status.RETIRED)
        self.retired = set(retired.values_list("pk", flat=True))
        merged = Program.objects.filter(merged_into__isnull=False).select_related("merged_into")
        self.merged = {program.pk: program.merged_into for program in merged}

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Entry]]:
        """Return the plan of each row; refuse it for a merged program, warn where it changes what a retired one has."""
        plans = super().plan(rows)
        for plan in plans:
            survivor = self.merged.get(plan.entry.program_id)
            if plan.does_something and survivor:
                self.note(plan.number, "program", str(plan.entry.program), merged_away(survivor))
                plan.action = None
            elif plan.does_something and plan.entry.program_id in self.retired:
                self.warn(plan.number, "", str(plan.entry.program), RETIRED)
        return plans

    def pair(self, row: SheetRow, first: str, second: str) -> tuple[int, int] | None:
        """Return the keys of the entries that the cells name, or None where one is blank or unknown.

        What is wrong with a cell is said when the row is planned.
        """
        try:
            entries = [
                self.fields[name].widget.clean(row.get(name, "")) for name in (first, second)
            ]
        except ValueError:
            return None
        return (entries[0].pk, entries[1].pk) if all(entries) else None


class SpelledLinkImporter[Entry: ProgramRow](ProgramLinkImporter[Entry]):
    """Import rows that a text, the last column of the key, tells apart by its exact letters.

    One that differs from another only in capitals is refused: it is the same one, as a rule, and mistyped.
    """

    def prepare(self, sheet: Table) -> None:
        """Find each row's entry by its exact letters; note rows that repeat one, or differ only in capitals."""
        super().prepare(sheet)
        *self.key_columns, self.spelled = self.resource.keys[0]
        first_rows: dict[Key, int] = {}
        new: dict[Key, tuple[int, str]] = {}
        for rows in batched(self.rows(sheet), BATCH):
            keys = [(row, key) for row in rows if (key := self.key(row))]
            stored = self.stored({key for _, key in keys})
            spellings = {folded(key): key[-1] for key in stored}
            for row, key in keys:
                first = first_rows.setdefault(key, row.number)
                message = "" if first == row.number else same_entry(first)
                if key in stored:
                    self.found[row.number] = stored[key]
                elif folded(key) in spellings:
                    message = RECORDED_OTHERWISE.format(self.spelled, spellings[folded(key)])
                else:
                    number, text = new.setdefault(folded(key), (row.number, key[-1]))
                    if text != key[-1]:
                        message = WRITTEN_OTHERWISE.format(number, text)
                if message:
                    self.note(row.number, self.spelled, row[self.spelled], message)

    def key(self, row: SheetRow) -> Key | None:
        """Return what tells the row's entry apart, or None where a cell is blank or unknown.

        What is wrong with a cell is said when the row is planned.
        """
        try:
            values = [self.fields[n].widget.clean(row.get(n, "")) for n in self.key_columns]
        except ValueError:
            return None
        return (*(getattr(v, "pk", v) for v in values), row[self.spelled]) if all(values) else None

    def stored(self, keys: Collection[Key]) -> dict[Key, int]:
        """Return the recorded rows of the same programs, and of what else they name, by what tells them apart."""
        named = {
            f"{name}__in": {key[place] for key in keys}
            for place, name in enumerate(self.key_columns)
            if isinstance(self.fields[name].widget, EntryWidget)
        }
        found = self.model._default_manager.filter(**named).order_by()
        columns = (*self.key_columns, self.spelled, "pk")
        return {tuple(key): pk for *key, pk in found.values_list(*columns)}


def folded(key: Key) -> Key:
    """Return a key without the case of its letters."""
    return (*key[:-1], key[-1].casefold())
