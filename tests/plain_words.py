"""The rules of words, told plainly for oracles: it shares no code with the application."""

import re
import unicodedata
from functools import cache
from itertools import pairwise

import snowballstemmer

STEMMER = snowballstemmer.stemmer("porter")


def plain_words(text):
    """Return the words of text in lower case and without accents."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[^\W_]+", "".join(c for c in decomposed if not unicodedata.combining(c)))


@cache
def holds(text, chunk, is_last=False):
    """Return whether text holds the words of chunk in a way to write them; the last one perhaps unfinished."""
    return holds_as_written(text, chunk, is_last) or any(
        holds_as_written(text, " ".join(way)) for way in other_ways(plain_words(chunk))
    )


# Those of the words that tests use.
SPELLINGS = {
    "behaviour": "behavior",
    "behavior": "behaviour",
    "child": "children",
    "children": "child",
}


def other_ways(asked):
    """Return the words with one of them spelled otherwise, two joined to one, or one taken apart where it may be."""
    ways = [[*asked[:n], asked[n] + asked[n + 1], *asked[n + 2 :]] for n in range(len(asked) - 1)]
    ways.append(["".join(asked)])
    for n, word in enumerate(asked):
        parts = [[word[:i], word[i:]] for i in range(2, len(word) - 1)]
        parts += [[word[0], word[1:]]] if word[0] in "odl" else []
        parts += [[word[:-1], "t"]] if word.endswith("nt") else []
        parts += [[SPELLINGS[word]]] if word in SPELLINGS else []
        ways += [asked[:n] + others + asked[n + 1 :] for others in parts]
    return ways


def neighbours_joined(terms):
    """Return for each of these terms, of any number of words, what it makes with the one before or behind it.

    Only single words that are not quoted make one: all others are None.
    """
    single = [
        word if word and len(plain_words(word)) == 1 and '"' not in word else None for word in terms
    ]
    pairs = [
        plain_words(one)[0] + plain_words(other)[0] if one and other else None
        for one, other in pairwise(single)
    ]
    return [[pair for pair in pairs[max(0, n - 1) : n + 1] if pair] for n in range(len(terms))]


def holds_as_written(text, chunk, is_last=False):
    """Return whether the words of chunk stand side by side in text, by their stems; the last one perhaps unfinished."""
    words, asked = plain_words(text), plain_words(chunk)
    stems, asked_stems = [STEMMER.stemWords(w) for w in (words, asked)]
    places = range(len(words) - len(asked) + 1)
    if any(stems[n : n + len(asked)] == asked_stems for n in places):
        return True
    *firsts, last = asked
    # A single letter is the beginning of too much.
    return (
        is_last
        and len(last) > 1
        and any(
            words[n : n + len(firsts)] == firsts and words[n + len(firsts)].startswith(last)
            for n in places
        )
    )
