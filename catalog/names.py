"""Names as people write them: compared without regard to marks, and turned into slugs."""

import re
import unicodedata
from collections.abc import Container

from django.utils.text import slugify

# ® ™ ℠ and their typewriter forms say who owns a name, not which name it is.
MARKS = re.compile(r"[®™℠]|\((?:r|tm|sm)\)", re.IGNORECASE)
QUOTES = str.maketrans({"‘": "'", "’": "'", "`": "'", "´": "'", "“": '"', "”": '"', "″": '"'})


def without_marks(name: str) -> str:
    """Return name without ® ™ ℠, (R), (TM) and (SM)."""
    return MARKS.sub("", name)


def match_key(name: str) -> str:
    """Return what two spellings of one name have in common.

    Case, spacing, the form of quotation marks and trademark signs do not tell names apart (DESIGN.md 5).
    """
    plain = unicodedata.normalize("NFC", without_marks(name)).translate(QUOTES)
    return " ".join(plain.replace("''", '"').split()).casefold()


def new_slug(name: str, taken: Container[str], max_length: int = 100) -> str:
    """Return a slug for name that is not in taken: ``name``, then ``name-2``, ``name-3`` …"""
    base = slugify(without_marks(name))[:max_length].strip("-") or "entry"
    slug, number = base, 1
    while slug in taken:
        number += 1
        suffix = f"-{number}"
        slug = base[: max_length - len(suffix)].rstrip("-") + suffix
    return slug
