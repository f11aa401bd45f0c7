"""What an address of the program list asks for, which programs that is, and what every other choice would give."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from django.http import QueryDict
from django.utils.http import urlencode

from ..models import DeliverySetting, Outcome, RelevanceLevel, ScientificRating
from ..models.ages import MAX_AGE
from ..search import Found, find, find_by_weight, parse
from .program_sets import LEVELS, CatalogSnapshot, Ordered, ProgramSet, union

SORTS = {
    "match": "Best match",
    "rating": "Scientific rating",
    "name": "Name",
    "reviewed": "Most recently reviewed",
}
# The filters, in the order of the page and of addresses.
LABELS = {
    "topic": "Topic area",
    "rating": "Scientific rating",
    "relevance": "Child welfare relevance",
    "outcome": "Child-welfare outcome",
    "age": "Child’s age in years",
    "setting": "Delivery setting",
    "expert": "Topic expert",
    "reviewed_since": "Research reviewed since",
}
NOTHING_CHOSEN: Mapping[str, Sequence[str]] = {name: [] for name in LABELS}
AGES = {
    "0-2": "0–2, infants and toddlers",
    "3-5": "3–5, preschool",
    "6-12": "6–12, school age",
    "13-17": "13–17, adolescents",
    "18-25": "18–25, young adults",
    **{str(age): str(age) for age in range(MAX_AGE + 1)},
}
YEARS = [str(year) for year in range(2099, 1899, -1)]
# These together ask for one Rating that satisfies them all: "rated 1 in this area", never "rated 1 somewhere, and
# rated in this area somehow".
OF_ONE_RATING = ("topic", "rating", "expert")
SHOWN_OPTIONS = 8
MOST_DIGITS = 20  # of a page's number


class Option(NamedTuple):
    """One value of a filter, and how many programs it gives under all other filters."""

    value: str
    label: str
    programs: int
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter with its options; a long list has a part that is shown when asked for."""

    name: str
    label: str
    options: Sequence[Option]
    more: Sequence[Option]

    @property
    def all(self) -> list[Option]:
        return [*self.options, *self.more]

    @property
    def is_open(self) -> bool:
        return any(option.is_chosen for option in self.more)

    @property
    def more_label(self) -> str:
        return "A single year of age" if self.name == "age" else f"{len(self.more)} more"


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address without it."""

    filter: str
    label: str
    address: str


class ProgramFilters:
    """The programs that an address asks for: within one filter OR, between filters AND.

    Values that mean nothing are left out, and listed in ``ignored`` with their filter's label, so that the rest of the
    address still works.
    """

    def __init__(self, data: QueryDict, catalog: CatalogSnapshot) -> None:
        self.catalog = catalog
        self.ignored: list[tuple[str, str]] = []
        self.words = parse(data.get("q", ""))
        if self.words.typed and not self.words:
            self.ignored.append(("Words", self.words.typed))
        self.chosen = {name: self._known(name, data.getlist(name)) for name in LABELS}
        self.chosen["reviewed_since"] = self.chosen["reviewed_since"][:1]
        # Best match means nothing without words, and is the default with them.
        self.default_sort = "match" if self.words else "rating"
        sort = self._known("sort", data.getlist("sort")[-1:])
        self.sort = sort[0] if sort and (self.words or sort != ["match"]) else self.default_sort
        page = data.get("page", "")
        self.page = int(page[:MOST_DIGITS]) if page.isascii() and page.isdecimal() else 1

    def _known(self, name: str, values: Iterable[str]) -> list[str]:
        """Return the values that mean something, each once, in the order of the page; note the others."""
        asked = dict.fromkeys(value.strip() for value in values if value.strip())
        known = self.labels[name]
        label = LABELS.get(name, "Sort by")
        self.ignored += [(label, value) for value in asked if value not in known]
        return [value for value in known if value in asked]

    @cached_property
    def labels(self) -> Mapping[str, Mapping[str, str]]:
        """The words for each value that a filter knows, in the order of the page."""
        return {
            "topic": {area.slug: area.name for area in self.catalog.rated_areas},
            "rating": dict(ScientificRating.choices),
            "relevance": dict(RelevanceLevel.choices),
            "outcome": dict(Outcome.choices),
            "age": AGES,
            "setting": dict(DeliverySetting.choices),
            "expert": {slug: expert.name for slug, expert in self.catalog.experts.items()},
            "reviewed_since": {year: year for year in YEARS},
            "sort": SORTS,
        }

    # --- Programs

    @cached_property
    def found(self) -> Found:
        """What holds the words, of each kind. One query."""
        return find(self.words)

    def rated(self, **instead: Sequence[str]) -> ProgramSet:
        """Return the programs with one Rating that satisfies topic, level and expert, or what is given instead."""
        topics, levels, experts = (instead.get(name, self.chosen[name]) for name in OF_ONE_RATING)
        areas = topics or self.labels["topic"]
        if experts:
            areas = [area for area in areas if self.catalog.areas[area].has_expert(experts)]
        return self.catalog.rated_in(areas, levels or LEVELS)

    @cached_property
    def sets(self) -> dict[str, ProgramSet]:
        """The programs that each active filter lets through; those of one Rating count as one filter."""
        sets = {}
        if self.words:
            sets["q"] = self.catalog.set_of(self.found.programs)
        if any(self.chosen[name] for name in OF_ONE_RATING):
            sets["rated"] = self.rated()
        for name in ("relevance", "outcome", "age", "setting"):
            if values := self.chosen[name]:
                sets[name] = union(self.catalog.having(name, value) for value in values)
        for year in self.chosen["reviewed_since"]:
            sets["reviewed_since"] = self.catalog.reviewed_since(year)
        return sets

    def programs(self, without: str = "") -> ProgramSet:
        """Return the programs that pass every active filter, but for one."""
        programs = self.catalog.everything
        for name, passing in self.sets.items():
            if name != without:
                programs &= passing
        return programs

    @cached_property
    def count(self) -> int:
        return self.programs().bit_count()

    @cached_property
    def is_narrowed(self) -> bool:
        return bool(self.sets)

    def ordered(self, most: int) -> Ordered:
        """Return the first programs in the order asked for; every order ends in clearinghouse order."""
        return Ordered(self.catalog, self._in_order(self.programs()), self.count, most)

    def _in_order(self, programs: ProgramSet) -> Iterator[ProgramSet]:
        """Yield disjoint sets, the first ones first; each stands in the order of names."""
        if self.sort == "name":
            yield programs
            return
        levels = [self.rated(rating=[level]) for level in self.chosen["rating"] or LEVELS]
        for first in self._firsts():
            here = programs & first
            programs &= ~first
            for level in [*levels, here]:
                if rated := here & level:
                    yield rated
                    here &= ~level
            if not programs:
                return

    def _firsts(self) -> Iterator[ProgramSet]:
        """Yield what comes before the rating: sets that may hold those before them, at last all programs."""
        if self.sort == "match":
            yield self.catalog.set_of(self.found.named)
            yield from map(self.catalog.set_of, find_by_weight(self.words))
        if self.sort == "reviewed":
            for date in sorted(self.catalog.reviewed, reverse=True):
                yield self.catalog.reviewed[date]
        yield self.catalog.everything

    # --- Facets

    def facet_counts(self, name: str) -> dict[str, int]:
        """Return how many programs each value of a filter gives under all other filters."""
        others = self.programs(without="rated" if name in OF_ONE_RATING else name)
        if name in OF_ONE_RATING:
            return {
                value: (others & self.rated(**{name: [value]})).bit_count()
                for value in self.labels[name]
            }
        if name == "reviewed_since":
            years = dict.fromkeys([*map(str, self.catalog.since), *self.chosen[name]])
            return {
                year: (others & self.catalog.reviewed_since(year)).bit_count()
                for year in sorted(years, reverse=True)
            }
        return {
            value: (others & self.catalog.having(name, value)).bit_count()
            for value in self.labels[name]
        }

    def facet(self, name: str) -> Facet:
        options = [
            Option(value, self.labels[name][value], count, value in self.chosen[name])
            for value, count in self.facet_counts(name).items()
        ]
        shown = 5 if name == "age" else SHOWN_OPTIONS
        return Facet(name, LABELS[name], options[:shown], options[shown:])

    @cached_property
    def facets(self) -> list[Facet]:
        """The filters that the page offers as boxes to tick."""
        names = ("topic", "rating", "relevance", "outcome", "age", "setting")
        return [self.facet(name) for name in names]

    @cached_property
    def years(self) -> Facet:
        return self.facet("reviewed_since")

    @cached_property
    def sorts(self) -> list[tuple[str, str]]:
        return [(value, label) for value, label in SORTS.items() if value != "match" or self.words]

    # --- Addresses

    def address(self, instead: Mapping[str, Sequence[str]] | None = None, page: int = 1) -> str:
        """Return the query string for this list, in its one form, with other values for some filters."""
        asked: dict[str, Sequence[str]] = {
            "q": [self.words.typed] if self.words else [],
            **self.chosen,
        }
        asked["sort"] = [self.sort] if self.sort != self.default_sort else []
        asked["page"] = [str(page)] if page > 1 else []
        asked |= instead or {}
        return "?" + urlencode(
            {name: values for name, values in asked.items() if values}, doseq=True
        )

    @cached_property
    def chips(self) -> list[Chip]:
        """The active filters, in the order of the page."""
        return [
            Chip(
                LABELS[name],
                f"{value} {label}" if name == "rating" else label,
                self.address({name: [other for other in values if other != value]}),
            )
            for name, values in self.chosen.items()
            for value in values
            for label in [self.labels[name][value]]
        ]

    @property
    def words_alone(self) -> str:
        """The address with the words and without any filter."""
        return self.address(NOTHING_CHOSEN)
