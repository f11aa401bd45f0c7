"""How a database says that it is busy, and what is answered then.

SQLite lets one writer in at a time, and the others wait as long as the ``timeout`` of the settings; PostgreSQL ends one
of two that wait for each other, and whatever waits or works too long (``config/timeouts.py``).
"""

import sqlite3

from django.db import OperationalError
from django.http import HttpResponse

BUSY = "The database is busy; nothing was saved. Press {button} again in a moment."
# Seconds.
RETRY_AFTER = 10
SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# deadlock_detected, lock_not_available, query_canceled (by the statement's timeout)
POSTGRESQL = {"40P01", "55P03", "57014"}


def is_busy_error(error: OperationalError) -> bool:
    """Return whether a statement failed because of another writer, so that it may succeed in a moment."""
    cause = error.__cause__
    # The lower byte is the code; the rest says more exactly why.
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code in SQLITE or getattr(cause, "sqlstate", None) in POSTGRESQL


def unavailable[R: HttpResponse](response: R) -> R:
    """Give a response the status 503, and say when to try again."""
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER)
    return response
