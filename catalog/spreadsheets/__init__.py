"""CSV and XLSX to rows of text and back, as spreadsheets write and read them. Knows nothing of what the rows mean."""

from .formats import CSV, FORMATS, XLSX
from .limits import check_size
from .opening import open_sheet
from .sheets import ReadError, Sheet

__all__ = [
    "CSV",
    "FORMATS",
    "XLSX",
    "ReadError",
    "Sheet",
    "check_size",
    "open_sheet",
]
