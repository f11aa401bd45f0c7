"""The rows of a sheet in a workbook: what its cells mean as text, and which cannot be read."""

import io
from datetime import date, datetime, time

import pytest
from openpyxl import load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from .tables import DAMAGED, opened, read, refusal, saved, with_rows, workbook


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (12, "General", "12"),
        (-3, "General", "-3"),
        (12.0, "0.00", "12"),
        (1e15, "General", "1000000000000000"),
        (1e20, "General", "100000000000000000000"),
        (1e300, "General", "1e+300"),
        (0.1 + 0.2, "General", "0.3"),
        (2.5, '0.0 "days"', "2.5"),
        (2024, "General", "2024"),
        (5, '[Red]0;"d"', "5"),
        (True, "General", "yes"),
        (False, "General", "no"),
        ("007", "@", "007"),
        ("12/2024", "@", "12/2024"),
        (date(2024, 6, 15), "mm-dd-yy", "2024-06-15"),
        (date(2024, 6, 15), "[$-409]d-mmm-yyyy;@", "2024-06-15"),
        (date(2024, 6, 1), "mmm-yy", "2024-06"),
        (date(2024, 6, 1), 'mmmm" of the day" yyyy', "2024-06"),
        (date(2024, 1, 1), "yyyy", "2024"),
        (datetime(2024, 6, 15), "yyyy-mm-dd h:mm", "2024-06-15"),
        (datetime(2024, 6, 15, 13, 30), "m/d/yy h:mm AM/PM", "2024-06-15T13:30:00"),
        (datetime(2024, 6, 15, 13, 30), "yyyy-mm-dd", "2024-06-15"),
        (time(13, 30), "h:mm", "13:30:00"),
        (1.25, "[h]:mm", "30:00:00"),
        (59, "yyyy-mm-dd", "1900-02-28"),
        (61, "yyyy-mm-dd", "1900-03-01"),
        (1, "yyyy-mm-dd", "1900-01-01"),
        (2958465, "yyyy-mm-dd", "9999-12-31"),
    ],
)
def test_a_cell_becomes_the_text_that_people_see(value, code, text):
    data = workbook(["slug", "name"], ["a", value], formats={"B2": code})

    assert read(data)[1] == [["a", text]]


def test_dates_of_old_macs_count_from_1904():
    book = load_workbook(io.BytesIO(workbook(["slug", "name"], ["a", 0], ["b", 44_000])))
    book.epoch = datetime(1904, 1, 1)
    for cell in ("B2", "B3"):
        book.active[cell].number_format = "yyyy-mm-dd"

    assert read(saved(book))[1] == [["a", "1904-01-01"], ["b", "2024-06-19"]]


def test_dates_in_iso_8601_are_read_like_numbers():
    data = with_rows(
        '<row r="2"><c r="A2" t="inlineStr"><is><t>a</t></is></c>'
        '<c r="B2" t="d"><v>2024-06-15T00:00:00</v></c></row>'
    )

    assert read(data)[1] == [["a", "2024-06-15", ""]]


def test_rich_text_is_read_without_its_marks_and_without_its_pronunciation():
    data = with_rows(
        '<row r="2"><c r="A2" t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t xml:space="preserve"> b</t></r>'
        "</is></c></row>"
        '<row r="3"><c r="A3" t="inlineStr"><is><t>東京</t><rPh sb="0" eb="2"><t>トウキョウ</t></rPh></is></c></row>'
    )

    assert read(data)[1] == [["a b", "", ""], ["東京", "", ""]]


def test_rich_text_that_cells_share_is_read_whole():
    rich = CellRichText("a ", TextBlock(InlineFont(b=True), "bold"), " end")

    assert read(workbook(["slug"], [rich], [rich]))[1] == [["a bold end"]] * 2


def test_cells_and_rows_need_no_references():
    data = with_rows(
        "<row><c/><c t='inlineStr'><is><t>b</t></is></c></row>"
        "<row r='5'><c t='str'><v>a</v></c></row>"
    )

    assert read(data) == (["slug", "name", "goals"], [["", "b", ""], ["a", "", ""]], [2, 5])


def test_codes_for_characters_are_read_as_the_characters():
    data = workbook(["slug"], ["a_x000D_\nb"], ["_x005F_x000D_"], ["_x0000__xD800_"])

    assert read(data)[1] == [["a\r\nb"], ["_x000D_"], ["_x0000__xD800_"]]


def test_a_million_formatted_rows_without_content_are_no_rows():
    data = with_rows("".join(f'<row r="{number}" s="1"/>' for number in range(2, 2**20 + 1)))

    assert read(data) == (["slug", "name", "goals"], [], [])


def test_merged_cells_beside_and_below_the_table_do_no_harm():
    book = load_workbook(io.BytesIO(workbook(["slug", "name"], ["a", "b"])))
    book.active.merge_cells("D1:E2")
    book.active.merge_cells("A5:B6")

    assert read(saved(book))[1] == [["a", "b"]]


def test_read_refuses_a_cell_that_could_not_be_written_again():
    data = with_rows(f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"x" * 32_768}</t></is></c></row>')

    assert refusal(data) == "A2 holds more than 32,767 characters. Send the table as “CSV UTF-8”."


def test_a_cell_far_beyond_the_header_makes_no_wide_row():
    far = "".join(
        f'<row r="{n}"><c r="XFD{n}" t="str"><v>x</v></c></row>' for n in range(2, 20_002)
    )

    # Such a file is refused when it is opened, so it takes the place of one that is not.
    with opened(with_rows('<row r="2"><c r="A2"><v>1</v></c></row>')) as sheet:
        sheet.path.write_bytes(with_rows(far))
        sizes = {(len(cells), used) for _, cells, used in sheet.records()}

    assert sizes == {(3, 3), (3, 16_384)}
    assert refusal(with_rows(far)).startswith(
        "Rows 2 (16,384 cells), 3 (16,384 cells), 4 (16,384 cells), "
    )


@pytest.mark.parametrize("cell", ['<c r="A2" t="s"><v>-1</v></c>', '<c r="A2" s="-1"><v>1</v></c>'])
def test_a_number_that_refers_to_nothing_is_not_counted_from_the_end(cell):
    assert refusal(with_rows(f'<row r="2">{cell}</row>')) == DAMAGED
