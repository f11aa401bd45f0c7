"""What a visitor typed, as terms to look for; and the marking of these terms in a text."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from html import unescape
from itertools import islice
from typing import NamedTuple

import snowballstemmer
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

from ..values.names import without_marks

MOST_CHARACTERS = 200
MOST_TERMS = 20
SHORTEST_PREFIX = 2
# Nearly every text holds these. They count in a phrase, and where there are no others.
COMMON_WORDS = """
a about an and are as at be by for from has have how in is it of on or that the their them this to was what which who
with
"""
STOP_WORDS = frozenset(COMMON_WORDS.split())


def runs(letters: Iterable[str]) -> list[list[str]]:
    """Return letters in runs of neighbours by their code points."""
    found: list[list[str]] = []
    for letter in letters:
        if found and ord(letter) == ord(found[-1][-1]) + 1:
            found[-1].append(letter)
        else:
            found.append([letter])
    return found


# What stands on, under or behind a letter, as ranges of a regular expression: accents, vowel signs, voiced sounds, …
MARKS = "".join(
    f"{run[0]}-{run[-1]}"
    for run in runs(c for c in map(chr, range(0x300, 0x20000)) if unicodedata.category(c)[0] == "M")
)
MARK = re.compile(f"[{MARKS}]")
# Most words have none of these, and ASCII is ruled out at once.
WORD = re.compile(rf"[^\W_]++(?:(?![\0-\x7f])[{MARKS}]++[^\W_]*+)*+")
POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
# A minus sign is also what phones and word processors make of it. As in a class of a regular expression.
MINUSES = "-‐‑‒–—―−"
CHUNK = re.compile(
    rf'(?P<sign>(?<!\S)[{MINUSES}])?(?:"(?P<phrase>[^"]*)(?P<end>"|$)|(?P<plain>[^\s"]+))'
)
QUOTES = str.maketrans(dict.fromkeys("“”„‟«»″〃〝〞〟＂❝❞", '"'))
# As in the source of a page, from which people paste.
ENTITY = re.compile(
    r"&(?:amp|quot|lt|gt|nbsp|[lr][sd]quo|[nm]dash|#\d{1,6}|#x[0-9a-f]{1,5});", re.IGNORECASE
)


type WordsOfTerm = tuple[str, ...]


def fold(text: str) -> str:
    """Return text in lower case, without accents and other marks, with plain letters for those of another form."""
    if text.isascii():
        return text.lower()
    plain = MARK.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", plain).casefold()


folded = lru_cache(maxsize=50_000)(fold)  # of single words, which texts share


def words_of(text: str) -> tuple[str, ...]:
    """Return the folded words of text: runs of letters and digits."""
    # What is no letter by itself, such as ™, is none when it is folded; ½ is two numbers then.
    return tuple(part for word in WORD.findall(text) for part in WORD.findall(folded(word)))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the stem of a folded word, by the algorithm that PostgreSQL has as well (Porter's of 1980)."""
    stemmer = snowballstemmer.stemmer("porter")
    return stemmer.stemWord(word) or word  # of "s" it leaves nothing


def beginning(word: str) -> str:
    """Return letters with which every word of the same stem begins: the stem's, but for two that endings may change."""
    letters = stem(word)
    return letters[: max(2, len(letters) - 2)]


@dataclass(frozen=True)
class SearchTerm:
    """A word, or words that stand side by side: "exact phrases", but also "well-being"."""

    words: WordsOfTerm
    is_prefix: bool = False  # the last word may be the beginning of a longer one
    typed: str = ""
    others: tuple["SearchTerm", ...] = ()  # what will do as well
    # For each word those of its stem that are stored, where a database does not know stems.
    stored: tuple[tuple[str, ...], ...] = field(default=(), compare=False, repr=False)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    @property
    def is_plain(self) -> bool:
        """Return whether the term is a single word outside quotes."""
        return len(self.words) == 1 and not self.is_quoted

    @property
    def is_quoted(self) -> bool:
        return '"' in self.typed

    @cached_property
    def forms(self) -> tuple["SearchTerm", ...]:
        """Return the term and what will do in its place: a text that holds one of these holds the term."""
        return self, *self.others

    @cached_property
    def beginnings(self) -> tuple[str, ...]:
        """Return letters of which a text that holds the term has some."""
        return tuple({beginning(form.words[0]) for form in self.forms})

    def or_else(self, others: Iterable["SearchTerm"]) -> "SearchTerm":
        """Return the term for which these will do as well."""
        return replace(self, others=tuple(dict.fromkeys((*self.others, *others))))

    def is_in(self, text: str) -> bool:
        """Return whether text holds the term."""
        return any(True for _ in spans(text, (self,)))


@dataclass(frozen=True)
class Words:
    """Hold what to find: every term, and none of the excluded ones."""

    terms: tuple[SearchTerm, ...] = ()
    excluded: tuple[SearchTerm, ...] = ()
    typed: str = ""
    also: tuple[str, ...] = ()  # what is looked for besides, because it means the same
    is_cut: bool = False  # there was more than MOST_CHARACTERS or MOST_TERMS

    def __bool__(self) -> bool:
        return bool(self.terms or self.excluded)

    def are_in(self, text: str) -> bool:
        """Return whether any of the terms is in text."""
        return any(True for _ in spans(text, self.terms))

    def all_are_in(self, text: str) -> bool:
        """Return whether text holds every term, and nothing that is to be left out."""

        return all(term.is_in(text) for term in self.terms) and not any(
            term.is_in(text) for term in self.excluded
        )

    def without(self, left_out: SearchTerm) -> str:
        """Return the text of these words without one of the terms."""
        return " ".join(t.typed for t in (*self.terms, *self.excluded) if t is not left_out)

    def replaced(self, others: Mapping[str, str]) -> str:
        """Return the text of these words with other words in the place of some."""
        return " ".join(
            WORD.sub(lambda word: others.get(fold(word[0]), word[0]), term.typed)
            for term in (*self.terms, *self.excluded)
        )


def parse(text: str) -> Words:
    """Return the terms of text: words, "exact phrases", and -words or -"phrases" to leave out.

    Any text is understood in some way: what is no letter or digit only parts words. Of words such as "the" none
    counts beside others. The last word may be unfinished.
    """
    whole = " ".join(text.replace("\0", " ").split())
    typed = whole[:MOST_CHARACTERS].rstrip()
    written = ENTITY.sub(lambda entity: unescape(entity[0]), typed)
    text = without_marks(written).translate(QUOTES)
    terms: list[tuple[SearchTerm, bool]] = []
    excluded: list[SearchTerm] = []
    for match in CHUNK.finditer(text):
        is_phrase = match["phrase"] is not None
        words = words_of(match["phrase"] if is_phrase else POSSESSIVE.sub("", match["plain"]))
        if not words:
            continue
        if match["sign"]:
            excluded.append(SearchTerm(words, typed=match[0]))
            continue
        is_last = match.end() == len(text.rstrip()) and not match["end"]
        is_prefix = is_last and len(words[-1]) >= SHORTEST_PREFIX
        is_common = not is_phrase and len(words) == 1 and words[0] in STOP_WORDS
        terms.append((SearchTerm(words, is_prefix, match[0]), is_common))
    telling = [term for term, is_common in terms if not is_common]
    kept = list(dict.fromkeys(telling or [term for term, _ in terms]))
    return Words(
        tuple(kept[:MOST_TERMS]),
        tuple(excluded[:MOST_TERMS]),
        typed,
        is_cut=typed != whole or len(kept) > MOST_TERMS or len(excluded) > MOST_TERMS,
    )


# --- Marking ---------------------------------------------------------------------------------------------------------


class Letters(dict[int, str]):
    """Fold letters one by one, each to a single one, so that they keep their places; what has no such form to NONE."""

    NONE = "\0"

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        plain = fold(letter)
        # Of the letters for parts of a Korean syllable, several become one.
        is_kept = len(plain) == 1 and plain.isalnum() == letter.isalnum()
        self[code] = plain if is_kept and not "\u1100" <= plain <= "\u11ff" else self.NONE
        return self[code]


LETTERS = Letters()
FOLDED_WORD = re.compile(r"[^\W_]+")


class Folded(NamedTuple):
    """Hold a text folded, and where its letters stand in the text as it was; None where each has kept its place."""

    text: str
    words: Sequence[tuple[int, int]] | None  # for each letter, where its word begins and ends

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where words of the folded text stand in the text."""
        if self.words is None:
            return start, end
        return self.words[start][0], self.words[end - 1][1]


# Of a few texts, each of which is asked for many terms, one after the other.
@lru_cache(maxsize=8)
def fold_in_place(text: str) -> Folded:
    """Return a text folded, with the places of its words."""
    letters = text.lower() if text.isascii() else text.translate(LETTERS)
    if Letters.NONE not in letters:
        return Folded(letters, None)
    folded_words = [(f"{folded(word[0])} ", word.span()) for word in WORD.finditer(text)]
    return Folded(
        "".join(word for word, _ in folded_words),
        [place for word, place in folded_words for _ in word],
    )


@lru_cache(maxsize=64)
def any_word_with(beginnings: Sequence[str]) -> re.Pattern[str]:
    """Return the pattern of words that begin with any of these letters, in a folded text."""
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, beginnings))})")


def spans(text: str, terms: Iterable[SearchTerm]) -> Iterator[tuple[int, int]]:
    """Yield where in text the terms stand, as the indexes find them; in the order of the text, not overlapping."""
    plainly = fold_in_place(text)
    # Most texts hold none of most terms.
    possible = [t for t in terms if any(letters in plainly.text for letters in t.beginnings)]
    if not possible:
        return
    forms = [form for term in possible for form in term.forms]
    most = max(len(form.words) for form in forms)
    end = 0
    for first in any_word_with(tuple(b for t in possible for b in t.beginnings)).finditer(
        plainly.text
    ):
        if first.start() < end:
            continue
        there = list(islice(FOLDED_WORD.finditer(plainly.text, first.start()), most))
        words = [word[0] for word in there]
        if longest := max((len(form.words) for form in forms if _begins(words, form)), default=0):
            end = there[longest - 1].end()
            yield plainly.place(first.start(), end)


def _begins(words: Sequence[str], term: SearchTerm) -> bool:
    """Return whether the words begin with those of a term."""
    if len(words) < len(term.words):
        return False
    *firsts, last = zip(term.words, words, strict=False)
    if not all(_are_alike(*pair) for pair in firsts):
        return False
    return _are_alike(*last) or (term.is_prefix and last[1].startswith(last[0]))


def _are_alike(asked: str, word: str) -> bool:
    return asked == word or (word.startswith(beginning(asked)) and stem(asked) == stem(word))


def marked(text: str, words: Words | None) -> SafeString:
    """Return text escaped, with the terms in <mark>; without words there are none."""
    places = list(spans(text, words.terms)) if words else []
    if not places:
        return conditional_escape(text)
    pieces: list[tuple[str, str]] = []
    end = 0
    for start, stop in places:
        pieces.append((text[end:start], text[start:stop]))
        end = stop
    return format_html("{}{}", format_html_join("", "{}<mark>{}</mark>", pieces), text[end:])


EXCERPT_WORDS = 45
WORDS_BEFORE = 12


def excerpt(text: str, terms: Iterable[SearchTerm]) -> str:
    """Return about EXCERPT_WORDS words of a plain text around the first of the terms in it.

    The beginning of the text where no term is in it.
    """
    parts = text.split()
    line = " ".join(parts)
    first = next(spans(line, terms), (0, 0))[0]
    place = line.count(" ", 0, first)
    start = 0 if place < EXCERPT_WORDS - WORDS_BEFORE else place - WORDS_BEFORE
    shown = " ".join(parts[start : start + EXCERPT_WORDS])
    before = "… " if start else ""
    after = " …" if start + EXCERPT_WORDS < len(parts) else ""
    return f"{before}{shown}{after}"
