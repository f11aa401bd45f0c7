"""How large the files are that may be read."""

from django.conf import settings

from .sheets import ReadError

# How many bytes or characters are read at a time.
CHUNK = 1 << 16


def check_size(size: int) -> None:
    """Raise ReadError for a file of more bytes than one upload may have."""
    if size > settings.IMPORT_MAX_BYTES:
        raise ReadError(
            f"The file is larger than {megabytes(settings.IMPORT_MAX_BYTES)}. Split it into smaller ones."
        )


def megabytes(size: int) -> str:
    """Return a number of bytes as people say it: "2.5 MB"."""
    return f"{size / (1024 * 1024):g} MB"
