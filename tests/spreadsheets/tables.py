"""Tables as files of every kind: written for a test, and read as ``open_sheet`` reads them."""

import io
import zipfile
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import tablib
from hypothesis import strategies as st
from openpyxl import Workbook

from catalog.spreadsheets import ReadError, open_sheet

COLUMNS = {"slug", "name", "goals", "description"}

# Whatever a file can carry.
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)

DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again as .xlsx, and send that."


@contextmanager
def opened(data, **options):
    """Give the sheet in a file of data, whose name says nothing."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        yield open_sheet(path, COLUMNS, **options)


def content(sheet):
    """Return the header, the rows and their numbers in the spreadsheet."""
    rows = list(sheet)
    return sheet.header, [cells for _, cells in rows], [number for number, _ in rows]


def read(data, **options):
    with opened(data, **options) as sheet:
        return content(sheet)


def notices(data, **options):
    with opened(data, **options) as sheet:
        return sheet.notices


def refusal(data, **options):
    with pytest.raises(ReadError) as refused:
        read(data, **options)
    return str(refused.value)


def workbook(*rows, title="Programs", formats=()):
    """Return a workbook as openpyxl writes it, with number formats by cell."""
    book = Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    for cell, code in dict(formats).items():
        book.active[cell].number_format = code
    return saved(book)


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data, part, change):
    """Return a workbook with change applied to the text of one part; None for a part leaves it out."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            text = old.read(name)
            text = change(text) if name == part else text
            if text is not None:
                new.writestr(name, text)
    return out.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def with_rows(xml):
    """Return a workbook whose rows after the header are the XML given."""
    return changed(
        workbook(["slug", "name", "goals"]),
        SHEET,
        lambda text: text.replace(b"</sheetData>", xml.encode() + b"</sheetData>"),
    )


def table(*rows, headers=("slug", "name"), title=None):
    return tablib.Dataset(*rows, headers=list(headers), title=title)
