"""The evidence map: how many programs have which rating, and where there are none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.urls import reverse
from django.utils.http import urlencode

from ..models import Outcome, ScientificRating
from .filters import AGES
from .program_sets import AGE_GROUPS, ANY, LEVELS, CatalogSnapshot

SHADES = 4


@dataclass(frozen=True)
class MapCell:
    """Counts the programs of one level; ``address`` is where they are listed."""

    level: ScientificRating
    count: int
    address: str


@dataclass(frozen=True)
class MapRow:
    """Counts the programs of one row, by level and in all; ``page`` is the address of what the row is about, or ""."""

    label: str
    page: str
    cells: list[MapCell]
    count: int
    address: str


@dataclass(frozen=True)
class EvidenceMap:
    """Counts programs by topic area, age or outcome (the rows) and by rating; one may count in several."""

    caption: str
    rows_are: str
    rows: list[MapRow]

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


def by_age(catalog: CatalogSnapshot, area: str) -> EvidenceMap:
    """Return the map of a topic area's programs by the ages of children."""
    rows = [map_row(catalog, AGES[group], area, {"age": group}) for group in AGE_GROUPS]
    return EvidenceMap("Programs by child’s age and scientific rating", "Child’s age", rows)


def by_outcome(catalog: CatalogSnapshot, area: str) -> EvidenceMap:
    """Return the map of a topic area's programs by the child-welfare outcomes that their research examines."""
    rows = [map_row(catalog, label, area, {"outcome": code}) for code, label in Outcome.choices]
    return EvidenceMap("Programs by child-welfare outcome and scientific rating", "Outcome", rows)


def map_row(
    catalog: CatalogSnapshot, label: str, area: str, also: Mapping[str, str] | None = None
) -> MapRow:
    """Return the row of an area's programs, of those that have another filter's value too if one is given."""
    also = also or {}
    among = catalog.everything
    for name, value in also.items():
        among &= catalog.having(name, value)
    programs = reverse("catalog:programs")

    def cell(level: str) -> tuple[int, str]:
        asked = {"topic": area, "rating": [level] if level else [], **also}
        count = (among & catalog.rated_in([area], [level])).bit_count()
        return count, f"{programs}?{urlencode(asked, doseq=True)}"

    cells = [MapCell(ScientificRating(level), *cell(level)) for level in LEVELS]
    return MapRow(label, "", cells, *cell(ANY))
