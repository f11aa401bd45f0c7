"""Names as people write them: compared without regard to marks, and turned into slugs."""

import re
import unicodedata
from collections.abc import Container, Iterable, MutableMapping

from anyascii import anyascii
from django.utils.text import slugify
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from .fields import tidy_line

# ® ™ ℠ and their typewriter forms say who owns a name, not which name it is.
MARKS = re.compile(r"[®™℠]|\((?:r|tm|sm)\)", re.IGNORECASE)
# No name or title may be longer. To normalise a text takes the square of the marks on one of its letters.
LONGEST = 1_000
LONGEST_SLUG = 100
# As much room as a slug's number takes, with its hyphen.
MOST_DIGITS = 8
QUOTES = str.maketrans({"‘": "'", "’": "'", "`": "'", "´": "'", "“": '"', "”": '"', "″": '"'})


def without_marks(name: str) -> str:
    """Return name without ® ™ ℠, (R), (TM) and (SM)."""
    return MARKS.sub("", name)


def match_key(name: str) -> str:
    """Return the form of a name in which its spellings are compared.

    Case, spacing, the form of quotation marks and trademark signs do not tell names apart, nor do the form
    of accents and what nobody sees, except where a text is longer than any name.
    """
    plain = without_marks(name)
    if len(plain) <= LONGEST:
        plain = tidy_line(plain)
    return " ".join(plain.translate(QUOTES).replace("''", '"').split()).casefold()


def in_latin_letters(text: str) -> str:
    """Return text with what other scripts write in Latin letters; what is no letter or number stays a sign."""
    if text.isascii():
        return text
    # A slug would otherwise spell out "snowman" for ☃, and "c" for ©.
    return "".join(c if unicodedata.category(c)[0] == "S" else anyascii(c) for c in text)


def slug_of(name: str) -> str:
    """Return the slug that a name makes; "" where it holds no letter and no digit."""
    plain = in_latin_letters(without_marks(name)[:LONGEST])
    return slugify(plain)[:LONGEST_SLUG].strip("-")


def numbered_slug(base: str, number: int) -> str:
    """Return a slug with a number that tells it apart, ``name-2``; the first one has none."""
    if number == 1:
        return base
    suffix = f"-{number}"
    return base[: LONGEST_SLUG - len(suffix)].rstrip("-") + suffix


def new_slug(
    name: str, taken: Container[str], numbers: MutableMapping[str, int] | None = None
) -> str:
    """Return a slug for name that is not in taken: ``name``, then ``name-2``, ``name-3`` …; "" where name makes none.

    To make many, pass the same ``numbers`` each time, empty at first: they keep from where to count on.
    """
    numbers = {} if numbers is None else numbers
    base = slug_of(name)
    if not base:
        return ""
    # Long ones that begin alike are cut to the same before their number, so they count together.
    stem = base[: LONGEST_SLUG - MOST_DIGITS]
    slug, number = base, numbers.get(stem, 1)
    while slug in taken:
        number += 1
        slug = numbered_slug(base, number)
    numbers[stem] = number
    return slug


ARTICLES = {"the", "a", "an"}
BRACKETS = re.compile(r"\([^)]*\)")
WORD = re.compile(r"[^\W_]+")
# What a slip of the pen touches first: vowels after the first letter, double letters, an s at the end.
SLIPS = re.compile(r"(?<=.)[aeiouy]|(.)(?=\1)|s$")
# How much of two names' letters must be alike, in percent.
ALIKE = 85
# Longer ones, which no program's name may be, are like no other: to compare them takes long.
LONGEST_NEAR = 300


class NearNames:
    """Names in which to find one that is so like a new one that the two may mean the same.

    They are so where their consonants are the same, in any order of the words or however these are joined. That takes
    one look into a dictionary: a file may hold a hundred thousand new names, and all of them begin alike.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self.by_consonants: dict[str, str] = {}
        for key in keys:
            self.add(key)

    def add(self, key: str) -> None:
        """Add a name by its ``match_key``."""
        for consonants in self.consonants(key):
            self.by_consonants.setdefault(consonants, key)

    def find(self, key: str) -> str | None:
        """Return the ``match_key`` of a name that is like this one, or None."""
        for consonants in self.consonants(key):
            near = self.by_consonants.get(consonants)
            if near and self.are_alike(words_in_key(key), words_in_key(near)):
                return near
        return None

    def consonants(self, key: str) -> tuple[str, ...]:
        """Return the letters of a name that slips of the pen seldom touch: its words sorted, and joined as they are."""
        if len(key) > LONGEST_NEAR:
            return ()
        kept = list(map(without_slips, words_in_key(key)))
        return " ".join(sorted(kept)), "".join(kept)

    def are_alike(self, words: list[str], others: list[str]) -> bool:
        """Return whether nearly all letters are the same, in any order of the words or however these are joined."""
        in_any_order = fuzz.ratio(" ".join(sorted(words)), " ".join(sorted(others)))
        return max(in_any_order, fuzz.ratio("".join(words), "".join(others))) >= ALIKE


# Shorter words, and numbers, tell names apart by a single letter.
LONG_WORD = 5
# What a name is followed by where it goes on to explain itself: "Triple P – Positive Parenting Program".
EXPLANATION = re.compile(r"\s+[-–—]\s+|:\s+")
EXPLAINED = re.compile(r"[(:–—]|\s-\s")


def are_near(name: str, other: str) -> bool:
    """Return whether two names may mean the same: what ``NearNames`` finds, and one slip in each longer word."""
    key, like = match_key(name), match_key(other)
    words, others = words_in_key(key), words_in_key(like)
    if not words or not others:
        return key == like != ""
    if key == like or NearNames([like]).find(key):
        return True
    if len(words) != len(others) or max(len(key), len(like)) > LONGEST_NEAR:
        return False
    in_any_order = all(map(is_slip, sorted(words), sorted(others)))
    return in_any_order or all(map(is_slip, words, others))


def is_slip(word: str, other: str) -> bool:
    """Return whether two words are the same but for one letter, or two that changed places."""
    if word == other:
        return True
    is_long = min(len(word), len(other)) >= LONG_WORD and word.isalpha() and other.isalpha()
    return is_long and OSA.distance(word, other, score_cutoff=1) <= 1


def short_form(name: str) -> str:
    """Return a name without what is in brackets, and without the explanation after a dash or a colon."""
    if not EXPLAINED.search(name):
        return name
    return EXPLANATION.split(BRACKETS.sub(" ", name), maxsplit=1)[0].strip() or name


def words_in_key(key: str) -> list[str]:
    """Return the words that tell a name apart: no article, nothing in brackets, no accents."""
    words = WORD.findall(BRACKETS.sub(" ", unaccented(key)))
    return [word for word in words if word not in ARTICLES]


def unaccented(text: str) -> str:
    """Return text without the accents of its letters."""
    if text.isascii():
        return text
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def without_slips(word: str) -> str:
    """Return the letters of a word that a slip of the pen seldom touches; a number is kept whole."""
    return SLIPS.sub("", word) if word.isalpha() else word
