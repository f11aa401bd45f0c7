"""The parts of a cell in a workbook as text: its place, numbers, dates, and characters that XML cannot hold."""

import re
from datetime import datetime, timedelta
from functools import cache
from math import isfinite

# Beyond this a whole number is written with an exponent.
LARGEST_WRITTEN_OUT = 1e21
# 29 February 1900, a day that spreadsheets count and that there never was.
NO_DAY = 60
COLUMN = re.compile(r"[A-Z]{1,3}")
# How a workbook writes characters that XML cannot hold, and texts that look as if it had.
CODE = re.compile(r"_x([0-9A-Fa-f]{4})_")
UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
# What neither XML nor a database holds.
UNREADABLE = re.compile("[\x00\ud800-\udfff]")


@cache
def column_number(letters: str) -> int:
    """Return the number of the column AB, counted from 1. Raises ValueError."""
    if not COLUMN.fullmatch(letters):
        raise ValueError(letters)
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """Return the letters of a column, such as AB for 28."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def natural(content: str) -> int:
    """Return a whole number from 0. Raises ValueError for one below, which a list would count from its end."""
    number = int(content)
    if number < 0:
        raise ValueError(content)
    return number


def number_text(content: str) -> str:
    """Return a number with the fifteen digits that a spreadsheet keeps, and a whole one without a point.

    Raises ValueError for what is not a finite number.
    """
    number = float(content)
    if not isfinite(number):
        raise ValueError(content)
    if number.is_integer() and abs(number) < LARGEST_WRITTEN_OUT:
        return str(int(content)) if re.fullmatch(r"-?[0-9]+", content) else str(int(number))
    return f"{number:.15g}"


def date_precision(code: str) -> str:
    """Return what a number format shows of a date: "year", "month", "day", "moment", "time", or "" for a number."""
    code = re.sub(
        r'"[^"]*"|\\.|[_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]|am/pm|a/p', "", code, flags=re.IGNORECASE
    )
    code = code.split(";")[0].lower()
    # The m beside hours or seconds are minutes.
    code = re.sub(r"(h[^dmys]*)m+", r"\1", re.sub(r"m+([^dmyh]*s)", r"\1", code))
    shown = set(code) & set("ymdhs") if re.search(r"[ymdhs]", code) else set()
    if not shown:
        return ""
    if shown & set("hs"):
        return "moment" if shown & set("ymd") else "time"
    if "d" in shown:
        return "day"
    return "month" if "m" in shown else "year"


def serial_text(serial: float, shown: str, *, epoch_1904: bool) -> str:
    """Return the date that a number of days means. Raises ValueError or OverflowError where there is none."""
    if serial < 0:
        raise ValueError(serial)
    if shown == "time":
        minutes, seconds = divmod(round(serial * 24 * 60 * 60), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if epoch_1904:
        start = datetime(1904, 1, 1)
    elif int(serial) in (0, NO_DAY):
        raise ValueError(serial)
    else:
        start = datetime(1899, 12, 31) if serial < NO_DAY else datetime(1899, 12, 30)
    return date_text(start + timedelta(seconds=round(serial * 24 * 60 * 60)), shown)


def date_text(moment: datetime, shown: str) -> str:
    """Return moment in ISO 8601, as precisely as it is shown."""
    if shown == "moment" and (moment.hour or moment.minute or moment.second):
        return moment.isoformat(timespec="seconds")
    return moment.date().isoformat()[: {"year": 4, "month": 7}.get(shown, 10)]


def decode_text(text: str) -> str:
    """Return a text of a workbook with the characters that its codes stand for; undoes ``encode_text``."""
    if "_x" not in text:
        return text

    def character(match: re.Match[str]) -> str:
        found = chr(int(match[1], 16))
        return match[0] if UNREADABLE.match(found) else found

    return CODE.sub(character, text)


def encode_text(text: str) -> str:
    """Return text as a workbook stores it: with codes for what XML cannot hold."""
    return UNSTORABLE.sub(lambda match: f"_x{ord(match[0]):04X}_", UNREADABLE.sub("", text))
