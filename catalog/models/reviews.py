"""How old the review of a program's research is, said no more exactly than its date is recorded."""

from datetime import date
from typing import NamedTuple

from django.utils import timezone
from django.utils.text import capfirst

from ..values.fields import partial_date_in_words


class ReviewAge(NamedTuple):
    """Say when the research on a program was last reviewed, as of a day."""

    when: str  # "October 2023"; "" when it is not recorded
    ago: str  # "37 months ago", "at least 22 months ago", "this month" …; "" for a date in the future
    is_overdue: bool
    interval: int  # the months within which a review is to be repeated

    def __str__(self) -> str:
        """Return the age in short, as for the cell of a table: "37 months ago (October 2023), overdue"."""
        if not self.when:
            return "Not recorded"
        if not self.ago:
            return f"{self.when} (in the future)"
        return f"{capfirst(self.in_short)}{', overdue' if self.is_overdue else ''}"

    @property
    def in_short(self) -> str:
        """Return the age alone, of a date that is not in the future: "37 months ago (October 2023)"."""
        return f"{self.ago} ({self.when})"

    @property
    def sentence(self) -> str:
        """Return the age and the aim: "Research last reviewed 37 months ago (…); every 24 months is the aim."."""
        if not self.when:
            return "When the research was last reviewed is not recorded."
        if not self.ago:
            return f"The date recorded for the last review of the research, {self.when}, is in the future."
        aim = "every month" if self.interval == 1 else f"every {self.interval} months"
        return f"Research last reviewed {self.ago} ({self.when}); {aim} is the aim."


def review_age(reviewed: str, today: date, interval: int) -> ReviewAge:
    """Say how long ago a date of the record was, and whether more than interval months have passed for certain."""
    when = partial_date_in_words(reviewed) if reviewed else ""
    if not reviewed or reviewed > today.isoformat()[: len(reviewed)]:
        return ReviewAge(when, "", False, interval)
    months = months_passed(reviewed, today)
    return ReviewAge(when, age_in_words(reviewed, months, today), months > interval, interval)


def months_passed(reviewed: str, today: date) -> int:
    """Return the months from a date of the record until today.

    Since a day: whole months. Since a month: as the calendar counts, so that October is one month ago on every
    day of November. Since a year: whole months since its last day, which may lie ahead; more may have passed.
    """
    year, *rest = map(int, reviewed.split("-"))
    month, day = [*rest, 1][:2] if rest else (12, 31)
    return (today.year - year) * 12 + today.month - month - (today.day < day)


def last_day_beyond(months: int, today: date | None = None) -> str:
    """Return the latest date, as ``SortableDate`` writes it, since which more than this many months have passed."""
    today = today or timezone.localdate()
    year, month = divmod(today.year * 12 + today.month - 1 - (months + 1), 12)
    return f"{max(year, 0):04}-{month + 1:02}-{today.day:02}"


def age_in_words(reviewed: str, months: int, today: date) -> str:
    is_year, is_month = len(reviewed) == len("2023"), len(reviewed) == len("2023-10")
    if months > 0:
        ago = "1 month ago" if months == 1 else f"{months} months ago"
        return f"at least {ago}" if is_year else ago
    if is_year:
        return "this year" if int(reviewed) == today.year else "last year"
    return "this month" if is_month else "less than a month ago"
