"""Files as spreadsheets write them, CSV and XLSX: what they mean, row numbers, what is refused, and what is written."""

import csv
import io
import zipfile
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import tablib
from hypothesis import example, given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from catalog.spreadsheets.reading import CSV, ReadError, open_sheet, restore, spreadsheet_safe
from catalog.spreadsheets.workbooks import XLSX

COLUMNS = {"slug", "name", "goals", "description"}
HOSTILE_FILES = Path(__file__).parent / "hostile_files"
# Whatever a file can carry.
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


@contextmanager
def opened(data, **options):
    """Give the sheet in a file of data, whose name says nothing."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        yield open_sheet(path, COLUMNS, **options)


def content(sheet):
    """Return the header, the rows and their numbers in the spreadsheet."""
    rows = list(sheet)
    return sheet.header, [cells for _, cells in rows], [number for number, _ in rows]


def read(data, **options):
    with opened(data, **options) as sheet:
        return content(sheet)


def notices(data, **options):
    with opened(data, **options) as sheet:
        return sheet.notices


def refusal(data, **options):
    with pytest.raises(ReadError) as refused:
        read(data, **options)
    return str(refused.value)


def workbook(*rows, title="Programs", formats=()):
    """Return a workbook as openpyxl writes it, with number formats by cell."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for cell, code in dict(formats).items():
        book.active[cell].number_format = code
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data, part, change):
    """Return a workbook with change applied to the text of one part; None for a part leaves it out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            text = change(text) if name == part else text
            if text is not None:
                new.writestr(name, text)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_rows(xml):
    """Return a workbook whose rows after the header are the XML given."""
    return changed(
        workbook(["slug", "name", "goals"]),
        SHEET,
        lambda text: text.replace(b"</sheetData>", xml.encode() + b"</sheetData>"),
    )


def table(*rows, headers=("slug", "name"), title=None):
    return tablib.Dataset(*rows, headers=list(headers), title=title)


# --- CSV: what programs write


@pytest.mark.parametrize(
    "data",
    [
        pytest.param('slug,name\r\na,"Café, B®"\r\n'.encode(), id="Google Sheets: UTF-8, CRLF"),
        pytest.param('slug,name\na,"Café, B®"\n'.encode(), id="Numbers: UTF-8, LF"),
        pytest.param('"slug","name"\n"a","Café, B®"\n'.encode(), id="LibreOffice: all quoted"),
        pytest.param('slug,name\r\na,"Café, B®"\r\n'.encode("utf-8-sig"), id="Excel: CSV UTF-8"),
        pytest.param("slug;name\r\na;Café, B®\r\n".encode("utf-8-sig"), id="Excel in Europe"),
        pytest.param("sep=;\r\nslug;name\r\na;Café, B®\r\n".encode(), id="Excel: told"),
        pytest.param("sep=^\rslug^name\ra^Café, B®\r".encode("utf-8-sig"), id="Excel: told another"),
        pytest.param("slug\tname\r\na\tCafé, B®\r\n".encode("utf-16"), id="Excel: Unicode text"),
        pytest.param(
            b"\xfe\xff" + "slug\tname\r\na\tCafé, B®\r\n".encode("utf-16-be"), id="UTF-16, big end"
        ),
        pytest.param("slug,name\na,«Café, B®»\n".replace("«", '"').replace("»", '"').encode("utf-16-le"),
                     id="UTF-16 without a mark"),
        pytest.param("slug\tname\na\tCafé, B®\n".encode("utf-16-be"), id="the same, big end"),
        pytest.param('slug,name\ra,"Café, B®"\r'.encode(), id="old Mac: CR"),
        pytest.param("slug|name\na|Café, B®\n".encode(), id="bars"),
        pytest.param('slug,name\na,"Café, B®"'.encode(), id="no line end after the last row"),
        pytest.param("slug;name\r\na;Café, B®\r\n".encode("cp1252"), id="Excel: CSV"),
        pytest.param(workbook(["slug", "name"], ["a", "Café, B®"]), id="workbook"),
    ],
)  # fmt: skip
def test_read_is_the_same_from_every_spreadsheet(data):
    assert read(data) == (["slug", "name"], [["a", "Café, B®"]], [2])


def test_read_takes_the_delimiter_that_names_the_most_known_columns():
    headers, rows, _ = read("slug;name;goals, in short\na;b,c;d\n")

    assert headers == ["slug", "name", "goals,_in_short"]
    assert rows == [["a", "b,c", "d"]]


def test_read_finds_columns_whatever_their_case_and_spacing():
    headers, _, _ = read(" SLUG ,Scientific Rating,child-age  min,\u00a0Rated On\u00a0\na,b,c,d\n")

    assert headers == ["slug", "scientific_rating", "child_age_min", "rated_on"]


def test_read_counts_rows_as_the_spreadsheet_does():
    data = 'slug,name\n\na,"line 1\nline 2\r\nline 3"\n,\n   , \nb,"x"\n\n\nc,y\n'

    assert read(data) == (
        ["slug", "name"],
        [["a", "line 1\nline 2\r\nline 3"], ["b", "x"], ["c", "y"]],
        [3, 6, 9],
    )


def test_read_does_not_count_the_line_that_tells_excel_the_delimiter():
    assert read("sep=;\nslug;name\na;b\n")[2] == [2]


def test_read_knows_the_number_of_rows_with_content_at_once():
    with opened("slug,name\n\na,b\n,\nc,d\n\n") as sheet:
        assert sheet.total == 2


@pytest.mark.parametrize(
    "data", ["slug,name\na,b\nc,d\n", workbook(["slug", "name"], ["a", "b"], ["c", "d"])]
)
def test_read_can_be_repeated_and_nested(data):
    with opened(data) as sheet:
        pairs = [(first, second) for first, _ in sheet for second, _ in sheet]

    assert pairs == [(2, 2), (2, 3), (3, 2), (3, 3)]


def test_read_leaves_out_trailing_columns_and_rows_without_content():
    assert read("slug,name,,\na,b,,\nc,d,,,,\n,,,\n,,,\n") == (
        ["slug", "name"],
        [["a", "b"], ["c", "d"]],
        [2, 3],
    )


def test_read_leaves_out_the_columns_of_our_own_file_of_mistakes():
    assert read("slug,Error,name,ROW\na,No such thing.,b,2\n") == (
        ["slug", "name"],
        [["a", "b"]],
        [2],
    )


def test_read_fills_up_short_rows():
    assert read("slug,name,goals\na\nb,c\n")[1] == [["a", "", ""], ["b", "c", ""]]


def test_read_keeps_a_column_without_a_name_for_the_check_of_the_header():
    assert read("slug,,name\na,b,c\n")[0] == ["slug", "", "name"]


def test_read_understands_doubled_quotation_marks():
    assert read('slug,name\na,"the ""best"" one"\n')[1] == [["a", 'the "best" one']]


def test_read_takes_the_space_around_cells_away():
    assert read("slug,name\n a ,\u00a0b\t\n")[1] == [["a", "b"]]


@pytest.mark.parametrize("data", ["slug,name\r\n", workbook(["slug", "name"])])
def test_read_of_a_header_alone_is_a_sheet_without_rows(data):
    assert read(data) == (["slug", "name"], [], [])


def test_read_keeps_a_long_cell():
    """A description may be longer than the csv module's own limit for a cell."""
    text = ("word " * 40_000).strip()

    assert read(f"slug,description\na,{text}\n")[1] == [["a", text]]


def test_read_says_aloud_that_it_took_windows_1252_and_shows_the_first_cells():
    rows = "slug;name\na;plain\nb;Café\nc;B®\nd;“x”\ne;€\n"

    (notice,) = notices(rows.encode("cp1252"))

    assert notice == (
        "The file is not in UTF-8 and was read as Windows-1252. Check the letters with accents and the signs "
        "(row 3, name: “Café”; row 4, name: “B®”; row 5, name: ““x””). "
        "If they are wrong, save the file again as “CSV UTF-8” and send that."
    )


@pytest.mark.parametrize(
    "data", ["slug,name\na,Café\n", "slug,name\na,Café\n".encode("utf-16"), workbook(["slug"])]
)
def test_read_has_nothing_to_say_of_an_ordinary_file(data):
    assert notices(data) == []


# --- Workbooks: what cells mean


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


def test_a_million_formatted_rows_without_content_are_no_rows():
    data = with_rows("".join(f'<row r="{number}" s="1"/>' for number in range(2, 2**20 + 1)))

    assert read(data) == (["slug", "name", "goals"], [], [])


def test_merged_cells_beside_and_below_the_table_do_no_harm():
    book = load_workbook(io.BytesIO(workbook(["slug", "name"], ["a", "b"])))
    book.active.merge_cells("D1:E2")
    book.active.merge_cells("A5:B6")

    assert read(saved(book))[1] == [["a", "b"]]


# --- Workbooks: which sheet


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
def test_the_sheet_named_is_read_or_the_first_that_is_seen_and_the_others_are_told(
    sheets, names, cell, said
):
    data = several(*sheets)

    assert read(data, sheet_names=names)[1] == [[cell]]
    assert notices(data, sheet_names=names) == said


def test_hidden_rows_are_read_and_told():
    book = load_workbook(io.BytesIO(workbook(["slug"], *([letter] for letter in "abcd"))))
    for number in (1, 3, 9):
        book.active.row_dimensions[number].hidden = True
    one = saved(book)
    book.active.row_dimensions[5].hidden = True

    assert read(one)[1] == [["a"], ["b"], ["c"], ["d"]]
    assert notices(one) == ["Row 3 is hidden in the workbook and is imported too."]
    assert notices(saved(book)) == ["Rows 3, 5 are hidden in the workbook and are imported too."]


# --- What is refused

DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again as .xlsx, and send that."
READER_FILES = {
    "apple.numbers": (
        "This is a file of Apple Numbers. In Numbers choose File › Export To › Excel or "
        "CSV, and send that."
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
        "Line 2 is not text in UTF-8, but the file is otherwise. Save the file again as "
        "“CSV UTF-8” and send that."
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
        "B2 holds a date that no calendar has; C2 holds a date that no calendar has; B3 "
        "holds a date that no calendar has. Type the date as text, such as 2024-06-15."
    ),
    "lying_directory.xlsx": DAMAGED,
    "merged.xlsx": "B2:B3 are merged cells. Unmerge them, and fill in each cell that they covered.",
    "mixed_encodings.csv": (
        "Line 3 is not text in UTF-8, but the file is otherwise. Save the file again as "
        "“CSV UTF-8” and send that."
    ),
    "no_sheets.xlsx": (
        "The workbook has no sheet that can be seen. Put the table into one, and send that."
    ),
    "nul.csv": "Row 3 holds a NUL character; this is not a CSV file.",
    "old.xls": (
        "This is a file of an old Office program, such as .xls. Open it in a "
        "spreadsheet program, save it as .xlsx or as “CSV UTF-8”, and send that."
    ),
    "only_hidden_sheets.xlsx": (
        "The workbook has no sheet that can be seen. Put the table into one, and send that."
    ),
    "only_our_columns.csv": "The file has no columns but “error” and “row”, which are not read.",
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
        "The workbook has no sheet that can be seen. Put the table into one, and send that."
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
        "Row 3 is not CSV (',' expected after '\"'). A cell that holds a quotation mark "
        "stands in double quotes, and doubles the mark."
    ),
    "text_document.docx": (
        "This is a text document or a presentation. Copy its table into a spreadsheet, "
        "and send that."
    ),
    "text_document.rtf": (
        "This is a text document (RTF). Copy its table into a spreadsheet, and send that."
    ),
    "unclosed_quote.csv": (
        "Row 3 is not CSV (unexpected end of data). A cell that holds a quotation mark "
        "stands in double quotes, and doubles the mark."
    ),
    "undefined_in_windows_1252.csv": (
        "Line 4 is text neither in UTF-8 nor in Windows-1252. Save the file again as "
        "“CSV UTF-8” and send that."
    ),
    "wide_row.csv": (
        "Row 3 (3 cells) has more cells than the header has columns (2). A cell that "
        "holds the delimiter must stand in double quotes."
    ),
    "wide_rows.csv": (
        "Rows 2 (3 cells), 3 (4 cells), 4 (5 cells), 5 (6 cells), 6 (7 cells), 7 (8 "
        "cells), 8 (9 cells), 9 (10 cells), 10 (11 cells), 11 (12 cells) and 3 more "
        "have more cells than the header has columns (2). A cell that holds the "
        "delimiter must stand in double quotes."
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


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_read_refuses_what_is_no_encoding_and_names_the_line(end):
    data = end.join(["slug,name", "a,plain", "b,Caf\x81", ""]).encode("latin-1")

    assert refusal(data) == (
        "Line 3 is text neither in UTF-8 nor in Windows-1252. Save the file again as “CSV UTF-8” and send that."
    )


def test_read_refuses_a_cell_without_an_end():
    assert refusal('slug,name\na,b\nc,"' + "x" * 1_000_001) == (
        "Row 3 has a cell of more than 1,000,000 characters. Perhaps a quotation mark there is not closed."
    )


def test_read_refuses_a_cell_that_could_not_be_written_again():
    data = with_rows(f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"x" * 32_768}</t></is></c></row>')

    assert refusal(data) == "A2 holds more than 32,767 characters. Send the table as “CSV UTF-8”."


@pytest.mark.parametrize("data", [b"\0" * (2 * 1024 * 1024 + 1), b"PK\x03\x04" * 1024 * 1024])
def test_read_refuses_a_file_that_is_too_large_before_reading_it(settings, data):
    settings.IMPORT_MAX_BYTES = 2 * 1024 * 1024

    assert refusal(data) == "The file is larger than 2 MB. Split it into smaller ones."


def test_read_takes_a_file_of_exactly_the_largest_size(settings):
    data = b"slug,name\na,b\n"
    settings.IMPORT_MAX_BYTES = len(data)

    assert read(data)[1] == [["a", "b"]]


@pytest.mark.parametrize("limited", [True, False])
def test_read_refuses_a_workbook_that_unpacks_to_too_much(settings, limited):
    data = workbook(["slug"], ["a"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unzipped = sum(part.file_size for part in archive.infolist())

    settings.IMPORT_MAX_UNZIPPED_BYTES = unzipped
    assert read(data, limited=limited)[1] == [["a"]]
    settings.IMPORT_MAX_UNZIPPED_BYTES = unzipped - 1
    assert refusal(data, limited=limited) == (
        f"The workbook unpacks to more than {(unzipped - 1) / 1024 / 1024:g} MB. "
        "Split it into smaller ones, or save the table as “CSV UTF-8” and send that."
    )


@pytest.mark.parametrize(
    ("name", "write"),
    [
        ("file", lambda rows: "".join(",".join(row) + "\n" for row in rows)),
        ("sheet “Programs”", lambda rows: workbook(*rows)),
    ],
)
def test_read_refuses_too_many_rows(settings, name, write):
    settings.IMPORT_MAX_ROWS = 1_000
    rows = [["slug", "name"], *([f"a-{number}", "b"] for number in range(1_001))]

    assert len(read(write(rows[:-1]))[1]) == 1_000
    assert len(read(write(rows), limited=False)[1]) == 1_001
    assert refusal(write(rows)) == (
        f"The {name} has more than 1,000 rows, the most that can be imported here at once. Split it into smaller "
        "files, or ask for an import from the command line, which has no limit."
    )


@pytest.mark.parametrize("write", [",".join, workbook], ids=["CSV", "XLSX"])
def test_read_refuses_a_header_of_too_many_columns(write):
    names = [f"column_{number}" for number in range(201)]

    assert read(write(names[:-1]))[0] == names[:-1]
    assert refusal(write(names)) == (
        "The first row has 201 cells. It must name the columns, which can be 200 at most."
    )


def test_rows_after_too_many_are_not_read(settings):
    settings.IMPORT_MAX_ROWS = 2
    rows = "slug,name\n" + "a,b\n" * 3

    assert refusal(rows + 'a,"b"c\n') == refusal(rows)


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


@pytest.mark.parametrize(
    "data",
    [
        "Our programs\n\nSlug,Name\na,b\n",
        "Our programs;;\n;;\nslug;name;goals\na;b;c\n",
        workbook(["Our programs"], [], ["slug", "name"], ["a", "b"]),
    ],
    ids=["CSV", "CSV in Europe", "XLSX"],
)
def test_a_title_above_the_header_is_named(data):
    assert refusal(data) == (
        "Row 1 must name the columns; yours seem to stand in row 3. Delete the rows above it."
    )


@pytest.mark.parametrize(
    "data",
    [
        "titel\nname\n",
        "slug,titel\nslug,name\n",
        "titel,nmae\n" + "a,b\n" * 9 + "slug,name\n",
    ],
    ids=["one known name", "a known header", "far below"],
)
def test_what_is_below_a_header_is_not_taken_for_another(data):
    assert read(data)[0] == data.partition("\n")[0].split(",")


def test_read_without_limits_takes_what_an_upload_cannot(settings):
    settings.IMPORT_MAX_BYTES, settings.IMPORT_MAX_ROWS = 20, 1

    rows = read(b"slug,name\na,b\nc,d\ne,f\n", limited=False)[1]

    assert rows == [["a", "b"], ["c", "d"], ["e", "f"]]


# --- Anything at all


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


@pytest.mark.parametrize("cell", ['<c r="A2" t="s"><v>-1</v></c>', '<c r="A2" s="-1"><v>1</v></c>'])
def test_a_number_that_refers_to_nothing_is_not_counted_from_the_end(cell):
    assert refusal(with_rows(f'<row r="2">{cell}</row>')) == DAMAGED


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


@pytest.mark.parametrize("encoding", ["foo", "hex", "utf-7", "cp037", "utf-32"])
def test_a_workbook_in_an_encoding_that_xml_does_not_have_is_damaged(encoding):
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()

    data = changed(workbook(["slug"]), SHEET, lambda text: declaration + text)

    assert refusal(data) == DAMAGED


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", SHEET,
                                  "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "xl/styles.xml"])  # fmt: skip
def test_a_workbook_without_a_part_is_a_sheet_or_a_sentence(part):
    assert_sheet_or_sentence(changed(REAL_WORKBOOK, part, lambda text: None))


# --- The file of mistakes


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


# --- Export


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


def test_export_of_a_workbook_writes_texts_only_below_a_bold_header_that_stays():
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


@given(cell=TEXT | st.from_regex(r"\A'{0,3}[=+\-@\t\r']?[a-z=']{0,3}\Z"))
def test_spreadsheet_safe_is_undone_by_restore_and_never_starts_a_formula(cell):
    safe = spreadsheet_safe(cell)

    assert restore(safe) == cell
    assert safe[:1] not in set("=+-@\t\r")


@given(
    cell=st.from_regex(r"\A'{0,3}[=+\-@]?[a-z=']{0,3}\Z"),
    other=st.from_regex(r"\A'{0,3}[=+\-@]?[a-z=']{0,3}\Z"),
)
def test_spreadsheet_safe_keeps_different_cells_different(cell, other):
    assert (spreadsheet_safe(cell) == spreadsheet_safe(other)) == (cell == other)


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
