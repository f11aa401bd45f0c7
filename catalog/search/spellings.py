"""Other ways to write what was typed: in one word or in two, in British or American letters, in the plural.

They are guesses: a search takes those that some document holds.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

from .words import STOP_WORDS, SearchTerm, Words, WordsOfTerm

# Longer phrases are not looked at for words that may be two.
MOST_WORDS = 3
# What stands before, two ways to write what follows, and what stands behind.
TWO_WAYS = (
    # British and American.
    ("", "our", "or", ""),
    ("", "is", "iz", "[aei]"),
    ("", "ys", "yz", "[ei]"),
    ("", "re", "er", "s?$"),
    ("[aeiou]", "ll", "l", "(?:ing|ed|ors?|ers?|ments?|ful)$"),
    ("i", "ll", "l", "$"),
    ("", "ence", "ense", "s?$"),
    ("", "ogue", "og", "s?$"),
    ("", "paed", "ped", ""),
    ("", "haem", "hem", ""),
    ("", "anaem", "anem", ""),
    ("", "foet", "fet", ""),
    ("", "rrhoea", "rrhea", ""),
    ("", "ageing", "aging", "$"),
    ("", "dgement", "dgment", ""),
    ("^", "programme", "program", "s?$"),
    ("^", "practis", "practic", ""),
    ("^", "grey", "gray", "$"),
    ("^", "mum", "mom", "s?$"),
    # One and several, where the ending is none that stems take off.
    ("", "child", "children", "$"),
    ("", "man", "men", "$"),
    ("^", "person", "people", "$"),
    ("i", "fe", "ves", "$"),
    ("[lr]", "f", "ves", "$"),
    ("", "sis", "ses", "$"),
    ("^", "foot", "feet", "$"),
    ("", "tooth", "teeth", "$"),
    ("", "criterion", "criteria", "$"),
    ("", "phenomenon", "phenomena", "$"),
    ("", "ulum", "ula", "$"),
)
LETTERS_OF_NAMES = frozenset("dlo")
RULES = tuple(
    (re.compile(f"(?<={before}){letters}(?={after})"), others)
    for before, one, other, after in TWO_WAYS
    for letters, others in ((one, other), (other, one))
)


def with_guesses(words: Words) -> Words:
    """Return the words, each with the other ways to write it; two that stand side by side may also be one."""
    terms = list(map(with_guess, words.terms))
    for n, (one, other) in enumerate(pairwise(words.terms)):
        if one.is_plain and other.is_plain:
            joined = SearchTerm((one.text + other.text,))
            terms[n : n + 2] = (term.or_else([joined]) for term in terms[n : n + 2])
    return replace(words, terms=tuple(terms), excluded=tuple(map(with_guess, words.excluded)))


def with_guess(term: SearchTerm) -> SearchTerm:
    return term.or_else(SearchTerm(words) for words in dict.fromkeys(other_ways(term.words)))


def other_ways(words: WordsOfTerm) -> Iterator[WordsOfTerm]:
    """Yield the words of a term with one of them written otherwise, with two in one, or with one in two."""
    for n, word in enumerate(words):
        before, after = words[:n], words[n + 1 :]
        for spelling in spellings(word):
            yield (*before, spelling, *after)
        if after:
            yield (*before, word + after[0], *after[1:])
        if len(words) <= MOST_WORDS:
            for parts in in_two(word):
                yield (*before, *parts, *after)
    if len(words) > 2:  # noqa: PLR2004 - of two it is said above
        yield ("".join(words),)


@lru_cache(maxsize=10_000)
def spellings(word: str) -> tuple[str, ...]:
    """Return other spellings of a folded word, and its plural or singular where no stem has both."""
    others = (rule.sub(letters, word) for rule, letters in RULES)
    return tuple(dict.fromkeys(other for other in others if other != word))


def in_two(word: str) -> Iterator[tuple[str, str]]:
    """Yield the two words that a word may be: "well being", "4 H", "O Connor", "don t".

    None is one that nearly every text holds, as in "the rapist".
    """
    for n in range(1, len(word)):
        one, other = word[:n], word[n:]
        if not STOP_WORDS.intersection((one, other)) and (
            min(len(one), len(other)) > 1
            or one in LETTERS_OF_NAMES
            or (one[-1] == "n" and other == "t")
            or one[-1].isdigit() != other[0].isdigit()
        ):
            yield one, other
