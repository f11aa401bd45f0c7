"""What imports of ratings and of a program's rows have in common: each stands between a program and something else."""

from collections.abc import Collection, Sequence
from itertools import batched

from django.db import models

from ..history.bulk_writer import BATCH
from ..models import Program, ProgramRow, Rating, Status
from .importer import Importer
from .plans import Plan
from .problems import same_entry
from .publishable import RETIRED, merged_away
from .rows import SheetRow, Table

RECORDED_OTHERWISE = (
    "This {} is recorded as “{}”, which differs in nothing but capitals. Write it like that."
)
WRITTEN_OTHERWISE = "Row {} writes “{}”, which differs in nothing but capitals. Write them alike."

# What tells a row apart: primary keys and codes, and last a text.
Key = tuple[object, ...]


class ProgramLinkImporter[Entry: Rating | ProgramRow](Importer[Entry]):
    """Import rows that stand between a program and something else; their cells together are the key."""

    def prepare(self, sheet: Table) -> None:
        retired = Program.objects.filter(status=Status.RETIRED)
        self.retired = set(retired.values_list("pk", flat=True))
        merged = Program.objects.filter(merged_into__isnull=False).select_related("merged_into")
        self.merged = {program.pk: program.merged_into for program in merged}

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Entry]]:
        """Return what each row does; refuse one for a merged program, warn where it changes what a retired one has."""
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


class WordedRowImporter[Entry: ProgramRow](ProgramLinkImporter[Entry]):
    """Import rows of a program whose key ends with a text: its exact letters tell them apart."""

    def prepare(self, sheet: Table) -> None:
        """Find each row's entry; note rows that repeat one, or whose text differs from one's only in capitals."""
        super().prepare(sheet)
        *self.named, self.text = self.resource.keys[0]
        first_rows: dict[Key, int] = {}
        new: dict[Key, tuple[int, str]] = {}
        for rows in batched(self.rows(sheet), BATCH):
            keys = [(row, key) for row in rows if (key := self.key(row))]
            stored = self.stored({key for _, key in keys})
            spellings = {folded(key): key[-1] for key in stored}
            for row, key in keys:
                text = row[self.text]
                first = first_rows.setdefault(key, row.number)
                message = "" if first == row.number else same_entry(first)
                if key in stored:
                    self.found[row.number] = stored[key]
                elif folded(key) in spellings:
                    message = RECORDED_OTHERWISE.format(self.text, spellings[folded(key)])
                else:
                    number, spelling = new.setdefault(folded(key), (row.number, text))
                    if spelling != text:
                        message = WRITTEN_OTHERWISE.format(number, spelling)
                if message:
                    self.note(row.number, self.text, text, message)

    def key(self, row: SheetRow) -> Key | None:
        """Return what tells the row's entry apart, or None where a cell is blank or unknown.

        What is wrong with a cell is said when the row is planned.
        """
        try:
            cells = [self.fields[name].widget.clean(row.get(name, "")) for name in self.named]
        except ValueError:
            return None
        if None in cells:
            return None
        keys = (cell.pk if isinstance(cell, models.Model) else cell for cell in cells)
        return (*keys, row[self.text])

    def stored(self, keys: Collection[Key]) -> dict[Key, int]:
        """Return the entries that have these keys, or others with the same primary keys and codes in them."""
        parts = {
            f"{name}__in": {key[place] for key in keys} for place, name in enumerate(self.named)
        }
        found = self.model._default_manager.filter(**parts).order_by()
        rows = found.values_list(*self.named, self.text, "pk")
        return {tuple(key): pk for *key, pk in rows}


def folded(key: Key) -> Key:
    """Return a key without the case of its letters."""
    return (*key[:-1], str(key[-1]).casefold())
