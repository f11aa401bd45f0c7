"""What topic areas say of themselves, kept in memory: there are few, and every search asks all of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import Self

from ..models import TopicArea
from .documents import AREA_TEXTS, area_word
from .words import SearchTerm, stem, words_of


class KnownText:
    """Hold the words of some texts, to be asked many times whether terms stand in one of them."""

    def __init__(self, texts: Iterable[str]) -> None:
        # What stands between two texts is part of no phrase.
        words = list(chain.from_iterable((*words_of(text), "") for text in texts))
        self.words = f" {' '.join(words)} "
        self.stems = f" {' '.join(map(stem, words))} "

    def holds(self, term: SearchTerm) -> bool:
        """Return whether one of the texts holds the term, as a document would."""
        return any(
            f" {' '.join(map(stem, form.words))} " in self.stems
            or (form.is_prefix and f" {form.text}" in self.words)
            for form in term.forms
        )


class AreaTexts:
    """Find public topic areas by their names, definitions and criteria; areas are named by their primary keys."""

    FIELDS = ("name", "abbreviation", *AREA_TEXTS)

    def __init__(self, areas: Iterable[TopicArea]) -> None:
        self.areas = list(areas)

    @classmethod
    def stored(cls) -> Self:
        """Read the public topic areas. One query."""
        return cls(TopicArea.objects.published().only(*cls.FIELDS))

    @cached_property
    def names(self) -> dict[int, KnownText]:
        # An area's name and abbreviation are one text.
        return {a.pk: KnownText([f"{a.name} {a.abbreviation}"]) for a in self.areas}

    @cached_property
    def texts(self) -> dict[int, KnownText]:
        return {a.pk: KnownText(getattr(a, text) for text in AREA_TEXTS) for a in self.areas}

    def named(self, term: SearchTerm) -> set[int]:
        """Return the areas whose names hold the term."""
        return {pk for pk, name in self.names.items() if name.holds(term)}

    def holding(self, term: SearchTerm) -> set[int]:
        """Return the areas that hold the term in their names, definitions or criteria."""
        return self.named(term) | {pk for pk, text in self.texts.items() if text.holds(term)}

    def holding_all(self, terms: Sequence[SearchTerm], excluded: Sequence[SearchTerm]) -> list[int]:
        """Return the areas that hold all terms and no excluded one, those first whose names hold most of them."""
        if not terms:
            return []
        holding = set.intersection(*map(self.holding, terms))
        return self.most_named(holding - self.holding_any(excluded), terms)

    def named_by_half(
        self, terms: Sequence[SearchTerm], excluded: Sequence[SearchTerm]
    ) -> list[int]:
        """Return the areas whose names hold at least half of several terms, and which hold no excluded one."""
        number = self.number_named(terms)
        near = {pk for pk, held in number.items() if 1 < len(terms) <= 2 * held}
        return self.most_named(near - self.holding_any(excluded), terms)

    def holding_any(self, terms: Iterable[SearchTerm]) -> set[int]:
        """Return the areas that hold one of the terms."""
        return set[int]().union(*map(self.holding, terms))

    def number_named(self, terms: Iterable[SearchTerm]) -> Counter[int]:
        """Return how many of the terms the names of areas hold."""
        return Counter(chain.from_iterable(map(self.named, terms)))

    def most_named(self, areas: Iterable[int], terms: Iterable[SearchTerm]) -> list[int]:
        """Return areas in an order: those first whose names hold most of the terms."""
        number = self.number_named(terms)
        return sorted(areas, key=lambda pk: (-number[pk], pk))

    def placed(self, terms: Iterable[SearchTerm]) -> tuple[SearchTerm, ...]:
        """Return the terms, for each of which will do that an area of the program holds it."""
        return tuple(or_area(term, self.holding(term)) for term in terms)

    def placed_by_name(self, terms: Iterable[SearchTerm]) -> tuple[SearchTerm, ...]:
        """Return the terms, for each of which will do that the name of an area of the program holds it."""
        return tuple(or_area(term, self.named(term)) for term in terms)


def or_area(term: SearchTerm, areas: Iterable[int]) -> SearchTerm:
    """Return the term for which a rating in one of these areas will do as well."""
    return term.or_else(SearchTerm((area_word(area),)) for area in sorted(areas))
