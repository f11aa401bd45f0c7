"""The formats that django-import-export offers for export, as spreadsheets read them and ``open_sheet`` reads back."""

import csv
from io import BytesIO, StringIO

import tablib
from import_export.formats import base_formats

from .cells import escape_formula
from .workbook_writing import write_workbook


class CSV(base_formats.CSV):
    """Format for CSV as spreadsheets read it; declared binary, because the byte order mark is part of it."""

    def is_binary(self) -> bool:
        return True

    def export_data(self, dataset: tablib.Dataset, **kwargs: object) -> bytes:
        """Return dataset as UTF-8 with a byte order mark, without which Excel garbles every ® and é."""
        out = StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(dataset.headers)
        writer.writerows([escape_formula(cell) for cell in row] for row in dataset)
        return out.getvalue().encode("utf-8-sig")


class XLSX(base_formats.XLSX):
    """Format for workbooks of texts only, so that no program guesses a date or runs a formula."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: object) -> bytes:
        """Return dataset as a workbook whose one sheet has its title. Raises ReadError for too long a text."""
        out = BytesIO()
        rows = ([escape_formula(cell) for cell in row] for row in dataset)
        write_workbook(out, dataset.title or "", [dataset.headers, *rows])
        return out.getvalue()
