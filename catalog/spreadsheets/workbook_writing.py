"""Workbooks (XLSX) of texts, written with openpyxl."""

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from .sheets import ReadError
from .workbook_cells import column_letters, encode_text
from .workbook_rows import MAX_CELL, MAX_ROW

# A text that begins so could be taken for a formula, or for an error such as #N/A.
SPECIAL = ("=", "#")


def write_workbook(out: BinaryIO, title: str, rows: Iterable[Iterable[str]]) -> None:
    """Write rows of texts, which are safe already, as a workbook; the first is the header.

    Raises ReadError for a text that is longer than a cell can be, and for more rows than a sheet can have.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    try:
        for number, row in enumerate(rows, start=1):
            sheet.append(cells_of(sheet, number, list(map(encode_text, row))))
        workbook.save(out)
    except BaseException:
        discard(sheet)
        raise


def cells_of(sheet: WriteOnlyWorksheet, number: int, texts: list[str]) -> list[str | Cell | None]:
    """Return the cells of a row as openpyxl writes them. Raises ReadError for what does not fit into a sheet."""
    if number > MAX_ROW:
        raise ReadError(
            f"There would be more than the {MAX_ROW:,} rows that a workbook can hold. Choose CSV."
        )
    for column, text in enumerate(texts, start=1):
        if len(text) > MAX_CELL:
            raise ReadError(
                f"{column_letters(column)}{number} would hold more than the {MAX_CELL:,} characters that "
                "a cell of a workbook can hold. Choose CSV."
            )
    if number == 1:
        return [text_cell(sheet, text, font=Font(bold=True)) for text in texts]
    # A plain text takes half as long as a cell of its own.
    return [text_cell(sheet, t) if t.startswith(SPECIAL) else t or None for t in texts]


def text_cell(sheet: WriteOnlyWorksheet, text: str, font: Font | None = None) -> Cell:
    """Return a cell that holds a text, whatever it looks like: a number, an error, a formula."""
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if font:
        cell.font = font
    return cell


def discard(sheet: WriteOnlyWorksheet) -> None:
    """Delete what openpyxl has written of a sheet to a file of its own, which it would keep until the process ends."""
    with suppress(Exception):
        sheet.close()
    if sheet._writer:
        Path(sheet._writer.out).unlink(missing_ok=True)


def sheet_title(title: str) -> str:
    """Return title as far as a spreadsheet takes it as the name of a sheet."""
    return re.sub(r"[\\*?:/\[\]\x00-\x1f\ufffe\uffff]", " ", title).strip(" '")[:31] or "Sheet1"
