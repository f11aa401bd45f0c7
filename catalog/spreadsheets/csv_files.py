"""CSV files, in whatever encoding and with whatever delimiter a spreadsheet wrote them."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from .cells import count_used, normalise_header
from .encodings import detect_encoding
from .limits import CHUNK
from .sheets import TITLE_ROWS, ReadError, Sheet, SheetRecord

# A cell may hold a long text, but a quotation mark that is never closed must not gather the whole file.
CELL_LIMIT = 1_000_000
csv.field_size_limit(CELL_LIMIT)

# A file is read several times, and three million blank lines are three megabytes.
MOST_BLANK_ROWS = 100_000
TOO_BLANK = (
    f"The file has more than {MOST_BLANK_ROWS:,} blank rows. "
    "Delete the rows below your table, and save it again."
)
DELIMITERS = (",", ";", "\t", "|")
# The first line that tells Excel the delimiter; Excel does not show it, and does not count it.
EXCEL_DELIMITER = re.compile(r"sep=(\t|[^\w\s\"'])[\r\n]", re.IGNORECASE)
# How many cells beyond ASCII a notice shows, and how much of each.
SAMPLES, SAMPLE_LENGTH, SAMPLE_BEFORE = 3, 60, 30


class CSVSheet(Sheet):
    """A table in a CSV file."""

    too_wide = "A cell that contains the delimiter must be in double quotes."

    def __init__(self, path: Path, columns: Collection[str], *, limited: bool) -> None:
        self.encoding = detect_encoding(path)
        self.delimiter = detect_delimiter(path, self.encoding, columns)
        super().__init__(path, columns, limited=limited)
        if self.encoding == "cp1252":
            self.notices.append(self.encoding_notice())

    def records(self) -> Iterator[SheetRecord]:
        number = blank = 0
        with self.path.open(encoding=self.encoding, newline="") as text:
            skip_excel_delimiter(text)
            rows = csv.reader(text, delimiter=self.delimiter, strict=True)
            try:
                for number, cells in enumerate(rows, start=1):
                    if "\0" in "".join(cells):
                        raise ReadError(
                            f"Row {number} holds a NUL character; this is not a CSV file."
                        )
                    if used := count_used(cells):
                        yield number, cells, used
                    elif (blank := blank + 1) > MOST_BLANK_ROWS:
                        raise ReadError(TOO_BLANK)
            except csv.Error as error:
                raise ReadError(explain_csv_error(number + 1, error)) from None

    def encoding_notice(self) -> str:
        """Return what to say of a file in an encoding that nothing in it names, with the first cells to check."""
        samples: list[str] = []
        for number, cells in [(1, self.header_texts), *islice(self.rows_beyond_ascii(), SAMPLES)]:
            for name, cell in zip(self.header, cells, strict=True):
                if beyond := re.search(r"[^\x00-\x7f]", cell):
                    start = max(0, beyond.start() - SAMPLE_BEFORE)
                    sample = cell[start : start + SAMPLE_LENGTH].strip()
                    samples.append(f"row {number}, {name}: “{sample}”")
        return (
            "The file is not in UTF-8 and was read as Windows-1252. Check the letters with accents and the signs"
            f"{' (' + '; '.join(samples[:SAMPLES]) + ')' if samples else ''}. "
            "If they are wrong, save the file again as “CSV UTF-8” and send that."
        )

    def rows_beyond_ascii(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows with a letter beyond ASCII."""
        return (row for row in self if not all(cell.isascii() for cell in row[1]))

    def write_mistakes(self, out: BinaryIO, mistakes: Mapping[int, str]) -> None:
        text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        # Another one was told by the first line of the file, which is not written again.
        delimiter = self.delimiter if self.delimiter in DELIMITERS else ","
        csv.writer(text, delimiter=delimiter).writerows(self.rows_with_mistakes(mistakes))
        # The stream belongs to the caller, who may want to read what was written.
        text.detach()


def explain_csv_error(number: int, error: csv.Error) -> str:
    """Return what is wrong with a row that the csv module cannot read, and what would be right."""
    if "field limit" in str(error):
        return (
            f"Row {number} has a cell of more than {CELL_LIMIT:,} characters. "
            "Perhaps a quotation mark there is not closed."
        )
    return (
        f"Row {number} is not CSV ({error}). A cell that contains a quotation mark must be in double quotes, "
        "with the mark doubled."
    )


def detect_delimiter(path: Path, encoding: str, columns: Collection[str]) -> str:
    """Return the delimiter that Excel was told, or that splits the header into the most names among columns.

    The header is the first row, or below a title.
    """
    with path.open(encoding=encoding, newline="") as text:
        if told := skip_excel_delimiter(text):
            return told
        start = text.read(CHUNK)

    def matches(delimiter: str) -> list[int]:
        try:
            rows = csv.reader(io.StringIO(start, newline=""), delimiter=delimiter)
            return [
                sum(normalise_header(cell) in columns for cell in row)
                for row in islice(rows, TITLE_ROWS)
            ]
        except csv.Error:
            return []

    return max(DELIMITERS, key=matches)


def skip_excel_delimiter(text: TextIO) -> str:
    """Return the delimiter of a first line such as ``sep=;``, and leave text after that line; else "", at its start."""
    line = text.readline(10)
    if match := EXCEL_DELIMITER.match(line):
        return match[1]
    text.seek(0)
    return ""
