"""Taking an import back. (A placeholder: it takes back nothing.)"""

from typing import Any

from .models import Import, ImportStatus


def undo_soon(record: Import, user: Any) -> None:
    """Take back what an import did, as far as nobody has edited it since."""
    record.status = ImportStatus.UNDONE
    record.save()
