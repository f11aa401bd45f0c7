"""CSV files: delimiters, quotation marks, and what a cell may hold."""

from .tables import read, refusal


def test_read_takes_the_delimiter_that_names_the_most_known_columns():
    headers, rows, _ = read("slug;name;goals, in short\na;b,c;d\n")

    assert headers == ["slug", "name", "goals,_in_short"]
    assert rows == [["a", "b,c", "d"]]


def test_read_does_not_count_the_line_that_tells_excel_the_delimiter():
    assert read("sep=;\nslug;name\na;b\n")[2] == [2]


def test_read_understands_doubled_quotation_marks():
    assert read('slug,name\na,"the ""best"" one"\n')[1] == [["a", 'the "best" one']]


def test_read_keeps_a_long_cell():
    """A description may be longer than the csv module's own limit for a cell."""
    text = ("word " * 40_000).strip()

    assert read(f"slug,description\na,{text}\n")[1] == [["a", text]]


def test_read_refuses_a_cell_without_an_end():
    assert refusal('slug,name\na,b\nc,"' + "x" * 1_000_001) == (
        "Row 3 has a cell of more than 1,000,000 characters. Perhaps a quotation mark there is not closed."
    )


def test_read_skips_blank_rows_but_not_a_file_of_them():
    blank = "\n , \n" * 50_000

    assert read(f"slug,name\n{blank}a,b\n")[1:] == ([["a", "b"]], [100_002])
    assert refusal(f"slug,name\n{blank},\na,b\n") == (
        "The file has more than 100,000 blank rows. Delete the rows below your table, and save it again."
    )
