"""The public programs as sets, one for each value of a filter: for filtering, counting and ordering.

A set is an int whose bit n stands for the n-th public program by name. Joining, intersecting and counting sets of
100,000 programs takes microseconds, where a database takes tens of milliseconds for each: so every count on a page is
exact, under every other filter.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property, partial, reduce
from itertools import accumulate, islice, pairwise, product
from operator import and_, or_
from threading import Lock
from typing import ClassVar, NamedTuple

from cachetools import LRUCache, cachedmethod
from cachetools.keys import methodkey
from django.utils.text import slugify

from ..models import Program, ScientificRating, TopicExpert
from ..models.ages import MAX_AGE
from ..search import (
    AreaTexts,
    SearchTerm,
    Synonyms,
    Words,
    find,
    find_each,
    find_in_texts,
    finished,
    words_of,
)
from ..values.expressions import name_key
from .areas import Area

type ProgramSet = int

LEVELS = ScientificRating.values
ANY = ""  # topic area, or level
ONE = ord("1")
MOST_KEYS = 2_000_000
MOST_WORDS = 100
NOWHERE = -1
FEW = 50  # positions, up to which shifting is quicker than writing digits
AGE_GROUPS = {
    "0-2": range(3),
    "3-5": range(3, 6),
    "6-12": range(6, 13),
    "13-17": range(13, 18),
    "18-25": range(18, MAX_AGE + 1),
}


def set_of(positions: Sequence[int], size: int) -> ProgramSet:
    """Return the set of the programs at these positions, none above size."""
    if len(positions) <= FEW:
        return union(1 << position for position in positions)
    digits = bytearray(b"0") * (size + 1)
    for position in positions:
        digits[~position] = ONE
    return int(digits, 2)


def union(sets: Iterable[ProgramSet]) -> ProgramSet:
    return reduce(or_, sets, 0)


def intersection(sets: Iterable[ProgramSet]) -> ProgramSet:
    """Return the programs that are in all of some sets, of which there must be one."""
    return reduce(and_, sets)


def positions_in(programs: ProgramSet) -> Iterator[int]:
    """Yield the positions of the programs of a set, lowest first."""
    bits = f"{programs:b}"[::-1]
    position = bits.find("1")
    while position >= 0:
        yield position
        position = bits.find("1", position + 1)


class Positions:
    """Map the primary keys of programs, no two alike, to their positions in the order given."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = ids
        self.greatest = max(ids, default=0)
        # An array takes half of a dictionary's time; but few of a great many keys may be in use.
        self.by_key: defaultdict[int, int] | array[int] = (
            defaultdict(lambda: NOWHERE)
            if self.greatest > MOST_KEYS
            else array("i", [NOWHERE]) * (self.greatest + 1)
        )
        for position, pk in enumerate(ids):
            self.by_key[pk] = position

    def after(self, ids: Sequence[int], gone: Sequence[int], opened: Sequence[int]) -> "Positions":
        """Return the positions after some programs went from theirs and some came to others: a new one, or again."""
        if any(ids[position] > self.greatest for position in opened):
            return Positions(ids)
        other = copy(self)
        other.ids, other.by_key = ids, copy(self.by_key)
        for position in gone:
            other.by_key[self.ids[position]] = NOWHERE
        # As many as before: those above all of these stay where they are.
        first, last = min(*gone, *opened, len(ids)), len(ids)
        if len(gone) == len(opened):
            last = max(*gone, *opened) + 1
        for pk, position in zip(ids[first:last], range(first, last), strict=True):
            other.by_key[pk] = position
        return other

    @property
    def everything(self) -> ProgramSet:
        return (1 << len(self.ids)) - 1

    def at(self, pk: int) -> int | None:
        """Return the position of the program with this primary key, if it has one."""
        position = self.by_key[pk] if pk <= self.greatest else NOWHERE
        return None if position == NOWHERE else position

    def set_of(self, ids: Iterable[int]) -> ProgramSet:
        """Return the set of the programs with these primary keys; what has no position is left out."""
        by_key, greatest = self.by_key, self.greatest
        known = [at for pk in ids if pk <= greatest and (at := by_key[pk]) != NOWHERE]
        return set_of(known, len(self.ids))


class NamesHolding(NamedTuple):
    """Hold, for each term, the programs and the rated topic areas whose names hold it; areas by their slugs."""

    programs: Sequence[ProgramSet]
    areas: Sequence[Set[str]]


class FoundPrograms(NamedTuple):
    """Hold what matches words: the public programs that do, and the keys of topic areas and experts.

    ``words`` are those that were looked for, with synonyms and other ways to write them. ``excluded`` hold what was to
    be left out.
    """

    words: Words
    programs: ProgramSet
    excluded: ProgramSet
    exactly: ProgramSet  # one of their names is just what was typed
    whole: NamesHolding
    begun: NamesHolding  # the last word may be unfinished
    topic_areas: Sequence[int]
    experts: Sequence[int]

    @property
    def named(self) -> ProgramSet:
        """Return the programs whose names hold all terms."""
        return intersection(self.begun.programs) if self.words.terms else 0


@dataclass(frozen=True)
class CatalogSnapshot:
    """Hold what is public at one version of the catalog: what the filters of the list have for a queryset.

    ``sets`` are by what their programs have in common: a filter and its value ("age", "3"), a rating in a topic area
    ("rated", slug, level), or the year of the last review ("reviewed", "2024"). None of them is empty.
    """

    model: ClassVar = Program

    ids: Sequence[int]  # of the programs, in the order of names
    names: dict[int, str]  # by which they stand in this order; of the latest snapshot only
    dates: Sequence[int]  # of the last review, in the same order: 20240500 for May 2024, 0 for none
    positions: Positions
    sets: Mapping[tuple[str, ...], ProgramSet]
    areas: Mapping[str, Area]  # by slug, in the order of names
    area_texts: AreaTexts
    registries: Mapping[
        str, str
    ]  # their names by slug, in the order of names; those too that rate nothing public
    # What the words found that were looked for last.
    remembered: LRUCache = field(default_factory=lambda: LRUCache(MOST_WORDS), compare=False)
    lock: Lock = field(default_factory=Lock, compare=False)

    @property
    def everything(self) -> ProgramSet:
        return self.positions.everything

    @cached_property
    def rated_areas(self) -> Sequence[Area]:
        """Return the areas in which programs are rated."""
        return [area for area in self.areas.values() if not area.is_umbrella]

    @cached_property
    def parts(self) -> frozenset[str]:
        """Return the slugs of the areas that are parts of umbrella areas."""
        return frozenset(slug for area in self.areas.values() for slug in area.parts)

    @cached_property
    def rated(self) -> Mapping[tuple[str, str], ProgramSet]:
        """Return the programs by the topic area and the level of a rating, either of which may be ANY.

        An umbrella area has those of its parts, each once.
        """
        rated: defaultdict[tuple[str, str], ProgramSet] = defaultdict(int)
        for area, level in product(self.areas.values(), LEVELS):
            programs = union(self.having("rated", place, level) for place in area.places)
            for key in ((area.slug, level), (area.slug, ANY), (ANY, level), (ANY, ANY)):
                rated[key] |= programs
        return rated

    @cached_property
    def experts(self) -> Mapping[str, TopicExpert]:
        """Return the experts of the areas by slug, in the order of names."""
        experts = {expert for area in self.areas.values() for expert in area.experts}
        in_order = sorted(experts, key=lambda expert: (name_key(expert.name), expert.pk))
        return {expert.slug: expert for expert in in_order}

    @cached_property
    def rating_registries(self) -> Mapping[str, str]:
        """Return the names of the registries that rate public programs by slug, in the order of names."""
        named = self.registries.items()
        return {slug: name for slug, name in named if self.having("registry", slug)}

    @cached_property
    def languages(self) -> Mapping[str, Sequence[str]]:
        """Return how each language is written in the record, by its code for addresses, in the order of names."""
        written = sorted((tag[1] for tag in self.sets if tag[0] == "language"), key=name_key)
        languages = defaultdict(list)
        for language in written:
            languages[slugify(language, allow_unicode=True) or language].append(language)
        return languages

    @cached_property
    def since(self) -> Mapping[int, ProgramSet]:
        """Return the programs that were reviewed in a year or later, by year, newest first."""
        years = sorted((int(key[1]) for key in self.sets if key[0] == "reviewed"), reverse=True)
        reviewed = (self.sets["reviewed", str(year)] for year in years)
        return dict(zip(years, accumulate(reviewed, or_), strict=True))

    @cached_property
    def vocabulary(self) -> Sequence[str]:
        """Return the words of the names of programs and topic areas, the most frequent first. One query."""
        count: Counter[str] = Counter()
        names = Program.objects.published().values_list("name", "acronym", "also_known_as")
        for name, acronym, others in names:
            count.update(words_of(" ".join([name, acronym, *others])))
        for area in self.areas.values():
            count.update(words_of(area.name))
        return [word for word, _ in count.most_common()]

    @cached_property
    def synonyms(self) -> Synonyms:
        """Return the synonyms that words are widened by. One query."""
        return Synonyms.stored()

    @cachedmethod(
        lambda self: self.remembered,
        key=partial(methodkey, kind="all"),
        lock=lambda self: self.lock,
    )
    def find(self, words: Words) -> FoundPrograms:
        """Return the matches of the words. Two queries for words that are not remembered."""
        found = find(words, self.synonyms, self.area_texts)
        programs = self.set_of(found.programs) if words.terms else self.everything
        excluded = self.set_of(found.excluded)
        terms = found.words.terms
        whole = self.names_holding(finished(terms), found.named)
        # Only the last term may be unfinished: the sets of the others serve both.
        last = self.names_holding(terms[-1:], found.begun[-1:])
        begun = NamesHolding(
            [*whole.programs[:-1], *last.programs], [*whole.areas[:-1], *last.areas]
        )
        return FoundPrograms(
            found.words,
            programs & ~excluded,
            excluded,
            self.set_of(found.exactly),
            whole,
            begun,
            found.topic_areas,
            found.experts,
        )

    def names_holding(
        self, terms: Sequence[SearchTerm], programs: Iterable[Sequence[int]]
    ) -> NamesHolding:
        """Return whose names hold each term: these programs, by their primary keys, and topic areas."""
        slugs = {area.pk: area.slug for area in self.rated_areas}
        named = ({slugs[pk] for pk in self.area_texts.named(t) if pk in slugs} for t in terms)
        return NamesHolding(list(map(self.set_of, programs)), list(named))

    @cachedmethod(
        lambda self: self.remembered,
        key=partial(methodkey, kind="texts"),
        lock=lambda self: self.lock,
    )
    def find_in_texts(self, words: Words) -> Sequence[ProgramSet]:
        """Return the programs that hold words, which were found, in all but their details: the best matches first.

        Those that stress the words, those that hold them, and those in which the last one may be unfinished. One query.
        """
        return list(map(self.set_of, find_in_texts(words, self.area_texts)))

    @cachedmethod(
        lambda self: self.remembered,
        key=partial(methodkey, kind="some"),
        lock=lambda self: self.lock,
    )
    def holding_some(self, words: Words) -> Sequence[ProgramSet]:
        """Return those that hold all, all but one, … of some terms, which were found, and perhaps more. One query."""
        sets = list(map(self.set_of, find_each(words, self.area_texts)))
        holding = [self.everything] + [0] * len(sets)
        for programs in sets:
            # Those that hold so many of the terms so far.
            holding[1:] = [more | (fewer & programs) for fewer, more in pairwise(holding)]
        return holding[:0:-1]

    def set_of(self, ids: Iterable[int]) -> ProgramSet:
        """Return the set of the public ones among the programs with these primary keys."""
        return self.positions.set_of(ids)

    def rated_in(self, areas: Sequence[str] = (ANY,), levels: Sequence[str] = (ANY,)) -> ProgramSet:
        """Return the programs that have one of the levels in one of the areas, for which ANY may stand."""
        return union(self.rated.get((area, level), 0) for area in areas for level in levels)

    def having(self, *tag: str) -> ProgramSet:
        """Return the programs that have this value of a filter."""
        return self.sets.get(tag, 0)

    def reviewed_since(self, year: str) -> ProgramSet:
        """Return the programs whose research was reviewed in this year or later."""
        return next((self.since[y] for y in reversed(self.since) if y >= int(year)), 0)

    def by_review(self, programs: ProgramSet) -> Iterator[ProgramSet]:
        """Yield those of the programs that were reviewed on one date, the latest first; none without a date."""
        for year in self.since:
            by_date = defaultdict(list)
            for position in positions_in(programs & self.sets["reviewed", str(year)]):
                by_date[self.dates[position]].append(position)
            for date in sorted(by_date, reverse=True):
                yield set_of(by_date[date], len(self.ids))


class Ordered:
    """Slice the primary keys of ``count`` programs in an order, for a Paginator; ``most`` of them at most.

    The order is disjoint sets one after the other, each in the order of names. They are asked for as far as the page
    that is shown.
    """

    def __init__(
        self, catalog: CatalogSnapshot, sets: Iterable[ProgramSet], count: int, most: int
    ) -> None:
        self.catalog = catalog
        self.sets = sets
        self.size = min(count, most)

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, page: slice) -> list[int]:
        start, stop, _ = page.indices(self.size)
        found: list[int] = []
        for programs in self.sets:
            if stop <= 0:
                break
            size = programs.bit_count()
            if start < size:
                places = islice(positions_in(programs), max(start, 0), stop)
                found += [self.catalog.ids[place] for place in places]
            start, stop = start - size, stop - size
        return found
