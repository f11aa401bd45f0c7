"""The import of one kind of entry: strict, complete in what it reports, all or nothing.

An import goes through the file twice. The first time it learns what each row is about: which entry, and whether
another row is about the same one. The second time it plans what each row does, a thousand rows at a time, and, unless
it is a dry run, writes what was planned before it goes on. Nothing is kept unless every row is right.
"""

import copy
import difflib
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import batched
from typing import ClassVar

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DataError, IntegrityError, OperationalError, models, transaction
from import_export.results import Result

from .. import search
from ..history.bulk_writer import BATCH, BulkWriter, Meanwhile, acquire_import_lock
from ..models import Import, ImportAction
from ..models.base import CatalogModel
from ..resources import CatalogResource
from ..resources.cells import EntriesWidget, FieldWidget
from ..search.upkeep import refresh_statistics
from .datasets import DatasetSheet, ResultOfRows
from .permissions import LIVE, Person, plans_beyond
from .plans import CellChange, ImportResult, Plan
from .problems import Problem, Problems, shortened
from .rows import SheetRow, Table

logger = logging.getLogger(__name__)

# So much of each cell of a new entry is shown.
MOST_OF_CELL = 100
# After so many rows the database's statistics say little of what the tables hold.
MANY_ROWS = 1_000
CHANGED_SINCE = (
    "What this file changes has itself been changed since the preview. Check the file again."
)

# What a row gives an entry: values by attribute, and primary keys of others by relation.
CellValues = tuple[dict[str, object], dict[str, list[int]]]


class ImportRefused(Exception):
    """Raised to take back what was written, as not every row is right."""


class Importer[Entry: CatalogModel]:
    """Check the rows of one file, plan what each does, and write it. It imports once.

    ``user`` is who imports (and must have the permission to publish, to change a status into or out of public);
    ``user``, ``reason`` and ``record`` go into the history.
    """

    resource_class: ClassVar[type[CatalogResource]]
    # Whether rows far apart are in the search documents of the same programs: these are then made once, at the end.
    shares_documents: ClassVar[bool] = False
    # The number of the header, as spreadsheets count.
    header_row = 1

    def __init__(
        self, *, user: Person | None = None, reason: str = "", record: Import | None = None
    ) -> None:
        self.user, self.reason, self.record = user, reason, record
        self.resource = self.resource_class()
        self.fields = self.resource.fields
        self.model: type[Entry] = self.resource_class._meta.model
        self.result = ImportResult()
        self.problems, self.warnings = Problems(), Problems()
        self.writer: BulkWriter | None = None
        # The primary keys of the stored entries, by the number of the row that is about each.
        self.found: dict[int, int] = {}

    # --- The import, from the file to the last row

    def run(
        self,
        sheet: Table,
        *,
        dry_run: bool = False,
        plan: str = "",
        progress: Callable[[int], None] | None = None,
        sink: Callable[[Sequence[Plan[Entry]]], None] | None = None,
    ) -> ImportResult:
        """Check every row and, unless ``dry_run`` or anything is wrong, keep what the rows say.

        ``plan`` is that of the result that was previewed: nothing else is imported. ``progress`` is called with the
        number of rows that are done; ``sink`` with the plans that do something, up to a thousand at a time, instead
        of keeping them in the result.
        """
        self.progress = progress or (lambda done: None)
        self.sink = sink or self.keep_rows
        try:
            if dry_run:
                self.import_rows(sheet)
            else:
                self.write_rows(sheet, plan)
        except ImportRefused:
            pass
        # The last one: where an import and an editor wait for each other, PostgreSQL stops one of them.
        except (IntegrityError, DataError, OperationalError) as error:
            logger.exception("An import was refused by the database")
            self.note(None, "", "", refusal(self.model, error))
        self.result.problems = self.in_file_order(self.problems)
        self.result.warnings = self.in_file_order(self.warnings)
        self.result.problem_count = self.problems.count
        self.result.warning_count = self.warnings.count
        return self.result

    def import_dataset(
        self, dataset: tablib.Dataset, *, dry_run: bool = False, collect_failed_rows: bool = False
    ) -> Result:
        """Import a dataset and return the result as django-import-export gives it; see ``import_data``."""
        # The package counts rows from 1, below the header.
        self.header_row = 0
        sheet = DatasetSheet(dataset)
        rows = ResultOfRows(sheet)
        found = self.run(sheet, dry_run=dry_run, sink=rows.add)
        return rows.result(found, self.resource.get_diff_headers(), collect_failed_rows)

    def write_rows(self, sheet: Table, plan: str) -> None:
        """Import the rows in one transaction. Raises ImportRefused, once all problems are known."""
        self.writer = BulkWriter(user=self.user, reason=self.reason, record=self.record)
        with transaction.atomic():
            acquire_import_lock()
            with search.deferred() as index, Meanwhile(index) as indexing:
                self.import_rows(sheet, indexing)
                self.compare(plan)
                if self.problems:
                    raise ImportRefused
            refresh_statistics_after(self.result.written)

    def import_rows(self, sheet: Table, indexing: Meanwhile | None = None) -> None:
        """Plan every row; write what is planned and let the search find it, unless this is a dry run."""
        self.check_header(sheet.header)
        if not self.has_key(sheet.header):
            return
        # A column that is missing may be the one that is misspelt.
        self.needed = [
            name for name in self.resource.required() if not self.problems or name in sheet.header
        ]
        self.prepare(sheet)
        filled = self.filled_columns(sheet.header)
        self.cells = [
            (name, self.fields[name].widget, self.fields[name].attribute)
            for name in self.resource.columns()
            if name in filled and self.fields[name].attribute
        ]
        self.empty = self.model()
        done = 0
        for rows in batched(self.in_order(sheet), BATCH, strict=False):
            plans = self.plan(rows)
            for plan in plans_beyond(self.user, self.model, plans):
                self.note(plan.number, "", str(plan.entry), LIVE)
            if self.writer and indexing and not self.problems:
                indexing.wait()
                self.write(self.writer, plans)
                if not self.shares_documents:
                    indexing.start()
            self.result.actions.update(plan.action for plan in plans if plan.action)
            self.show([plan for plan in plans if plan.does_something])
            done += len(rows)
            self.progress(done)
        self.check_after()

    def show(self, plans: Sequence[Plan[Entry]]) -> None:
        """Hand on what rows do, and let it count in the fingerprint."""
        for plan in plans:
            self.result.fingerprint.update(repr(tuple(plan.planned)).encode())
        self.sink(plans)

    def keep_rows(self, plans: Sequence[Plan[Entry]]) -> None:
        """Keep in the result what rows do."""
        self.result.rows += [plan.planned for plan in plans]

    def compare(self, plan: str) -> None:
        """Note that the rows do something else than what was previewed, if so."""
        if plan and not self.problems and self.result.plan != plan:
            self.note(None, "", "", CHANGED_SINCE)

    def check_header(self, header: list[str]) -> None:
        """Note every column that is unknown or repeated, and a key that is missing."""
        columns = self.resource.columns()
        for index, name in enumerate(header):
            message = ""
            if not name:
                message = f"Column {index + 1} has no name."
            elif name not in columns and name not in self.resource.former_columns:
                near = difflib.get_close_matches(name, columns, n=1, cutoff=0.6)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                message = f"There is no such column in a file of {self.resource.kind}.{hint}"
            elif name in header[:index]:
                message = "The column stands there twice."
            if message:
                self.note(self.header_row, "", name, message)
        if not self.has_key(header):
            wanted = " or ".join(" and ".join(key) for key in self.resource.keys)
            message = f"The column that tells the rows apart is missing: {wanted}."
            self.note(self.header_row, "", "", message)

    def has_key(self, header: list[str]) -> bool:
        """Return whether the columns tell the rows apart."""
        return any(set(key) <= set(header) for key in self.resource.keys)

    def filled_columns(self, header: list[str]) -> set[str]:
        """Return the columns that the rows of a file fill."""
        return {self.resource.key_column, *header}

    def rows(self, sheet: Table) -> Iterator[SheetRow]:
        """Yield each row; its cells are as fields store them, so that it finds what its like have stored."""
        tidying = [self.resource.tidying(name) for name in sheet.header]
        for number, cells in sheet:
            # Most cells of a wide file are blank.
            tidied = (cell and tidy(cell) for tidy, cell in zip(tidying, cells, strict=True))
            yield SheetRow(number, zip(sheet.header, tidied, strict=True))

    def prepare(self, sheet: Table) -> None:
        """Find each row's entry: ``found`` holds its primary key by the row's number. Note rows that repeat one."""
        raise NotImplementedError

    def in_order(self, sheet: Table) -> Iterable[SheetRow]:
        """Return the rows in the order in which they are imported."""
        return self.rows(sheet)

    def check_after(self) -> None:
        """Note what only shows when all rows are planned."""

    # --- Rows

    def plan(self, rows: Sequence[SheetRow]) -> list[Plan[Entry]]:
        """Return the plan of each row; note everything that is wrong with it."""
        pks = [self.found[row.number] for row in rows if row.number in self.found]
        stored = self.locked(self.resource.get_queryset().filter(pk__in=pks))
        return [self.plan_row(row, stored.get(self.found.get(row.number, 0))) for row in rows]

    def locked[M: models.Model](self, queryset: models.QuerySet[M]) -> dict[int, M]:
        """Return entries by primary key; where they are to be written, nobody else changes them meanwhile."""
        if self.writer:
            queryset = queryset.select_for_update(of=("self",))
        return {entry.pk: entry for entry in queryset.order_by("pk")}

    def plan_row(self, row: SheetRow, original: Entry | None) -> Plan[Entry]:
        """Return the plan of one row: what its cells do to their entry."""
        errors: dict[str, str] = {}
        values, related = self.read_cells(row, original, errors)
        entry = original
        if entry is None or values:
            # A copy of an entry without anything is much sooner made than a new one.
            entry = copy.copy(original or self.empty)
            for attribute, value in values.items():
                setattr(entry, attribute, value)
        changes = self.changes(original, entry, values, related) if original else []
        self.check_row(entry, original, row, errors)
        if original is None or changes:
            self.check_entry(entry, original, errors)
        for column, message in errors.items():
            self.note(row.number, column, row.get(column, ""), message)
        action: ImportAction | None
        if errors:
            action = None
        elif original is None:
            action = ImportAction.NEW
            changes = self.changes(original, entry, values, related)
        else:
            action = ImportAction.CHANGED if changes else ImportAction.UNCHANGED
        return Plan(row.number, entry, original, action, changes, related)

    def read_cells(
        self, row: SheetRow, original: Entry | None, errors: dict[str, str]
    ) -> CellValues:
        """Return the values that the row's cells give the entry, and the primary keys of those it is related to.

        Only what differs from the original. Adds to errors what is wrong with a cell, by column.
        """
        values: dict[str, object] = {}
        related: dict[str, list[int]] = {}
        for name, widget, attribute in self.cells:
            if name not in row:
                continue
            text = row[name]
            if original is not None and text == widget.render(getattr(original, attribute)):
                continue
            try:
                value = widget.clean(text)
            except ValueError as error:
                errors[name] = str(error)
                continue
            if isinstance(widget, EntriesWidget):
                pks = [entry.pk for entry in value]
                before = widget.pks(getattr(original, attribute)) if original else set()
                if set(pks) != before:
                    related[name] = pks
            elif original is None or value != getattr(original, attribute):
                values[attribute] = value
                if isinstance(widget, FieldWidget) and (doubt := widget.doubt(value)):
                    self.warn(row.number, name, text, doubt)
        return values, related

    def changes(
        self,
        original: Entry | None,
        entry: Entry,
        values: Collection[str],
        related: dict[str, list[int]],
    ) -> list[CellChange]:
        """Return, column by column, what changes; of a new entry the beginning of each cell."""
        changes = []
        for name, widget, attribute in self.cells:
            if attribute in values:
                after = widget.render(getattr(entry, attribute))
            elif name in related:
                after = widget.render_all(related[name])
            else:
                continue
            if original:
                changes.append(CellChange(name, widget.render(getattr(original, attribute)), after))
            elif after:
                changes.append(CellChange(name, "", shortened(after, MOST_OF_CELL)))
        return changes

    def check_row(
        self, entry: Entry, original: Entry | None, row: SheetRow, errors: dict[str, str]
    ) -> None:
        """Add to errors what is wrong with the cells taken together."""

    def check_entry(self, entry: Entry, original: Entry | None, errors: dict[str, str]) -> None:
        """Add to errors what the model's own rules say against the entry."""
        if original is None:
            for name in self.needed:
                if name not in errors and not getattr(entry, name, None):
                    errors[name] = "This field cannot be blank."
        try:
            self.clean_entry(entry, original)
        except ValidationError as error:
            add_errors(errors, error)

    def clean_entry(self, entry: Entry, original: Entry | None) -> None:
        """Apply the model's rules. Raises ValidationError."""
        entry.clean()

    # --- Writing

    def write(self, writer: BulkWriter, plans: Sequence[Plan[Entry]]) -> None:
        """Write what the rows do to their entries."""
        new = [plan for plan in plans if plan.action == ImportAction.NEW]
        changed = [plan for plan in plans if plan.action == ImportAction.CHANGED]
        writer.add([p.entry for p in new], [(p.entry, p.related) for p in new if p.related])
        writer.change(
            [p.entry for p in changed],
            self.written_fields(),
            [(p.entry, p.related) for p in changed if p.related],
        )

    def written_fields(self) -> list[str]:
        """Return the model's fields that the file's columns may change."""
        return [
            attribute
            for _, widget, attribute in self.cells
            if attribute != self.resource.key_column and not isinstance(widget, EntriesWidget)
        ]

    # --- What is wrong

    def note(self, row: int | None, column: str, value: str, message: str) -> None:
        """Add what is wrong with a cell, a row or, without a row, the file."""
        self.problems.add(Problem(row, column, value, message))

    def warn(self, row: int | None, column: str, value: str, message: str) -> None:
        """Add what is to be looked at, and does not keep the file out."""
        self.warnings.add(Problem(row, column, value, message))

    def in_file_order(self, problems: Problems) -> list[Problem]:
        """Return the problems that were kept by row, then by column."""
        place = {column: index for index, column in enumerate(["", *self.resource.columns()])}
        return sorted(problems.kept, key=lambda p: (p.row or 0, place.get(p.column, len(place))))


def refresh_statistics_after(rows: int) -> None:
    """Bring the database's statistics up to date after the transaction, if it has written many rows."""
    if rows >= MANY_ROWS:
        transaction.on_commit(refresh_statistics, robust=True)


def add_errors(errors: dict[str, str], error: ValidationError) -> None:
    """Add what a model says to errors, where nothing is said of the column yet."""
    found: Mapping[str, list[ValidationError]] = error.update_error_dict({})
    for name, messages in found.items():
        column = "" if name == NON_FIELD_ERRORS else name
        errors.setdefault(column, " ".join(ValidationError(messages).messages))


def refusal(model: type[models.Model], error: Exception) -> str:
    """Return in words why the database refused an import: as a rule for what somebody else has written meanwhile."""
    for constraint in model._meta.constraints:
        if constraint.name in str(error):
            return f"The database refused the file: {constraint.violation_error_message}"
    return "The database refused the file. Somebody may have saved the same entries meanwhile: check the file again."
