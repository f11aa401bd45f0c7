"""The column of programs' files that names related programs: "family:slug|version:slug"."""

from collections.abc import Iterable

from import_export.widgets import Widget

from ..models import RelationKind
from ..values.fields import joined, split_values

RELATED_COLUMN = "related_programs"
HOW = "Write {} before the program, such as {}:calm-corners. Separate several by |.".format(
    ", ".join(f"{kind}:" for kind in RelationKind.values[:-1]) + f" or {RelationKind.values[-1]}:",
    RelationKind.values[0],
)


class RelatedProgramsWidget(Widget):
    """Widget that parses a cell of related programs, without knowing which programs there are."""

    def clean(
        self, value: str, row: object = None, **kwargs: object
    ) -> list[tuple[RelationKind, str]]:
        """Return each kind with what the cell calls the program. Raises ValueError."""
        return [self.relation(text) for text in split_values(value)]

    def relation(self, text: str) -> tuple[RelationKind, str]:
        """Return the kind and the program of one part of a cell. Raises ValueError."""
        kind, _, program = (part.strip() for part in text.partition(":"))
        if kind.casefold() not in RelationKind.values or not program:
            raise ValueError(f"“{text}”: {HOW}")
        return RelationKind(kind.casefold()), program

    def render(self, value: Iterable[tuple[str, str]], obj: object = None, **kwargs: object) -> str:
        """Return the cell for relations, each as its kind and the slug of the program; in one order."""
        return joined(f"{kind}:{slug}" for kind, slug in sorted(value))

    def describe(self) -> str:
        """Return in words what the cell holds."""
        kinds = ", ".join(RelationKind.values[:-1])
        return (
            f"Kind ({kinds} or {RelationKind.values[-1]}), colon, and the slug or name of a program; several are "
            "separated by |"
        )

    def allowed(self) -> list[tuple[str, str]]:
        """Return no codes: a kind alone is no cell."""
        return []

    def example(self) -> str:
        """Return "": relations need other programs."""
        return ""
