"""A table in a file, read row by row; the kinds of files are in the modules beside this one."""

from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from .cells import clean_cell, escape_formula, normalise_header

# No table that people send has nearly as many columns.
MOST_COLUMNS = 200
# Above the header people write a title, and when and by whom the table was made.
TITLE_ROWS = 10
# The columns that ``write_mistakes`` adds.
MISTAKE_COLUMNS = ("error", "row")

# The number of a row as the spreadsheet counts, its cells, and how many of them are used.
SheetRecord = tuple[int, list[str], int]


class ReadError(ValueError):
    """Says why a file cannot be read as a table, to the person who sent it."""


class Sheet:
    """A table in a file, to be read as often as wanted; its whole structure was checked when it was opened.

    ``header`` are the names of the columns, ``total`` is the number of rows with content, and ``notices`` are
    sentences for the person who sent the file. An iteration gives the number of each row as the spreadsheet counts
    (the header is row 1) and its cells, one for each name of the header.
    """

    # How messages call the table, and what they advise where cells have no column.
    name = "file"
    too_wide = "Name their columns in row 1, or clear the cells."
    # How many columns the header names, once it is read.
    width = 0

    def __init__(self, path: Path, columns: Collection[str], *, limited: bool) -> None:
        """Read the table once, from end to end. Raises ReadError.

        ``columns`` are the names that the caller knows; ``limited`` keeps to IMPORT_MAX_ROWS.
        """
        self.path = path
        self.notices: list[str] = []
        self.total = 0
        records = self.records()
        number, first, used = next(records, (1, [], 0))
        self.check_first_row(number, used)
        names = [clean_cell(cell) for cell in first[:used]]
        header = [normalise_header(name) for name in names]
        self.refuse_title(header, set(columns))
        self.width = used
        self.kept = [index for index, name in enumerate(header) if name not in MISTAKE_COLUMNS]
        if not self.kept:
            raise ReadError(
                f"The {self.name} has no columns but “error” and “row”, which are ignored."
            )
        self.header = [header[index] for index in self.kept]
        self.header_texts = [names[index] for index in self.kept]
        self.check_rows(records, limited=limited)

    def check_first_row(self, number: int, used: int) -> None:
        """Raise ReadError unless the first row with content is row 1, and can be a header."""
        if not used:
            raise ReadError(f"The {self.name} is empty. Its first row must name the columns.")
        if used > MOST_COLUMNS:
            raise ReadError(
                f"The first row has {used:,} cells. It must name the columns, of which there can be {MOST_COLUMNS} "
                "at most."
            )
        if number > 1:
            raise ReadError(
                f"Row 1 is empty, and row {number} is not. The first row must name the columns."
            )

    def refuse_title(self, header: list[str], columns: set[str]) -> None:
        """Raise ReadError if the first row names no known column and one of the next does."""
        if not columns.isdisjoint(header):
            return
        for number, cells, _ in islice(self.records(), 1, TITLE_ROWS):
            if len(columns.intersection(map(normalise_header, cells))) > 1:
                raise ReadError(
                    f"Row 1 must name the columns; in your file row {number} seems to. Delete the rows above it."
                )

    def check_rows(self, records: Iterator[SheetRecord], *, limited: bool) -> None:
        """Count the rows after the header. Raises ReadError for cells without a column, and for too many rows."""
        wide = Listing(", ")
        for number, _, used in records:
            self.total += 1
            if limited and self.total > settings.IMPORT_MAX_ROWS:
                raise ReadError(
                    f"The {self.name} has more than {settings.IMPORT_MAX_ROWS:,} rows, the most that can be imported "
                    "here at once. Split it into smaller files, or ask for an import from the command line, which "
                    "has no limit."
                )
            if used > self.width:
                wide.add(f"{number} ({used:,} cells)")
        if wide.count:
            raise ReadError(
                f"{'Row' if wide.count == 1 else 'Rows'} {wide} {'has' if wide.count == 1 else 'have'} more cells "
                f"than the header has columns ({self.width}). {self.too_wide}"
            )

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        records = self.records()
        next(records)
        for number, cells, _ in records:
            missing = self.width - len(cells)
            padded = [*cells, *[""] * missing] if missing > 0 else cells
            yield number, [clean_cell(padded[index]) for index in self.kept]

    def records(self) -> Iterator[SheetRecord]:
        """Yield each row with content, the header among them: its number, its cells, and how many of them are used.

        The cells are as they stand in the file; of those beyond the header's width, some may be left out.
        """
        raise NotImplementedError

    def write_mistakes(self, out: BinaryIO, mistakes: Mapping[int, str]) -> None:
        """Write the table again, with what is wrong with each row (by its number) in a column beside it.

        What is wrong with the header goes beside the first row below it. Rows keep their numbers, and ``open_sheet``
        reads the same header and rows from what is written.
        """
        raise NotImplementedError

    def rows_with_mistakes(self, mistakes: Mapping[int, str]) -> Iterator[list[str]]:
        """Yield every row of ``write_mistakes``, safe for a spreadsheet, and an empty one for each without content."""
        yield [*map(escape_formula, self.header_texts), *MISTAKE_COLUMNS]
        last = 1
        for number, cells in self:
            for _ in range(last + 1, number):
                yield []
            mistake = mistakes.get(number, "")
            if last == 1 and 1 in mistakes:
                mistake = f"Row 1: {mistakes[1]} {mistake}".strip()
            yield [*map(escape_formula, [*cells, self.shorten(mistake)]), str(number)]
            last = number

    def shorten(self, mistake: str) -> str:
        """Return as much of a mistake as a cell of this format can hold."""
        return mistake


class Listing:
    """A list in a sentence that names the first ten items, and says how many more there are."""

    SHOWN = 10

    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.first: list[str] = []
        self.count = 0

    def add(self, item: str) -> None:
        """Count an item, and keep it if it is one of the first."""
        self.count += 1
        if self.count <= self.SHOWN:
            self.first.append(item)

    def __str__(self) -> str:
        more = self.count - self.SHOWN
        return self.separator.join(self.first) + (f" and {more} more" if more > 0 else "")
