"""What files of ratings and of studies have in common: they stand between a program and something else."""

from collections.abc import Sequence

from ..models import Program, Status
from ..spreadsheets import Sheet
from .base import CatalogResource, Plan, SheetRow
from .cells import merged_away
from .publishable import RETIRED


class ProgramLinkResource(CatalogResource):
    """Rows that stand between a program and something else; their cells together are the key."""

    def prepare(self, sheet: Sheet) -> None:
        self.found: dict[int, int] = {}
        retired = Program.objects.filter(status=Status.RETIRED)
        self.retired = set(retired.values_list("pk", flat=True))
        merged = Program.objects.filter(merged_into__isnull=False).select_related("merged_into")
        self.merged = {program.pk: program.merged_into for program in merged}

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan]:
        """Warn where a row adds to a retired program, or changes what belongs to it; refuse it for a merged one."""
        plans = super().plan(rows)
        for plan in plans:
            survivor = self.merged.get(plan.entry.program_id)
            if plan.does_something and survivor:
                self.note(plan.number, "program", str(plan.entry.program), merged_away(survivor))
                plan.action = None
            elif plan.does_something and plan.entry.program_id in self.retired:
                self.warn(plan.number, "", str(plan.entry.program), RETIRED)
        return plans

    def pair(self, row: SheetRow, *columns: str) -> tuple[int, ...] | None:
        """Return the keys of the entries that the cells name, or None where one is blank or unknown.

        What is wrong with a cell is said when the row is planned.
        """
        found = []
        for column in columns:
            try:
                entry = self.fields[column].widget.clean(row.get(column, ""))
            except ValueError:
                return None
            if entry is None:
                return None
            found.append(entry.pk)
        return tuple(found)
