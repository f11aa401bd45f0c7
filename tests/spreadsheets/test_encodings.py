"""The encodings of text files: which are read, what is said of them, and what is refused."""

import pytest

from .tables import notices, refusal


def test_read_says_that_it_took_windows_1252_and_shows_the_first_cells():
    rows = "slug;name\na;plain\nb;Café\nc;B®\nd;“x”\ne;€\n"

    (notice,) = notices(rows.encode("cp1252"))

    assert notice == (
        "The file is not in UTF-8 and was read as Windows-1252. Check the letters with accents and the signs "
        "(row 3, name: “Café”; row 4, name: “B®”; row 5, name: ““x””). "
        "If they are wrong, save the file again as “CSV UTF-8” and send that."
    )


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_read_refuses_an_unknown_encoding_and_names_the_line(end):
    data = end.join(["slug,name", "a,plain", "b,Caf\x81", ""]).encode("latin-1")

    assert refusal(data) == (
        "Line 3 is neither valid UTF-8 nor Windows-1252. Save the file again as “CSV UTF-8” and send that."
    )
