"""Summaries that are made: kept in files, the last one of each topic area, so that each is made once.

What is kept is no more than time saved. Where no file can be read or written, every visitor's is made anew, and a line
in the log says so.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.core.cache import caches
from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.files import locks

from ..caching import release
from ..typesetting import TypesettingError, typeset

logger = logging.getLogger(__name__)

# Seconds that a visitor waits while the summary is made for another one.
PATIENCE = 5
PAUSE = 0.05
# Seconds until what could not be set is tried again.
FAILED_FOR = 60


class SummaryUnavailable(Exception):
    """Raised where there is no summary just now: it takes too long, or cannot be set."""


class KeptSummary(NamedTuple):
    """A summary: for which version of its page it was made, the digest of what it says, and "" if it failed."""

    version: str
    digest: str
    pdf: bytes


NOTHING = KeptSummary("", "", b"")


def kept_summary(area: int, version: str, content: Callable[[], str]) -> bytes:
    """Return the summary of the topic area with this primary key as a PDF, made only if none is kept for version.

    What has one version says the same; content gives what that is, as JSON. Raise SummaryUnavailable.
    """
    kept = read(area)
    if kept.version != version:
        with turn(area):
            kept = read(area)
            if kept.version != version:
                kept = renewed(kept, version, content())
                keep(area, kept)
    if not kept.pdf:
        raise SummaryUnavailable
    return kept.pdf


def renewed(last: KeptSummary, version: str, content: str) -> KeptSummary:
    """Return the summary that says this, set anew unless the last one says the same."""
    digest = sha256((release() + content).encode()).hexdigest()
    if last.pdf and last.digest == digest:
        return last._replace(version=version)
    try:
        return KeptSummary(version, digest, make_summary(content))
    except SummaryUnavailable:
        return KeptSummary(version, digest, b"")


def make_summary(content: str) -> bytes:
    """Return a summary as a PDF, and log what is wrong with it. Raise SummaryUnavailable."""
    try:
        pdf, flaw = typeset(content)
    except TypesettingError as error:
        logger.error("A summary cannot be set: %s", error)
        raise SummaryUnavailable from error
    if flaw:
        logger.warning("A summary cannot be PDF/UA-1: %s", flaw)
    return pdf


def read(area: int) -> KeptSummary:
    """Return the summary that is kept of a topic area, NOTHING if there is none or it cannot be read."""
    try:
        return KeptSummary(*(caches["summaries"].get(str(area)) or NOTHING))
    except Exception as error:
        logger.warning("A kept summary could not be read: %r", error)
        return NOTHING


def keep(area: int, kept: KeptSummary) -> None:
    """Keep the summary of a topic area instead of the last one, if it can be kept."""
    try:
        caches["summaries"].set(str(area), tuple(kept), DEFAULT_TIMEOUT if kept.pdf else FAILED_FOR)
    except Exception as error:
        logger.warning("A summary could not be kept: %r", error)


@contextmanager
def turn(area: int) -> Iterator[None]:
    """Wait until no other process or thread makes the area's summary. Raise SummaryUnavailable after PATIENCE.

    Where no file can be locked, nobody waits.
    """
    summaries: Any = settings.CACHES["summaries"]
    path = Path(summaries["LOCATION"], f"{area}.lock")
    try:
        file = path.open("a")
    except OSError as error:
        logger.warning("Nobody waits for a summary that is made already: %r", error)
        yield
        return
    with file:
        deadline = time.monotonic() + PATIENCE
        while not locks.lock(file, locks.LOCK_EX | locks.LOCK_NB):
            if time.monotonic() > deadline:
                raise SummaryUnavailable
            time.sleep(PAUSE)
        yield
