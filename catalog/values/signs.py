"""Signs of life, which site and worker leave for each other in the shared cache.

Hints and no more: where the cache cannot be read or written there are none, a line in the log says so, and whatever
was to leave or to read one goes on.
"""

import logging

from django.core.cache import caches

logger = logging.getLogger(__name__)


def leave_sign(key: str, value: object, seconds: int | None = None) -> None:
    """Keep a plain value for so many seconds, by default for as long as the cache does, if it can be kept."""
    try:
        if seconds is None:
            caches["shared"].set(key, value)
        else:
            caches["shared"].set(key, value, seconds)
    except Exception as error:
        logger.warning("A sign of life could not be written: %r", error)


def read_sign(key: str) -> object:
    """Return the value that was kept; None if there is none, or it cannot be read."""
    try:
        value: object = caches["shared"].get(key)
    except Exception as error:
        logger.warning("A sign of life could not be read: %r", error)
        return None
    return value
