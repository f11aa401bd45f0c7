"""The program list's contract: every filter that an address may use, what it accepts, and which programs it lets pass.

Every form of the list stands on ``ProgramFilterSet``. Its queryset is a ``CatalogSnapshot``, whose sets of programs
keep all counts exact and quick.
"""

from functools import cached_property

from django import forms
from django.utils.html import format_html
from django_filters import FilterSet

from ..models import Availability, DeliverySetting, Outcome, RelevanceLevel, ScientificRating
from ..models.ages import MAX_AGE
from ..search import Words
from .program_sets import CatalogSnapshot, FoundPrograms, ProgramSet
from .set_filters import (
    AgeFilter,
    LanguageFilter,
    RatedFilter,
    SetFilter,
    SinceFilter,
    SortFilter,
    WordsFilter,
)
from .widgets import AgeBoxes, ChoiceList, FacetBoxes, FinderForm, SearchBox, SortList

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
