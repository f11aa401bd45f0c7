"""Tables in memory: read as if they came from a file."""

from datetime import date, datetime, time

import pytest
import tablib
from hypothesis import given
from hypothesis import strategies as st

from catalog.spreadsheets import MemorySheet, ReadError

from .tables import TEXT, content, read, workbook


def test_a_table_in_memory_is_read_like_a_file():
    sheet = MemorySheet([" Slug", "Full Name"], [["a", " b "], ["", ""], ["'=1", "c"]])

    assert content(sheet) == (["slug", "full_name"], [["a", "b"], ["=1", "c"]], [2, 4])
    assert (sheet.total, sheet.notices) == (2, [])


def test_a_dataset_is_a_table_in_memory():
    dataset = tablib.Dataset(["a", 12], ["b", None], headers=["slug", "child_age_min"])

    sheet = MemorySheet(dataset.headers, dataset)

    assert content(sheet) == (["slug", "child_age_min"], [["a", "12"], ["b", ""]], [2, 3])


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, False, 12, -3, 12.0, 0.1 + 0.2, 1e300, "007", "a\nb"),
        *(date(2024, 6, 15), datetime(2024, 6, 15), datetime(2024, 6, 15, 13, 30), time(13, 30)),
    ],
)
def test_a_value_in_memory_is_read_as_in_a_workbook(value):
    sheet = MemorySheet(["slug", "name"], [["a", value]])

    assert content(sheet) == read(workbook(["slug", "name"], ["a", value]))


@given(rows=st.lists(st.lists(TEXT, min_size=2, max_size=2), max_size=5))
def test_texts_in_memory_are_kept_without_the_space_around_them(rows):
    sheet = MemorySheet(["slug", "name"], rows)

    assert [cells for _, cells in sheet] == [
        [unescaped(cell.strip()) for cell in row] for row in rows if any(map(str.strip, row))
    ]


def unescaped(text):
    """Return text without the apostrophe that an export puts before a formula."""
    is_escaped = text.startswith("'") and text.lstrip("'")[:1] in set("=+-@\t\r")
    return text[1:].strip() if is_escaped else text


def test_what_no_database_stores_is_left_out_of_a_text_in_memory():
    sheet = MemorySheet(["slug"], [["a\0b\ud800c"], [float("nan")]])

    assert content(sheet)[1] == [["abc"], ["nan"]]


@pytest.mark.parametrize(
    ("header", "rows", "message"),
    [
        ([], [["a"]], "Row 1 is empty, and row 2 is not. The first row must name the columns."),
        ([], [], "The table is empty. Its first row must name the columns."),
        (
            ["slug"],
            [["a"], ["b", "c"]],
            (
                "Row 3 (2 cells) has more cells than the header has columns (1). "
                "Name their columns in row 1, or clear the cells."
            ),
        ),
    ],
    ids=["no header", "nothing", "a cell without a column"],
)
def test_what_is_no_table_is_refused_in_memory_too(header, rows, message):
    with pytest.raises(ReadError) as refused:
        MemorySheet(header, rows)

    assert str(refused.value) == message


def test_a_table_in_memory_may_have_any_number_of_rows(settings):
    settings.IMPORT_MAX_ROWS = 2

    assert MemorySheet(["slug"], [["a"]] * 3).total == 3
