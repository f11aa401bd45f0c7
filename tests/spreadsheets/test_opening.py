"""Files that somebody sends: what is refused, and with which sentence; any bytes at all."""

from pathlib import Path

import pytest

from catalog.spreadsheets import ReadError, open_sheet

from .tables import COLUMNS, DAMAGED, read, refusal

HOSTILE_FILES = Path(__file__).parent / "hostile_files"

READER_FILES = {
    "apple.numbers": (
        "This is an Apple Numbers file. In Numbers choose File › Export To › Excel or CSV, and send that."
    ),
    "archive.zip": "This is a ZIP archive and no workbook. Unpack it, and send the table inside.",
    "billion_laughs.xlsx": DAMAGED,
    "billion_laughs_utf_16.xlsx": DAMAGED,
    "binary.xlsb": "This is a binary workbook (.xlsb). Save it as .xlsx, and send that.",
    "blank.csv": "The file is empty. Its first row must name the columns.",
    "blank_first_row.csv": "Row 1 is empty, and row 3 is not. The first row must name the columns.",
    "bomb.xlsx": (
        "The workbook unpacks to more than 300 times its size, which no table of text "
        "does. Copy the table into a new workbook, and send that."
    ),
    "cell_without_column.xlsx": (
        "Row 3 (5 cells) has more cells than the header has columns (3). Name their "
        "columns in row 1, or clear the cells."
    ),
    "compressed.csv.gz": "This is a compressed file (gzip). Unpack it, and send the table inside.",
    "cut_off.xlsx": DAMAGED,
    "damaged_utf_16.csv": (
        "The file starts as UTF-16 but is damaged. Save the file again as “CSV UTF-8” "
        "and send that."
    ),
    "damaged_utf_8.csv": (
        "Line 2 is not valid UTF-8, but the rest of the file is. Save the file again as “CSV "
        "UTF-8” and send that."
    ),
    "document.pdf": (
        "This is a PDF. Send the table that it was made from, as .xlsx or as “CSV UTF-8”."
    ),
    "duplicate_part.xlsx": DAMAGED,
    "empty.csv": "The file is empty. Its first row must name the columns.",
    "empty_sheet.xlsx": "The sheet “Programs” is empty. Its first row must name the columns.",
    "error_value.xlsx": "B2 holds the error #N/A. Correct the cell, or clear it.",
    "external_entity.xlsx": DAMAGED,
    "formula.xlsx": "C2 holds the formula =A2&B2. Copy the column and paste it as values.",
    "formulas_filled_down.xlsx": (
        "C2 holds the formula =A2&B2; C3 holds a formula; C4 holds a formula; C5 holds "
        "a formula; C6 holds a formula; C7 holds a formula; C8 holds a formula; C9 "
        "holds a formula; C10 holds a formula; C11 holds a formula and 3 more. Copy the "
        "column and paste it as values."
    ),
    "header_in_row_3.xlsx": "Row 1 is empty, and row 3 is not. The first row must name the columns.",
    "impossible_dates.xlsx": (
        "B2 holds a date that does not exist; C2 holds a date that does not exist; B3 holds a date "
        "that does not exist. Type the date as text, such as 2024-06-15."
    ),
    "lying_directory.xlsx": DAMAGED,
    "merged.xlsx": "B2:B3 are merged cells. Unmerge them, and fill in each cell that they covered.",
    "mixed_encodings.csv": (
        "Line 3 is not valid UTF-8, but the rest of the file is. Save the file again as “CSV "
        "UTF-8” and send that."
    ),
    "no_sheets.xlsx": ("The workbook has no visible sheet. Put the table into one, and send that."),
    "nul.csv": "Row 3 holds a NUL character; this is not a CSV file.",
    "old.xls": (
        "This file is in an old Office format, such as .xls. Open it in a spreadsheet program, "
        "save it as .xlsx or as “CSV UTF-8”, and send that."
    ),
    "only_hidden_sheets.xlsx": (
        "The workbook has no visible sheet. Put the table into one, and send that."
    ),
    "only_our_columns.csv": "The file has no columns but “error” and “row”, which are ignored.",
    "opendocument.ods": (
        "This is an OpenDocument file, such as .ods. Save it as .xlsx or as “CSV "
        "UTF-8”, and send that."
    ),
    "password.xlsx": "This workbook is protected by a password. Save it without one, and send that.",
    "repeated_cell.xlsx": DAMAGED,
    "row_beyond_the_last.xlsx": DAMAGED,
    "rows_out_of_order.xlsx": DAMAGED,
    "shared_strings_missing.xlsx": DAMAGED,
    "sheet_cut_off.xlsx": DAMAGED,
    "sheet_part_missing.xlsx": (
        "The workbook has no visible sheet. Put the table into one, and send that."
    ),
    "sign_in_page.csv": (
        "This is a web page, perhaps one that asks to sign in, and not a table. "
        "Download the table as .xlsx or CSV, and send that."
    ),
    "spreadsheet_2003.xml": (
        "This is an XML file. Open it in a spreadsheet program, save it as .xlsx or as "
        "“CSV UTF-8”, and send that."
    ),
    "table_page.xls": (
        "This is a web page, perhaps one that asks to sign in, and not a table. "
        "Download the table as .xlsx or CSV, and send that."
    ),
    "text_after_quote.csv": (
        "Row 3 is not CSV (',' expected after '\"'). A cell that contains a quotation mark must be "
        "in double quotes, with the mark doubled."
    ),
    "text_document.docx": (
        "This is a text document or a presentation. Copy its table into a spreadsheet, "
        "and send that."
    ),
    "text_document.rtf": (
        "This is a text document (RTF). Copy its table into a spreadsheet, and send that."
    ),
    "unclosed_quote.csv": (
        "Row 3 is not CSV (unexpected end of data). A cell that contains a quotation mark must be "
        "in double quotes, with the mark doubled."
    ),
    "undefined_in_windows_1252.csv": (
        "Line 4 is neither valid UTF-8 nor Windows-1252. Save the file again as “CSV UTF-8” and send that."
    ),
    "wide_row.csv": (
        "Row 3 (3 cells) has more cells than the header has columns (2). A cell that contains the "
        "delimiter must be in double quotes."
    ),
    "wide_rows.csv": (
        "Rows 2 (3 cells), 3 (4 cells), 4 (5 cells), 5 (6 cells), 6 (7 cells), 7 (8 cells), 8 (9 "
        "cells), 9 (10 cells), 10 (11 cells), 11 (12 cells) and 3 more have more cells than the "
        "header has columns (2). A cell that contains the delimiter must be in double quotes."
    ),
    "zip_password.xlsx": "This workbook is protected by a password. Save it without one, and send that.",
}


@pytest.mark.parametrize(("name", "message"), READER_FILES.items(), ids=READER_FILES)
def test_a_hostile_file_is_refused_with_a_sentence(name, message):
    with pytest.raises(ReadError) as refused:
        open_sheet(HOSTILE_FILES / name, COLUMNS)

    assert str(refused.value) == message


def test_every_hostile_file_is_named_in_the_tests():
    assert {path.name for path in HOSTILE_FILES.iterdir()} == set(READER_FILES)


@pytest.mark.parametrize("data", [b"\0" * (2 * 1024 * 1024 + 1), b"PK\x03\x04" * 1024 * 1024])
def test_read_refuses_a_file_that_is_too_large_before_reading_it(settings, data):
    settings.IMPORT_MAX_BYTES = 2 * 1024 * 1024

    assert refusal(data) == "The file is larger than 2 MB. Split it into smaller ones."


def test_read_takes_a_file_of_exactly_the_largest_size(settings):
    data = b"slug,name\na,b\n"
    settings.IMPORT_MAX_BYTES = len(data)

    assert read(data)[1] == [["a", "b"]]
