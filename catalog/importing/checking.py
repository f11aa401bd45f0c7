"""Checking the file of an import: what it would do, and everything that is wrong with it, kept for the preview."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.core.files import File
from django.db import transaction

from ..models import Import, ImportedRow, ImportStatus
from ..resources import ReadError
from ..spreadsheets import Sheet
from . import IMPORTERS
from .files import open_file
from .plans import MOST_SHOWN, ImportResult, Plan
from .problems import Problem, grouped, shortened
from .progress import progress_reporter

# More than this is wrong only with a file of another kind: the page shows the first ones, the file to fix has all.
MOST_GROUPS = 1_000


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
        keep_result(record, ImportResult.of_failure(message))
        return
    record.total, record.notices = sheet.total, sheet.notices
    Import.objects.filter(pk=record.pk).update(total=record.total, notices=record.notices)
    importer = IMPORTERS[record.kind](user=record.user)
    result = importer.run(
        sheet, dry_run=True, progress=progress_reporter(record), sink=rows_of(record)
    )
    if result.problems:
        keep_mistakes(record, sheet, result.problems)
    keep_result(record, result)


def keep_result(record: Import, result: ImportResult) -> None:
    """Keep what a check has found, for the preview."""
    record.counts, record.plan = result.counts, result.plan
    record.problem_count = result.problem_count
    record.problems = stored_problems(result.problems)
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
    """Store the warnings of a check in the record."""
    record.warning_count = result.warning_count
    record.warnings = stored_problems(result.warnings)


def stored_problems(problems: Sequence[Problem]) -> list[dict[str, object]]:
    """Return the first grouped problems as the page shows them: not all of a cell that holds a book."""
    found = grouped(problems)[:MOST_GROUPS]
    return [
        replace(
            group,
            value=shortened(group.value, MOST_SHOWN),
            message=shortened(group.message, MOST_SHOWN),
        ).as_dict()
        for group in found
    ]


def keep_mistakes(record: Import, sheet: Sheet, problems: Sequence[Problem]) -> None:
    """Keep the file to fix: the one that came in, and what is wrong with each row."""
    mistakes: dict[int, list[str]] = {}
    for problem in problems:
        if problem.row:
            what = f"{problem.column}: {problem.message}" if problem.column else problem.message
            mistakes.setdefault(problem.row, []).append(what)
    with tempfile.TemporaryFile() as out:
        sheet.write_mistakes(out, {row: " ".join(all_) for row, all_ in mistakes.items()})
        record.mistakes.save(record.file_name, File(out), save=False)


def rows_of(record: Import) -> Callable[[Sequence[Plan]], None]:
    """Return a function that keeps the rows that do something, for the preview and the record."""

    def keep(plans: Sequence[Plan]) -> None:
        ImportedRow.objects.bulk_create(
            [
                ImportedRow(
                    record=record,
                    number=row.number,
                    action=row.action,
                    entry=row.entry[:300],
                    changes=[change.shown() for change in row.changes],
                )
                for row in (plan.planned for plan in plans)
            ],
            # Two workers may have been sent after one file.
            ignore_conflicts=True,
        )

    return keep
