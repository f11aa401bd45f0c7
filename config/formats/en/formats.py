"""How days and times are written on pages, in place of Django's "Sept. 4" and "noon"."""

DATE_FORMAT = "F j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "F j, Y, g:i A"
