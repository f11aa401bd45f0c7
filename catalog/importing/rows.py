"""The rows of a file, as an importer reads them."""

from collections.abc import Iterable, Iterator
from typing import Protocol


class SheetRow(dict[str, str]):
    """Map the columns of a row to its cells; ``number`` is the row's, as the spreadsheet counts."""

    __slots__ = ("number",)

    def __init__(self, number: int, cells: Iterable[tuple[str, str]]) -> None:
        super().__init__(cells)
        self.number = number


class Table(Protocol):
    """Give what an import reads, as often as it asks: numbers of rows, each with a cell for each name of the header."""

    header: list[str]

    def __iter__(self) -> Iterator[tuple[int, list[str]]]: ...
