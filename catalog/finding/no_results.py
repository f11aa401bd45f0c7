"""Help for a visitor whose search or filters find no program."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ..search import find_programs, parse
from .filters import LABELS, NOTHING_CHOSEN, OF_ONE_RATING, ProgramFilters

# A slip is one letter in a short word, two in a long one; a transposition counts once.
LONG_WORD = 6
SHORTEST_WORD = 3


@dataclass(frozen=True)
class Suggestion:
    """What to change, the address that does it, and how many programs it gives: never none."""

    label: str
    address: str
    count: int
    drops_filters: bool = False


class NothingFound:
    """Ways out of an empty result. At most two queries."""

    def __init__(self, filters: ProgramFilters) -> None:
        self.filters = filters
        self.others = filters.programs(without="q")

    @property
    def suggestions(self) -> list[Suggestion]:
        """What to leave out: one filter, or one word; the most fruitful first."""
        suggestions = [*self._without_a_filter(), *self._without_words()]
        return sorted(
            (suggestion for suggestion in suggestions if suggestion.count),
            key=lambda suggestion: -suggestion.count,
        )

    def _without_a_filter(self) -> Iterator[Suggestion]:
        for name, values in self.filters.chosen.items():
            if not values:
                continue
            if name in OF_ONE_RATING:
                programs = self.filters.programs(without="rated")
                rest = {
                    other: self.filters.chosen[other] for other in OF_ONE_RATING if other != name
                }
                if any(rest.values()):
                    programs &= self.filters.rated(**{name: []})
            else:
                programs = self.filters.programs(without=name)
            labels = ", ".join(self.filters.labels[name][value] for value in values)
            yield Suggestion(
                f"{LABELS[name]}: {labels}",
                self.filters.address({name: []}),
                programs.bit_count(),
            )

    def _without_words(self) -> Iterator[Suggestion]:
        words = self.filters.words
        if not words:
            return
        yield Suggestion("the words", self.filters.address({"q": []}), self.others.bit_count())
        if len(words.terms) > 1:
            shorter = [words.without(term) for term in words.terms]
            found_by_rest = find_programs(map(parse, shorter))
            for term, rest, found in zip(words.terms, shorter, found_by_rest, strict=True):
                yield Suggestion(
                    f"the word “{term.typed}”",
                    self.filters.address({"q": [rest]}),
                    (self.others & self.filters.catalog.set_of(found)).bit_count(),
                )

    @property
    def did_you_mean(self) -> Suggestion | None:
        """The words as they may have been meant: with the nearest words of program and topic names."""
        words = self.filters.words
        nearest = {
            word: near
            for term in words.terms
            for word in term.words
            if (near := self._nearest(word)) and near != word
        }
        if not nearest:
            return None
        meant = words.replaced(nearest)
        (found,) = find_programs([parse(meant)])
        programs = self.filters.catalog.set_of(found)
        if count := (programs & self.others).bit_count():
            return Suggestion(meant, self.filters.address({"q": [meant]}), count)
        address = self.filters.address({"q": [meant], **NOTHING_CHOSEN})
        count = programs.bit_count()
        return Suggestion(meant, address, count, drops_filters=True) if count else None

    def _nearest(self, word: str) -> str | None:
        if len(word) < SHORTEST_WORD:
            return None
        most = 2 if len(word) >= LONG_WORD else 1
        best = process.extractOne(
            word, self.filters.catalog.vocabulary, scorer=OSA.distance, score_cutoff=most
        )
        return best[0] if best else None
