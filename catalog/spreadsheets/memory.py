"""Tables that are in memory, such as a ``tablib.Dataset``, read as if they came from a file."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from math import isfinite

from .cells import count_used
from .sheets import Record, Sheet
from .workbook_cells import UNREADABLE, date_text, number_text


class MemorySheet(Sheet):
    """A table of rows in memory: the header is row 1, the first of the rows is row 2.

    Cells may hold Python values: they are read as ``open_sheet`` reads the same values in a workbook. Raises ReadError
    for what no sheet may be, such as one with more cells in a row than columns; the rows may be any number.
    """

    def __init__(self, header: Iterable[str], rows: Iterable[Sequence[object]]) -> None:
        self.table = [[cell_text(cell) for cell in row] for row in (list(header), *rows)]
        # The header is where it belongs: no title is looked for above it.
        super().__init__((), limited=False)

    def records(self) -> Iterator[Record]:
        for number, cells in enumerate(self.table, start=1):
            if used := count_used(cells):
                yield number, cells, used


def cell_text(value: object) -> str:
    """Return a Python value as the text of a cell; "" for None, yes or no for a truth value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and isfinite(value):
        return number_text(str(value))
    if isinstance(value, datetime):
        return date_text(value, "moment")
    return UNREADABLE.sub("", str(value))
