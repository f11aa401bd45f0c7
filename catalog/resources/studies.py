"""Files of studies."""

from typing import Any

from ..models import Reference, Study, StudyRole
from ..spreadsheets import Sheet
from .base import same_entry
from .cells import Lookup, ProgramLookup, entry_field
from .program_links import ProgramLinkResource


class StudyResource(ProgramLinkResource):
    kind = "studies"
    keys = (("program", "reference"),)
    program = entry_field("program", ProgramLookup())
    reference = entry_field("reference", Lookup(Reference, "key"))
    examples = {
        "program": "steady-ground",
        "reference": "bride-2007",
        "role": StudyRole.NOT_USED,
        "exclusion_reason": "It has no control group.",
        "sample_size": "184",
        "population": "Caseworkers and supervisors.",
        "location": "Kentucky, USA",
        "follow_up_months": "12",
        "summary": "Symptoms fell; whether the effect lasted was not examined.",
    }

    class Meta:
        model = Study
        fields = [
            "program",
            "reference",
            "role",
            "exclusion_reason",
            "design",
            "sample_size",
            "population",
            "location",
            "follow_up_months",
            "summary",
        ]

    def prepare(self, sheet: Sheet) -> None:
        super().prepare(sheet)
        stored = {
            (program, reference): pk
            for program, reference, pk in Study.objects.order_by()
            .values_list("program", "reference", "pk")
            .iterator()
        }
        first_rows: dict[tuple[int, ...], int] = {}
        for row in self.rows(sheet):
            if not (pair := self.pair(row, "program", "reference")):
                continue
            number = row["#"]
            if pair in stored:
                self.found[number] = stored[pair]
            if pair in first_rows:
                self.note(number, "reference", row["reference"], same_entry(first_rows[pair]))
            first_rows.setdefault(pair, number)

    def get_queryset(self) -> Any:
        return Study.objects.select_related("program", "reference")
