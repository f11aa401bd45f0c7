"""What the imports of ratings, studies and findings have in common: they stand between a program and something else."""

from collections.abc import Sequence

from ..models import Finding, Program, Rating, Status, Study
from .importer import Importer
from .plans import Plan
from .publishable import RETIRED, merged_away
from .rows import SheetRow, Table


class ProgramLinkImporter[Entry: Rating | Study | Finding](Importer[Entry]):
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
