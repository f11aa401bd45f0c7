"""The text of a cell, made safe for spreadsheets and back."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.spreadsheets.cells import escape_formula, unescape_formula

from .tables import TEXT


@given(cell=TEXT | st.from_regex(r"\A'{0,3}[=+\-@\t\r']?[a-z=']{0,3}\Z"))
def test_escape_formula_is_undone_and_never_starts_a_formula(cell):
    safe = escape_formula(cell)

    assert unescape_formula(safe) == cell
    assert safe[:1] not in set("=+-@\t\r")


@given(
    cell=st.from_regex(r"\A'{0,3}[=+\-@]?[a-z=']{0,3}\Z"),
    other=st.from_regex(r"\A'{0,3}[=+\-@]?[a-z=']{0,3}\Z"),
)
def test_escape_formula_keeps_different_cells_different(cell, other):
    assert (escape_formula(cell) == escape_formula(other)) == (cell == other)
