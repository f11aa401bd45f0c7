"""What may stand in the way of putting an entry back: values and places that others have taken since.

Each check says why an entry cannot go back (``why_not``, "" where it can), and takes note of each that does
(``goes_back``), as that may clear the way for another.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Protocol

from django.db.models import F, Func

from ..models import Rating, Reference, Study, TopicArea
from ..models.base import CatalogModel
from ..values.expressions import NameKey, name_key
from .past import Past, history_of

# An entry, and what it was before the import.
Pair = tuple[CatalogModel, CatalogModel]


class Check(Protocol):
    """Find one kind of thing that may stand in the way of putting entries back."""

    def why_not(self, entry: CatalogModel, before: CatalogModel, /) -> str: ...

    def goes_back(self, entry: CatalogModel, before: CatalogModel, /) -> None: ...


def verbose_name(entry: CatalogModel, field: str) -> str:
    """Return the verbose name of an entry's field."""
    return str(entry._meta.get_field(field).verbose_name)  # type: ignore[union-attr]


class UniqueValues:
    """Checks names of topic areas and DOIs of references, which another entry may have taken."""

    keys: dict[type, tuple[str, F | Func, Callable[[str], str]]] = {
        TopicArea: ("name", NameKey("name"), name_key),
        Reference: ("doi", F("doi"), str),
    }

    def __init__(self, model: type[CatalogModel], pairs: Sequence[Pair]) -> None:
        self.field, expression, self.key = self.keys.get(model, ("", F("pk"), str))
        self.holders: dict[str, CatalogModel] = {}
        if self.field:
            wanted = {self.value(before) for _, before in pairs}
            found = model._default_manager.annotate(unique_key=expression)
            for entry in found.filter(unique_key__in=wanted - {""}):
                self.holders[self.value(entry)] = entry

    def value(self, entry: CatalogModel) -> str:
        return self.key(getattr(entry, self.field)) if self.field else ""

    def why_not(self, entry: CatalogModel, before: CatalogModel) -> str:
        holder = self.holders.get(self.value(before), entry)
        if holder.pk == entry.pk:
            return ""
        return f"“{holder}” has its former {verbose_name(entry, self.field)} now."

    def goes_back(self, entry: CatalogModel, before: CatalogModel) -> None:
        if self.value(entry) != self.value(before):
            self.holders.pop(self.value(entry), None)
            if self.value(before):
                self.holders[self.value(before)] = before


class UmbrellaAreas:
    """Checks umbrella areas, which may have become something else; the rules are those of ``TopicArea.clean``."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        moves = [move for pair in pairs if (move := self.move(*pair))]
        parents = {parent for _, parent in moves}
        self.parents = TopicArea.objects.in_bulk(parents)
        rated = Rating.objects.filter(topic_area__in=parents).order_by()
        self.rated = set(rated.values_list("topic_area_id", flat=True).distinct())
        self.children: dict[int, set[int]] = defaultdict(set)
        children = TopicArea.objects.filter(parent__in=[area for area, _ in moves])
        for parent, pk in children.values_list("parent_id", "pk"):
            self.children[parent].add(pk)

    def move(self, area: CatalogModel, before: CatalogModel) -> tuple[int, int] | None:
        """Return the area and the umbrella area that it is to go back under, if that is another one."""
        if not isinstance(area, TopicArea) or not isinstance(before, TopicArea):
            return None
        parent = before.parent_id
        return (area.pk, parent) if parent and parent != area.parent_id else None

    def why_not(self, area: CatalogModel, before: CatalogModel) -> str:
        if not (move := self.move(area, before)):
            return ""
        parent = self.parents.get(move[1])
        if parent is None:
            return "The umbrella area that it was a part of has been deleted."
        if parent.parent_id:
            return f"“{parent}”, which it was a part of, has an umbrella area itself now."
        if self.children[area.pk]:
            return "It is an umbrella area itself now, and areas have two levels."
        if parent.pk in self.rated:
            return f"“{parent}”, which it was a part of, holds ratings now."
        return ""

    def goes_back(self, area: CatalogModel, before: CatalogModel) -> None:
        if isinstance(area, TopicArea) and isinstance(before, TopicArea):
            if area.pk in self.parents:
                self.parents[area.pk] = before
            self.children[area.parent_id or 0].discard(area.pk)


class SameSamples:
    """Checks the references of the same sample that studies named; they may be deleted."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        named = {pk for _, before in pairs if (pk := self.named(before))}
        there = Reference.objects.filter(pk__in=named) if named else Reference.objects.none()
        self.there = set(there.values_list("pk", flat=True))

    def named(self, study: CatalogModel) -> int | None:
        return study.same_sample_as_id if isinstance(study, Study) else None

    def why_not(self, study: CatalogModel, before: CatalogModel) -> str:
        if (named := self.named(before)) and named not in self.there:
            return "The reference that it named as of the same sample has been deleted."
        return ""

    def goes_back(self, study: CatalogModel, before: CatalogModel) -> None:
        """Do nothing: a study does not stand in another's way."""


class Relations:
    """Checks the relations that the import has changed; what they led to may be deleted."""

    def __init__(self, model: type[CatalogModel], pasts: Sequence[Past]) -> None:
        self.then: dict[int, dict[str, set[int]]] = defaultdict(dict)
        self.there: dict[str, set[int]] = {}
        history = history_of(model).model
        for field in history._history_m2m_fields:
            rows = [row for past in pasts for row in (past.before.pk, past.left)]
            target = f"{field.m2m_reverse_field_name()}_id"
            links: dict[int, set[int]] = defaultdict(set)
            found = getattr(history, field.name).model.objects.filter(history_id__in=rows)
            for row, other in found.values_list("history_id", target):
                links[row].add(other)
            for past in pasts:
                if links[past.before.pk] != links[past.left]:
                    self.then[past.before.id][field.name] = links[past.before.pk]
            others = {pk for then in self.then.values() for pk in then.get(field.name, ())}
            there = field.related_model._default_manager.filter(pk__in=others)
            self.there[field.name] = set(there.values_list("pk", flat=True))

    def of(self, entry: CatalogModel) -> dict[str, set[int]]:
        """Return the primary keys that an entry was related to, by relation, where the import has changed that."""
        return self.then.get(entry.pk, {})

    def why_not(self, entry: CatalogModel, before: CatalogModel) -> str:
        for name, others in self.of(entry).items():
            if others - self.there[name]:
                return f"Some of its {verbose_name(entry, name)} have been deleted."
        return ""

    def goes_back(self, entry: CatalogModel, before: CatalogModel) -> None:
        """Do nothing: one entry's relations do not stand in another's way."""
