"""The import of findings."""

from collections.abc import Collection, Iterator, Sequence
from itertools import batched

from ..history.bulk_writer import BATCH
from ..models import Finding, Study
from ..resources import FindingResource
from .plans import Plan
from .problems import same_entry
from .program_links import ProgramLinkImporter
from .rows import SheetRow, Table

NO_STUDY = "{} is not among the program’s references: import it with a file of studies first."
RECORDED_OTHERWISE = (
    "This outcome is recorded as “{}”, which differs in nothing but capitals. Write it like that."
)
WRITTEN_OTHERWISE = "Row {} writes “{}”, which differs in nothing but capitals. Write them alike."

# Program, reference and topic area by their primary keys, and the outcome.
FindingKey = tuple[int, int, int, str]


class FindingImporter(ProgramLinkImporter[Finding]):
    resource_class = FindingResource

    def prepare(self, sheet: Table) -> None:
        """Find each row's finding by its exact letters; note rows that repeat one, or differ only in capitals."""
        super().prepare(sheet)
        first_rows: dict[FindingKey, int] = {}
        new: dict[FindingKey, tuple[int, str]] = {}
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
                    message = RECORDED_OTHERWISE.format(spellings[folded(key)])
                else:
                    number, outcome = new.setdefault(folded(key), (row.number, key[-1]))
                    if outcome != key[-1]:
                        message = WRITTEN_OTHERWISE.format(number, outcome)
                if message:
                    self.note(row.number, "outcome", row["outcome"], message)

    def key(self, row: SheetRow) -> FindingKey | None:
        """Return the key that tells the row's finding apart, None where a cell is blank or unknown."""
        study, place = (
            self.pair(row, "program", "reference"),
            self.pair(row, "reference", "topic_area"),
        )
        return (*study, place[1], row["outcome"]) if study and place else None

    def stored(self, keys: Collection[FindingKey]) -> dict[FindingKey, int]:
        """Return the recorded findings of the same studies in the same topic areas, by what tells them apart."""
        found = Finding.objects.filter(
            program__in={program for program, *_ in keys},
            reference__in={reference for _, reference, *_ in keys},
            topic_area__in={area for *_, area, _ in keys},
        ).order_by()
        columns = ("program", "reference", "topic_area", "outcome", "pk")
        return {tuple(key): pk for *key, pk in found.values_list(*columns)}

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


def folded(key: FindingKey) -> FindingKey:
    """Return a key without the case of its letters."""
    return (*key[:3], key[3].casefold())
