"""Days and moments as people read them, as ``config/formats`` and the site's time zone have them."""

from datetime import UTC, date, datetime, tzinfo

from django.utils.formats import date_format
from django.utils.timezone import localtime


def moment_in_words(moment: datetime) -> str:
    """Return an aware moment in the site's time zone: "June 15, 2024, 2:30 PM"."""
    return date_format(localtime(moment), "DATETIME_FORMAT")


def time_of_day(moment: datetime) -> str:
    """Return the time of day of an aware moment in the site's time zone: "2:30 PM"."""
    return date_format(localtime(moment), "TIME_FORMAT")


def day_in_words(day: date) -> str:
    """Return a day, or the day of an aware moment in the site's time zone: "June 15, 2024"."""
    return date_format(localtime(day) if isinstance(day, datetime) else day, "DATE_FORMAT")


def is_skipped(naive: datetime, zone: tzinfo) -> bool:
    """Return whether the clocks of a zone never show this day and time, as summer time begins."""
    there = naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) != naive.replace(fold=0)


def is_doubled(naive: datetime, zone: tzinfo) -> bool:
    """Return whether the clocks of a zone show this day and time twice, as summer time ends."""
    first, second = (naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    return first != second and not is_skipped(naive, zone)
