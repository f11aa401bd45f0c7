"""The public programs as sets, one for each value of a filter: for filtering, counting and ordering.

A set is an int whose bit n stands for the n-th public program by name. Joining, intersecting and counting sets of
100,000 programs takes microseconds, where a database takes tens of milliseconds for each: so every count on a page is
exact, under every other filter. The sets are made once for a version of the catalog, and kept in memory.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from itertools import accumulate, islice
from operator import or_
from threading import Lock
from typing import ClassVar

from django.db.models import TextField
from django.db.models.functions import Cast

from ..models import Program, Rating, ScientificRating, TopicArea, TopicExpert
from ..models.ages import AGE_RANGES, MAX_AGE, serves
from ..search import catch_up, words_of
from ..search.catalog_version import catalog_version
from ..values.expressions import NameKey, name_key
from ..values.fields import split_values

type ProgramSet = int

LEVELS = ScientificRating.values
ONE = ord("1")
MOST_KEYS = 2_000_000
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


def positions_in(programs: ProgramSet) -> Iterator[int]:
    """Yield the positions of the programs of a set, lowest first."""
    bits = f"{programs:b}"[::-1]
    position = bits.find("1")
    while position >= 0:
        yield position
        position = bits.find("1", position + 1)


class Positions:
    """Where the programs with these primary keys, no two alike, stand in the order given."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.size = len(ids)
        self.greatest = max(ids, default=0)
        # A list takes a third of a dictionary's time; but few of a great many keys may be in use.
        self.by_key: defaultdict[int, int] | list[int] = (
            defaultdict(lambda: self.size)
            if self.greatest > MOST_KEYS
            else [self.size] * (self.greatest + 1)
        )
        for position, pk in enumerate(ids):
            self.by_key[pk] = position

    @cached_property
    def everything(self) -> ProgramSet:
        return (1 << self.size) - 1

    def set_of(self, ids: Iterable[int]) -> ProgramSet:
        """Return the set of the programs with these primary keys; what has no position is left out."""
        known = [self.by_key[pk] for pk in ids if pk <= self.greatest]
        return set_of(known, self.size) & self.everything


@dataclass(frozen=True)
class Area:
    """A public topic area; an umbrella area holds no programs itself."""

    pk: int
    slug: str
    name: str
    is_umbrella: bool
    experts: Sequence[TopicExpert]

    def has_expert(self, slugs: Container[str]) -> bool:
        return any(expert.slug in slugs for expert in self.experts)


@dataclass(frozen=True)
class CatalogSnapshot:
    """What is public, at one version of the catalog: what the filters of the list have for a queryset."""

    model: ClassVar = Program

    ids: Sequence[int]  # of the programs, in the order of names
    positions: Positions
    values: Mapping[str, Mapping[str, ProgramSet]]  # by filter and value
    rated: Mapping[tuple[str, str], ProgramSet]  # by topic area's slug and level
    reviewed: Mapping[str, ProgramSet]  # by date of the record; "" where there is none
    since: Mapping[int, ProgramSet]  # by year, newest first: those reviewed then or later
    areas: Mapping[str, Area]  # by slug, in the order of names

    @property
    def everything(self) -> ProgramSet:
        return self.positions.everything

    @cached_property
    def rated_areas(self) -> Sequence[Area]:
        """Return the areas in which programs are rated."""
        return [area for area in self.areas.values() if not area.is_umbrella]

    @cached_property
    def experts(self) -> Mapping[str, TopicExpert]:
        """Return the experts of the areas by slug, in the order of names."""
        experts = {expert for area in self.areas.values() for expert in area.experts}
        in_order = sorted(experts, key=lambda expert: (name_key(expert.name), expert.pk))
        return {expert.slug: expert for expert in in_order}

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

    def set_of(self, ids: Iterable[int]) -> ProgramSet:
        """Return the set of the public ones among the programs with these primary keys."""
        return self.positions.set_of(ids)

    def rated_in(self, areas: Iterable[str], levels: Iterable[str]) -> ProgramSet:
        """Return the programs that have one of the levels in one of the areas."""
        levels = list(levels)
        return union(self.rated.get((area, level), 0) for area in areas for level in levels)

    def having(self, name: str, value: str) -> ProgramSet:
        """Return the programs that have this value of a filter."""
        return self.values[name].get(value, 0)

    def reviewed_since(self, year: str) -> ProgramSet:
        """Return the programs whose research was reviewed in this year or later."""
        return next((self.since[y] for y in reversed(self.since) if y >= int(year)), 0)


class Ordered:
    """The primary keys of count programs in an order, for a Paginator; most of them at most.

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


# --- The sets of a version -------------------------------------------------------------------------------------------

_lock = Lock()
_latest: tuple[str, CatalogSnapshot] | None = None
_search_is_behind = False


def catalog_at(version: str) -> CatalogSnapshot:
    """Return the public catalog at version, or a younger one. Six queries after a change, else none."""
    global _latest, _search_is_behind  # noqa: PLW0603
    with _lock:
        if _latest is None or _latest[0] != version or _search_is_behind:
            _search_is_behind = not catch_up()
            # Another request may have waited here with us, and read it already.
            version = catalog_version()
        if _latest is None or _latest[0] != version:
            _latest = version, read_catalog()
        return _latest[1]


def read_catalog() -> CatalogSnapshot:
    """Read the public catalog from the database."""
    rows = (
        Program.objects.published()
        .order_by(NameKey("name"), "pk")
        .values_list(
            "pk",
            "relevance_level",
            "research_last_reviewed",
            # As they are stored: to read the list of each row takes longer than all else.
            Cast("outcomes", TextField()),
            Cast("delivery_settings", TextField()),
            *(name for ages in AGE_RANGES for name in ages),
        )
    )
    ids: list[int] = []
    relevance, outcomes, settings, reviewed, ages = (Collected() for _ in range(5))
    for position, row in enumerate(rows):
        pk, level, date, examined, delivered, from_age, to_age, care_from, care_to = row
        ids.append(pk)
        relevance[level].append(position)
        reviewed[date].append(position)
        for outcome in values_in(examined):
            outcomes[outcome].append(position)
        for setting in values_in(delivered):
            settings[setting].append(position)
        for age in ages_served((from_age, to_age), (care_from, care_to)):
            ages[age].append(position)

    size = len(ids)
    positions = Positions(ids)
    rated: dict[tuple[str, str], list[int]] = defaultdict(list)
    ratings = Rating.objects.published().current().order_by()
    for pk, area, level in ratings.values_list(
        "program_id", "topic_area__slug", "scientific_rating"
    ):
        rated[area, level].append(pk)

    by_date = reviewed.sets(size)
    by_age = ages.sets(size)
    groups = {
        name: union(by_age.get(str(age), 0) for age in group) for name, group in AGE_GROUPS.items()
    }
    return CatalogSnapshot(
        ids=ids,
        positions=positions,
        values={
            "relevance": relevance.sets(size),
            "outcome": outcomes.sets(size),
            "setting": settings.sets(size),
            "age": groups | by_age,
        },
        # A program that was published a moment ago has no position: the version is another one already.
        rated={row: positions.set_of(pks) for row, pks in rated.items()},
        reviewed=by_date,
        since=since_each_year(by_date),
        areas=read_areas(),
    )


values_in = cache(split_values)  # many programs have the same few values


@cache
def ages_served(*ranges: tuple[int | None, int | None]) -> list[str]:
    """Return the ages, as the filter writes them, that these ranges of a program hold."""
    return [str(age) for age in range(MAX_AGE + 1) if serves(age, *ranges)]


class Collected(defaultdict[str, list[int]]):
    """Positions of programs, by whatever they have in common."""

    def __init__(self) -> None:
        super().__init__(list)

    def sets(self, size: int) -> dict[str, ProgramSet]:
        return {value: set_of(positions, size) for value, positions in self.items()}


def since_each_year(sets: Mapping[str, ProgramSet]) -> dict[int, ProgramSet]:
    """Turn sets by date into sets by year, newest first: the programs of that year or later."""
    by_year: dict[int, ProgramSet] = defaultdict(int)
    for date, programs in sets.items():
        if date:
            by_year[int(date[:4])] |= programs
    years = sorted(by_year, reverse=True)
    return dict(zip(years, accumulate((by_year[year] for year in years), or_), strict=True))


def read_areas() -> dict[str, Area]:
    """Read the public topic areas with their experts. Two queries."""
    areas = list(
        TopicArea.objects.published().only("slug", "name", "parent").prefetch_related("experts")
    )
    umbrellas = {area.parent_id for area in areas}
    return {
        area.slug: Area(
            pk=area.pk,
            slug=area.slug,
            name=area.name,
            is_umbrella=area.pk in umbrellas,
            experts=tuple(area.experts.all()),
        )
        for area in areas
    }
