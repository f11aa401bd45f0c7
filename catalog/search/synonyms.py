"""Synonyms: what else is looked for where a visitor types a word or a phrase that means the same.

They are applied when a search is read, so that a change of them needs no new documents.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Self

from ..models import SynonymGroup
from .words import STOP_WORDS, SearchTerm, Words, stem, words_of

# Words as they are compared: stems, without what nearly every text holds.
type Stems = tuple[str, ...]


class Run(NamedTuple):
    """Hold some terms of a search, one after the other, and the groups that hold just these words."""

    start: int
    end: int
    groups: Sequence[int]


class Synonyms:
    """Hold the groups of words and phrases that mean the same."""

    def __init__(self, groups: Iterable[Sequence[str]] = ()) -> None:
        self.groups = list(groups)
        self.by_stems: defaultdict[Stems, list[int]] = defaultdict(list)
        for number, phrases in enumerate(self.groups):
            for stems in {way for phrase in phrases for way in ways(words_of(phrase))}:
                self.by_stems[stems].append(number)

    @classmethod
    def stored(cls) -> Self:
        """Read the synonyms. One query."""
        groups = SynonymGroup.objects.order_by("pk").values_list("name", "synonyms")
        return cls((name, *synonyms) for name, synonyms in groups)

    def widen(self, words: Words) -> Words:
        """Return the words, for which their synonyms will do as well; what stands in quotation marks stays as it is.

        A synonym of several terms will do for each of them: a text that holds it holds them all.
        """
        terms, also = list(words.terms), []
        for run in self.runs(words.terms):
            own = set(ways(words_in(terms[run.start : run.end])))
            others = [
                phrase
                for group in run.groups
                for phrase in self.groups[group]
                if own.isdisjoint(ways(words_of(phrase)))
            ]
            also += others
            for n in range(run.start, run.end):
                terms[n] = terms[n].or_else(SearchTerm(words_of(phrase)) for phrase in others)
        return replace(words, terms=tuple(terms), also=tuple(dict.fromkeys(also)))

    def runs(self, terms: Sequence[SearchTerm]) -> Iterator[Run]:
        """Yield the longest runs of terms that groups hold, from the first term on; none is part of another."""
        start = 0
        while start < len(terms):
            found = next(
                (
                    Run(start, end, groups)
                    for end in range(len(terms), start, -1)
                    if (groups := self.groups_of(terms[start:end]))
                ),
                None,
            )
            if found:
                yield found
            start = found.end if found else start + 1

    def groups_of(self, terms: Sequence[SearchTerm]) -> Sequence[int]:
        """Return the groups that hold the words of these terms, side by side."""
        if any(term.is_quoted for term in terms):
            return ()
        found = (self.by_stems.get(way, ()) for way in ways(words_in(terms)))
        return sorted({group for groups in found for group in groups})


def ways(words: Sequence[str]) -> Iterator[Stems]:
    """Yield the words of a phrase as they are compared, and as one: "well being" is in the group of "wellbeing"."""
    telling = [word for word in words if word not in STOP_WORDS] or list(words)
    yield tuple(map(stem, telling))
    yield (stem("".join(telling)),)


def words_in(terms: Iterable[SearchTerm]) -> list[str]:
    """Return the words of these terms."""
    return [word for term in terms for word in term.words]
