"""Workbooks: which sheet is read, and what people are told of the others and of hidden rows."""

import io

import pytest
from openpyxl import Workbook, load_workbook

from .tables import SHEET, changed, notices, read, saved, workbook


def several(*sheets):
    """Return a workbook of sheets: title, state, one cell below the header."""
    book = Workbook()
    book.remove(book.active)
    for title, state, cell in sheets:
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        if cell:
            sheet.append(["slug"])
            sheet.append([cell])
    return saved(book)


@pytest.mark.parametrize(
    ("sheets", "names", "cell", "said"),
    [
        ([("Notes", "visible", "n"), ("Topic-Areas ", "visible", "a")], ["topic_areas"], "a",
         ["Only the sheet “Topic-Areas ” was read, not “Notes”."]),
        ([("Data", "visible", "a"), ("Notes", "visible", "n"), ("Lists", "hidden", "l")], ["programs"], "a",
         ["Only the sheet “Data” was read, not “Notes”, “Lists”."]),
        ([("Programs", "hidden", "n"), ("Data", "visible", "a")], ["programs"], "a",
         ["Only the sheet “Data” was read, not “Programs”."]),
        ([("Programs", "veryHidden", ""), ("Data", "visible", "a"), ("Sheet2", "visible", "")], [], "a", []),
    ],
    ids=["named", "first", "hidden", "the others are empty"],
)  # fmt: skip
def test_the_sheet_named_is_read_else_the_first_visible_and_others_named(sheets, names, cell, said):
    data = several(*sheets)

    assert read(data, sheet_names=names)[1] == [[cell]]
    assert notices(data, sheet_names=names) == said


def test_hidden_rows_are_read_and_named_in_a_notice():
    book = load_workbook(io.BytesIO(workbook(["slug"], *([letter] for letter in "abcd"))))
    for number in (1, 3, 9):
        book.active.row_dimensions[number].hidden = True
    one = saved(book)
    book.active.row_dimensions[5].hidden = True

    assert read(one)[1] == [["a"], ["b"], ["c"], ["d"]]
    assert notices(one) == ["Row 3 is hidden in the workbook and is imported too."]
    assert notices(saved(book)) == ["Rows 3, 5 are hidden in the workbook and are imported too."]


def test_a_sheet_that_lies_about_its_size_is_read_whole():
    data = changed(
        workbook(["slug", "name"], ["a", "b"]), SHEET, lambda text: text.replace(b"A1:B2", b"A1:A1")
    )

    assert read(data)[1] == [["a", "b"]]


def test_the_strict_form_of_a_workbook_is_read_too():
    data = workbook(["slug"], ["a"])
    for part in (SHEET, "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"):
        data = changed(
            data,
            part,
            lambda text: text.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ),
        )

    assert read(data)[1] == [["a"]]


def test_a_workbook_with_macros_is_read_without_them():
    data = changed(
        workbook(["slug"], ["a"]),
        "[Content_Types].xml",
        lambda text: text.replace(
            b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
            b"application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        ),
    )

    assert read(data)[1] == [["a"]]
