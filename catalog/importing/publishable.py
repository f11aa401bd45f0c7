"""What the imports of topic areas and of programs have in common: a status, and who may change it."""

from collections.abc import Sequence

from ..editorial.requirements import MERGED, Blocker, lacking
from ..models import Program, Status
from ..models.status import DATED_BY_STATUS, Publishable
from .importer import CellValues
from .plans import Plan
from .problems import Problem
from .rows import SheetRow, Table
from .slugged import SluggedImporter

PUBLIC_STATUSES = {Status.PUBLISHED, Status.RETIRED}
RETIRED = "This entry is retired."


def merged_away(survivor: Program) -> str:
    """Say that the program of a row has its place in another entry now."""
    return f"This program was merged into “{survivor}” (slug {survivor.slug}). Use that."


class PublishableImporter[Entry: Publishable](SluggedImporter[Entry]):
    """Import entries with a status. Who may publish or retire in the admin may do so by import, and nobody else.

    What an import publishes lacks nothing that ``workflow`` asks of it. One obstacle may be cleared by a later row:
    ``unfit`` holds it, by slug, until the file has ended. ``publishing`` are the numbers of the rows that publish.
    """

    unfit: dict[str, Problem]
    publishing: set[int]

    def prepare(self, sheet: Table) -> None:
        super().prepare(sheet)
        self.unfit, self.publishing = {}, set()

    def read_cells(
        self, row: SheetRow, original: Entry | None, errors: dict[str, str]
    ) -> CellValues:
        """Return what the cells give the entry. A blank status is as none: every entry has one."""
        if not row.get("status"):
            row.pop("status", None)
        return super().read_cells(row, original, errors)

    def check_row(
        self, entry: Entry, original: Entry | None, row: SheetRow, errors: dict[str, str]
    ) -> None:
        super().check_row(entry, original, row, errors)
        before = original.status if original else Status.DRAFT
        after = entry.status
        if before == after or not PUBLIC_STATUSES & {before, after}:
            return
        permission = f"catalog.publish_{entry._meta.model_name}"
        if self.user and not self.user.has_perm(permission):
            errors.setdefault("status", "Your account may not publish or retire.")
        elif found := self.hindering(entry, row):
            errors.setdefault("status", " ".join(blocker.sentence for blocker in found))

    def hindering(self, entry: Entry, row: SheetRow) -> list[Blocker]:
        """Return what stands in the way of an entry's new status, as far as this row tells."""
        if getattr(entry, "merged_into_id", None) and entry.status != Status.RETIRED:
            return [MERGED]
        if entry.status != Status.PUBLISHED:
            return []
        self.publishing.add(row.number)
        # The rest is known when the file has ended.
        return lacking(entry, is_rated=True, is_umbrella=True)

    def may_be_unfit(self, row: SheetRow, blocker: Blocker) -> None:
        """Note at the end of the file that the row cannot publish its entry, unless another row clears the obstacle."""
        problem = Problem(row.number, "status", row.get("status", ""), blocker.sentence)
        self.unfit.setdefault(row["slug"], problem)

    def check_after(self) -> None:
        super().check_after()
        for problem in self.unfit.values():
            self.note(*problem)

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Entry]]:
        """Return the plan of each row; warn where it changes what was retired before."""
        plans = super().plan(rows)
        for plan in plans:
            retired = plan.original is not None and plan.original.is_retired
            if retired and plan.does_something:
                self.warn(plan.number, "", str(plan.original), RETIRED)
        return plans

    def written_fields(self) -> list[str]:
        return [*super().written_fields(), *DATED_BY_STATUS]
