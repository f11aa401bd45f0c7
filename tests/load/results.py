"""What the table says of each scenario: what was measured, its budget, and whether it was kept."""

from typing import NamedTuple

WIDTHS = (74, 20, 11)
HEAD = ("what", "measured", "budget", "held")


class Result(NamedTuple):
    """A row of the table; ``held`` is None where the machine does not let it be tried."""

    what: str
    measured: str
    budget: str
    held: bool | None

    def __str__(self) -> str:
        return line(self[:3], {True: "yes", False: "NO", None: "skipped"}[self.held])


def line(cells: tuple[str, ...], last: str) -> str:
    """Return a line of the table; a cell that is too long moves the others."""
    return "  ".join([*map(str.ljust, cells, WIDTHS), last])


def at_most(what: str, number: float, budget: float, unit: str, wrong: int = 0) -> Result:
    """Return the row of something that is to stay below its budget, without an answer that is wrong."""
    measured = in_words(number, unit) + f", {wrong:d} wrong" * bool(wrong)
    return Result(what, measured, f"≤ {in_words(budget, unit)}", number <= budget and not wrong)


def at_least(what: str, number: float, budget: float, unit: str, wrong: int = 0) -> Result:
    """Return the row of something that is to reach its budget, without an answer that is wrong."""
    measured = in_words(number, unit) + f", {wrong:d} wrong" * bool(wrong)
    return Result(what, measured, f"≥ {in_words(budget, unit)}", number >= budget and not wrong)


def none_of(what: str, number: int, of: int) -> Result:
    """Return the row of something that is to happen to none of some, of which there are to be any."""
    return Result(what, f"{number} of {of}", "0", number == 0 and of > 0)


def in_words(number: float, unit: str) -> str:
    digits = 0 if number == int(number) or number >= 10 else 2
    return f"{number:,.{digits}f} {unit}"
