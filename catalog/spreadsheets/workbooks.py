"""Workbooks (XLSX) as tables of text.

They are read here and not by openpyxl, which holds the cells of a row however many there are, shows codes such as
``_x000D_`` as text, warns of what it skips, and takes more than twice as long; what it writes is right.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from openpyxl.styles.numbers import BUILTIN_FORMATS

from .sheets import ReadError, Sheet, SheetRecord
from .workbook_archive import Archive, local_name, new_parser, refuse_damage
from .workbook_cells import date_precision, decode_text
from .workbook_rows import MAX_CODED, RowReader, WorkbookProblems
from .workbook_writing import write_workbook

# No number format of a workbook is longer.
MAX_FORMAT = 255
# How many of the sheets that are not read a notice names.
MOST_TITLES = 10


class Worksheet(NamedTuple):
    """Hold what a workbook says of a sheet: its title, its part of the archive, and whether people see it."""

    title: str
    part: str
    visible: bool


class WorkbookSheet(Sheet):
    """A table in a sheet of a workbook."""

    def __init__(
        self,
        path: Path,
        archive: Archive,
        columns: Collection[str],
        sheet_names: Collection[str],
        *,
        limited: bool,
    ) -> None:
        workbook = find_workbook_part(archive)
        relations = archive.relations(workbook)
        parts = {kind: part for kind, part in relations.values() if part in archive.names}
        self.texts = read_shared_strings(archive, parts.get("sharedStrings"))
        self.precisions = read_date_precisions(archive, parts.get("styles"))
        worksheets, self.epoch_1904 = read_worksheets(archive, workbook, relations)
        worksheet = choose_worksheet(worksheets, sheet_names)
        self.title, self.part = worksheet.title, worksheet.part
        self.name = f"sheet “{worksheet.title}”"
        super().__init__(path, columns, limited=limited)
        self.notice_hidden_rows()
        self.notice_other_sheets(archive, worksheets)

    def notice_hidden_rows(self) -> None:
        """Add a notice if rows are hidden: they are read like the others."""
        if count := self.hidden.count:
            rows, are = ("Row", "is") if count == 1 else ("Rows", "are")
            self.notices.append(
                f"{rows} {self.hidden} {are} hidden in the workbook and {are} imported too."
            )

    def notice_other_sheets(self, archive: Archive, worksheets: list[Worksheet]) -> None:
        """Add a notice if other sheets have content, too."""
        others = [
            f"“{other.title}”"
            for other in worksheets
            if other.part != self.part and self.has_content(archive, other.part)
        ]
        if others:
            titles = ", ".join(others[:MOST_TITLES])
            self.notices.append(f"Only the sheet “{self.title}” was read, not {titles}.")

    def records(self) -> Iterator[SheetRecord]:
        problems, last = WorkbookProblems(), 1
        with refuse_damage():
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
        self, archive: Archive, part: str, problems: WorkbookProblems
    ) -> Iterator[tuple[int, dict[int, str]]]:
        """Yield the number and the texts, by column, of each row with content; add cells without text to problems."""
        reader = RowReader(self.texts, self.precisions, problems, epoch_1904=self.epoch_1904)
        for _ in archive.parse(part, reader.parser):
            yield from reader.rows
            reader.rows.clear()

    def has_content(self, archive: Archive, part: str) -> bool:
        """Return whether any cell of a sheet holds something."""
        return next(self.rows(archive, part, WorkbookProblems()), None) is not None

    def write_mistakes(self, out: BinaryIO, mistakes: Mapping[int, str]) -> None:
        write_workbook(out, self.title, self.rows_with_mistakes(mistakes))

    def shorten(self, mistake: str) -> str:
        return mistake if len(mistake) <= MAX_CODED else f"{mistake[: MAX_CODED - 1]}…"


def open_workbook(
    path: Path, columns: Collection[str], sheet_names: Collection[str], *, limited: bool
) -> WorkbookSheet:
    """Return the table in a workbook: of the first sheet named in sheet_names, else of the first. Raises ReadError."""
    with refuse_damage():
        archive = Archive(path)
        with archive.zip:
            return WorkbookSheet(path, archive, columns, sheet_names, limited=limited)


def find_workbook_part(archive: Archive) -> str:
    """Return the part that lists the sheets. Raises ReadError, with what the archive is if it is no workbook."""
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
            "This is an Apple Numbers file. In Numbers choose File › Export To › Excel or CSV, and send that."
        )
    raise ReadError("This is a ZIP archive and no workbook. Unpack it, and send the table inside.")


def read_worksheets(
    archive: Archive, workbook: str, relations: dict[str, tuple[str, str]]
) -> tuple[list[Worksheet], bool]:
    """Return the sheets with cells, in their order, and whether their dates count from 1904 as on old Macs."""
    worksheets, epoch_1904 = [], False
    for _, element, tag in archive.tags(workbook):
        if element == "workbookPr":
            epoch_1904 = tag.get("date1904") in ("1", "true")
        if element == "sheet":
            kind, part = relations.get(tag["id"], ("", ""))
            if kind == "worksheet" and part in archive.names:
                worksheets.append(
                    Worksheet(tag["name"], part, tag.get("state", "visible") == "visible")
                )
    return worksheets, epoch_1904


def choose_worksheet(worksheets: list[Worksheet], sheet_names: Collection[str]) -> Worksheet:
    """Return the visible sheet named in sheet_names, else the first visible one. Raises ReadError."""

    def simplify(title: str) -> str:
        return re.sub(r"[\s_\-]", "", title).lower()

    visible = [worksheet for worksheet in worksheets if worksheet.visible]
    if not visible:
        raise ReadError("The workbook has no visible sheet. Put the table into one, and send that.")
    wanted = {simplify(name) for name in sheet_names}
    return next(
        (worksheet for worksheet in visible if simplify(worksheet.title) in wanted), visible[0]
    )


def read_shared_strings(archive: Archive, part: str | None) -> list[str]:
    """Return the texts that cells refer to by number, without their pronunciation (East Asian ``rPh``)."""
    if part is None:
        return []
    texts: list[str] = []
    collected: list[str] = []
    parents: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        parents.append(local_name(tag))
        if parents[-1] == "t" and "rPh" not in parents:
            parser.CharacterDataHandler = collected.append

    def end(tag: str) -> None:
        parser.CharacterDataHandler = None
        if parents.pop() == "si":
            texts.append(decode_text("".join(collected)))
            collected.clear()

    parser = new_parser()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    for _ in archive.parse(part, parser):
        pass
    return texts


def read_date_precisions(archive: Archive, part: str | None) -> list[str]:
    """Return what each style that cells refer to by number shows of a date, as ``date_precision`` does."""
    if part is None:
        return []
    shown = {number: date_precision(code) for number, code in BUILTIN_FORMATS.items()}
    precisions = []
    for parent, element, tag in archive.tags(part):
        if element == "numFmt" and parent == "numFmts":
            shown[int(tag["numFmtId"])] = date_precision(tag["formatCode"][:MAX_FORMAT])
        if element == "xf" and parent == "cellXfs":
            precisions.append(shown.get(int(tag.get("numFmtId", 0)), ""))
    return precisions
