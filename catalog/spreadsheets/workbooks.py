"""Workbooks (XLSX) as tables of text.

They are read here and not by openpyxl, which holds the cells of a row however many there are, shows codes such as
``_x000D_`` as text, warns of what it skips, and takes more than twice as long; what it writes is right.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

import tablib
from django.conf import settings
from import_export.formats import base_formats
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.styles.numbers import BUILTIN_FORMATS

from .reading import CHUNK, Listing, ReadError, Sheet, megabytes, spreadsheet_safe
from .workbook_cells import (
    column_letters,
    column_number,
    date_text,
    decoded,
    natural,
    number_text,
    precision,
    serial_text,
    stored,
)

# Repeated cells are packed tightly, but nothing that a person typed is packed as tightly as this.
MAX_RATIO = 300
# What a spreadsheet can hold.
MAX_ROW, MAX_COLUMN, MAX_CELL, MAX_FORMAT = 1_048_576, 16_384, 32_767, 255
# As many characters fit into a cell even if each of them is stored as a code.
MAX_CODED = MAX_CELL // 8

DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again as .xlsx, and send that."
# What the standard library raises for a damaged archive, and this module for parts that contradict each other.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, EOFError, LookupError,
    NotImplementedError, OSError, OverflowError, RuntimeError, UnicodeError, ValueError,
)  # fmt: skip


class Archive:
    """The parts of a workbook, none of them larger than it says, none twice, and none with a document type."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        self.names = set(self.zip.namelist())
        parts = self.zip.infolist()
        unzipped = sum(part.file_size for part in parts)
        size = path.stat().st_size
        if unzipped > settings.IMPORT_MAX_UNZIPPED_BYTES:
            raise ReadError(
                f"The workbook unpacks to more than {megabytes(settings.IMPORT_MAX_UNZIPPED_BYTES)}. "
                "Split it into smaller ones, or save the table as “CSV UTF-8” and send that."
            )
        if unzipped > MAX_RATIO * size:
            raise ReadError(
                f"The workbook unpacks to more than {MAX_RATIO} times its size, which no table of text does. "
                "Copy the table into a new workbook, and send that."
            )
        if any(part.flag_bits & 1 for part in parts):
            raise ReadError(
                "This workbook is protected by a password. Save it without one, and send that."
            )
        methods = {part.compress_type for part in parts}
        if len(self.names) < len(parts) or methods - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ReadError(DAMAGED)

    def parse(self, name: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feed a part to parser, and pause after each chunk. The zip gives no more bytes than its directory says."""

        def refuse(*doctype: object) -> None:
            raise ReadError(DAMAGED)

        parser.StartDoctypeDeclHandler = refuse
        with self.zip.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk)
                yield
            parser.Parse(b"", True)
            yield

    def tags(self, name: str) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Yield each element of a part: the name of its parent, its own name and its attributes, without namespaces."""
        found: list[tuple[str, str, dict[str, str]]] = []
        parents = [""]

        def start(tag: str, attributes: dict[str, str]) -> None:
            found.append(
                (parents[-1], local(tag), {local(key): v for key, v in attributes.items()})
            )
            parents.append(local(tag))

        parser = new_parser()
        parser.StartElementHandler = start
        parser.EndElementHandler = lambda tag: parents.pop()
        for _ in self.parse(name, parser):
            yield from found
            found.clear()

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the part of each relation of a part, by its id; none if it has none."""
        folder, _, file = name.rpartition("/")
        relations = f"{folder}/_rels/{file}.rels".lstrip("/")
        if relations not in self.names:
            return {}
        return {
            tag["Id"]: (tag["Type"].rpartition("/")[2], resolve(folder, tag["Target"]))
            for _, element, tag in self.tags(relations)
            if element == "Relationship" and tag.get("TargetMode") != "External"
        }


class Page(NamedTuple):
    """A sheet of a workbook: its title, its part of the archive, and whether people see it."""

    title: str
    part: str
    visible: bool


class WorkbookSheet(Sheet):
    """A table in a sheet of a workbook."""

    too_wide = "Name their columns in row 1, or clear the cells."

    def __init__(
        self,
        path: Path,
        archive: Archive,
        columns: Collection[str],
        sheet_names: Collection[str],
        *,
        limited: bool,
    ) -> None:
        workbook = workbook_part(archive)
        relations = archive.relations(workbook)
        parts = {kind: part for kind, part in relations.values() if part in archive.names}
        self.texts = read_texts(archive, parts["sharedStrings"]) if "sharedStrings" in parts else []
        self.formats = read_formats(archive, parts["styles"]) if "styles" in parts else []
        pages, self.epoch_1904 = read_pages(archive, workbook, relations)
        page = chosen(pages, sheet_names)
        self.title, self.part = page.title, page.part
        self.name = f"sheet “{page.title}”"
        super().__init__(path, columns, limited=limited)
        if count := self.hidden.count:
            rows, are = ("Row", "is") if count == 1 else ("Rows", "are")
            self.notices.append(
                f"{rows} {self.hidden} {are} hidden in the workbook and {are} imported too."
            )
        others = [
            other.title
            for other in pages
            if other.part != self.part and self.has_content(archive, other.part)
        ]
        if others:
            titles = ", ".join(f"“{title}”" for title in others[:10])
            self.notices.append(f"Only the sheet “{page.title}” was read, not {titles}.")

    def records(self) -> Iterator[tuple[int, list[str], int]]:
        problems, last = WorkbookProblems(), 1
        with damage_named():
            archive = Archive(self.path)
            with archive.zip:
                for number, cells in self.rows(archive, self.part, problems):
                    last, used = number, max(cells)
                    # The width of the header is not known before its own row is read.
                    width = min(used, self.width or used)
                    yield number, [cells.get(n, "") for n in range(1, width + 1)], used
            problems.check_merged(last, self.width)
        self.hidden = problems.hidden
        problems.refuse()

    def rows(
        self, archive: Archive, part: str, problems: "WorkbookProblems"
    ) -> Iterator[tuple[int, dict[int, str]]]:
        """Yield the number and the texts, by column, of each row with content, and tell problems of other cells."""
        reader = RowReader(self.texts, self.formats, problems, epoch_1904=self.epoch_1904)
        for _ in archive.parse(part, reader.parser):
            yield from reader.rows
            reader.rows.clear()

    def has_content(self, archive: Archive, part: str) -> bool:
        return next(self.rows(archive, part, WorkbookProblems()), None) is not None

    def write_mistakes(self, out: BinaryIO, mistakes: Mapping[int, str]) -> None:
        write_workbook(out, self.title, self.rows_with_mistakes(mistakes))

    def fitting(self, mistake: str) -> str:
        return mistake if len(mistake) <= MAX_CODED else f"{mistake[: MAX_CODED - 1]}…"


class WorkbookProblems:
    """The cells of a sheet that hold no text of their own, and what to do about them; the rows that nobody sees."""

    def __init__(self) -> None:
        self.cells = Listing("; ")
        self.advice: dict[str, None] = {}
        self.merged: list[str] = []
        self.hidden = Listing(", ")

    def add(self, problem: str, advice: str) -> None:
        self.cells.add(problem)
        self.advice[advice] = None

    def check_merged(self, last_row: int, width: int) -> None:
        """Tell of merged cells within the table: all but their first would be read as blank."""
        for merged in self.merged:
            start, _, _ = merged.partition(":")
            letters = start.rstrip("0123456789")
            row = start.removeprefix(letters)
            if int(row) <= last_row and column_number(letters) <= width:
                self.add(
                    f"{merged} are merged cells",
                    "Unmerge them, and fill in each cell that they covered.",
                )

    def refuse(self) -> None:
        """Raise ReadError if there is any."""
        if self.cells.count:
            raise ReadError(f"{self.cells}. {' '.join(self.advice)}")


class RowReader:
    """Turns the XML of a sheet into rows of text, one element after the other."""

    def __init__(
        self, texts: list[str], formats: list[str], problems: WorkbookProblems, *, epoch_1904: bool
    ) -> None:
        self.texts, self.formats, self.problems = texts, formats, problems
        self.epoch_1904 = epoch_1904
        self.rows: list[tuple[int, dict[int, str]]] = []
        self.number = 0
        self.column = 0
        self.is_hidden = False
        self.cells: dict[int, str] = {}
        self.cell: dict[str, str] | None = None
        self.collected: list[str] = []
        self.formula: list[str] | None = None
        self.phonetic = False
        self.parser = new_parser()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "c":
            self.start_cell(attributes)
        elif name == "row":
            number = int(attributes.get("r", self.number + 1))
            if not self.number < number <= MAX_ROW:
                raise ReadError(DAMAGED)
            self.number, self.column, self.cells = number, 0, {}
            self.is_hidden = attributes.get("hidden") in ("1", "true")
        elif name == "mergeCell":
            self.problems.merged.append(attributes["ref"])
        elif self.cell is None:
            return
        elif name == "v" or (name == "t" and not self.phonetic):
            self.parser.CharacterDataHandler = self.collected.append
        elif name == "f":
            self.formula = []
            self.parser.CharacterDataHandler = self.formula.append
        elif name == "rPh":
            self.phonetic = True

    def start_cell(self, attributes: dict[str, str]) -> None:
        reference = attributes.get("r")
        # Most cells of some sheets are empty: this must cost little.
        column = column_number(reference.rstrip("0123456789")) if reference else self.column + 1
        if not self.column < column <= MAX_COLUMN:
            raise ReadError(DAMAGED)
        self.column, self.cell = column, attributes

    def end(self, tag: str) -> None:
        name = local(tag)
        if name == "c" and self.cell is not None:
            if self.collected or self.formula is not None:
                self.keep_cell(self.cell)
                self.collected.clear()
                self.formula = None
            self.cell = None
        elif name in ("v", "t", "f"):
            self.parser.CharacterDataHandler = None
        elif name == "row" and self.cells:
            self.rows.append((self.number, self.cells))
            if self.is_hidden and self.number > 1:
                self.problems.hidden.add(f"{self.number:,}")
            self.cells = {}
        elif name == "rPh":
            self.phonetic = False

    def keep_cell(self, cell: dict[str, str]) -> None:
        """Keep the text of a cell, or tell what it holds instead."""
        kind, content = cell.get("t", "n"), "".join(self.collected)
        if self.formula is not None:
            formula = "".join(self.formula)
            self.problem(
                f"the formula ={formula[:100]}" if formula else "a formula",
                "Copy the column and paste it as values.",
            )
        elif kind == "e":
            self.problem(f"the error {content[:20]}", "Correct the cell, or clear it.")
        else:
            text = self.text(kind, content, natural(cell.get("s", "0")))
            if text and not text.isspace():
                if len(text) > MAX_CODED and len(stored(spreadsheet_safe(text))) > MAX_CELL:
                    self.problem(
                        f"more than {MAX_CELL:,} characters", "Send the table as “CSV UTF-8”."
                    )
                self.cells[self.column] = text

    def problem(self, held: str, advice: str) -> None:
        # The row has content, whatever the cell would be.
        self.cells[self.column] = held
        self.problems.add(f"{column_letters(self.column)}{self.number} holds {held}", advice)

    def text(self, kind: str, content: str, style: int) -> str:
        """Return what a cell shows as text. Raises an error of DAMAGE for what no workbook holds."""
        if kind == "s":
            return self.texts[natural(content)]
        if kind in ("inlineStr", "str"):
            return decoded(content)
        if kind == "b":
            return {"0": "no", "1": "yes", "false": "no", "true": "yes"}[content.strip()]
        shown = self.formats[style] if style < len(self.formats) else ""
        if kind == "n" and not shown:
            return number_text(content)
        try:
            if kind == "d":
                return date_text(
                    datetime.fromisoformat(content).replace(tzinfo=None), shown or "day"
                )
            return serial_text(float(content), shown, epoch_1904=self.epoch_1904)
        except (ValueError, OverflowError):
            self.problem(
                "a date that no calendar has",
                "Type the date as text, such as 2024-06-15.",
            )
            return ""


def open_workbook(
    path: Path, columns: Collection[str], sheet_names: Collection[str], *, limited: bool
) -> WorkbookSheet:
    """Return the table in a workbook: of the first sheet named in sheet_names, else of the first. Raises ReadError."""
    with damage_named():
        archive = Archive(path)
        with archive.zip:
            return WorkbookSheet(path, archive, columns, sheet_names, limited=limited)


@contextmanager
def damage_named() -> Iterator[None]:
    """Raise ReadError for whatever a damaged archive or XML makes the standard library raise."""
    try:
        yield
    except ReadError:
        raise
    except DAMAGE:
        raise ReadError(DAMAGED) from None


def workbook_part(archive: Archive) -> str:
    """Return the part that lists the sheets. Raises ReadError with what the archive is, if it is no workbook."""
    for kind, part in archive.relations("").values():
        if kind == "officeDocument" and part in archive.names:
            if part.endswith(".bin"):
                raise ReadError(
                    "This is a binary workbook (.xlsb). Save it as .xlsx, and send that."
                )
            if part.startswith(("word/", "ppt/")):
                raise ReadError(
                    "This is a text document or a presentation. Copy its table into a spreadsheet, and send that."
                )
            return part
    if "mimetype" in archive.names:
        raise ReadError(
            "This is an OpenDocument file, such as .ods. Save it as .xlsx or as “CSV UTF-8”, and send that."
        )
    if any(name.startswith("Index/") or name == "Index.zip" for name in archive.names):
        raise ReadError(
            "This is a file of Apple Numbers. In Numbers choose File › Export To › Excel or CSV, and send that."
        )
    raise ReadError("This is a ZIP archive and no workbook. Unpack it, and send the table inside.")


def read_pages(
    archive: Archive, workbook: str, relations: dict[str, tuple[str, str]]
) -> tuple[list[Page], bool]:
    """Return the sheets with cells, in their order, and whether their dates count from 1904 as on old Macs."""
    pages, epoch_1904 = [], False
    for _, element, tag in archive.tags(workbook):
        if element == "workbookPr":
            epoch_1904 = tag.get("date1904") in ("1", "true")
        if element == "sheet":
            kind, part = relations.get(tag["id"], ("", ""))
            if kind == "worksheet" and part in archive.names:
                pages.append(Page(tag["name"], part, tag.get("state", "visible") == "visible"))
    return pages, epoch_1904


def chosen(pages: list[Page], sheet_names: Collection[str]) -> Page:
    """Return the visible sheet named in sheet_names, else the first visible one. Raises ReadError."""

    def plain(title: str) -> str:
        return re.sub(r"[\s_\-]", "", title).lower()

    visible = [page for page in pages if page.visible]
    if not visible:
        raise ReadError(
            "The workbook has no sheet that can be seen. Put the table into one, and send that."
        )
    wanted = {plain(name) for name in sheet_names}
    return next((page for page in visible if plain(page.title) in wanted), visible[0])


def read_texts(archive: Archive, part: str) -> list[str]:
    """Return the texts that cells refer to by number, without the marks of how to pronounce them."""
    texts: list[str] = []
    collected: list[str] = []
    parents: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        parents.append(local(tag))
        if parents[-1] == "t" and "rPh" not in parents:
            parser.CharacterDataHandler = collected.append

    def end(tag: str) -> None:
        parser.CharacterDataHandler = None
        if parents.pop() == "si":
            texts.append(decoded("".join(collected)))
            collected.clear()

    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    for _ in archive.parse(part, parser):
        pass
    return texts


def read_formats(archive: Archive, part: str) -> list[str]:
    """Return the ``precision`` of each style that cells refer to by number."""
    shown = {number: precision(code) for number, code in BUILTIN_FORMATS.items()}
    formats = []
    for parent, element, tag in archive.tags(part):
        if element == "numFmt" and parent == "numFmts":
            shown[int(tag["numFmtId"])] = precision(tag["formatCode"][:MAX_FORMAT])
        if element == "xf" and parent == "cellXfs":
            formats.append(shown.get(int(tag.get("numFmtId", 0)), ""))
    return formats


def new_parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    return parser


@lru_cache(maxsize=1000)
def local(tag: str) -> str:
    """Return the name of an element or attribute without its namespace, of which there are two for workbooks."""
    return tag.rpartition("}")[2]


def resolve(folder: str, target: str) -> str:
    """Return the part that target names, seen from folder."""
    parts: list[str] = []
    for step in PurePosixPath(
        target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
    ).parts:
        if step == ".." and parts:
            parts.pop()
        elif step not in ("..", "/"):
            parts.append(step)
    return "/".join(parts)


def write_workbook(out: BinaryIO, title: str, rows: Iterable[Iterable[str]]) -> None:
    """Write rows of texts, which are safe already, as a workbook; the first is the header.

    Raises ReadError for a text that is longer than a cell can be.
    """
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    for number, row in enumerate(rows, start=1):
        cells: list[WriteOnlyCell | None] = []
        for text in map(stored, row):
            if len(text) > MAX_CELL:
                sheet.close()
                raise ReadError(
                    f"{column_letters(len(cells) + 1)}{number} would hold more than the {MAX_CELL:,} characters that "
                    "a cell of a workbook can hold. Choose CSV."
                )
            cell = WriteOnlyCell(sheet, value=text)
            # Whatever it looks like: a number, an error, a formula.
            cell.data_type = "s"
            if number == 1:
                cell.font = bold
            cells.append(cell if text else None)
        sheet.append(cells)
    workbook.save(out)


def sheet_title(title: str) -> str:
    """Return title as far as a spreadsheet takes it as the name of a sheet."""
    return re.sub(r"[\\*?:/\[\]\x00-\x1f\ufffe\uffff]", " ", title).strip(" '")[:31] or "Sheet1"


class XLSX(base_formats.XLSX):
    """Workbooks of texts only, so that no program guesses a date or runs a formula."""

    def export_data(self, dataset: tablib.Dataset, **kwargs: object) -> bytes:
        """Return dataset as a workbook whose one sheet has its title. Raises ReadError for too long a text."""
        out = BytesIO()
        rows = ([spreadsheet_safe(cell) for cell in row] for row in dataset)
        write_workbook(out, dataset.title or "", [dataset.headers, *rows])
        return out.getvalue()
