"""Datasets of tablib as sheets, and the results of their imports as django-import-export gives them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

import tablib
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from import_export.results import Error, Result, RowResult

from ..models import ImportAction
from ..spreadsheets.cells import clean_cell, normalise_header
from .plans import ImportResult, Plan

IMPORT_TYPES = {
    ImportAction.NEW: RowResult.IMPORT_TYPE_NEW,
    ImportAction.CHANGED: RowResult.IMPORT_TYPE_UPDATE,
    ImportAction.RE_RATED: RowResult.IMPORT_TYPE_UPDATE,
    ImportAction.UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
}


class DatasetSheet:
    """A dataset, read like the sheet of a file. Rows are numbered from 1; empty ones are left out."""

    def __init__(self, dataset: tablib.Dataset) -> None:
        self.dataset = dataset
        self.header = [normalise_header(cell_text(name)) for name in dataset.headers or ()]

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for number, row in enumerate(self.dataset if self.header else (), 1):
            cells = [cell_text(value) for value in row]
            if any(cells):
                yield number, cells


def cell_text(value: object) -> str:
    """Return a value of a dataset as a cell of a file has it."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if not (value.hour or value.minute or value.second):
            return value.date().isoformat()
        case date():
            return value.isoformat()
    return clean_cell(str(value))


class ResultOfRows:
    """Gathers what each row of a dataset does, for django-import-export's own result."""

    def __init__(self, sheet: DatasetSheet) -> None:
        self.sheet = sheet
        self.done: dict[int, RowResult] = {}

    def add(self, plans: Sequence[Plan]) -> None:
        """Add the plans that do something, once they are carried out."""
        for plan in plans:
            if plan.action:
                row = self.done[plan.number] = RowResult()
                row.import_type = IMPORT_TYPES[plan.action]
                row.add_instance_info(plan.entry)

    def result(self, found: ImportResult, headers: list[str], collect_failed_rows: bool) -> Result:
        """Return the package's result; ``headers`` are those of the values that it shows of invalid rows."""
        result = Result()
        result.diff_headers, result.total_rows = headers, len(self.sheet.dataset)
        if collect_failed_rows:
            result.add_dataset_headers(self.sheet.dataset.headers)
        wrong: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for problem in found.problems:
            if problem.row:
                wrong[problem.row][problem.column or NON_FIELD_ERRORS].append(problem.message)
            else:
                result.append_base_error(Error(ValidationError(str(problem))))
        for number, values in enumerate(self.sheet.dataset if self.sheet.header else (), 1):
            row = self.row_result(number, wrong.get(number))
            if error := row.validation_error:
                cells = dict(zip(self.sheet.header, values, strict=True))
                result.append_invalid_row(number, cells, error)
                if collect_failed_rows:
                    result.failed_dataset.append([*values, " ".join(error.messages)])
            result.increment_row_result_total(row)
            result.append_row_result(row)
        return result

    def row_result(self, number: int, wrong: dict[str, list[str]] | None) -> RowResult:
        """Return what a row does, or what is wrong with it, by column."""
        row = self.done.get(number, RowResult())
        row.import_type = row.import_type or RowResult.IMPORT_TYPE_SKIP
        if wrong:
            row.import_type = RowResult.IMPORT_TYPE_INVALID
            row.validation_error = ValidationError(dict(wrong))
        return row
