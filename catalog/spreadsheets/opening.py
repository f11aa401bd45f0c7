"""Which kind of file somebody sent, told by its content; what is known not to be a table is refused by its name."""

import mmap
import re
from collections.abc import Collection
from pathlib import Path

from .csv_files import CSVSheet
from .encodings import UTF_8_MARK
from .limits import CHUNK, check_size
from .sheets import ReadError, Sheet
from .workbooks import open_workbook

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
# Office programs before 2007, and today's where a password protects the file.
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OTHER_FILES = {
    b"%PDF-": "This is a PDF. Send the table that it was made from, as .xlsx or as “CSV UTF-8”.",
    b"{\\rtf": "This is a text document (RTF). Copy its table into a spreadsheet, and send that.",
    b"\x1f\x8b": "This is a compressed file (gzip). Unpack it, and send the table inside.",
}
WEB_PAGE = re.compile(rb"\s*<(!doctype\s+html|html|head|body|table|meta|script)\b", re.IGNORECASE)
SAVE_AS_XLSX = (
    "Open it in a spreadsheet program, save it as .xlsx or as “CSV UTF-8”, and send that."
)


def open_sheet(
    path: Path, columns: Collection[str], *, sheet_names: Collection[str] = (), limited: bool = True
) -> Sheet:
    """Return the table in a CSV or XLSX file, told by its content, after reading it once from end to end.

    ``columns`` are the names that the caller knows, which tell the header, and the delimiter of CSV; ``sheet_names``
    those of the sheet of a workbook that is wanted, else it is the first. ``limited`` keeps to what one upload may
    hold. Raises ReadError.
    """
    if limited:
        check_size(path.stat().st_size)
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if head.startswith(ZIP):
        return open_workbook(path, columns, sheet_names, limited=limited)
    refuse_other_files(path, head)
    return CSVSheet(path, columns, limited=limited)


def refuse_other_files(path: Path, head: bytes) -> None:
    """Raise ReadError for a file that is known not to be a table, with what it is and what to send instead."""
    if head.startswith(OLE):
        if is_encrypted(path):
            raise ReadError(
                "This workbook is protected by a password. Save it without one, and send that."
            )
        raise ReadError(f"This file is in an old Office format, such as .xls. {SAVE_AS_XLSX}")
    for start, message in OTHER_FILES.items():
        if head.startswith(start):
            raise ReadError(message)
    start_of_text = head.removeprefix(UTF_8_MARK)
    if WEB_PAGE.match(start_of_text):
        raise ReadError(
            "This is a web page, perhaps one that asks to sign in, and not a table. "
            "Download the table as .xlsx or CSV, and send that."
        )
    if start_of_text.lstrip().startswith(b"<?xml"):
        raise ReadError(f"This is an XML file. {SAVE_AS_XLSX}")


def is_encrypted(path: Path) -> bool:
    """Return whether a file of Office holds a workbook that a password protects."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find("EncryptedPackage".encode("utf-16-le")) >= 0
