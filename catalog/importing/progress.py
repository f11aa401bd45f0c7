"""How far an import or an export is, kept in the shared cache: a sign of life, without which either does as well."""

import time
from collections.abc import Callable
from typing import NamedTuple

from ..models import Export, Import
from ..values.signs import leave_sign, read_sign

type Work = Import | Export

# Without a sign of life for so many seconds, a worker is taken for dead.
PATIENCE = 60


class Progress(NamedTuple):
    """Say how far the work is: rows, or entries of an export, that are done; when it was started and last heard of.

    The times are seconds since the epoch. As long as it waits for a worker it has not been started.
    """

    done: int
    started_at: float | None
    seen_at: float

    @property
    def is_alive(self) -> bool:
        return time.time() - self.seen_at < PATIENCE

    @property
    def rate(self) -> float:
        """Return how many of them are done in a second; 0 where that cannot be told yet."""
        seconds = self.seen_at - (self.started_at or self.seen_at)
        return self.done / seconds if seconds else 0.0


def progress_key(record: Work) -> str:
    """Return the cache's key for the progress of some work."""
    return f"{record._meta.model_name}-{record.pk}"


def store_progress(record: Work, progress: Progress) -> None:
    """Keep how far the work is. A cache that cannot be written keeps nothing, and it goes on."""
    # As a plain dictionary: what the cache holds outlives the class, by a deploy that renames it.
    leave_sign(progress_key(record), progress._asdict())


def progress_of(record: Work) -> Progress | None:
    """Return the progress of some work; None if nobody is known to work on it, or the cache cannot be read."""
    match read_sign(progress_key(record)):
        case {
            "done": int(done),
            "started_at": (None | int() | float()) as started_at,
            "seen_at": (int() | float()) as seen_at,
        }:
            return Progress(done, started_at, seen_at)
    return None


def queue_progress(record: Work) -> None:
    """Keep that the work waits for a worker from now on."""
    store_progress(record, Progress(0, None, time.time()))


def progress_reporter(
    record: Work, also: Callable[[int], None] | None = None
) -> Callable[[int], None]:
    """Return a function that keeps how much is done, and calls another one with it too."""
    started_at = time.time()

    def report(done: int) -> None:
        store_progress(record, Progress(done, started_at, time.time()))
        if also:
            also(done)

    report(0)
    return report
