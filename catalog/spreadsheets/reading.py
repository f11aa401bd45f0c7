"""Files as spreadsheets write them: a path in, rows of text out, and back. CSV here, XLSX in ``workbooks``."""

import csv
import io
import mmap
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

import tablib
from django.conf import settings
from import_export.formats import base_formats

# A cell may hold a long text, but a quotation mark that is never closed must not gather the whole file.
CELL_LIMIT = 1_000_000
csv.field_size_limit(CELL_LIMIT)
# No kind of file has nearly as many columns.
MOST_COLUMNS = 200
# Above the header people write a title, and when and by whom the table was made.
TITLE_ROWS = 10

DELIMITERS = (",", ";", "\t", "|")
# The first line with which Excel is told the delimiter; Excel does not show it, and does not count it.
EXCEL_DELIMITER = re.compile(r"sep=(\t|[^\w\s\"'])[\r\n]", re.IGNORECASE)
# A spreadsheet runs a cell that starts with one of these.
FORMULA = re.compile(r"^'*[=+\-@\t\r]")
QUOTED_FORMULA = re.compile(r"^'+[=+\-@\t\r]")
# The columns that ``write_mistakes`` adds.
MISTAKE_COLUMNS = ("error", "row")

CHUNK = 1 << 16
# How errors="surrogateescape" shows a byte that the encoding does not define, and what it could decode beyond ASCII.
UNDECODABLE = re.compile("[\udc80-\udcff]")
DECODED = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
SAVE_AS_CSV = "Save the file again as “CSV UTF-8” and send that."
SAVE_AS_XLSX = (
    "Open it in a spreadsheet program, save it as .xlsx or as “CSV UTF-8”, and send that."
)
# What else people send, by how it starts.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHER_FILES = {
    b"%PDF-": "This is a PDF. Send the table that it was made from, as .xlsx or as “CSV UTF-8”.",
    b"{\\rtf": "This is a text document (RTF). Copy its table into a spreadsheet, and send that.",
    b"\x1f\x8b": "This is a compressed file (gzip). Unpack it, and send the table inside.",
}
WEB_PAGE = re.compile(rb"\s*<(!doctype\s+html|html|head|body|table|meta|script)\b", re.IGNORECASE)


class ReadError(ValueError):
    """The file cannot be read as a table; the message says why, to the person who sent it."""


class Sheet:
    """A table in a file, read row by row as often as wanted; its whole structure was checked when it was opened.

    ``header`` are the names of the columns, ``total`` is the number of rows with content, and ``notices`` are
    sentences for the person who sent the file. An iteration gives the number of each row as the spreadsheet counts
    (the header is row 1) and its cells, one for each name of the header.
    """

    # How messages call the table, and what to do with cells that no column names.
    name = "file"
    too_wide = "A cell that holds the delimiter must stand in double quotes."
    # How many columns the header names, once it is read.
    width = 0

    def __init__(self, path: Path, columns: Collection[str], *, limited: bool) -> None:
        self.path = path
        self.notices: list[str] = []
        self.total = 0
        records = self.records()
        number, first, used = next(records, (1, [], 0))
        if not used:
            raise ReadError(f"The {self.name} is empty. Its first row must name the columns.")
        if used > MOST_COLUMNS:
            raise ReadError(
                f"The first row has {used:,} cells. It must name the columns, which can be {MOST_COLUMNS} at most."
            )
        names = [clean(cell) for cell in first[:used]]
        if number > 1:
            raise ReadError(
                f"Row 1 is empty, and row {number} is not. The first row must name the columns."
            )
        header = [normalise_header(name) for name in names]
        self.refuse_title(header, set(columns))
        self.width = used
        self.kept = [index for index, name in enumerate(header) if name not in MISTAKE_COLUMNS]
        if not self.kept:
            raise ReadError(
                f"The {self.name} has no columns but “error” and “row”, which are not read."
            )
        self.header = [header[index] for index in self.kept]
        self.header_texts = [names[index] for index in self.kept]
        self.check_rows(records, limited=limited)

    def refuse_title(self, header: list[str], columns: set[str]) -> None:
        """Raise ReadError if the first row names no known column and one of the next does."""
        if not columns.isdisjoint(header):
            return
        for number, cells, _ in islice(self.records(), 1, TITLE_ROWS):
            if len(columns.intersection(map(normalise_header, cells))) > 1:
                raise ReadError(
                    f"Row 1 must name the columns; yours seem to stand in row {number}. Delete the rows above it."
                )

    def check_rows(self, records: Iterator[tuple[int, list[str], int]], *, limited: bool) -> None:
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
            yield number, [clean(padded[index]) for index in self.kept]

    def records(self) -> Iterator[tuple[int, list[str], int]]:
        """Yield each row with content, the header among them: its number, its cells, and how many of them are used.

        The cells are as they stand in the file; of those beyond the header's width, some may be left out.
        """
        raise NotImplementedError

    def write_mistakes(self, out: BinaryIO, mistakes: Mapping[int, str]) -> None:
        """Write the table again in its own format, with what is wrong with each row (by its number) beside it.

        What is wrong with the header stands beside the first row below it. Rows keep their numbers, and ``open_sheet``
        reads the same header and rows from what is written.
        """
        raise NotImplementedError

    def rows_with_mistakes(self, mistakes: Mapping[int, str]) -> Iterator[list[str]]:
        """Yield every row of ``write_mistakes``, safe for a spreadsheet, and an empty one for each without content."""
        yield [*map(spreadsheet_safe, self.header_texts), *MISTAKE_COLUMNS]
        last = 1
        for number, cells in self:
            for _ in range(last + 1, number):
                yield []
            mistake = mistakes.get(number, "")
            if last == 1 and 1 in mistakes:
                mistake = f"Row 1: {mistakes[1]} {mistake}".strip()
            yield [*map(spreadsheet_safe, [*cells, self.fitting(mistake)]), str(number)]
            last = number

    def fitting(self, mistake: str) -> str:
        """Return as much of a mistake as a cell can hold."""
        return mistake


class Listing:
    """The first of what may be many, and how many there are."""

    SHOWN = 10

    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.first: list[str] = []
        self.count = 0

    def add(self, item: str) -> None:
        self.count += 1
        if self.count <= self.SHOWN:
            self.first.append(item)

    def __str__(self) -> str:
        more = self.count - self.SHOWN
        return self.separator.join(self.first) + (f" and {more} more" if more > 0 else "")


class CSVSheet(Sheet):
    """A table in CSV, in whatever encoding and with whatever delimiter a spreadsheet wrote it."""

    def __init__(self, path: Path, columns: Collection[str], *, limited: bool) -> None:
        self.encoding = encoding_of(path)
        self.delimiter = delimiter_of(path, self.encoding, columns)
        super().__init__(path, columns, limited=limited)
        if self.encoding == "cp1252":
            self.notices.append(self.foreign_notice())

    def records(self) -> Iterator[tuple[int, list[str], int]]:
        number = 0
        with self.path.open(encoding=self.encoding, newline="") as text:
            skip_excel_delimiter(text)
            try:
                for number, cells in enumerate(
                    csv.reader(text, delimiter=self.delimiter, strict=True), start=1
                ):
                    if any("\0" in cell for cell in cells):
                        raise ReadError(
                            f"Row {number} holds a NUL character; this is not a CSV file."
                        )
                    if used := used_cells(cells):
                        yield number, cells, used
            except csv.Error as error:
                if "field limit" in str(error):
                    raise ReadError(
                        f"Row {number + 1} has a cell of more than {CELL_LIMIT:,} characters. "
                        "Perhaps a quotation mark there is not closed."
                    ) from None
                raise ReadError(
                    f"Row {number + 1} is not CSV ({error}). A cell that holds a quotation mark stands in "
                    "double quotes, and doubles the mark."
                ) from None

    def foreign_notice(self) -> str:
        """Return what to say about a file in an encoding that nothing in it names, with the first cells affected."""
        samples = []
        for number, cells in [(1, self.header_texts), *self.first_foreign(3)]:
            for name, cell in zip(self.header, cells, strict=True):
                if foreign := re.search(r"[^\x00-\x7f]", cell):
                    start = max(0, foreign.start() - 30)
                    samples.append(f"row {number}, {name}: “{cell[start : start + 60].strip()}”")
        return (
            "The file is not in UTF-8 and was read as Windows-1252. Check the letters with accents and the signs"
            f"{' (' + '; '.join(samples[:3]) + ')' if samples else ''}. "
            "If they are wrong, save the file again as “CSV UTF-8” and send that."
        )

    def first_foreign(self, count: int) -> Iterator[tuple[int, list[str]]]:
        """Yield the first rows with a letter beyond ASCII."""
        for number, cells in self:
            if not all(cell.isascii() for cell in cells):
                yield number, cells
                count -= 1
            if not count:
                return

    def write_mistakes(self, out: BinaryIO, mistakes: Mapping[int, str]) -> None:
        text = io.TextIOWrapper(out, encoding="utf-8-sig", newline="")
        # One that only the first line of the file told would not be found again.
        delimiter = self.delimiter if self.delimiter in DELIMITERS else ","
        csv.writer(text, delimiter=delimiter).writerows(self.rows_with_mistakes(mistakes))
        # The stream belongs to the caller, who may want to read what was written.
        text.detach()


class CSV(base_formats.CSV):
    """CSV as spreadsheets read it; declared binary, because the byte order mark is part of it."""

    def is_binary(self) -> bool:
        return True

    def export_data(self, dataset: tablib.Dataset, **kwargs: object) -> bytes:
        """Return dataset as UTF-8 with a byte order mark, without which Excel garbles every ® and é."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(dataset.headers)
        writer.writerows([spreadsheet_safe(cell) for cell in row] for row in dataset)
        return out.getvalue().encode("utf-8-sig")


def open_sheet(
    path: Path, columns: Collection[str], *, sheet_names: Collection[str] = (), limited: bool = True
) -> Sheet:
    """Return the table in a CSV or XLSX file, told by its content, after reading it once from end to end.

    ``columns`` are the names that the import knows, which tell the header, and the delimiter of CSV; ``sheet_names``
    those of the sheet of a workbook that is wanted, else it is the first. ``limited`` keeps to what one upload may
    hold. Raises ReadError.
    """
    from .workbooks import open_workbook

    if limited:
        check_size(path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return open_workbook(path, columns, sheet_names, limited=limited)
    refuse_other_files(path, head)
    return CSVSheet(path, columns, limited=limited)


def check_size(size: int) -> None:
    """Raise ReadError for a file of more bytes than one upload may have."""
    if size > settings.IMPORT_MAX_BYTES:
        raise ReadError(
            f"The file is larger than {megabytes(settings.IMPORT_MAX_BYTES)}. Split it into smaller ones."
        )


def megabytes(size: int) -> str:
    """Return a number of bytes as people say it."""
    return f"{size / (1024 * 1024):g} MB"


def refuse_other_files(path: Path, head: bytes) -> None:
    """Raise ReadError for a file that is known not to be a table, with what it is and what to send instead."""
    if head.startswith(OLE):
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content,
        ):
            encrypted = content.find("EncryptedPackage".encode("utf-16-le")) >= 0
        if encrypted:
            raise ReadError(
                "This workbook is protected by a password. Save it without one, and send that."
            )
        raise ReadError(f"This is a file of an old Office program, such as .xls. {SAVE_AS_XLSX}")
    for start, message in OTHER_FILES.items():
        if head.startswith(start):
            raise ReadError(message)
    start_of_text = head.removeprefix(b"\xef\xbb\xbf")
    if WEB_PAGE.match(start_of_text):
        raise ReadError(
            "This is a web page, perhaps one that asks to sign in, and not a table. "
            "Download the table as .xlsx or CSV, and send that."
        )
    if start_of_text.lstrip().startswith(b"<?xml"):
        raise ReadError(f"This is an XML file. {SAVE_AS_XLSX}")


def encoding_of(path: Path) -> str:
    """Return the encoding of a text: UTF-8, UTF-16, or else Windows-1252. Raises ReadError where it is none of them."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if utf_16 := utf_16_of(head):
        try:
            with path.open(encoding=utf_16, newline="") as text:
                while text.read(CHUNK):
                    pass
        except UnicodeError:
            raise ReadError(f"The file starts as UTF-16 but is damaged. {SAVE_AS_CSV}") from None
        return utf_16
    undecodable, decoded = survey(path, "utf-8-sig")
    if not undecodable:
        return "utf-8-sig"
    if decoded or head.startswith(b"\xef\xbb\xbf"):
        # Windows-1252 would garble what is right in UTF-8.
        raise ReadError(
            f"Line {undecodable} is not text in UTF-8, but the file is otherwise. {SAVE_AS_CSV}"
        )
    undecodable, _ = survey(path, "cp1252")
    if undecodable:
        raise ReadError(
            f"Line {undecodable} is text neither in UTF-8 nor in Windows-1252. {SAVE_AS_CSV}"
        )
    return "cp1252"


def utf_16_of(head: bytes) -> str:
    """Return the form of UTF-16 that a text starts in, by its mark or because every other byte is NUL; "" for none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[0:1000:2], head[1:1000:2]
    if even and odd.count(0) > len(odd) * 0.6 and not even.count(0):
        return "utf-16-le"
    if odd and even.count(0) > len(even) * 0.6 and not odd.count(0):
        return "utf-16-be"
    return ""


def survey(path: Path, encoding: str) -> tuple[int, bool]:
    """Return the first line that encoding cannot decode (0 for none), and whether it decodes anything beyond ASCII."""
    undecodable, decoded, line = 0, False, 1
    with path.open(encoding=encoding, errors="surrogateescape") as text:
        while chunk := text.read(CHUNK):
            if not chunk.isascii():
                if not undecodable and (match := UNDECODABLE.search(chunk)):
                    undecodable = line + chunk.count("\n", 0, match.start())
                decoded = decoded or DECODED.search(chunk) is not None
            line += chunk.count("\n")
    return undecodable, decoded


def delimiter_of(path: Path, encoding: str, columns: Collection[str]) -> str:
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


def used_cells(cells: list[str]) -> int:
    """Return how many cells there are up to the last with content."""
    end = len(cells)
    while end and (not cells[end - 1] or cells[end - 1].isspace()):
        end -= 1
    return end


def normalise_header(name: str) -> str:
    """Return the column that a header means: " Scientific Rating " is scientific_rating."""
    return re.sub(r"[\s\-]+", "_", name.strip()).lower()


def clean(cell: str) -> str:
    """Return what was meant by a cell: no space around it, and as it was before ``spreadsheet_safe``."""
    text = cell.strip()
    return restore(text).strip() if text.startswith("'") else text


def spreadsheet_safe(cell: str) -> str:
    """Return cell so that a spreadsheet shows it instead of running it; ``restore`` undoes it."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def restore(cell: str) -> str:
    """Return what ``spreadsheet_safe`` was given."""
    return cell[1:] if QUOTED_FORMULA.match(cell) else cell


def joined(values: Iterable[str]) -> str:
    """Return several values as one cell."""
    return "|".join(values)
