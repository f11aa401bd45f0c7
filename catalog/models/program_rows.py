"""Rows that belong to a program: they are edited, proposed, moved, and told of in the history with it."""

from typing import Any, ClassVar, Self

from django.db import models

from .base import CatalogModel
from .status import is_live, is_public


class ProgramRow(CatalogModel):
    """A row that belongs to a program: it is edited, proposed, moved and told of in the history with it."""

    program: Any
    program_id: int
    # What tells a program's rows apart.
    key_fields: ClassVar[tuple[str, ...]]

    class Meta:
        abstract = True

    @property
    def called(self) -> str:
        """Return the name by which people call the row."""
        raise NotImplementedError

    @classmethod
    def related_keys(cls) -> list[str]:
        """Return the foreign keys among the fields that tell rows apart."""
        return [name for name in cls.key_fields if cls._meta.get_field(name).is_relation]

    @property
    def key_in_program(self) -> tuple[Any, ...]:
        """Return the values that tell the row from the program's others, foreign keys as primary keys."""
        fields = {field.name: field.attname for field in self._meta.concrete_fields}
        return tuple(getattr(self, fields[name]) for name in self.key_fields)


class ProgramRowQuerySet(models.QuerySet):
    def published(self) -> Self:
        """Return the rows of public programs."""
        return self.filter(is_public("program__"))

    def live(self) -> Self:
        """Return the rows that take the permission to publish their program to be changed."""
        return self.filter(is_live("program__"))
