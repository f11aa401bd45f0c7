"""Sentences that are made up from the patterns and words of ``words``."""

import re
from collections.abc import Iterator
from itertools import islice

from .chance import Chance
from .words import SENTENCES, WORDS

BEFORE_A_VOWEL = re.compile(r"\b([Aa]) (?=[aeiou])")


class ProseWriter:
    """Makes sentences; as a mapping, it fills "{people}" with a word of that kind, and never twice the same."""

    def __init__(self, chance: Chance) -> None:
        self.chance = chance
        self.used: set[str] = set()

    def __getitem__(self, kind: str) -> str:
        """Return a word whose frequency is, as in real text, in inverse proportion to its rank (Zipf)."""
        words = WORDS[kind]
        while (word := words[int((len(words) + 1) ** self.chance.random()) - 1]) in self.used:
            pass
        self.used.add(word)
        return word

    def any_word(self, kind: str) -> str:
        """Return a word of this kind, each as likely as any other."""
        return self.chance.choice(WORDS[kind])

    def sentences(self, kind: str) -> Iterator[str]:
        """Yield sentences of this kind, without end; all patterns in turn before one comes again."""
        patterns = SENTENCES[kind]
        while True:
            for pattern in self.chance.sample(patterns, len(patterns)):
                self.used.clear()
                text = BEFORE_A_VOWEL.sub(r"\1n ", pattern.format_map(self))
                yield text[0].upper() + text[1:]

    def sentence(self, kind: str) -> str:
        """Return a sentence of this kind."""
        return next(self.sentences(kind))

    def prose(self, kind: str, words: int, first: str = "") -> str:
        """Return sentences of at least this many words together, in paragraphs of four."""
        sentences, length = [first] * bool(first), len(first.split())
        more = self.sentences(kind)
        while length < words:
            sentences.append(next(more))
            length += len(sentences[-1].split())
        paragraphs = (sentences[i : i + 4] for i in range(0, len(sentences), 4))
        return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)

    def bullets(self, kind: str, number: int) -> str:
        """Return a Markdown list of sentences of this kind."""
        return "\n".join(f"- {text}" for text in islice(self.sentences(kind), number))
