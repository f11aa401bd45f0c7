"""The rows of a sheet in a workbook, read from its XML."""

from datetime import datetime

from .cells import escape_formula
from .sheets import Listing, ReadError
from .workbook_archive import DAMAGED, local_name, new_parser
from .workbook_cells import (
    column_letters,
    column_number,
    date_text,
    decode_text,
    encode_text,
    natural,
    number_text,
    serial_text,
)

# What a spreadsheet can hold.
MAX_ROW, MAX_COLUMN, MAX_CELL = 1_048_576, 16_384, 32_767
# As many characters fit into a cell even if each of them is stored as a code.
MAX_CODED = MAX_CELL // 8


class WorkbookProblems:
    """Collects the cells of a sheet that hold no text of their own, what to do about them, and the hidden rows."""

    def __init__(self) -> None:
        self.cells = Listing("; ")
        self.advice: dict[str, None] = {}
        self.merged: list[str] = []
        self.hidden = Listing(", ")

    def add(self, problem: str, advice: str) -> None:
        """Add what is wrong with a cell, and what to do about it."""
        self.cells.add(problem)
        self.advice[advice] = None

    def check_merged(self, last_row: int, width: int) -> None:
        """Add the merged cells within the table: all but their first would be read as blank."""
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
        self,
        texts: list[str],
        precisions: list[str],
        problems: WorkbookProblems,
        *,
        epoch_1904: bool,
    ) -> None:
        self.texts, self.precisions, self.problems = texts, precisions, problems
        self.epoch_1904 = epoch_1904
        self.rows: list[tuple[int, dict[int, str]]] = []
        self.number = 0
        self.column = 0
        self.is_hidden = False
        self.cells: dict[int, str] = {}
        self.cell: dict[str, str] | None = None
        self.collected: list[str] = []
        self.formula: list[str] | None = None
        self.is_phonetic = False
        self.parser = new_parser()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element. Raises ReadError for rows and cells out of order."""
        name = local_name(tag)
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
        elif name == "v" or (name == "t" and not self.is_phonetic):
            self.parser.CharacterDataHandler = self.collected.append
        elif name == "f":
            self.formula = []
            self.parser.CharacterDataHandler = self.formula.append
        elif name == "rPh":
            self.is_phonetic = True

    def start_cell(self, attributes: dict[str, str]) -> None:
        """Start a cell in the column that it names, or in the next. Raises ReadError for cells out of order."""
        reference = attributes.get("r")
        # Most cells of some sheets are empty: this must cost little.
        column = column_number(reference.rstrip("0123456789")) if reference else self.column + 1
        if not self.column < column <= MAX_COLUMN:
            raise ReadError(DAMAGED)
        self.column, self.cell = column, attributes

    def end(self, tag: str) -> None:
        """Handle the end of an element."""
        name = local_name(tag)
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
            self.is_phonetic = False

    def keep_cell(self, cell: dict[str, str]) -> None:
        """Keep the text of a cell, or a problem with what it holds instead."""
        kind, content = cell.get("t", "n"), "".join(self.collected)
        if self.formula is not None:
            formula = "".join(self.formula)
            self.add_problem(
                f"the formula ={formula[:100]}" if formula else "a formula",
                "Copy the column and paste it as values.",
            )
        elif kind == "e":
            self.add_problem(f"the error {content[:20]}", "Correct the cell, or clear it.")
        else:
            text = self.text(kind, content, natural(cell.get("s", "0")))
            if text and not text.isspace():
                if len(text) > MAX_CODED and len(encode_text(escape_formula(text))) > MAX_CELL:
                    self.add_problem(
                        f"more than {MAX_CELL:,} characters", "Send the table as “CSV UTF-8”."
                    )
                self.cells[self.column] = text

    def add_problem(self, held: str, advice: str) -> None:
        """Add a problem with the cell that is being read."""
        # The row has content, whatever the cell holds.
        self.cells[self.column] = held
        self.problems.add(f"{column_letters(self.column)}{self.number} holds {held}", advice)

    def text(self, kind: str, content: str, style: int) -> str:
        """Return what a cell shows as text. Raises an error of DAMAGE for what no workbook holds."""
        if kind == "s":
            return self.texts[natural(content)]
        if kind in ("inlineStr", "str"):
            return decode_text(content)
        if kind == "b":
            return {"0": "no", "1": "yes", "false": "no", "true": "yes"}[content.strip()]
        shown = self.precisions[style] if style < len(self.precisions) else ""
        if kind == "n" and not shown:
            return number_text(content)
        try:
            if kind == "d":
                return date_text(
                    datetime.fromisoformat(content).replace(tzinfo=None), shown or "day"
                )
            return serial_text(float(content), shown, epoch_1904=self.epoch_1904)
        except (ValueError, OverflowError):
            self.add_problem(
                "a date that does not exist",
                "Type the date as text, such as 2024-06-15.",
            )
            return ""
