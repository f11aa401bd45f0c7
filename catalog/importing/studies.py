"""The import of studies."""

from ..models import Study
from ..resources import StudyResource
from .importer import same_entry
from .program_links import ProgramLinkImporter
from .rows import Table


class StudyImporter(ProgramLinkImporter[Study]):
    resource_class = StudyResource

    def prepare(self, sheet: Table) -> None:
        super().prepare(sheet)
        stored = {
            (program, reference): pk
            for program, reference, pk in Study.objects.order_by()
            .values_list("program", "reference", "pk")
            .iterator()
        }
        first_rows: dict[tuple[int, int], int] = {}
        for row in self.rows(sheet):
            if not (pair := self.pair(row, "program", "reference")):
                continue
            number = row.number
            if pair in stored:
                self.found[number] = stored[pair]
            if pair in first_rows:
                self.note(number, "reference", row["reference"], same_entry(first_rows[pair]))
            first_rows.setdefault(pair, number)
