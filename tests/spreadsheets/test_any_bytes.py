"""Any bytes are a sheet or a sentence: text, and workbooks that were changed by chance."""

import io
import zipfile
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.spreadsheets import ReadError

from .tables import SHEET, changed, content, opened, workbook


def sheet_or_sentence(data):
    """Return what was read and "", or nothing and what the person who sent data is told."""
    try:
        with opened(data) as sheet:
            return (*content(sheet), sheet.total), ""
    except ReadError as refused:
        return None, str(refused)


def assert_sheet_or_sentence(data):
    """Nothing else may come of data: no other exception, no warning, no row that is not told."""
    sheet, message = sheet_or_sentence(data)

    if sheet is None:
        assert message[0].isupper()
        assert message.endswith(".")
    else:
        header, rows, numbers, total = sheet
        assert header
        assert len(rows) == total
        assert {len(row) for row in rows} <= {len(header)}
        assert all(cell == cell.strip() for row in rows for cell in row)
        assert numbers == sorted({number for number in numbers if number >= 2})


# Characters that mean something in CSV, and bytes that mean something in an encoding.
PIECES = st.sampled_from(
    [b"slug", b"name", b"a", b",", b";", b"\t", b"|", b'"', b'""', b"\n", b"\r", b"\r\n", b"'", b"=",
     b"\0", b"\xe9", b"\xc3\xa9", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b" ", b"sep=;\n", b"error", b"\x81"]
)  # fmt: skip

REAL_WORKBOOK = workbook(
    ["slug", "name", "goals"],
    ["a", 2.5, date(2024, 6, 15)],
    ["b", True, "text"],
    formats={"B2": "0.0"},
)


@given(data=st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join))
@example(data=b'"')
@example(data=b"\xff\xfe\xd8\x00\x00")
@example(data=b'slug,"' + b"x" * 200_000 + b"\n")
@example(data=b"x" * 200_000)
@example(data=b"PK\x03\x04")
@example(data=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
def test_any_bytes_are_a_sheet_or_a_sentence(data):
    assert_sheet_or_sentence(data)


@given(st.data())
def test_a_workbook_with_changed_bytes_is_a_sheet_or_a_sentence(data):
    mutated = bytearray(REAL_WORKBOOK)
    for _ in range(data.draw(st.integers(1, 5))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        mutated[start : start + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))

    assert_sheet_or_sentence(bytes(mutated))


MARKUP = st.sampled_from(
    [b"", b"<", b">", b"/>", b'"', b"&", b"&#0;", b"\0", b"-1", b"0", b"9999999999999999999999", b"nan", b"1e999",
     b"inf", b"A1", b"ZZZZ1", b"t", b"s", b"e", b"d", b"b", b"inlineStr", b"</row>", b"<c>", b"<f>1</f>", b"<v>x</v>",
     b"\xff", b"<!DOCTYPE x>", b"<!---->", b"r:id", b"_x0000_", b"rId9", b"../../..", b"<mergeCell ref='A1:B2'/>"]
)  # fmt: skip


@given(st.data())
def test_a_workbook_with_changed_markup_is_a_sheet_or_a_sentence(data):
    with zipfile.ZipFile(io.BytesIO(REAL_WORKBOOK)) as archive:
        parts = [name for name in archive.namelist() if not name.startswith("docProps")]

    def change(text):
        mutated = bytearray(text)
        for _ in range(data.draw(st.integers(1, 4))):
            start = data.draw(st.integers(0, len(mutated)))
            mutated[start : start + data.draw(st.integers(0, 12))] = data.draw(MARKUP)
        return bytes(mutated)

    assert_sheet_or_sentence(changed(REAL_WORKBOOK, data.draw(st.sampled_from(parts)), change))


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", SHEET,
                                  "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"])  # fmt: skip
def test_a_workbook_without_a_part_is_a_sheet_or_a_sentence(part):
    assert_sheet_or_sentence(changed(REAL_WORKBOOK, part, lambda text: None))
