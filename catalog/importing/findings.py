"""The import of findings."""

from collections.abc import Iterator, Sequence

from ..models import Finding, Study
from ..resources import FindingResource
from .plans import Plan
from .program_links import SpelledLinkImporter
from .rows import SheetRow, Table

NO_STUDY = "{} is not among the program’s references: import it with a file of studies first."


class FindingImporter(SpelledLinkImporter[Finding]):
    resource_class = FindingResource

    def in_order(self, sheet: Table) -> Iterator[SheetRow]:
        """Return the rows. Where it is blank whether one counts, that stays as it is; a new one counts."""
        for row in self.rows(sheet):
            if not row.get("counts"):
                row.pop("counts", None)
            yield row

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Finding]]:
        """Return the plan of each row; refuse new findings of what is no study of the program."""
        plans = super().plan(rows)
        new = [
            (row, plan)
            for row, plan in zip(rows, plans, strict=True)
            if plan.original is None and plan.entry.program_id and plan.entry.reference_id
        ]
        studies = self.locked(
            Study.objects.filter(
                program__in={plan.entry.program_id for _, plan in new},
                reference__in={plan.entry.reference_id for _, plan in new},
            )
        )
        known = {(study.program_id, study.reference_id) for study in studies.values()}
        for row, plan in new:
            if (plan.entry.program_id, plan.entry.reference_id) not in known:
                message = NO_STUDY.format(plan.entry.reference.key)
                self.note(row.number, "reference", row["reference"], message)
                plan.action = None
        return plans
