"""Files as spreadsheets write them: encodings, delimiters, line ends, row numbers, and what is refused."""

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.resources import CSV, ReadError
from catalog.resources.reading import Sheet, restore, spreadsheet_safe

# Whatever a file can carry.
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)


def read(data):
    """Return the header, the rows and their numbers in the spreadsheet."""
    sheet = CSV().create_dataset(data.encode() if isinstance(data, str) else data)
    return sheet.headers, [list(row) for row in sheet], sheet.row_numbers


def sheet_or_refusal(data):
    """Return the sheet, or what the person who sent the data is told; nothing else may come of it."""
    try:
        return CSV().create_dataset(data), ""
    except ReadError as refused:
        return None, str(refused)


def refusal(data):
    with pytest.raises(ReadError) as refused:
        read(data)
    return str(refused.value)


# --- What programs write


@pytest.mark.parametrize(
    "data",
    [
        pytest.param('slug,name\r\na,"Café, B®"\r\n'.encode(), id="Google Sheets: UTF-8, CRLF"),
        pytest.param('slug,name\na,"Café, B®"\n'.encode(), id="Numbers: UTF-8, LF"),
        pytest.param('"slug","name"\n"a","Café, B®"\n'.encode(), id="LibreOffice: all quoted"),
        pytest.param('slug,name\r\na,"Café, B®"\r\n'.encode("utf-8-sig"), id="Excel: CSV UTF-8"),
        pytest.param(
            "slug;name\r\na;Café, B®\r\n".encode("utf-8-sig"), id="Excel in Europe: semicolons"
        ),
        pytest.param("slug\tname\r\na\tCafé, B®\r\n".encode("utf-16"), id="Excel: Unicode text"),
        pytest.param(
            b"\xfe\xff" + "slug\tname\r\na\tCafé, B®\r\n".encode("utf-16-be"), id="UTF-16, big end"
        ),
        pytest.param('slug,name\ra,"Café, B®"\r'.encode(), id="old Mac: CR"),
        pytest.param("slug|name\na|Café, B®\n".encode(), id="bars"),
        pytest.param('slug,name\na,"Café, B®"'.encode(), id="no line end after the last row"),
    ],
)
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


def test_read_leaves_out_trailing_columns_and_rows_without_content():
    assert read("slug,name,,\na,b,,\nc,d,,,,\n,,,\n,,,\n") == (
        ["slug", "name"],
        [["a", "b"], ["c", "d"]],
        [2, 3],
    )


def test_read_fills_up_short_rows():
    assert read("slug,name,goals\na\nb,c\n")[1] == [["a", "", ""], ["b", "c", ""]]


def test_read_keeps_a_column_without_a_name_for_the_check_of_the_header():
    assert read("slug,,name\na,b,c\n")[0] == ["slug", "", "name"]


def test_read_understands_doubled_quotation_marks():
    assert read('slug,name\na,"the ""best"" one"\n')[1] == [["a", 'the "best" one']]


def test_read_of_a_header_alone_is_a_sheet_without_rows():
    assert read("slug,name\r\n") == (["slug", "name"], [], [])


def test_read_keeps_a_long_cell():
    """A description may be longer than the csv module's own limit for a cell."""
    text = "word " * 40_000

    assert read(f"slug,description\na,{text}\n")[1] == [["a", text]]


# --- What is refused


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", b"\xff\xfe", b" , ,\n"])
def test_read_refuses_a_file_without_a_header(data):
    assert refusal(data) == "The file is empty. Its first row must name the columns."


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_read_refuses_another_encoding_and_names_the_line(end):
    data = end.join(["slug,name", "a,plain", "b,Café", ""]).encode("cp1252")

    assert refusal(data) == (
        "Line 3 is not text in UTF-8. Save the file again as “CSV UTF-8” and send that."
    )


def test_read_refuses_a_nul_and_names_the_line():
    assert refusal("slug,name\na,b\nc,\0d\n") == (
        "Line 3 holds a NUL character; this is not a CSV file."
    )


@pytest.mark.parametrize(
    ("data", "row"),
    [
        pytest.param('slug,name\na,b\nc,"d\ne,f\n', 3, id="never closed"),
        pytest.param('slug,name\na,"b\nc"\nd,"e" f\n', 3, id="text after the closing mark"),
    ],
)
def test_read_refuses_broken_quoting_and_names_the_row(data, row):
    message = refusal(data)

    assert message.startswith(f"Row {row} is not CSV (")
    assert message.endswith(
        "A cell that holds a quotation mark stands in double quotes, and doubles the mark."
    )


def test_read_refuses_more_cells_than_columns_and_names_the_row():
    assert refusal('slug,name\na,"b\nc"\nd,e,f\n') == (
        "Row 3 has 3 cells, but the header names 2 columns. "
        "A cell that holds the delimiter must stand in double quotes."
    )


def test_read_refuses_a_file_that_is_too_large_before_reading_it(settings):
    settings.IMPORT_MAX_BYTES = 2 * 1024 * 1024

    assert refusal(b"\0" * (2 * 1024 * 1024 + 1)) == (
        "The file is larger than 2 MB. Split it into smaller ones."
    )


def test_read_takes_a_file_of_exactly_the_largest_size(settings):
    data = b"slug,name\na,b\n"
    settings.IMPORT_MAX_BYTES = len(data)

    assert read(data)[1] == [["a", "b"]]


def test_read_refuses_too_many_rows(settings):
    settings.IMPORT_MAX_ROWS = 1_000
    rows = [f"a-{number},b\n" for number in range(1_001)]

    assert len(read("slug,name\n" + "".join(rows[:1_000]))[1]) == 1_000
    assert refusal("slug,name\n" + "".join(rows)).startswith(
        "The file has 1,001 rows; 1,000 can be imported"
    )


def test_read_without_limits_takes_what_a_request_cannot(settings):
    settings.IMPORT_MAX_BYTES, settings.IMPORT_MAX_ROWS = 20, 1

    sheet = CSV().create_dataset(b"slug,name\na,b\nc,d\ne,f\n", limited=False)

    assert [list(row) for row in sheet] == [["a", "b"], ["c", "d"], ["e", "f"]]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'slug,"' + b"x" * 200_000 + b"\n", id="unclosed quote in the header"),
        pytest.param(b"x" * 200_000, id="one long line"),
    ],
)
def test_read_of_an_endless_header_finds_no_column_or_says_why_not(data):
    """The csv module's limit for a cell is met while the delimiter is still being looked for."""
    sheet, message = sheet_or_refusal(data)

    assert message.endswith(".") if sheet is None else list(sheet) == []


# Characters that mean something in CSV, and bytes that mean something in an encoding.
PIECES = st.sampled_from(
    [b"slug", b"name", b"a", b",", b";", b"\t", b"|", b'"', b'""', b"\n", b"\r", b"\r\n", b"'", b"=",
     b"\0", b"\xe9", b"\xc3\xa9", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b" "]
)  # fmt: skip


@given(data=st.binary(max_size=200) | st.lists(PIECES, max_size=40).map(b"".join))
@example(data=b'"')
@example(data=b"\xff\xfe\xd8\x00\x00")
def test_read_of_any_bytes_gives_a_sheet_or_says_why_not(data):
    sheet, message = sheet_or_refusal(data)

    if sheet is None:
        assert message.endswith(".")
    else:
        assert sheet.headers[-1]
        assert len(sheet.row_numbers) == len(sheet)
        assert sheet.row_numbers == sorted({n for n in sheet.row_numbers if n >= 2})


# --- Formulas


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_export_makes_a_formula_a_text(start):
    sheet = Sheet([f"{start}1+1", f"1{start}1", ""], headers=["slug", "name", "goals"])

    data = CSV().export_data(sheet)

    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert rows == [["slug", "name", "goals"], [f"'{start}1+1", f"1{start}1", ""]]


def test_export_has_a_byte_order_mark_and_windows_line_ends():
    sheet = Sheet(["a", "Café ®"], headers=["slug", "name"])

    assert CSV().export_data(sheet) == b"\xef\xbb\xbfslug,name\r\na,Caf\xc3\xa9 \xc2\xae\r\n"


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
def test_export_is_read_back_as_it_was(rows):
    """A row with nothing in it is not one; everything else comes back to the letter."""
    written = CSV().export_data(Sheet(*rows, headers=["slug", "name"]))

    header, read_rows, _ = read(written)

    assert header == ["slug", "name"]
    assert read_rows == [row for row in rows if any(row)]
