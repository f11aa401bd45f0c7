"""The evidence map: how many programs have which rating, or how many studies count there; and where there are none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate

from django.urls import reverse
from django.utils.http import urlencode

from ..models import Finding, Outcome, ScientificRating
from .areas import Area
from .filters import AGES
from .program_sets import AGE_GROUPS, ANY, LEVELS, CatalogSnapshot, ProgramSet, positions_in

SHADES = 4
STUDIES = "studies of programs"

# By the primary key of a topic area, then by level.
type StudyCounts = Mapping[int, Mapping[str, int]]


@dataclass(frozen=True)
class MapCell:
    """Counts the programs of one level, or their studies; ``address`` is where these programs are listed."""

    level: ScientificRating
    count: int
    address: str


@dataclass(frozen=True)
class MapRow:
    """Counts programs or studies by level and in all; ``page`` is the address of what the row is about, or "".

    The row of an umbrella area (``is_sum``) stands above those of its parts, and counts each program once.
    """

    label: str
    page: str
    cells: list[MapCell]
    count: int
    address: str
    is_sum: bool = False
    is_part: bool = False

    @property
    def bar(self) -> list[tuple[ScientificRating, float, float]]:
        """Return the levels as parts of a bar of the width 100: each with where it begins and how wide it is."""
        counts = [cell.count for cell in self.cells]
        whole = sum(counts) or 1
        begins = accumulate(counts, initial=0)
        return [
            (cell.level, round(100 * begin / whole, 2), round(100 * cell.count / whole, 2))
            for cell, begin in zip(self.cells, begins, strict=False)
            if cell.count
        ]


@dataclass(frozen=True)
class EvidenceMap:
    """Counts programs by topic area, age or outcome (the rows) and by rating; one may count in several.

    ``counted`` is what a number counts, as a screen reader says it behind the number; ``total`` counts each program
    once, over all rows.
    """

    caption: str
    rows_are: str
    rows: list[MapRow]
    counted: str = ""
    total: MapRow | None = None

    @property
    def levels(self) -> list[ScientificRating]:
        return list(ScientificRating)

    @property
    def shaded_rows(self) -> list[tuple[MapRow, list[tuple[MapCell, int]]]]:
        """Return the rows with their cells, each with how dark to draw it in its column.

        0 for none, and for sums; up to SHADES for the fullest of a level. One step for each halving, so that small
        numbers tell apart.
        """
        counts = [[cell.count for cell in row.cells] for row in self.rows if not row.is_sum]
        fullest = list(map(max, zip(*counts, strict=True))) or [0] * len(LEVELS)
        return [
            (
                row,
                [
                    (cell, 0 if row.is_sum else shade(cell.count, most))
                    for cell, most in zip(row.cells, fullest, strict=True)
                ],
            )
            for row in self.rows
        ]


def shade(count: int, fullest: int) -> int:
    """Return how dark to draw a number beside the fullest one."""
    return max(1, SHADES + 1 - (fullest // count).bit_length()) if count else 0


def by_topic_area(catalog: CatalogSnapshot) -> EvidenceMap:
    """Return the map of all topic areas in which programs are rated, umbrella areas above their parts."""
    tops = [slug for slug in catalog.areas if slug not in catalog.parts]
    rows = [row for slug in tops for row in rows_of(catalog, slug)]
    total = map_row(catalog, "All, each program once", ANY)
    return EvidenceMap(
        "Programs by topic area and scientific rating", "Topic area", rows, "", total
    )


def by_part(catalog: CatalogSnapshot, umbrella: str) -> EvidenceMap:
    """Return the map of an umbrella area's parts."""
    _, *rows = rows_of(catalog, umbrella)
    total = map_row(catalog, "All, each program once", umbrella)
    parts = [replace(row, is_part=False) for row in rows]
    return EvidenceMap(
        "Programs by topic area and scientific rating", "Topic area", parts, "", total
    )


def rows_of(catalog: CatalogSnapshot, slug: str) -> list[MapRow]:
    """Return the row of a topic area; of an umbrella area, those of its parts below it."""
    area = catalog.areas[slug]
    parts = (row_of(catalog, catalog.areas[part]) for part in area.parts)
    return [row_of(catalog, area), *(replace(part, is_part=True) for part in parts)]


def row_of(catalog: CatalogSnapshot, area: Area) -> MapRow:
    """Return the row of a topic area, which leads to its page."""
    page = reverse("catalog:topic_area", args=[area.slug])
    return replace(map_row(catalog, area.name, area.slug), page=page, is_sum=area.is_umbrella)


def studies_by_topic_area(catalog: CatalogSnapshot, counts: StudyCounts) -> EvidenceMap:
    """Return the map of the topic areas with programs, with the studies that count there in the place of these.

    A study that counts in several areas counts in each, so that there are no sums.
    """
    rows = [
        counting_studies(row_of(catalog, area), counts.get(area.pk, {}))
        for area in catalog.rated_areas
    ]
    caption = "Studies that count in a rating, by topic area and scientific rating"
    return EvidenceMap(caption, "Topic area", rows, STUDIES)


def counting_studies(row: MapRow, counts: Mapping[str, int]) -> MapRow:
    """Return a row with so many studies of each level in the place of its programs."""
    cells = [replace(cell, count=counts.get(cell.level, 0)) for cell in row.cells]
    return replace(row, cells=cells, count=sum(cell.count for cell in cells))


@lru_cache(maxsize=1)
def count_studies(version: str) -> StudyCounts:
    """Return how many studies count in the ratings of each topic area, by level, at this version of the catalog.

    A study is one of a program: a publication about two programs counts for each. One query.
    """
    counts: dict[int, dict[str, int]] = {}
    for area, level, count in Finding.objects.studies_by_rating():
        counts.setdefault(area, {})[level] = count
    return counts


def by_age(
    catalog: CatalogSnapshot, area: str, studies: Mapping[int, int] | None = None
) -> EvidenceMap:
    """Return the map of a topic area's programs by the ages of children; of their ``studies``, if given by program."""
    rows = [
        map_row(catalog, AGES[group], area, {"age": group}, counter(catalog, studies))
        for group in AGE_GROUPS
    ]
    return map_in_area(rows, "Child’s age", studies is not None)


def by_outcome(
    catalog: CatalogSnapshot, area: str, studies: Mapping[int, int] | None = None
) -> EvidenceMap:
    """Return the map of a topic area's programs, or of their ``studies``, by the outcomes that research examines."""
    rows = [
        map_row(catalog, label, area, {"outcome": code}, counter(catalog, studies))
        for code, label in Outcome.choices
    ]
    return map_in_area(rows, "Child-welfare outcome", studies is not None)


def map_in_area(rows: list[MapRow], rows_are: str, counts_studies: bool) -> EvidenceMap:
    """Return the map of one topic area with these rows."""
    what = f"by {rows_are.lower()} and scientific rating"
    if counts_studies:
        return EvidenceMap(f"Studies that count in a rating here, {what}", rows_are, rows, STUDIES)
    return EvidenceMap(f"Programs {what}", rows_are, rows)


def counter(
    catalog: CatalogSnapshot, studies: Mapping[int, int] | None
) -> Callable[[ProgramSet], int]:
    """Return the function that counts a set's programs or, if given by program, their ``studies``."""
    if studies is None:
        return int.bit_count
    ids = catalog.ids
    return lambda programs: sum(studies.get(ids[place], 0) for place in positions_in(programs))


def map_row(
    catalog: CatalogSnapshot,
    label: str,
    area: str,
    also: Mapping[str, str] | None = None,
    count: Callable[[ProgramSet], int] = int.bit_count,
) -> MapRow:
    """Return the row of an area's programs, of those that have another filter's value too if one is given."""
    also = also or {}
    among = catalog.everything
    for name, value in also.items():
        among &= catalog.having(name, value)
    programs = reverse("catalog:programs")

    def cell(level: str) -> tuple[int, str]:
        asked = {"topic": [area] if area else [], "rating": [level] if level else [], **also}
        number = count(among & catalog.rated_in([area], [level]))
        return number, f"{programs}?{urlencode(asked, doseq=True)}"

    cells = [MapCell(ScientificRating(level), *cell(level)) for level in LEVELS]
    return MapRow(label, "", cells, *cell(ANY))
