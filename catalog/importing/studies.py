"""The import of studies."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ..history.bulk_writer import BulkWriter
from ..models import Finding, ImportAction, Rating, Study
from ..resources import StudyResource
from .former_studies import BOTH, NOTICES, columns_today, finding_said, shown_finding, translate
from .plans import Plan
from .problems import same_entry
from .program_links import ProgramLinkImporter
from .rows import SheetRow, Table

MAY_NOT = "Your account may not add findings."
RATED_NOWHERE = (
    "The program is rated in no topic area, so that this says nothing yet. "
    "Import the file again when it is."
)


class StudyImporter(ProgramLinkImporter[Study]):
    """Import studies; and the findings that their roles were, from files of before."""

    resource_class = StudyResource
    has_sample_size = False

    def check_header(self, header: list[str]) -> None:
        """Note what is wrong with the columns; say what those of before become."""
        super().check_header(header)
        self.has_sample_size = "sample_size" in header
        if self.has_sample_size and "enrolled" in header:
            self.note(self.header_row, "", "sample_size", BOTH)
        for name in self.resource.former_columns:
            if name in header:
                self.notice(name)

    def notice(self, column: str) -> None:
        """Say once what a column of before becomes."""
        self.warn(self.header_row, "", column, NOTICES[column])

    def filled_columns(self, header: list[str]) -> set[str]:
        return columns_today(super().filled_columns(header))

    def rows(self, sheet: Table) -> Iterator[SheetRow]:
        """Yield each row with the cells of today's columns."""
        for row in super().rows(sheet):
            if translate(row):
                self.notice("design")
            yield row

    def note(self, row: int | None, column: str, value: str, message: str) -> None:
        """Add what is wrong, in the column that the file has."""
        if column == "enrolled" and self.has_sample_size:
            column = "sample_size"
        super().note(row, column, value, message)

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

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Study]]:
        self.areas: dict[int, list[tuple[int, str]]] = defaultdict(list)
        self.with_findings: set[tuple[int, int]] = set()
        pairs = [self.pair(row, "program", "reference") for row in rows if row.get("role")]
        if programs := {pair[0] for pair in pairs if pair}:
            rated = Rating.objects.current().filter(program__in=programs).order_by("pk")
            columns = ("program", "topic_area", "topic_area__name")
            for program, area, name in rated.values_list(*columns):
                self.areas[program].append((area, name))
            findings = Finding.objects.filter(program__in=programs).order_by()
            self.with_findings = set(findings.values_list("program", "reference").distinct())
        return super().plan(rows)

    def plan_row(self, row: SheetRow, original: Study | None) -> Plan[Study]:
        plan = super().plan_row(row, original)
        errors: dict[str, str] = {}
        said = finding_said(row, errors)
        for column, message in errors.items():
            self.note(row.number, column, row[column], message)
        if errors:
            plan.action = None
        elif said and plan.action:
            self.plan_findings(plan, row, said)
        return plan

    def plan_findings(self, plan: Plan[Study], row: SheetRow, said: dict[str, object]) -> None:
        """Add a finding in each topic area in which the program is rated, where none of the study is recorded."""
        study = plan.entry
        if (study.program_id, study.reference_id) in self.with_findings:
            return
        areas = self.areas[study.program_id]
        if not areas:
            self.warn(row.number, "role", row["role"], RATED_NOWHERE)
            return
        if self.user and not self.user.has_perm("catalog.add_finding"):
            self.note(row.number, "role", row["role"], MAY_NOT)
        for area, name in areas:
            finding = Finding(
                program=study.program, reference=study.reference, topic_area_id=area, **said
            )
            plan.rows.append(finding)
            plan.changes.append(shown_finding(name, finding))
        if plan.action == ImportAction.UNCHANGED:
            plan.action = ImportAction.CHANGED

    def write(self, writer: BulkWriter, plans: Sequence[Plan[Study]]) -> None:
        """Write the studies, then what is said of their findings."""
        super().write(writer, [plan for plan in plans if plan.entry is not plan.original])
        writer.add([finding for plan in plans for finding in plan.rows])
