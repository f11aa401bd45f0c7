"""Making the file of an export, and deleting the files that were kept long enough."""

import tempfile

from django.core.files import File
from django.db import transaction

from ..models import Export, ExportStatus
from ..resources import KINDS, ReadError
from ..spreadsheets import FORMATS
from .permissions import may_export
from .progress import progress_reporter

MAY_NOT = "Your account may no longer export {kind}."


def make(record: Export) -> None:
    """Make the file of an export, or say in its record why there is none."""
    if not (record.user and may_export(record.user, record.kind)):
        finish(record, MAY_NOT.format(kind=record.get_kind_display()))
        return
    with tempfile.TemporaryFile() as out:
        rows = KINDS[record.kind]().rows(record.keys, progress_reporter(record))
        try:
            FORMATS[record.format]().write(out, record.kind, rows)
        except ReadError as error:
            finish(record, str(error))
            return
        record.file.save(record.file_name, File(out), save=False)
    try:
        finish(record)
    except BaseException:
        record.file.delete(save=False)
        raise


def finish(record: Export, problem: str = "") -> None:
    """Keep how an export has ended, unless it was deleted meanwhile or another worker has made it."""
    making = Export.objects.filter(pk=record.pk, status=ExportStatus.MAKING)
    record.status = ExportStatus.FAILED if problem else ExportStatus.DONE
    record.problem, record.keys = problem, []
    with transaction.atomic():
        if making.select_for_update().first():
            record.save()
        else:
            record.file.delete(save=False)


def delete_old_exports() -> None:
    """Delete the exports that are older than they are kept, with their files."""
    for record in Export.objects.expired().defer("keys"):
        record.delete()
