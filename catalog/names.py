"""Names as people write them: compared without regard to marks, and turned into slugs."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable

from django.utils.text import slugify
from rapidfuzz import fuzz, process

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


ARTICLES = {"the", "a", "an"}
WORD = re.compile(r"[^\W_]+")
BRACKETS = re.compile(r"\([^)]*\)")
# How much of two names' letters must be alike, in percent.
ALIKE = 90


class NearNames:
    """Names, by their ``match_key``, among which to look for one so like a new one that the two may mean the same."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.by_start: dict[str, list[str]] = defaultdict(list)
        self.by_words: dict[str, str] = {}
        for key in keys:
            self.add(key)

    def add(self, key: str) -> None:
        self.by_start[key[:3]].append(key)
        self.by_words[self.words(key)] = key

    def words(self, key: str) -> str:
        """Return the words that tell a name apart: no article, nothing in brackets, in no order."""
        words = WORD.findall(BRACKETS.sub(" ", key))
        return " ".join(sorted(word for word in words if word not in ARTICLES))

    def find(self, key: str) -> str | None:
        """Return a name with the same words, or with the same beginning and nearly the same letters."""
        if same := self.by_words.get(self.words(key)):
            return same
        near = process.extractOne(
            key, self.by_start.get(key[:3], []), scorer=fuzz.ratio, score_cutoff=ALIKE
        )
        return near[0] if near else None
