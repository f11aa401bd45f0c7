"""The work that is too long for a request; ``manage.py db_worker`` does it."""

from django.contrib.auth import get_user_model
from django.tasks import task

from ..models import Export, ExportStatus, Import, ImportStatus
from .applying import apply_or_preview_again
from .checking import check
from .exports import make
from .undo import undo


@task
def check_import(pk: int) -> None:
    """Check an import's file, unless that has been done or the file has been withdrawn."""
    record = Import.objects.filter(pk=pk, status=ImportStatus.CHECKING).first()
    if record:
        check(record)


@task
def apply_import(pk: int) -> None:
    """Apply a confirmed import, unless that has been done."""
    record = Import.objects.filter(pk=pk, status=ImportStatus.CONFIRMED).first()
    if record:
        apply_or_preview_again(record)


@task
def undo_import(pk: int, user_pk: int | None) -> None:
    """Undo an import in the name of a user, unless that has been done."""
    record = Import.objects.filter(pk=pk, status=ImportStatus.UNDOING).first()
    if record:
        users = get_user_model()._default_manager
        undo(record, users.filter(pk=user_pk).first() if user_pk else None)


@task
def make_export(pk: int) -> None:
    """Make the file of an export, unless that has been done or the export has been deleted."""
    record = Export.objects.filter(pk=pk, status=ExportStatus.MAKING).first()
    if record:
        make(record)
