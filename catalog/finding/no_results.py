"""Help for a visitor whose search or filters find no program."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA

from ..search import SearchTerm, find_programs, parse
from .addresses import address_of, nothing_chosen
from .filters import ProgramFilterSet
from .program_sets import ProgramSet

# A slip is one letter in a short word, two in a long one; a transposition counts once.
LONG_WORD = 6
SHORTEST_WORD = 3


@dataclass(frozen=True)
class Suggestion:
    """Name what to change, the address that does it, and how many programs it gives: never none."""

    label: str
    address: str
    count: int
    drops_filters: bool = False


class NothingFound:
    """Suggests what to change where nothing is found. Two queries at most, once the words of names are read."""

    def __init__(self, filters: ProgramFilterSet) -> None:
        self.filters = filters
        self.others = filters.passing_others("q")

    @property
    def suggestions(self) -> list[Suggestion]:
        """Return the suggestions of what to leave out: one filter, or one word; the most fruitful first."""
        suggestions = [*self._without_a_filter(), *self._without_words()]
        return sorted(
            (suggestion for suggestion in suggestions if suggestion.count),
            key=lambda suggestion: -suggestion.count,
        )

    def _without_a_filter(self) -> Iterator[Suggestion]:
        for name, values in self.filters.chosen.items():
            if values:
                filter_ = self.filters.filters[name]
                labels = ", ".join(filter_.labels[value] for value in values)
                yield Suggestion(
                    f"{filter_.label}: {labels}",
                    address_of(self.filters, {name: []}),
                    self._passing_without(name).bit_count(),
                )

    def _passing_without(self, name: str) -> ProgramSet:
        """Return the programs that pass if nothing is chosen in one filter."""
        chosen, filters = self.filters.chosen, self.filters.filters
        programs = self.filters.passing_others(name)
        group = filters[name].group
        if group and any(
            chosen[other] for other in chosen if other != name and filters[other].group == group
        ):
            programs &= filters[name].passing([])
        return programs

    def _without_words(self) -> Iterator[Suggestion]:
        words = self.filters.words
        if not words:
            return
        yield Suggestion("the words", address_of(self.filters, {"q": []}), self.others.bit_count())
        for term, rest in self._shorter.items():
            yield Suggestion(
                f"the word “{term.typed}”",
                address_of(self.filters, {"q": [rest]}),
                (self.others & self._found[rest]).bit_count(),
            )

    @property
    def did_you_mean(self) -> Suggestion | None:
        """Return the words as they may have been meant: with the nearest words of program and topic names."""
        meant = self._meant
        if not meant:
            return None
        programs = self._found[meant]
        if count := (programs & self.others).bit_count():
            return Suggestion(meant, address_of(self.filters, {"q": [meant]}), count)
        address = address_of(self.filters, {"q": [meant], **nothing_chosen(self.filters)})
        count = programs.bit_count()
        return Suggestion(meant, address, count, drops_filters=True) if count else None

    @cached_property
    def _shorter(self) -> dict[SearchTerm, str]:
        """Return the words without each of the terms; nothing for a single one."""
        words = self.filters.words
        return {term: words.without(term) for term in words.terms if len(words.terms) > 1}

    @cached_property
    def _found(self) -> dict[str, ProgramSet]:
        """Return the programs that other words find, of all that may be suggested. Two queries."""
        catalog = self.filters.queryset
        texts = [*self._shorter.values(), *filter(None, [self._meant])]
        found = find_programs(map(parse, texts), catalog.synonyms, catalog.area_texts)
        return dict(zip(texts, map(catalog.set_of, found), strict=True))

    @cached_property
    def _meant(self) -> str | None:
        """Return the words with the nearest words of names in the place of those that no name holds."""
        words = self.filters.words
        nearest = {
            word: near
            for term in words.terms
            for word in term.words
            if (near := self._nearest(word)) and near != word
        }
        return words.replaced(nearest) if nearest else None

    def _nearest(self, word: str) -> str | None:
        if len(word) < SHORTEST_WORD:
            return None
        most = 2 if len(word) >= LONG_WORD else 1
        best = process.extractOne(
            word, self.filters.queryset.vocabulary, scorer=OSA.distance, score_cutoff=most
        )
        return best[0] if best else None
