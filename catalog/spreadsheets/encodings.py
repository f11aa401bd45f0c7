"""In which encoding a spreadsheet wrote a text file."""

import re
from pathlib import Path

from .limits import CHUNK
from .sheets import ReadError

# How errors="surrogateescape" shows a byte that the encoding does not define, and what it could decode beyond ASCII.
UNDECODABLE = re.compile("[\udc80-\udcff]")
DECODED = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")
UTF_8_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SAVE_AS_CSV = "Save the file again as “CSV UTF-8” and send that."


def detect_encoding(path: Path) -> str:
    """Return the encoding of a text: UTF-8, UTF-16, or else Windows-1252. Raises ReadError where it is none of them."""
    with path.open("rb") as file:
        head = file.read(CHUNK)
    if utf_16 := detect_utf_16(head):
        check_utf_16(path, utf_16)
        return utf_16
    undecodable, decoded = survey(path, "utf-8-sig")
    if not undecodable:
        return "utf-8-sig"
    if decoded or head.startswith(UTF_8_MARK):
        # Windows-1252 would garble what is right in UTF-8.
        raise ReadError(
            f"Line {undecodable} is not valid UTF-8, but the rest of the file is. {SAVE_AS_CSV}"
        )
    undecodable, _ = survey(path, "cp1252")
    if undecodable:
        raise ReadError(
            f"Line {undecodable} is neither valid UTF-8 nor Windows-1252. {SAVE_AS_CSV}"
        )
    return "cp1252"


def detect_utf_16(head: bytes) -> str:
    """Return the form of UTF-16 that a text starts in, by its mark or because every other byte is NUL; "" for none."""
    if head.startswith(UTF_16_MARKS):
        return "utf-16"
    even, odd = head[0:1000:2], head[1:1000:2]
    if even and odd.count(0) > len(odd) * 0.6 and not even.count(0):
        return "utf-16-le"
    if odd and even.count(0) > len(even) * 0.6 and not odd.count(0):
        return "utf-16-be"
    return ""


def check_utf_16(path: Path, encoding: str) -> None:
    """Raise ReadError if any of a text cannot be decoded."""
    try:
        with path.open(encoding=encoding, newline="") as text:
            while text.read(CHUNK):
                pass
    except UnicodeError:
        raise ReadError(f"The file starts as UTF-16 but is damaged. {SAVE_AS_CSV}") from None


def survey(path: Path, encoding: str) -> tuple[int, bool]:
    """Return the first line that encoding cannot decode (0 for none), and whether it decodes anything beyond ASCII."""
    undecodable, decoded, line = 0, False, 1
    with path.open(encoding=encoding, errors="surrogateescape") as text:
        while chunk := text.read(CHUNK):
            if not chunk.isascii():
                if not undecodable and (match := UNDECODABLE.search(chunk)):
                    undecodable = line + chunk.count("\n", 0, match.start())
                decoded = decoded or DECODED.search(chunk) is not None
            line += chunk.count("\n")
    return undecodable, decoded
