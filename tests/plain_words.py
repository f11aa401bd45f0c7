"""The rules of words, told plainly for oracles: it shares no code with the application."""

import re
import unicodedata

import snowballstemmer

STEMMER = snowballstemmer.stemmer("porter")


def plain_words(text):
    """Return the words of text in lower case and without accents."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return re.findall(r"[^\W_]+", "".join(c for c in decomposed if not unicodedata.combining(c)))


def holds(text, chunk, is_last=False):
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
