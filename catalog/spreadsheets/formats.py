"""The formats that django-import-export offers for export, as spreadsheets read them and ``open_sheet`` reads back."""

import csv
from collections.abc import Iterable, Iterator
from io import BytesIO, StringIO
from typing import BinaryIO

import tablib
from import_export.formats import base_formats

from .cells import escape_formula
from .limits import CHUNK
from .workbook_writing import write_workbook


class CSV(base_formats.CSV):
    """Format for CSV as spreadsheets read it; declared binary, because the byte order mark is part of it."""

    def is_binary(self) -> bool:
        return True

    def export_data(self, dataset: tablib.Dataset, **kwargs: object) -> bytes:
        return b"".join(self.chunks([dataset.headers, *dataset]))

    def chunks(self, rows: Iterable[Iterable[str]]) -> Iterator[bytes]:
        """Yield rows, the first of them the header, as a file in pieces of some CHUNK bytes.

        It is UTF-8 with a byte order mark, without which Excel garbles every ® and é.
        """
        out = StringIO(newline="")
        out.write("\ufeff")
        writer = csv.writer(out, lineterminator="\r\n")
        for row in rows:
            writer.writerow(map(escape_formula, row))
            if out.tell() > CHUNK:
                yield out.getvalue().encode()
                out.seek(0)
                out.truncate()
        yield out.getvalue().encode()

    def write(self, out: BinaryIO, title: str, rows: Iterable[Iterable[str]]) -> None:
        """Write rows, the first of them the header, to a file; CSV has no place for a title."""
        out.writelines(self.chunks(rows))


class XLSX(base_formats.XLSX):
    """Format for workbooks of texts only, so that no program guesses a date or runs a formula."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: object) -> bytes:
        """Return dataset as a workbook whose one sheet has its title. Raises ReadError for too long a text."""
        out = BytesIO()
        self.write(out, dataset.title or "", [dataset.headers, *dataset])
        return out.getvalue()

    def write(self, out: BinaryIO, title: str, rows: Iterable[Iterable[str]]) -> None:
        """Write rows, the first of them the header, to a file as its one sheet. Raises ReadError if they do not fit."""
        write_workbook(out, title, (map(escape_formula, row) for row in rows))


# By the extension that a file of the format has.
FORMATS: dict[str, type[CSV] | type[XLSX]] = {"csv": CSV, "xlsx": XLSX}
