"""The entries that cells name, found by slug, key, name or abbreviation."""

import difflib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.functional import cached_property

from ..models import Program, TopicArea
from ..values.names import match_key

# To look for a name like another takes long among many: a file full of unknown ones is told less about each.
MOST_SUGGESTIONS = 20
ADDS_NONE = " An import adds none: create it first."


def moved(former: str, now: str, key: str = "slug") -> str:
    """Say that an entry has another slug now; or another key, as its ``key`` is called."""
    return f"{former} is the former {key} of {now}; write {now}."


class Lookup:
    """Finds the entries of a model by what a cell may call them; reads them once for each import."""

    def __init__(self, model: type[models.Model], key: str, *names: str) -> None:
        self.model, self.key, self.names = model, key, names
        self.by_key: dict[str, models.Model] = {}
        # An entry that is added again takes its own place.
        self.by_name: dict[str, dict[str, models.Model]] = defaultdict(dict)
        self.unknown: dict[str, str] = {}
        self.is_read = False

    def find(self, text: str) -> models.Model:
        """Return the entry that text names. Raises ValueError if there is none, or more than one."""
        self.read()
        name = match_key(text)
        if name in self.by_key:
            return self.by_key[name]
        found = [*self.by_name.get(name, {}).values()]
        if len(found) == 1:
            return found[0]
        if text not in self.unknown:
            self.unknown[text] = self.explain(name, found)
        raise ValueError(self.unknown[text])

    def columns_in_words(self) -> str:
        """Return what a cell may hold of an entry: "slug or name"."""
        columns = [self.key, *self.names]
        return f"{', '.join(columns[:-1])} or {columns[-1]}" if self.names else self.key

    def entries(self) -> Iterable[models.Model]:
        entries = self.model._default_manager.only("pk", self.key, *self.names).order_by("pk")
        return entries.iterator()

    def explain(self, name: str, found: list[models.Model]) -> str:
        """Return why nothing, or too much, is called this; the first few times with what may be meant."""
        kind = self.model._meta.verbose_name
        if found:
            keys = ", ".join(getattr(entry, self.key) for entry in found)
            return f"More than one {kind} is called this; write its {self.key}: {keys}."
        if now := self.former_keys.get(name):
            return moved(name, now, self.key)
        near = []
        if len(self.unknown) < MOST_SUGGESTIONS:
            near = difflib.get_close_matches(name, [*self.by_key, *self.by_name], n=1, cutoff=0.7)
        meant = near and (self.by_key.get(near[0]) or next(iter(self.by_name[near[0]].values())))
        hint = f" Did you mean “{getattr(meant, self.key)}”?" if meant else ""
        return f"There is no such {kind}.{hint}{ADDS_NONE}"

    @cached_property
    def former_keys(self) -> dict[str, str]:
        entries: Any = self.model._default_manager
        if self.key == "name":
            return {}
        return entries.former_slugs() if self.key == "slug" else entries.former_keys()

    def add(self, entry: models.Model) -> None:
        """Add an entry, so that cells find it: by its key before all, else by its names."""
        self.read()
        key = match_key(getattr(entry, self.key))
        self.by_key[key] = entry
        for name in {match_key(getattr(entry, name)) for name in self.names} - {""}:
            self.by_name[name][key] = entry

    def read(self) -> None:
        """Read what is stored, with one query, also where that finds nothing."""
        if not self.is_read:
            self.is_read = True
            for entry in self.entries():
                self.add(entry)


class ProgramLookup(Lookup):
    """Finds programs; by its name one that was merged into another only where no other program has it."""

    def __init__(self) -> None:
        super().__init__(Program, "slug", "name")

    def entries(self) -> Iterable[models.Model]:
        programs = Program.objects.only("pk", "slug", "name", "merged_into").order_by("pk")
        return programs.iterator()

    def find(self, text: str) -> models.Model:
        self.read()
        found = self.by_name.get(match_key(text), {})
        in_use = {key: entry for key, entry in found.items() if not entry.merged_into_id}  # type: ignore[attr-defined]
        if len(in_use) == 1 and match_key(text) not in self.by_key:
            return next(iter(in_use.values()))
        return super().find(text)


class AreaLookup(Lookup):
    """Finds topic areas, each with its parts, which tell whether programs are rated in it."""

    def __init__(self) -> None:
        super().__init__(TopicArea, "slug", "name", "abbreviation")

    def entries(self) -> Iterable[models.Model]:
        return TopicArea.objects.order_by("pk").prefetch_related("children")
