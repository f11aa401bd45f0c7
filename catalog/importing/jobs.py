"""The life of an import: a file is received, checked, previewed and confirmed; then it is applied, or refused.

And the beginning of an export that is too large for a request.

What is small is done within the request, what is large by ``manage.py db_worker`` (tasks.py). Either may die at any
moment: what an import changes, and that it is done, is one transaction.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path

from django.core.files import File
from django.db import OperationalError, transaction
from django.tasks import Task
from django.utils import timezone

from ..models import Export, ExportStatus, Import, ImportStatus
from .applying import apply, apply_or_preview_again, preview_again
from .checking import check
from .files import checksum, is_large, is_small_file, open_file
from .permissions import Person
from .progress import Work, queue_progress
from .tasks import apply_import, check_import, make_export, undo_import
from .undo import undo


def receive(
    kind: str, file: File, *, user: Person | None, source: str = "", limited: bool = True
) -> Import:
    """Keep a file that somebody brings in, to be checked; clean away what others have abandoned.

    Raises ReadError where a small file cannot be read as a table; then nothing is kept.
    """
    clean_away()
    name = Path(file.name or "file").name
    record = Import(kind=kind, user=user, source=source, file_name=name[-255:])  # type: ignore[misc]
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


# --- Now, or by the worker


def check_soon(record: Import) -> None:
    """Check the file now or, if it is large, let the worker do it."""
    if is_large(record):
        send(check_import, record)
    else:
        check(record)


def confirm(record: Import) -> None:
    """Apply the import now or, if it is large, let the worker do it; nothing but what this record shows."""
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


def run_again(record: Import, user: Person) -> None:
    """Run an import again whose worker has died, now or by the worker; an undo in the name of ``user``.

    What nobody has confirmed, or nobody who is still there, is checked again, to be confirmed by ``user``.
    """
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


def request_undo(record: Import, user: Person) -> None:
    """Undo an import that is done, now or, if it is large, by the worker; only the first call does anything."""
    done = Import.objects.filter(pk=record.pk, status=ImportStatus.DONE)
    # Whatever fails, it is done as before.
    with transaction.atomic():
        if done.update(status=ImportStatus.UNDOING):
            record.refresh_from_db()
            start_or_queue_undo(record, user)


def start_or_queue_undo(record: Import, user: Person) -> None:
    """Undo an import that is to be undone, now or, if it is large, by the worker."""
    if is_large(record):
        send(undo_import, record, user.pk)
    else:
        undo(record, user)


def send(task: Task, record: Work, *args: object) -> None:
    """Queue this task for the record; from now on its page waits for a sign of life of the worker."""
    queue_progress(record)
    task.enqueue(record.pk, *args)


# --- Exports


@transaction.atomic
def request_export(
    kind: str, extension: str, keys: Sequence[int], *, user: Person, query: str = ""
) -> tuple[Export, bool]:
    """Queue an export of the entries with these primary keys, asked for at a list with this query string.

    Return the export, and whether it is new: who has one that is being made still is given that one instead.
    """
    record, is_new = Export.objects.get_or_create(
        user=user,  # type: ignore[misc]
        status=ExportStatus.MAKING,
        defaults={
            "kind": kind,
            "format": extension,
            "keys": keys,
            "total": len(keys),
            "query": query,
        },
    )
    if is_new:
        send(make_export, record)
    return record, is_new
