"""The file of an import: what it holds, whether it is still the same, and how large it is."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.files import File

from ..models import Import
from ..resources import read
from ..spreadsheets import Sheet

# A file of this size takes long even to count its rows.
BYTES_IN_REQUEST = 4 * 1024 * 1024


def checksum(file: File) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()


def is_small_file(record: Import) -> bool:
    """Return whether the import's file is read within a request; so is one that is no longer there."""
    is_there = record.file.storage.exists(record.file.name or "")
    return not is_there or record.file.size <= BYTES_IN_REQUEST


def is_large(record: Import) -> bool:
    """Return whether the import is work for the worker, and not for a request."""
    return not is_small_file(record) or record.total > settings.IMPORT_ROWS_IN_REQUEST


def open_file(record: Import, *, limited: bool = True) -> Sheet:
    """Return the table in the import's file. Raises ReadError."""
    return read(record.kind, Path(record.file.path), limited=limited)
