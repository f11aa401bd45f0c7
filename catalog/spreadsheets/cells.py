"""The text of cells and headers, and texts that a spreadsheet would run as a formula."""

import re

# A spreadsheet runs a cell that starts with one of these.
FORMULA = re.compile(r"^'*[=+\-@\t\r]")
# What most cells do not start with is quicker to tell than the whole pattern.
STARTS = tuple("'=+-@\t\r")
ESCAPED_FORMULA = re.compile(r"^'+[=+\-@\t\r]")


def normalise_header(name: str) -> str:
    """Return the column that a header means: " Scientific Rating " is scientific_rating."""
    return re.sub(r"[\s\-]+", "_", name.strip()).lower()


def clean_cell(cell: str) -> str:
    """Return a cell's text without the space around it and without the apostrophe of ``escape_formula``."""
    text = cell.strip()
    return unescape_formula(text).strip() if text.startswith("'") else text


def escape_formula(cell: str) -> str:
    """Return cell so that a spreadsheet shows it and does not run it: with an apostrophe before a formula."""
    return f"'{cell}" if cell.startswith(STARTS) and FORMULA.match(cell) else cell


def unescape_formula(cell: str) -> str:
    """Return the text that ``escape_formula`` was given."""
    return cell[1:] if ESCAPED_FORMULA.match(cell) else cell


def count_used(cells: list[str]) -> int:
    """Return the number of cells up to the last with content."""
    end = len(cells)
    while end and (not cells[end - 1] or cells[end - 1].isspace()):
        end -= 1
    return end
