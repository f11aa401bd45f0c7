"""Documents and pictures that are uploaded: what they are, told by their content and not by their name."""

import re
from datetime import date
from pathlib import PurePath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models.fields.files import FieldFile
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

# A PDF says so within so many bytes of its beginning, and ends within so many of its end: readers ask no more.
NEAR = 1024
TOO_LARGE = "“{name}” has {size}; there may be {most} at most. Save it with smaller pictures, or link to it instead."
NO_PDF = (
    "“{name}” is no PDF by its content. Save or print the document as PDF, and choose that file."
)
NOT_WHOLE = "“{name}” is not whole: the end of the PDF is missing. Save or download it again, and choose that file."

# By how a picture begins: its type, and the endings that its name may have. SVG is none of them: it may hold scripts.
PICTURES = {
    rb"\x89PNG\r\n\x1a\n": ("image/png", (".png",)),
    rb"\xff\xd8\xff": ("image/jpeg", (".jpg", ".jpeg")),
    rb"RIFF....WEBP": ("image/webp", (".webp",)),
}
PICTURE_TYPES = {ending: kind for kind, endings in PICTURES.values() for ending in endings}
MOST_OF_A_PICTURE = 500 * 1024
TOO_LARGE_PICTURE = "“{name}” has {size}; there may be {most} at most. Save it with fewer pixels."
NO_PICTURE = "“{name}” is no PNG, JPEG or WebP picture by its content. Save it as one of these."
OTHER_PICTURE = (
    "“{name}” is another kind of picture by its content: its name should end in {endings}."
)


def size_in_words(file: FieldFile) -> str:
    """Return the size of a stored file: "120 KB"; "" where the file is missing."""
    try:
        return filesizeformat(file.size)
    except OSError:
        return ""


def stored_on(file: FieldFile) -> date | None:
    """Return the day on which a file was stored; None where it is missing, or the storage does not tell."""
    try:
        return timezone.localdate(file.storage.get_modified_time(str(file.name)))
    except (OSError, NotImplementedError):
        return None


def check_pdf(file: FieldFile) -> None:
    """Raise ValidationError for a new file that is no whole PDF, or too large. What is stored was checked before."""
    if file._committed:  # type: ignore[attr-defined]
        return
    name, size = PurePath(str(file.name)).name, file.size
    if size > settings.IMPORT_MAX_BYTES:
        most = filesizeformat(settings.IMPORT_MAX_BYTES)
        message = TOO_LARGE.format(name=name, size=filesizeformat(size), most=most)
        raise ValidationError(message, code="too_large")
    file.open()
    begin = file.read(NEAR)
    file.seek(max(0, size - NEAR))
    end = file.read()
    file.seek(0)
    if b"%PDF-" not in begin:
        raise ValidationError(NO_PDF.format(name=name), code="no_pdf")
    if b"%%EOF" not in end:
        raise ValidationError(NOT_WHOLE.format(name=name), code="not_whole")


def check_picture(file: FieldFile) -> None:
    """Raise ValidationError for a new file that is no picture of the kind that its name says, or too large."""
    if file._committed:  # type: ignore[attr-defined]
        return
    path = PurePath(str(file.name))
    if file.size > MOST_OF_A_PICTURE:
        most = filesizeformat(MOST_OF_A_PICTURE)
        message = TOO_LARGE_PICTURE.format(
            name=path.name, size=filesizeformat(file.size), most=most
        )
        raise ValidationError(message, code="too_large")
    file.open()
    begin = file.read(NEAR)
    file.seek(0)
    kinds = [kind for sign, kind in PICTURES.items() if re.match(sign, begin, re.DOTALL)]
    if not kinds:
        raise ValidationError(NO_PICTURE.format(name=path.name), code="no_picture")
    endings = kinds[0][1]
    if path.suffix.lower() not in endings:
        message = OTHER_PICTURE.format(name=path.name, endings=" or ".join(endings))
        raise ValidationError(message, code="other_picture")
