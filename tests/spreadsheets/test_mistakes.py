"""The file of mistakes: the table that was sent, with what is wrong with each row beside it."""

import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from catalog.spreadsheets import CSV, XLSX

from .tables import TEXT, content, opened, read, table, workbook


def mistakes_of(data, mistakes):
    """Return the file of mistakes, and what was read from the file itself."""
    out = io.BytesIO()
    with opened(data) as sheet:
        sheet.write_mistakes(out, mistakes)
        return out.getvalue(), content(sheet)


def test_mistakes_stand_beside_their_rows_in_the_csv():
    data = 'Slug ;name\n"a;b";=1+1\n\nc;Café\n'.encode("cp1252")

    written, _ = mistakes_of(data, {4: "name: “Café” is taken.", 2: "-1 is wrong."})

    assert written.decode("utf-8-sig") == (
        "Slug;name;error;row\r\n"
        "\"a;b\";'=1+1;'-1 is wrong.;2\r\n"
        "\r\n"
        "c;Café;name: “Café” is taken.;4\r\n"
    )


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^"])
def test_mistakes_are_read_back_whatever_excel_was_told(delimiter):
    data = "sep=,\nslug,name\na,b c\n".replace(",", delimiter)

    written, read_before = mistakes_of(data, {2: "a, b; c| d^ e"})

    assert read(written) == read_before == (["slug", "name"], [["a", "b c"]], [2])


def test_mistakes_stand_beside_their_rows_in_the_workbook():
    data = workbook(["Slug ", "name"], ["a", 12], [], ["c", date(2024, 6, 15)], title="My data")

    written, _ = mistakes_of(data, {4: "=bad"})

    sheet = load_workbook(io.BytesIO(written))["My data"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [
        ["Slug", "name", "error", "row"],
        ["a", "12", None, "2"],
        [None, None, None, None],
        ["c", "2024-06-15", "'=bad", "4"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}


def test_mistakes_of_the_header_stand_beside_the_first_row():
    data = "slug,nmae\n\na,b\nc,d\n"

    written, read_before = mistakes_of(data, {1: "There is no such column.", 3: "slug: Taken."})

    assert written.decode("utf-8-sig").splitlines() == [
        "slug,nmae,error,row",
        "",
        "a,b,Row 1: There is no such column. slug: Taken.,3",
        "c,d,,4",
    ]
    assert read(written) == read_before


def test_a_mistake_that_is_longer_than_a_cell_is_cut():
    long = "\x01Not a slug. " * 5_000
    written, _ = mistakes_of(workbook(["slug"], ["a"]), {1: long, 2: long})

    sheet = load_workbook(io.BytesIO(written)).active
    assert sheet["B2"].value.startswith("Row 1: _x0001_Not a slug. _x0001_Not a slug. ")
    assert sheet["B2"].value.endswith("…")
    assert read(written)[1] == [["a"]]


CELLS = st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=4)


@given(rows=CELLS, mistake=TEXT, file_format=st.sampled_from([CSV, XLSX]))
def test_mistakes_are_read_back_as_the_table_that_was_sent(rows, mistake, file_format):
    data = file_format().export_data(table(*rows))

    written, read_before = mistakes_of(data, dict.fromkeys(range(2, 7), mistake))

    assert read(written) == read_before
    again, _ = mistakes_of(written, dict.fromkeys(range(2, 7), mistake))
    assert read(again) == read_before
