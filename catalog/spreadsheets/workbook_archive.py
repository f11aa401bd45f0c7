"""A workbook (XLSX) as the archive of XML that it is: its parts, their elements, and what damage raises."""

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path, PurePosixPath
from xml.parsers import expat

from django.conf import settings

from .limits import CHUNK, megabytes
from .sheets import ReadError

# Repeated cells are packed tightly, but nothing that a person typed is packed as tightly as this.
MAX_RATIO = 300

DAMAGED = "The workbook is damaged. Open it in a spreadsheet program, save it again as .xlsx, and send that."
# What the standard library raises for a damaged archive, and this module for parts that contradict each other.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, EOFError, LookupError,
    NotImplementedError, OSError, OverflowError, RuntimeError, UnicodeError, ValueError,
)  # fmt: skip


class Archive:
    """Read the parts of a workbook, none of them larger than it says, none twice, and none with a document type."""

    def __init__(self, path: Path) -> None:
        self.zip = zipfile.ZipFile(path)
        self.names = set(self.zip.namelist())
        parts = self.zip.infolist()
        unzipped = sum(part.file_size for part in parts)
        size = path.stat().st_size
        if unzipped > settings.IMPORT_MAX_UNZIPPED_BYTES:
            raise ReadError(
                f"The workbook unpacks to more than {megabytes(settings.IMPORT_MAX_UNZIPPED_BYTES)}. "
                "Split it into smaller ones, or save the table as “CSV UTF-8” and send that."
            )
        if unzipped > MAX_RATIO * size:
            raise ReadError(
                f"The workbook unpacks to more than {MAX_RATIO} times its size, which no table of text does. "
                "Copy the table into a new workbook, and send that."
            )
        if any(part.flag_bits & 1 for part in parts):
            raise ReadError(
                "This workbook is protected by a password. Save it without one, and send that."
            )
        methods = {part.compress_type for part in parts}
        if len(self.names) < len(parts) or methods - {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ReadError(DAMAGED)

    def parse(self, name: str, parser: expat.XMLParserType) -> Iterator[None]:
        """Feed a part to parser, and pause after each chunk. The zip gives no more bytes than its directory says."""

        def refuse(*doctype: object) -> None:
            raise ReadError(DAMAGED)

        parser.StartDoctypeDeclHandler = refuse
        with self.zip.open(name) as part:
            while chunk := part.read(CHUNK):
                parser.Parse(chunk)
                yield
            parser.Parse(b"", True)
            yield

    def tags(self, name: str) -> Iterator[tuple[str, str, dict[str, str]]]:
        """Yield each element of a part: the name of its parent, its own name and its attributes, without namespaces."""
        found: list[tuple[str, str, dict[str, str]]] = []
        parents = [""]

        def start(tag: str, attributes: dict[str, str]) -> None:
            found.append(
                (
                    parents[-1],
                    local_name(tag),
                    {local_name(key): v for key, v in attributes.items()},
                )
            )
            parents.append(local_name(tag))

        parser = new_parser()
        parser.StartElementHandler = start
        parser.EndElementHandler = lambda tag: parents.pop()
        for _ in self.parse(name, parser):
            yield from found
            found.clear()

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return the kind and the part of each relation of a part, by its id; none if it has none."""
        folder, _, file = name.rpartition("/")
        relations = f"{folder}/_rels/{file}.rels".lstrip("/")
        if relations not in self.names:
            return {}
        return {
            tag["Id"]: (tag["Type"].rpartition("/")[2], resolve(folder, tag["Target"]))
            for _, element, tag in self.tags(relations)
            if element == "Relationship" and tag.get("TargetMode") != "External"
        }


@contextmanager
def refuse_damage() -> Iterator[None]:
    """Turn whatever the standard library raises for a damaged archive or XML into ReadError."""
    try:
        yield
    except ReadError:
        raise
    except DAMAGE:
        raise ReadError(DAMAGED) from None


def new_parser() -> expat.XMLParserType:
    """Return a parser that puts namespaces before names, and gives the text between two tags at once."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    return parser


@lru_cache(maxsize=1000)
def local_name(tag: str) -> str:
    """Return the name of an element or attribute without its namespace, of which there are two for workbooks."""
    return tag.rpartition("}")[2]


def resolve(folder: str, target: str) -> str:
    """Return the part that the target of a relation names, relative to folder."""
    parts: list[str] = []
    for step in PurePosixPath(
        target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
    ).parts:
        if step == ".." and parts:
            parts.pop()
        elif step not in ("..", "/"):
            parts.append(step)
    return "/".join(parts)
