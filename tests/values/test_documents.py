"""Documents that are uploaded are told by their content."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile

from catalog.models import TopicArea

from ..factories import TopicAreaFactory

pytestmark = pytest.mark.once

WHOLE = b"%PDF-1.7\n1 0 obj\n" + b"x" * 5000 + b"\n%%EOF\n"
NO_PDF = (
    "“a.pdf” is no PDF by its content. Save or print the document as PDF, and choose that file."
)
NOT_WHOLE = (
    "“a.pdf” is not whole: the end of the PDF is missing. Save or download it again, and choose that "
    "file."
)


def refusals(content, name="a.pdf"):
    """What is wrong with a topic area's document, in words."""
    area = TopicArea(summary_document=SimpleUploadedFile(name, content))
    try:
        area.clean_fields(exclude={"name", "slug"})
    except ValidationError as error:
        return error.message_dict.get("summary_document", [])
    return []


@pytest.mark.parametrize(
    "content",
    [
        WHOLE,
        b"\xef\xbb\xbf\r\n" + WHOLE,  # what some programs write before and after it
        WHOLE + b"\n" * 900,
        b"%PDF-1.4%%EOF",
        b"x" * 1019 + b"%PDF-" + b"%%EOF" + b"x" * 1019,
    ],
)
def test_pdf_is_taken(content):
    assert refusals(content) == []


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"<!doctype html><script>alert(1)</script>%%EOF", NO_PDF),
        (b"PK\x03\x04" + b"\0" * 5000, NO_PDF),
        (b"%pdf-1.7\n%%EOF", NO_PDF),
        (b"x" * 1020 + WHOLE, NO_PDF),
        (b"\0", NO_PDF),
        (WHOLE[:-6], NOT_WHOLE),
        (WHOLE + b"\0" * 1020, NOT_WHOLE),
    ],
)
def test_what_is_no_whole_pdf_is_refused_in_words(content, refusal):
    assert refusals(content) == [refusal]


def test_document_is_no_larger_than_what_is_imported(settings):
    settings.IMPORT_MAX_BYTES = 4 * 1024

    assert refusals(WHOLE) == [
        (
            "“a.pdf” has 4.9\xa0KB; there may be 4.0\xa0KB at most. Save it with smaller pictures, or link to it "
            "instead."
        )
    ]


def test_large_document_that_lies_in_a_file_is_stored_whole(db):
    area = TopicAreaFactory()
    with TemporaryUploadedFile("a.pdf", "application/pdf", len(WHOLE), None) as file:
        file.write(WHOLE)
        file.seek(0)
        area.summary_document = file
        area.full_clean()
        area.save()

    with TopicArea.objects.get().summary_document.open() as stored:
        assert stored.read() == WHOLE


def test_document_that_was_stored_before_is_not_looked_at_again(db):
    area = TopicAreaFactory()
    area.summary_document.save("old.pdf", ContentFile(b"no PDF"))
    area.summary_document.storage.delete(area.summary_document.name)

    TopicArea.objects.get().full_clean()
