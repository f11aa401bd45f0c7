"""How programs are related: of one family, one a version of the other, or adapted from it."""

from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from ..values.expressions import NameKey, name_key
from .history import history
from .program_rows import ProgramRow, ProgramRowQuerySet
from .status import is_public

RELATED_TO_ITSELF = "A program is not related to itself."
MERGED = "“{}” was merged into “{}”. Choose that one."


class RelationKind(models.TextChoices):
    """Name what a program is to the other one that it names."""

    FAMILY = "family", "Of one family with"
    VERSION = "version", "A version of"
    ADAPTATION = "adaptation", "Adapted from"


# What the page of a program says before the others: where it names them, and where they name it.
HEADINGS = {
    RelationKind.VERSION: ("A version of", "Versions"),
    RelationKind.ADAPTATION: ("Adapted from", "Adaptations"),
    RelationKind.FAMILY: ("Same family", "Same family"),
}


class RelatedProgramQuerySet(ProgramRowQuerySet):
    def get_by_natural_key(self, program: str, kind: str, other: str) -> Any:
        return self.get(program__slug=program, kind=kind, other__slug=other)

    def published(self) -> Self:
        """Return the relations between public programs."""
        return super().published().filter(is_public("other__"))

    def of(self, *programs: int) -> Self:
        """Return the relations of programs, by primary key, in both directions."""
        return self.filter(Q(program__in=programs) | Q(other__in=programs))

    def shown_with(self, program: int) -> Self:
        """Return the relations of a program, in both directions, to public programs."""
        naming = Q(is_public("other__"), program=program)
        named = Q(is_public("program__"), other=program)
        return self.filter(naming | named)

    def with_names(self) -> Self:
        """Fetch what pages say of the programs on both sides."""
        return self.select_related("program", "other").only(
            "kind",
            *(f"{side}__{name}" for side in ("program", "other") for name in ("name", "slug")),
        )


class RelatedProgram(ProgramRow):
    """Relate a program to another one: "this is a version of that"."""

    key_fields = ("kind", "other")

    program = models.ForeignKey(
        "catalog.Program", on_delete=models.CASCADE, related_name="related_programs"
    )
    kind = models.CharField(
        "relation",
        max_length=10,
        choices=RelationKind,
        help_text="What this program is to the other one.",
    )
    other = models.ForeignKey(
        "catalog.Program",
        on_delete=models.PROTECT,
        related_name="related_from",
        verbose_name="related program",
        help_text="Its page leads back by itself.",
    )

    objects = RelatedProgramQuerySet.as_manager()
    history = history()

    class Meta:
        ordering = ["kind", NameKey("other__name"), "pk"]
        # In files, relations are a column of programs.
        default_permissions = ("add", "change", "delete", "view")
        constraints = [
            models.UniqueConstraint(
                fields=["program", "kind", "other"],
                name="relatedprogram_once_in_program",
                violation_error_message="The program is related to this one in this way already.",
            ),
            models.CheckConstraint(
                name="relatedprogram_kind_is_known",
                condition=Q(kind__in=RelationKind.values),
                violation_error_message=f"The relation is one of: {', '.join(RelationKind.values)}.",
            ),
            models.CheckConstraint(
                name="relatedprogram_is_another",
                condition=~Q(program=F("other")),
                violation_error_message=RELATED_TO_ITSELF,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.program}: {self.in_words}"

    def natural_key(self) -> tuple[str, ...]:
        return (*self.program.natural_key(), self.kind, *self.other.natural_key())

    natural_key.dependencies = ["catalog.program"]  # type: ignore[attr-defined]

    def clean(self) -> None:
        """Raise ValidationError for a relation to itself, or to a program that was merged into another one."""
        super().clean()
        if self.other_id and self.other_id == self.program_id:
            raise ValidationError({"other": RELATED_TO_ITSELF})
        if self.other_id and (survivor := self.other.merged_into):
            raise ValidationError({"other": MERGED.format(self.other, survivor)})

    @property
    def in_words(self) -> str:
        """Return what the program is to the other one: "A version of Calm Corners"."""
        return f"{self.get_kind_display()} {self.other}"

    @property
    def called(self) -> str:
        """Return how people call it: "relation “A version of Calm Corners”"."""
        return f"relation “{self.in_words}”"


class RelatedGroup(NamedTuple):
    """Name programs to which a program is related in one way, and what that is."""

    heading: str
    programs: list[Any]


def related_groups(program: int, relations: Iterable[RelatedProgram]) -> list[RelatedGroup]:
    """Return to what a program, by primary key, is related in each way, by relations in both directions."""
    found: dict[str, dict[int, Any]] = {
        heading: {} for headings in HEADINGS.values() for heading in headings
    }
    for relation in relations:
        naming, named = HEADINGS[RelationKind(relation.kind)]
        is_naming = relation.program_id == program
        other = relation.other if is_naming else relation.program
        found[naming if is_naming else named][other.pk] = other
    return [
        RelatedGroup(heading, sorted(programs.values(), key=lambda p: (name_key(p.name), p.pk)))
        for heading, programs in found.items()
        if programs
    ]
