"""Workbooks (XLSX) of texts, written with openpyxl."""

import re
from collections.abc import Iterable
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from .sheets import ReadError
from .workbook_cells import column_letters, encode_text
from .workbook_rows import MAX_CELL


def write_workbook(out: BinaryIO, title: str, rows: Iterable[Iterable[str]]) -> None:
    """Write rows of texts, which are safe already, as a workbook; the first is the header.

    Raises ReadError for a text that is longer than a cell can be.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    for number, row in enumerate(rows, start=1):
        cells: list[WriteOnlyCell | None] = []
        for text in map(encode_text, row):
            if len(text) > MAX_CELL:
                sheet.close()
                raise ReadError(
                    f"{column_letters(len(cells) + 1)}{number} would hold more than the {MAX_CELL:,} characters that "
                    "a cell of a workbook can hold. Choose CSV."
                )
            cell = WriteOnlyCell(sheet, value=text)
            # Whatever it looks like: a number, an error, a formula.
            cell.data_type = "s"
            if number == 1:
                cell.font = bold
            cells.append(cell if text else None)
        sheet.append(cells)
    workbook.save(out)


def sheet_title(title: str) -> str:
    """Return title as far as a spreadsheet takes it as the name of a sheet."""
    return re.sub(r"[\\*?:/\[\]\x00-\x1f\ufffe\uffff]", " ", title).strip(" '")[:31] or "Sheet1"
