"""Two entries of one thing, of which one is to stay: what each says, field by field, and what the other may lend."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..history.diff import Names, values_in_words
from ..models import Availability, Program, Reference, TopicExpert
from ..models.ages import AGE_RANGES, ages_in_words
from ..models.base import CatalogModel

# What is filled in or left alone together: half of another person's address is worse than none.
TOGETHER = (
    *AGE_RANGES,
    ("manual_available", "manual_notes"),
    ("training_available", "training_notes"),
    ("logic_model", "logic_model_url"),
    ("pre_implementation", "pre_implementation_notes"),
    ("formal_support", "formal_support_notes"),
    ("fidelity_measures", "fidelity_measures_notes"),
    ("implementation_guides", "implementation_guides_notes"),
    ("implementation_research", "implementation_research_notes"),
    ("cost", "cost_year"),
    ("contact_name", "contact_organization", "contact_email", "contact_phone"),
    ("volume", "issue", "pages"),
)
# Names have rules of their own; the others follow from what is done to the entry.
OTHERWISE: dict[type[CatalogModel], set[str]] = {
    Program: {
        "id",
        "name",
        "slug",
        "also_known_as",
        "status",
        "published_at",
        "retired_at",
        "retirement_reason",
        "merged_into",
        "is_nonresponder",
        "not_provided",
    },
    Reference: {"id", "key"},
    TopicExpert: {"id", "slug"},
}


class MergeRefused(Exception):
    """Says in a sentence why two entries cannot be merged, or a merge cannot be undone."""


class EntryPart(NamedTuple):
    """Group fields of an entry that belong together; the first one's name stands for them."""

    fields: tuple[str, ...]

    @property
    def key(self) -> str:
        return self.fields[0]

    def label(self, entry: CatalogModel) -> str:
        """Return the label of these fields."""
        fields: list[Any] = [entry._meta.get_field(name) for name in self.fields]
        words = ", ".join(str(field.verbose_name) for field in fields)
        return words[0].upper() + words[1:]

    def is_blank(self, entry: CatalogModel) -> bool:
        return all(value in ("", None, (), Availability.NOT_KNOWN) for value in self.values(entry))

    def values(self, entry: CatalogModel) -> list[Any]:
        return [getattr(entry, name) for name in self.fields]

    def words(self, entry: CatalogModel) -> str:
        """Return the values of these fields in an entry, as text."""
        if self.fields in AGE_RANGES:
            return ages_in_words(*self.values(entry))
        fields: list[Any] = [entry._meta.get_field(name) for name in self.fields]
        pairs = zip(fields, self.values(entry), strict=True)
        said = (", ".join(values_in_words(field, value, Names(()))) for field, value in pairs)
        return "\n".join(filter(None, said))


def parts(model: type[CatalogModel]) -> list[EntryPart]:
    """Return the parts of an entry that say what it is about, in the order of the model."""
    first = {group[0]: group for group in TOGETHER}
    later = {name for group in TOGETHER for name in group[1:]}
    names = [field.name for field in model._meta.concrete_fields]
    return [
        EntryPart(first.get(name, (name,)))
        for name in names
        if name not in OTHERWISE[model] | later
    ]


@dataclass(frozen=True)
class Twins[E: CatalogModel]:
    """Hold two entries of one thing: the one that is merged into the other, and the survivor."""

    merged: E
    survivor: E

    @property
    def blanks(self) -> list[EntryPart]:
        """Return the parts that only the merged entry has filled in."""
        return [
            part
            for part in parts(type(self.merged))
            if part.is_blank(self.survivor) and not part.is_blank(self.merged)
        ]

    @property
    def differing(self) -> list[EntryPart]:
        """Return the parts that both have filled in, and not alike."""
        return [
            part
            for part in parts(type(self.merged))
            if not part.is_blank(self.survivor)
            and not part.is_blank(self.merged)
            and part.values(self.survivor) != part.values(self.merged)
        ]

    def fill_in(self, keys: Collection[str]) -> None:
        """Give the survivor, without saving it, those of the ``blanks`` that have these keys."""
        for part in self.blanks:
            for name in part.fields if part.key in keys else ():
                setattr(self.survivor, name, getattr(self.merged, name))
