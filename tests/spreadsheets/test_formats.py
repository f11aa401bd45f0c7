"""Exports as CSV and as workbooks: what is written, and that it is read back as it was."""

import csv
import io
import tempfile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import load_workbook

from catalog.spreadsheets import CSV, XLSX, ReadError, workbook_writing
from catalog.spreadsheets.limits import CHUNK

from .tables import TEXT, read, table


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_export_makes_a_formula_a_text(start):
    data = CSV().export_data(
        table([f"{start}1+1", f"1{start}1", ""], headers=["slug", "name", "goals"])
    )

    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows == [["slug", "name", "goals"], [f"'{start}1+1", f"1{start}1", ""]]


def test_export_has_a_byte_order_mark_and_windows_line_ends():
    data = CSV().export_data(table(["a", "Café ®"]))

    assert data == b"\xef\xbb\xbfslug,name\r\na,Caf\xc3\xa9 \xc2\xae\r\n"


def test_export_of_a_workbook_writes_texts_below_a_bold_frozen_header():
    rows = [["=1+1", "#N/A"], ["2024-06-15", "007"]]

    sheet = load_workbook(io.BytesIO(XLSX().export_data(table(*rows, title="topic/areas")))).active

    assert sheet.title == "topic areas"
    assert sheet.freeze_panes == "A2"
    assert [[(cell.value, cell.data_type, cell.font.bold) for cell in row] for row in sheet] == [
        [("slug", "s", True), ("name", "s", True)],
        [("'=1+1", "s", False), ("#N/A", "s", False)],
        [("2024-06-15", "s", False), ("007", "s", False)],
    ]


def test_export_of_a_workbook_cuts_no_text():
    with pytest.raises(ReadError) as refused:
        XLSX().export_data(table(["a", "b"], ["c", "x" * 32_768]))

    assert str(refused.value) == (
        "B3 would hold more than the 32,767 characters that a cell of a workbook can hold. Choose CSV."
    )


def test_export_of_a_workbook_leaves_out_no_row(monkeypatch):
    monkeypatch.setattr(workbook_writing, "MAX_ROW", 2)

    with pytest.raises(ReadError) as refused:
        XLSX().export_data(table(["a", "b"], ["c", "d"]))

    assert str(refused.value) == (
        "There would be more than the 2 rows that a workbook can hold. Choose CSV."
    )


def test_export_of_a_workbook_that_breaks_off_leaves_no_file(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def rows():
        yield ["slug"]
        assert [path.name[:9] for path in tmp_path.iterdir()] == ["openpyxl."]
        raise ValueError("away")

    with pytest.raises(ValueError, match="away"):
        XLSX().write(io.BytesIO(), "a", rows())

    assert list(tmp_path.iterdir()) == []


def test_export_comes_in_pieces():
    rows = [["slug"], *([f"{number}" * 1_000] for number in range(200))]

    pieces = list(CSV().chunks(iter(rows)))

    assert len(pieces) > 2
    assert max(map(len, pieces)) < 2 * CHUNK
    assert b"".join(pieces) == b"\xef\xbb\xbf" + b"".join(row.encode() + b"\r\n" for [row] in rows)


@given(rows=st.lists(st.lists(TEXT.map(str.strip), min_size=2, max_size=2), max_size=5))
@example(
    rows=[
        ["_x000D_", "\r\n=1"[1:].strip()],
        ["", ""],
        ["_x005F_", "'=1"],
        ["\x01", "\ufffe"],
        ["", ""],
    ]
)
@pytest.mark.parametrize("file_format", [CSV, XLSX])
def test_export_is_read_back_as_it_was(file_format, rows):
    """A row with nothing in it is not one; everything else comes back to the letter."""
    written = file_format().export_data(table(*rows))

    header, read_rows, _ = read(written)

    assert header == ["slug", "name"]
    assert read_rows == [row for row in rows if any(row)]
