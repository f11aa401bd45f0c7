"""Days and moments as people read them, as ``config/formats`` and the site's time zone have them."""

from datetime import date, datetime

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
