"""Applying an import: what its preview has shown, all of it or nothing; else it waits with a new preview."""

from collections.abc import Callable

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils import timezone

from ..models import Import, ImportStatus
from . import IMPORTERS
from .checking import check, keep_warnings, rows_of
from .files import checksum, open_file
from .permissions import Person, may_import
from .plans import ImportResult
from .problems import first_few
from .progress import progress_reporter
from .rating_notifications import tell_of_ratings

MAY_NOT = "The account that uploaded this file may no longer import {kind}. Upload the file from another one."


def apply(record: Import, *, progress: Callable[[int], None] | None = None) -> ImportResult | None:
    """Apply the import, all of it or nothing; return what was done, None if there was nothing to do.

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
            result = ImportResult.of_failure(MAY_NOT.format(kind=locked.get_kind_display()))
        else:
            result = import_file(locked, progress_reporter(locked, progress))
        if not result.problems:
            locked.status, locked.finished_at = ImportStatus.DONE, timezone.now()
            locked.counts = result.counts
            keep_warnings(locked, result)
            locked.save()
            log(locked, locked.user, "Imported.")
            tell_of_ratings(locked)
    record.refresh_from_db()
    return result


def apply_or_preview_again(record: Import) -> None:
    """Apply the import; where it cannot do what its preview has shown, let it wait with a new one."""
    preview_again(record, apply(record))


def preview_again(record: Import, result: ImportResult | None) -> None:
    """Put the import back to its preview where nothing was imported, with what the result says."""
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


def log(record: Import, user: Person | None, message: str) -> None:
    """Log in the admin's recent actions who did what with an import."""
    if user and user.pk:
        LogEntry.objects.log_actions(user.pk, [record], CHANGE, message, single_object=True)


def import_file(record: Import, progress: Callable[[int], None]) -> ImportResult:
    """Import the file of a record, unless it is another one than was checked."""
    try:
        with record.file.open() as file:
            if checksum(file) != record.checksum:
                return ImportResult.of_failure("The stored file is not the one that was checked.")
        sheet = open_file(record, limited=False)
    except FileNotFoundError:
        return ImportResult.of_failure("The file is no longer there.")
    importer = IMPORTERS[record.kind](user=record.user, reason=record.reason, record=record)
    return importer.run(
        sheet,
        plan=record.plan,
        progress=progress,
        # After a preview they are kept already.
        sink=(lambda plans: None) if record.plan else rows_of(record),
    )
