"""Files as spreadsheets write them: bytes in, rows of text out, and back."""

import csv
import io
import re
from collections.abc import Iterable

import tablib
from django.conf import settings
from import_export.formats import base_formats

# One cell may be as long as the file: ``create_dataset`` limits that.
csv.field_size_limit(2**31 - 1)

DELIMITERS = (",", ";", "\t", "|")
# A spreadsheet runs a cell that starts with one of these.
FORMULA = re.compile(r"^'*[=+\-@\t\r]")
QUOTED_FORMULA = re.compile(r"^'+[=+\-@\t\r]")


class ReadError(ValueError):
    """The file cannot be read as a table; the message says why, to the person who sent it."""


class Sheet(tablib.Dataset):
    """A table that knows at which row of the file each of its own rows stands (the header is row 1)."""

    row_numbers: list[int]


class CSV(base_formats.CSV):
    """CSV as spreadsheets write it; declared binary, because what it is encoded in is found out here."""

    def is_binary(self) -> bool:
        return True

    def get_read_mode(self) -> str:
        return "rb"

    def create_dataset(self, in_stream: bytes, *, limited: bool = True) -> Sheet:
        """Return the rows of a CSV file. Raises ReadError, also beyond what one request can take (``limited``)."""
        if limited and len(in_stream) > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES // (1024 * 1024)
            raise ReadError(f"The file is larger than {limit} MB. Split it into smaller ones.")
        text = decode(in_stream)
        records = read_records(text, best_delimiter(text))
        header = records[0] if records else []
        while header and not header[-1].strip():
            header.pop()
        if not header:
            raise ReadError("The file is empty. Its first row must name the columns.")
        sheet = Sheet(headers=[normalise_header(name) for name in header])
        sheet.row_numbers = []
        for number, cells in enumerate(records[1:], start=2):
            if not any(cell.strip() for cell in cells):
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                raise ReadError(
                    f"Row {number} has {len(cells)} cells, but the header names {len(header)} columns. "
                    "A cell that holds the delimiter must stand in double quotes."
                )
            padded = [*cells, *[""] * len(header)][: len(header)]
            sheet.append([restore(cell) for cell in padded])
            sheet.row_numbers.append(number)
        if limited and len(sheet) > settings.IMPORT_MAX_ROWS:
            raise ReadError(
                f"The file has {len(sheet):,} rows; {settings.IMPORT_MAX_ROWS:,} can be imported here at once. "
                "Split it into smaller files, or ask for an import from the command line, which has no limit."
            )
        return sheet

    def export_data(self, dataset: tablib.Dataset, **kwargs: object) -> bytes:
        """Return dataset as UTF-8 with a byte order mark, without which Excel garbles every ® and é."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(dataset.headers)
        writer.writerows([spreadsheet_safe(cell) for cell in row] for row in dataset)
        return out.getvalue().encode("utf-8-sig")


def decode(data: bytes) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with a byte order mark. Raises ReadError."""
    if data.startswith(b"PK\x03\x04"):
        raise ReadError("This is a workbook. Save it as “CSV UTF-8” and send that.")
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = len(data[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
        raise ReadError(
            f"Line {line} is not text in UTF-8. Save the file again as “CSV UTF-8” and send that."
        ) from None
    if "\0" in text:
        raise ReadError(
            f"Line {text[: text.index(chr(0))].count(chr(10)) + 1} holds a NUL character; this is not a CSV file."
        )
    return text


def best_delimiter(text: str) -> str:
    """Return the delimiter that splits the header into the most columns that an import knows."""
    from . import KINDS

    known = {column for kind in KINDS.values() for column in kind.columns()}

    def matches(delimiter: str) -> int:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return sum(normalise_header(name) in known for name in header)

    return max(DELIMITERS, key=matches)


def read_records(text: str, delimiter: str) -> list[list[str]]:
    """Return the records of a CSV text. Raises ReadError where quoting is broken."""
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ReadError(
            f"Row {len(records) + 1} is not CSV ({error}). A cell that holds a quotation mark stands in "
            "double quotes, and doubles the mark."
        ) from None
    return records


def normalise_header(name: str) -> str:
    """Return the column that a header means: " Scientific Rating " is scientific_rating."""
    return re.sub(r"[\s\-]+", "_", name.strip()).lower()


def spreadsheet_safe(cell: str) -> str:
    """Return cell so that a spreadsheet shows it instead of running it; ``restore`` undoes it."""
    return f"'{cell}" if FORMULA.match(cell) else cell


def restore(cell: str) -> str:
    """Return what ``spreadsheet_safe`` was given."""
    return cell[1:] if QUOTED_FORMULA.match(cell) else cell


def joined(values: Iterable[str]) -> str:
    """Return several values as one cell."""
    return "|".join(values)
