"""Tables, whatever the file: headers, row numbers, rows without content, and the limits of an upload."""

import pytest

from .tables import notices, opened, read, refusal, workbook


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


def test_read_takes_the_space_around_cells_away():
    assert read("slug,name\n a ,\u00a0b\t\n")[1] == [["a", "b"]]


@pytest.mark.parametrize("data", ["slug,name\r\n", workbook(["slug", "name"])])
def test_read_of_a_header_alone_is_a_sheet_without_rows(data):
    assert read(data) == (["slug", "name"], [], [])


@pytest.mark.parametrize(
    "data", ["slug,name\na,Café\n", "slug,name\na,Café\n".encode("utf-16"), workbook(["slug"])]
)
def test_read_has_no_notices_for_an_ordinary_file(data):
    assert notices(data) == []


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
        "The first row has 201 cells. It must name the columns, of which there can be 200 at most."
    )


def test_rows_after_too_many_are_not_read(settings):
    settings.IMPORT_MAX_ROWS = 2
    rows = "slug,name\n" + "a,b\n" * 3

    assert refusal(rows + 'a,"b"c\n') == refusal(rows)


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
        "Row 1 must name the columns; in your file row 3 seems to. Delete the rows above it."
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
