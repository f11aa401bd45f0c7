"""The public topic areas as the filters of the program list know them."""

from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass

from ..models import TopicArea, TopicExpert
from ..search import AreaTexts


@dataclass(frozen=True)
class Area:
    """A public topic area; an umbrella area has parts, by their slugs, and holds no programs itself."""

    pk: int
    slug: str
    name: str
    abbreviation: str
    parts: Sequence[str]
    experts: Sequence[TopicExpert]

    @property
    def is_umbrella(self) -> bool:
        return bool(self.parts)

    @property
    def places(self) -> Sequence[str]:
        """Return the slugs of the areas in which its programs are rated: its parts or, without any, its own."""
        return self.parts or [self.slug]

    def has_expert(self, slugs: Container[str]) -> bool:
        return any(expert.slug in slugs for expert in self.experts)


def read_areas() -> list[TopicArea]:
    """Read the public topic areas with their texts and experts. Two queries."""
    areas = TopicArea.objects.published().only("slug", "parent", *AreaTexts.FIELDS)
    return list(areas.prefetch_related("experts"))


def areas_of(areas: Iterable[TopicArea]) -> dict[str, Area]:
    """Return topic areas by their slugs, with their parts and experts."""
    parts = defaultdict(list)
    for area in areas:
        parts[area.parent_id].append(area.slug)
    return {
        area.slug: Area(
            pk=area.pk,
            slug=area.slug,
            name=area.name,
            abbreviation=area.abbreviation,
            parts=tuple(parts[area.pk]),
            experts=tuple(area.experts.all()),
        )
        for area in areas
    }
