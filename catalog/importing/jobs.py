"""The life of an import: a file is received, checked, previewed and confirmed; then it is applied, or refused.

What is small is done within the request, what is large by ``manage.py db_worker`` (tasks.py). Either may die at any
moment: what an import changes, and that it is done, is one transaction.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.cache import caches
from django.core.files import File
from django.db import OperationalError, transaction
from django.tasks import Task
from django.utils import timezone

from ..models import Import, ImportedRow, ImportStatus
from ..resources import KINDS, ImportResult, Planned, Problem, ReadError, grouped, read
from ..resources.problems import MOST_SHOWN, first_few, shortened

# More than this is wrong only with a file of another kind: the page shows the first ones, the file to mend has all.
MOST_FINDINGS = 1_000
# A file of this size takes long even to count its rows.
BYTES_IN_REQUEST = 4 * 1024 * 1024
# Without a sign of life for so many seconds, a worker is taken for dead.
PATIENCE = 60
MAY_NOT = "The account that uploaded this file may no longer import {kind}. Upload the file from another one."


class Progress(NamedTuple):
    """How far an import is: rows done, and when (seconds since the epoch) it was started and last heard of.

    As long as it waits for a worker it has not been started.
    """

    done: int
    started_at: float | None
    seen_at: float

    @property
    def is_alive(self) -> bool:
        return time.time() - self.seen_at < PATIENCE

    @property
    def rate(self) -> float:
        """Rows a second; 0 where that cannot be told yet."""
        seconds = self.seen_at - (self.started_at or self.seen_at)
        return self.done / seconds if seconds else 0.0


def may_import(user: Any, kind: str) -> bool:
    """Whether somebody may import files of a kind: that adds and changes, so it takes those permissions too."""
    opts = KINDS[kind]._meta.model._meta
    actions = ("import", "add", "change")
    return user.has_perms([f"{opts.app_label}.{action}_{opts.model_name}" for action in actions])


def receive(kind: str, file: File, *, user: Any, source: str = "", limited: bool = True) -> Import:
    """Keep a file that somebody brings in, to be checked; clean away what others have abandoned.

    Raises ReadError where a small file cannot be read as a table; then nothing is kept.
    """
    clean_away()
    name = Path(file.name or "file").name
    record = Import(kind=kind, user=user, source=source, file_name=name[-255:])
    record.checksum = checksum(file)
    record.file.save(name, file, save=False)
    try:
        if is_small_file(record):
            record.total = open_file(record, limited=limited).total
        record.save()
    except BaseException:
        record.file.delete(save=False)
        raise
    return record


def clean_away() -> None:
    """Delete the imports that nobody has confirmed in time."""
    # Where somebody else is writing for long, the next one who comes cleans up.
    with suppress(OperationalError):
        for record in Import.objects.abandoned().only("pk"):
            withdraw(record, ImportStatus.unconfirmed())


def withdraw(record: Import, statuses: Collection[ImportStatus]) -> None:
    """Delete an import with its files, unless its status has become another one than these."""
    with transaction.atomic():
        found = Import.objects.select_for_update().filter(pk=record.pk, status__in=statuses)
        if locked := found.first():
            locked.delete()


def checksum(file: Any) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def is_small_file(record: Import) -> bool:
    is_there = record.file.storage.exists(record.file.name or "")
    return not is_there or record.file.size <= BYTES_IN_REQUEST


def is_large(record: Import) -> bool:
    """Whether the import is work for the worker, and not for a request."""
    return not is_small_file(record) or record.total > settings.IMPORT_ROWS_IN_REQUEST


def open_file(record: Import, *, limited: bool = True) -> Any:
    """Return the table in the import's file. Raises ReadError."""
    return read(record.kind, Path(record.file.path), limited=limited)


# --- Checking


def check(record: Import) -> None:
    """Find out what the file would do, and everything that is wrong with it; write nothing of it.

    Does nothing where the import is no longer as this record says: withdrawn, or gone on with.
    """
    with transaction.atomic():
        begun = Import.objects.select_for_update().filter(pk=record.pk, status=record.status)
        if not (locked := begun.first()):
            return
        record.rows.all().delete()
        locked.mistakes.delete()
        record.mistakes = None
    try:
        sheet = open_file(record)
    except (ReadError, FileNotFoundError) as error:
        message = str(error) if isinstance(error, ReadError) else "The file is no longer there."
        keep_result(record, failure(message))
        return
    record.total, record.notices = sheet.total, sheet.notices
    Import.objects.filter(pk=record.pk).update(total=record.total, notices=record.notices)
    result = KINDS[record.kind]().import_data(
        sheet,
        dry_run=True,
        user=record.user,
        progress=progress_reporter(record),
        sink=rows_of(record),
    )
    if result.problems:
        keep_mistakes(record, sheet, result.problems)
    keep_result(record, result)


def failure(message: str) -> ImportResult:
    """Return the result of a file that could not even be read."""
    result = ImportResult()
    result.problems, result.problem_count = [Problem(None, "", "", message)], 1
    return result


def keep_result(record: Import, result: ImportResult) -> None:
    """Keep what a check has found, for the preview."""
    record.counts, record.plan = result.counts, result.plan
    record.problem_count = result.problem_count
    record.problems = stored_findings(result.problems)
    keep_warnings(record, result)
    begun = Import.objects.filter(pk=record.pk, status=record.status)
    record.status = ImportStatus.FAILED if result.problems else ImportStatus.READY
    with transaction.atomic():
        # One that was withdrawn meanwhile is not to come back; one that another worker has gone on with is not to
        # go back.
        if begun.select_for_update().first():
            record.save()
        else:
            record.mistakes.delete(save=False)


def keep_warnings(record: Import, result: ImportResult) -> None:
    """Let the record say what was to be looked at."""
    record.warning_count = result.warning_count
    record.warnings = stored_findings(result.warnings)


def stored_findings(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    """Return the first findings as the page shows them: not all of a cell that holds a book."""
    found = grouped(problems)[:MOST_FINDINGS]
    return [
        replace(
            finding,
            value=shortened(finding.value, MOST_SHOWN),
            message=shortened(finding.message, MOST_SHOWN),
        ).as_dict()
        for finding in found
    ]


def keep_mistakes(record: Import, sheet: Any, problems: Sequence[Problem]) -> None:
    """Keep the file to mend: the one that came in, and what is wrong with each row."""
    mistakes: dict[int, list[str]] = {}
    for problem in problems:
        if problem.row:
            what = f"{problem.column}: {problem.message}" if problem.column else problem.message
            mistakes.setdefault(problem.row, []).append(what)
    with tempfile.TemporaryFile() as out:
        sheet.write_mistakes(out, {row: " ".join(all_) for row, all_ in mistakes.items()})
        record.mistakes.save(record.file_name, File(out), save=False)


def rows_of(record: Import) -> Callable[[Sequence[Planned]], None]:
    """Return what keeps the rows that do something, for the preview and the record."""

    def keep(rows: Sequence[Planned]) -> None:
        ImportedRow.objects.bulk_create(
            [
                ImportedRow(
                    record=record,
                    number=row.number,
                    action=row.action,
                    entry=row.entry[:300],
                    changes=[change.shown() for change in row.changes],
                )
                for row in rows
            ],
            # Two workers may have been sent after one file.
            ignore_conflicts=True,
        )

    return keep


# --- Applying


def apply(record: Import, *, progress: Callable[[int], None] | None = None) -> ImportResult | None:
    """Do what the file says, all of it or nothing; return what was done, None if there was nothing to do.

    After a preview, that is exactly what it has shown, by somebody who may still import: else the result holds the
    problem. Only what was never previewed, at the command line, needs nobody's permission.
    """
    with transaction.atomic():
        # A second worker waits here, and then finds that it is done.
        locked = Import.objects.select_for_update().filter(pk=record.pk).first()
        if not locked or locked.status != ImportStatus.CONFIRMED:
            record.status = locked.status if locked else record.status
            return None
        if locked.plan and not (locked.user and may_import(locked.user, locked.kind)):
            result = failure(MAY_NOT.format(kind=locked.get_kind_display()))
        else:
            result = import_file(locked, progress_reporter(locked, progress))
        if not result.problems:
            locked.status, locked.finished_at = ImportStatus.DONE, timezone.now()
            locked.counts = result.counts
            keep_warnings(locked, result)
            locked.save()
            log(locked, locked.user, "Imported.")
    record.refresh_from_db()
    return result


def apply_or_preview_again(record: Import) -> None:
    """Do what the preview has shown; where that is no longer possible, let the import wait with a new preview."""
    preview_again(record, apply(record))


def preview_again(record: Import, result: ImportResult | None) -> None:
    """Where nothing was imported, because of what the result says, let the import wait with a new preview."""
    if result and result.problems:
        before = previewed(record)
        check(record)
        why = " ".join(
            [*(p.message for p in result.problems[:1]), *differing(before, previewed(record))]
        )
        with transaction.atomic():
            # Unless it was cancelled by now.
            if locked := Import.objects.select_for_update().filter(pk=record.pk).first():
                locked.notices = [*locked.notices, why]
                locked.save(update_fields=["notices"])
                record.refresh_from_db()


def previewed(record: Import) -> dict[int, tuple[str, int]]:
    """Return of each row of the preview the entry, and what tells whether it does the same in another preview."""
    rows = record.rows.values_list("number", "entry", "action", "changes")
    return {number: (entry, hash(repr(what))) for number, entry, *what in rows.iterator()}


def differing(before: dict[int, tuple[str, int]], after: dict[int, tuple[str, int]]) -> list[str]:
    """Say in a sentence of which entries two previews differ; none if they are alike."""
    numbers = [n for n in sorted({*before, *after}) if before.get(n) != after.get(n)]
    entries = list(dict.fromkeys((before.get(n) or after[n])[0] for n in numbers))
    if not entries:
        return []
    named = first_few([f"“{entry}”" for entry in entries])
    return [f"The preview below is another one for {named}."]


def log(record: Import, user: Any, message: str) -> None:
    """Let the admin's list of recent actions say who did what with an import."""
    if user:
        LogEntry.objects.log_actions(user.pk, [record], CHANGE, message, single_object=True)


def import_file(record: Import, progress: Callable[[int], None]) -> ImportResult:
    """Import the file of a record, unless it is another one than was checked."""
    try:
        with record.file.open() as file:
            if checksum(file) != record.checksum:
                return failure("The stored file is not the one that was checked.")
        sheet = open_file(record, limited=False)
    except FileNotFoundError:
        return failure("The file is no longer there.")
    return KINDS[record.kind]().import_data(
        sheet,
        user=record.user,
        reason=record.reason,
        record=record,
        plan=record.plan,
        progress=progress,
        # After a preview they are kept already.
        sink=(lambda rows: None) if record.plan else rows_of(record),
    )


# --- Who does it, and how far it is


def check_soon(record: Import) -> None:
    """Check the file now or, if it is large, let the worker do it."""
    from .tasks import check_import

    if is_large(record):
        send(check_import, record)
    else:
        check(record)


def confirm(record: Import) -> None:
    """Apply the import now or, if it is large, let the worker do it; nothing but what this record shows."""
    from .tasks import apply_import

    ready = Import.objects.filter(pk=record.pk, status=ImportStatus.READY, plan=record.plan)
    # Whatever fails, it waits to be confirmed as before.
    with transaction.atomic():
        if not ready.update(status=ImportStatus.CONFIRMED):
            return
        record.refresh_from_db()
        if is_large(record):
            send(apply_import, record)
            return
        result = apply(record)
    preview_again(record, result)


def run_again(record: Import, user: Any) -> None:
    """Go on, now or by the worker, with an import whose worker has died; with an undo in the name of ``user``.

    What nobody has confirmed, or nobody who is still there, is checked again, to be confirmed by ``user``.
    """
    from .tasks import apply_import
    from .undo import start_or_queue_undo

    if record.status == ImportStatus.UNDOING:
        start_or_queue_undo(record, user)
    elif record.status == ImportStatus.CONFIRMED and record.plan and record.user:
        if is_large(record):
            send(apply_import, record)
        else:
            apply_or_preview_again(record)
    elif record.status in {ImportStatus.CHECKING, ImportStatus.CONFIRMED}:
        waiting = Import.objects.filter(pk=record.pk, status=record.status)
        # Not to be taken for abandoned as soon as it is checked.
        new = {"user": record.user or user, "created_at": timezone.now()}
        if waiting.update(status=ImportStatus.CHECKING, **new):
            record.refresh_from_db()
            check_soon(record)


def send(task: Task, record: Import, *args: Any) -> None:
    """Let the worker do this with the import; from now on its page waits for a sign of life."""
    caches["shared"].set(progress_key(record), Progress(0, None, time.time()))
    task.enqueue(record.pk, *args)


def progress_reporter(
    record: Import, also: Callable[[int], None] | None = None
) -> Callable[[int], None]:
    """Return what keeps how far the import is, for the page to tell; it tells another function too."""
    started_at = time.time()
    cache = caches["shared"]

    def report(done: int) -> None:
        cache.set(progress_key(record), Progress(done, started_at, time.time()))
        if also:
            also(done)

    report(0)
    return report


def progress_of(record: Import) -> Progress | None:
    """Return how far the import is; None if nobody is known to work on it."""
    return caches["shared"].get(progress_key(record))


def progress_key(record: Import) -> str:
    return f"import-{record.pk}"
