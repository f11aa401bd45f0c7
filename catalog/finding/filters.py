"""The program list's contract: every filter that an address may use, what it accepts, and which programs it lets pass.

Every form of the list stands on ``ProgramFilterSet``. Its queryset is a ``CatalogSnapshot``, whose sets of programs
keep all counts exact and quick.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Self

from django import forms
from django.utils.choices import BaseChoiceIterator
from django.utils.html import format_html
from django_filters import CharFilter, FilterSet, MultipleChoiceFilter

from ..models import Availability, DeliverySetting, Outcome, RelevanceLevel, ScientificRating
from ..models.ages import MAX_AGE
from ..search import Words
from .fields import KnownChoiceField, KnownChoicesField, WordsField
from .program_sets import AGE_GROUPS, ANY, CatalogSnapshot, FoundPrograms, ProgramSet, union
from .widgets import AgeBoxes, ChoiceList, FacetBoxes, FinderForm, SearchBox, SortList

type Choices = Iterable[tuple[str, str]]
type Offered = Iterable[tuple[str, str | CountedLabel]]

SORTS = {
    "match": "Best match",
    "rating": "Scientific rating",
    "name": "Name",
    "reviewed": "Most recently reviewed",
}
AGES = {
    "0-2": "0–2, infants and toddlers",
    "3-5": "3–5, preschool",
    "6-12": "6–12, school age",
    "13-17": "13–17, adolescents",
    "18-25": "18–25, young adults",
    **{str(age): str(age) for age in range(MAX_AGE + 1)},
}
YEARS = [str(year) for year in range(2099, 1899, -1)]
MOST_CHARACTERS = 200
MOST_DIGITS = 20  # of a page's number


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


class OneOfTheList:
    """Mixin of the filters: each list has its own, which differ in nothing but whom they belong to."""

    extra: dict
    parent: "ProgramFilterSet"

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
        slugs = [part for slug in topics for part in snapshot.areas[slug].parts or [slug]]
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


class ProgramFilterSet(FilterSet):
    """Declare the filters of the program list: within one filter OR, between filters AND.

    Values that no filter knows are left out and named in ``notices``, so that the rest of the address still works.
    """

    queryset: CatalogSnapshot

    q = WordsFilter(
        label="Name, need or topic",
        help_text=format_html(
            'All words count. <span class="nowrap">{}</span>, <span class="nowrap">{}</span>',
            '"Exact phrase"',
            "-without",
        ),
        error_messages={"invalid_choice": "“%(value)s” was ignored: it has no letter or digit."},
        widget=SearchBox({"maxlength": MOST_CHARACTERS, "enterkeyhint": "search"}),
    )
    topic = RatedFilter(
        "Topic area",
        noun="topic area",
        choices=lambda snapshot: [
            (area.slug, f"{area.name} (all its parts)" if area.is_umbrella else area.name)
            for area in snapshot.areas.values()
        ],
        widget=FacetBoxes(find_label="Find a topic area"),
    )
    rating = RatedFilter(
        "Scientific rating",
        noun="scientific rating",
        choices=lambda snapshot: ScientificRating.choices,
        widget=FacetBoxes(),
    )
    relevance = SetFilter(
        "Child welfare relevance",
        noun="child welfare relevance",
        choices=lambda snapshot: RelevanceLevel.choices,
        widget=FacetBoxes(),
    )
    outcome = SetFilter(
        "Child-welfare outcome",
        noun="child-welfare outcome",
        choices=lambda snapshot: Outcome.choices,
        widget=FacetBoxes(),
    )
    age = AgeFilter(
        "Child’s age",
        noun="child’s age",
        choices=lambda snapshot: AGES.items(),
        widget=AgeBoxes(),
    )
    setting = SetFilter(
        "Delivery setting",
        noun="delivery setting",
        choices=lambda snapshot: DeliverySetting.choices,
        widget=FacetBoxes(),
    )
    language = LanguageFilter(
        "Language",
        noun="language",
        choices=lambda snapshot: [
            (code, written) for code, (written, *_) in snapshot.languages.items()
        ],
        widget=FacetBoxes(),
    )
    manual = SetFilter(
        "Manual available",
        noun="answer about a manual",
        choices=lambda snapshot: Availability.choices,
        widget=FacetBoxes(),
    )
    training = SetFilter(
        "Training available",
        noun="answer about training",
        choices=lambda snapshot: Availability.choices,
        widget=FacetBoxes(),
    )
    registry = SetFilter(
        "Also rated by",
        noun="registry",
        choices=lambda snapshot: snapshot.rating_registries.items(),
        widget=FacetBoxes(),
    )
    expert = RatedFilter(
        "Topic expert",
        noun="topic expert",
        choices=lambda snapshot: [(slug, e.name) for slug, e in snapshot.experts.items()],
        widget=forms.MultipleHiddenInput(),
    )
    reviewed_since = SinceFilter(
        "Research reviewed since",
        noun="year",
        choices=lambda snapshot: zip(YEARS, YEARS, strict=True),
        widget=ChoiceList({"id": "reviewed-since"}),
    )
    sort = SortFilter(
        "Sort by", noun="order", choices=lambda snapshot: SORTS.items(), widget=SortList()
    )

    # What a visitor is offered to choose from, what most ask for first.
    facets = (
        "rating",
        "age",
        "topic",
        "relevance",
        "outcome",
        "setting",
        "language",
        "manual",
        "training",
        "registry",
    )

    class Meta:
        form = FinderForm

    # --- What is asked for

    @cached_property
    def words(self) -> Words:
        return self._cleaned["q"]

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """Return the known values of each filter but the words, in the order of the page and of addresses."""
        return {
            name: self._cleaned[name]
            for name, f in self.filters.items()
            if isinstance(f, SetFilter)
        }

    @cached_property
    def default_sort(self) -> str:
        return "match" if self.words else "rating"

    @cached_property
    def order(self) -> str:
        """Return the order that is asked for. Best match means nothing without words, and is the default with them."""
        asked = self._cleaned["sort"]
        return asked[0] if asked and (self.words or asked != ["match"]) else self.default_sort

    @cached_property
    def page(self) -> int:
        """Return the number of the page that is asked for, which may be out of range."""
        page = self.data.get("page", "")
        return int(page[:MOST_DIGITS]) if page.isascii() and page.isdecimal() else 1

    @cached_property
    def notices(self) -> list[str]:
        """Return a sentence for each value that was left out."""
        self.is_valid()
        return [notice for field in self.form.fields.values() for notice in field.notices]

    @cached_property
    def _cleaned(self) -> dict:
        self.is_valid()  # cleans; the fields refuse nothing
        return self.form.cleaned_data

    # --- Programs

    @cached_property
    def found(self) -> FoundPrograms:
        """Return the matches of the words, of each kind. Three queries for words that are not remembered."""
        return self.queryset.find(self.words)

    @cached_property
    def sets(self) -> dict[str, ProgramSet]:
        """Return the programs that each active filter lets pass; those of one group count as one filter."""
        sets: dict[str, ProgramSet] = {}
        for name, values in {"q": self.words, **self.chosen}.items():
            group = self.filters[name].group or name
            if values and group not in sets:
                sets[group] = self.filters[name].passing(values)
        return sets

    @cached_property
    def qs(self) -> ProgramSet:
        """Return the programs that pass every filter, as a set: django-filter's name for the answer."""
        return self.passing_others("")

    def passing_others(self, name: str) -> ProgramSet:
        """Return the programs that pass every active filter but the one of this name, or those of its group."""
        left_out = (self.filters[name].group or name) if name else ""
        programs = self.queryset.everything
        for group, passing in self.sets.items():
            if group != left_out:
                programs &= passing
        return programs

    @cached_property
    def count(self) -> int:
        return self.qs.bit_count()

    @cached_property
    def is_narrowed(self) -> bool:
        return bool(self.sets)

    def facet_counts(self, name: str) -> dict[str, int]:
        """Return the number of programs of each value of a filter under all other filters."""
        filter_, others = self.filters[name], self.passing_others(name)
        return {
            value: (others & filter_.passing([value])).bit_count() for value in filter_.counted()
        }
