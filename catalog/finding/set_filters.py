"""The kinds of filters that the program list has: each answers with the set of the programs that it lets pass."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Protocol, Self

from django import forms
from django.utils.choices import BaseChoiceIterator
from django_filters import CharFilter, MultipleChoiceFilter

from ..search import Words
from .fields import KnownChoiceField, KnownChoicesField, WordsField
from .program_sets import AGE_GROUPS, ANY, CatalogSnapshot, FoundPrograms, ProgramSet, union

type Choices = Iterable[tuple[str, str]]
type Offered = Iterable[tuple[str, str | CountedLabel]]


@dataclass(frozen=True)
class CountedLabel:
    """Show the words for a value, and how many programs it gives under all other filters."""

    words: str
    programs: int

    def __str__(self) -> str:
        return f"{self.words} ({self.programs:,})"


class AskedChoices(BaseChoiceIterator):
    """Iterator of choices that are asked for when they are needed: Django's own looks at each of them for groups."""

    def __init__(self, choices: Callable[[], Offered]) -> None:
        self.ask = choices

    def __iter__(self) -> Iterator[tuple[str, str | CountedLabel]]:
        return iter(self.ask())

    def __deepcopy__(self, memo: object) -> Self:
        # A form copies its fields, and with them whatever these ask.
        return self


class FilterList(Protocol):
    """The filters of one list as each of them sees the others: what is asked for, and what it gives."""

    queryset: CatalogSnapshot
    words: Words
    chosen: dict[str, list[str]]
    default_sort: str
    found: FoundPrograms

    def facet_counts(self, name: str) -> dict[str, int]: ...


class OneOfTheList:
    """Mixin of the filters: each list has its own, which differ in nothing but whom they belong to."""

    extra: dict
    parent: FilterList

    def __deepcopy__(self, memo: object) -> Self:
        own = copy(self)
        own.extra = self.extra.copy()
        return own


class KnownChoicesFilter(OneOfTheList, MultipleChoiceFilter):
    """Filter whose choices come from the snapshot; ``noun`` says what a value is in notices."""

    field_class = KnownChoicesField

    def __init__(
        self,
        label: str,
        *,
        choices: Callable[[CatalogSnapshot], Choices],
        noun: str,
        widget: forms.Widget,
    ) -> None:
        notice = f"Unknown {noun} “%(value)s” was ignored."
        super().__init__(label=label, widget=widget, error_messages={"invalid_choice": notice})
        self.choices = choices

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Return the words for each value that the filter knows, in the order of the page."""
        return dict(self.choices(self.parent.queryset))

    def offered(self) -> Offered:
        """Return the choices that the form shows."""
        return self.labels.items()

    @property
    def field(self) -> KnownChoicesField:
        self.extra["choices"] = AskedChoices(self.labels.items)
        field = super().field
        field.widget.choices = AskedChoices(self.offered)
        return field


class SetFilter(KnownChoicesFilter):
    """Filter for the programs that have any of the chosen values.

    Filters of one ``group`` count as one: each looks at the values of the others.
    """

    group: str | None = None

    def passing(self, values: Sequence[str]) -> ProgramSet:
        """Return the programs that the filter lets pass with these values chosen."""
        return union(self.parent.queryset.having(self.field_name, value) for value in values)

    def counted(self) -> Iterable[str]:
        """Return the values for which a page shows the number of programs."""
        return self.labels

    def offered(self) -> Offered:
        for value, programs in self.parent.facet_counts(self.field_name).items():
            yield value, CountedLabel(self.labels[value], programs)


class RatedFilter(SetFilter):
    """Filter by topic area, rating or expert: one Rating has to satisfy all three.

    So topic area and rating ask for "rated 1 in this area", never "rated 1 somewhere, and in this area somehow".
    """

    group = "rated"

    def passing(self, values: Sequence[str]) -> ProgramSet:
        asked = {**self.parent.chosen, self.field_name: values}
        areas = self.areas(asked["topic"], asked["expert"])
        return self.parent.queryset.rated_in(areas, asked["rating"] or [ANY])

    def areas(self, topics: Sequence[str], experts: Sequence[str]) -> Sequence[str]:
        """Return the slugs of the areas in which these topics and experts ask for a rating; ANY where they do not.

        An umbrella area stands for its parts.
        """
        snapshot = self.parent.queryset
        slugs = [part for slug in topics for part in snapshot.areas[slug].places]
        if not experts:
            return slugs or [ANY]
        slugs = slugs or [area.slug for area in snapshot.rated_areas]
        return [slug for slug in slugs if snapshot.areas[slug].has_expert(experts)]


class AgeFilter(SetFilter):
    """Filter for the programs that serve a child of an age, or of one of a group of ages."""

    def counted(self) -> Iterable[str]:
        """Return the groups, and the ages that are chosen but the first, which stands in the box for a number."""
        single = [age for age in self.parent.chosen[self.field_name] if age not in AGE_GROUPS]
        return [*AGE_GROUPS, *single[1:]]


class LanguageFilter(SetFilter):
    """Filter for the programs that are given in a language, however it is written in the record."""

    def passing(self, values: Sequence[str]) -> ProgramSet:
        snapshot = self.parent.queryset
        written = chain.from_iterable(snapshot.languages[value] for value in values)
        return union(snapshot.having(self.field_name, language) for language in written)


class SinceFilter(SetFilter):
    """Filter for the programs whose research was reviewed in a year or later."""

    field_class = KnownChoiceField

    def passing(self, values: Sequence[str]) -> ProgramSet:
        return union(map(self.parent.queryset.reviewed_since, values))

    def counted(self) -> Iterable[str]:
        years = {*map(str, self.parent.queryset.since), *self.parent.chosen[self.field_name]}
        return sorted(years, reverse=True)

    def offered(self) -> Offered:
        yield "", "Any year"
        yield from super().offered()


class WordsFilter(OneOfTheList, CharFilter):
    """Filter for the programs that hold all words."""

    field_class = WordsField
    group = None

    def passing(self, words: Words) -> ProgramSet:
        return self.parent.found.programs


class SortFilter(KnownChoicesFilter):
    """Filter that names the order of the list, and lets all programs pass."""

    def offered(self) -> Offered:
        for value, label in self.labels.items():
            if value != "match" or self.parent.words:
                yield "" if value == self.parent.default_sort else value, label
