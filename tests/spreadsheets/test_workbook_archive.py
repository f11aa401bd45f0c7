"""Workbooks as archives: how much they may unpack to, and encodings that XML does not have."""

import io
import zipfile

import pytest

from .tables import DAMAGED, SHEET, changed, read, refusal, workbook


@pytest.mark.parametrize("limited", [True, False])
def test_read_refuses_a_workbook_that_unpacks_to_too_much(settings, limited):
    data = workbook(["slug"], ["a"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        unzipped = sum(part.file_size for part in archive.infolist())

    settings.IMPORT_MAX_UNZIPPED_BYTES = unzipped
    assert read(data, limited=limited)[1] == [["a"]]
    settings.IMPORT_MAX_UNZIPPED_BYTES = unzipped - 1
    assert refusal(data, limited=limited) == (
        f"The workbook unpacks to more than {(unzipped - 1) / 1024 / 1024:g} MB. "
        "Split it into smaller ones, or save the table as “CSV UTF-8” and send that."
    )


@pytest.mark.parametrize("encoding", ["foo", "hex", "utf-7", "cp037", "utf-32"])
def test_a_workbook_in_an_encoding_that_xml_does_not_have_is_damaged(encoding):
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'.encode()

    data = changed(workbook(["slug"]), SHEET, lambda text: declaration + text)

    assert refusal(data) == DAMAGED
