"""The evidence map: how many programs have which rating, or how many studies count there; and where there are none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from django.urls import reverse
from django.utils.http import urlencode

from ..models import Finding, Outcome, ScientificRating
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
    """Counts programs or studies by level and in all; ``page`` is the address of what the row is about, or ""."""

    label: str
    page: str
    cells: list[MapCell]
    count: int
    address: str


@dataclass(frozen=True)
class EvidenceMap:
    """Counts programs by topic area, age or outcome (the rows) and by rating; one may count in several.

    ``counted`` is what a number counts, as a screen reader says it behind the number.
    """

    caption: str
    rows_are: str
    rows: list[MapRow]
    counted: str = ""

    @property
    def levels(self) -> list[ScientificRating]:
        return list(ScientificRating)

    @property
    def shaded_rows(self) -> list[tuple[MapRow, list[tuple[MapCell, int]]]]:
        """Return the rows with their cells, each with how dark to draw it: 0 for none, up to SHADES for the fullest.

        One step for each halving, so that small numbers tell apart.
        """
        fullest = max((cell.count for row in self.rows for cell in row.cells), default=0)
        return [
            (
                row,
                [
                    (
                        cell,
                        max(1, SHADES + 1 - (fullest // cell.count).bit_length())
                        if cell.count
                        else 0,
                    )
                    for cell in row.cells
                ],
            )
            for row in self.rows
        ]


def by_topic_area(catalog: CatalogSnapshot) -> EvidenceMap:
    """Return the map of all topic areas in which programs are rated."""
    rows = [
        replace(
            map_row(catalog, area.name, area.slug),
            page=reverse("catalog:topic_area", args=[area.slug]),
        )
        for area in catalog.rated_areas
    ]
    return EvidenceMap("Programs by topic area and scientific rating", "Topic area", rows)


def studies_by_topic_area(catalog: CatalogSnapshot, counts: StudyCounts) -> EvidenceMap:
    """Return the map of all topic areas, with the studies that count there in the place of the programs."""
    drawn = by_topic_area(catalog)
    rows = [
        counting_studies(row, counts.get(area.pk, {}))
        for row, area in zip(drawn.rows, catalog.rated_areas, strict=True)
    ]
    caption = "Studies that count in a rating, by topic area and scientific rating"
    return EvidenceMap(caption, drawn.rows_are, rows, STUDIES)


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
        asked = {"topic": area, "rating": [level] if level else [], **also}
        number = count(among & catalog.rated_in([area], [level]))
        return number, f"{programs}?{urlencode(asked, doseq=True)}"

    cells = [MapCell(ScientificRating(level), *cell(level)) for level in LEVELS]
    return MapRow(label, "", cells, *cell(ANY))
