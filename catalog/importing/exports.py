"""Making the file of an export, and deleting the files that were kept long enough."""

import tempfile
from collections.abc import Iterator

from django.core.files import File
from django.core.files.storage import default_storage as storage
from django.db import transaction
from django.utils import timezone

from ..models import Export, ExportStatus
from ..models.exports import FOLDER, KEPT_FOR
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
        rows = KINDS[record.kind]().rows(in_order(record), progress_reporter(record))
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


def in_order(record: Export) -> list[int]:
    """Return the primary keys of the entries in the order of the file, which is that of their kind."""
    keys, model = set(record.keys), KINDS[record.kind]._meta.model
    ordered = model._default_manager.values_list("pk", flat=True)
    return [key for key in ordered.iterator() if key in keys]


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
    for name in forgotten_files():
        storage.delete(name)


def forgotten_files() -> Iterator[str]:
    """Yield the names of the old files that belong to no export: a worker that is killed may leave one."""
    if not storage.exists(FOLDER):
        return
    known = set(Export.objects.values_list("file", flat=True))
    for file in storage.listdir(FOLDER)[1]:
        name = f"{FOLDER}/{file}"
        if name not in known and storage.get_modified_time(name) < timezone.now() - KEPT_FOR:
            yield name
