"""What a cell may hold, and what it means: text in, a model's value out, or a sentence that says what is wrong."""

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from import_export.fields import Field
from import_export.widgets import ManyToManyWidget, Widget

from ..fields import ListField, split_values, tidy
from ..models import TopicArea
from ..names import match_key
from .reading import joined

# To look for a name like another takes long among many: a file full of unknown ones is told less about each.
MOST_SUGGESTIONS = 20
YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


class FieldWidget(Widget):
    """The cell of a plain model field: the field itself says what may stand in it."""

    def __init__(self, field: models.Field) -> None:
        super().__init__()
        self.field = field
        codes = getattr(field, "codes", None)
        labels = dict(codes.choices if codes else field.choices or ())
        self.labels = {str(code): str(label) for code, label in labels.items()}
        # Text of which nothing but its length is asked.
        self.is_plain = type(field) in {models.CharField, models.TextField} and not self.labels
        # What a person may write for each code, in any case.
        self.codes = {text.casefold(): code for code, text in self.labels.items()}
        self.codes |= {code.casefold(): code for code in self.labels}

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> Any:
        """Return the field's value for a cell. Raises ValueError with what would be right."""
        text = tidy(value)
        if not text:
            return self.blank()
        if self.is_plain and len(text) <= (self.field.max_length or len(text)):
            return text
        if isinstance(self.field, models.BooleanField):
            return self.clean_boolean(text)
        if isinstance(self.field, ListField):
            values = split_values(text)
            return self.field.to_python(map(self.clean_code, values) if self.labels else values)
        if self.labels:
            return self.clean_code(text)
        if isinstance(self.field, models.IntegerField):
            return self.validated(self.clean_number(text))
        return self.validated(text)

    def blank(self) -> Any:
        """Return the value that a blank cell clears the field to. Raises ValueError where it must say something."""
        if isinstance(self.field, ListField):
            return ()
        if self.field.has_default():
            return self.field.get_default()
        if not self.field.blank:
            raise ValueError("This field cannot be blank.")
        return None if self.field.null else ""

    def validated(self, value: Any) -> Any:
        """Return the field's value if the field itself lets it in. Raises ValueError."""
        try:
            return self.field.clean(value, None)
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from None

    def clean_boolean(self, text: str) -> bool:
        if text.casefold() not in YES_NO:
            raise ValueError("Write yes or no.")
        return YES_NO[text.casefold()]

    def clean_number(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text):
            raise ValueError("Write a whole number in digits, such as 12.")
        return int(text)

    def clean_code(self, text: str) -> str:
        """Return the code that text is, or whose official label it is."""
        if code := self.codes.get(text.casefold()):
            return code
        raise ValueError(f"Use one of: {', '.join(self.labels)}.")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            return joined(value)
        return "" if value is None else str(value)


class Lookup:
    """The entries of a model, found by the ways in which a cell may name them; read once for each import."""

    def __init__(self, model: type[models.Model], key: str, *names: str) -> None:
        self.model, self.key, self.names = model, key, names
        self.by_key: dict[str, models.Model] = {}
        self.by_name: dict[str, list[models.Model]] = defaultdict(list)
        self.unknown: dict[str, str] = {}

    def find(self, text: str) -> models.Model:
        """Return the entry that text names. Raises ValueError if there is none, or more than one."""
        if not self.by_key:
            for entry in self.entries():
                self.add(entry)
        name = match_key(text)
        if name in self.by_key:
            return self.by_key[name]
        found = self.by_name.get(name, [])
        if len(found) == 1:
            return found[0]
        if text not in self.unknown:
            self.unknown[text] = self.explain(name, found)
        raise ValueError(self.unknown[text])

    def entries(self) -> Iterable[models.Model]:
        entries = self.model._default_manager.only("pk", self.key, *self.names).order_by("pk")
        return entries.iterator()

    def explain(self, name: str, found: list[models.Model]) -> str:
        """Return why nothing, or too much, is called this; the first few times with what may be meant."""
        kind = self.model._meta.verbose_name
        if found:
            keys = ", ".join(getattr(entry, self.key) for entry in found)
            return f"More than one {kind} is called this; write its {self.key}: {keys}."
        near = []
        if len(self.unknown) < MOST_SUGGESTIONS:
            near = difflib.get_close_matches(name, [*self.by_key, *self.by_name], n=1, cutoff=0.7)
        meant = near and (self.by_key.get(near[0]) or self.by_name[near[0]][0])
        hint = f" Did you mean “{getattr(meant, self.key)}”?" if meant else ""
        return f"There is no such {kind}.{hint} An import adds none: create it first."

    def add(self, entry: models.Model) -> None:
        """Let cells find an entry: by its key before all, else by its names."""
        self.by_key[match_key(getattr(entry, self.key))] = entry
        for name in {match_key(getattr(entry, name)) for name in self.names} - {""}:
            self.by_name[name].append(entry)


class AreaLookup(Lookup):
    """The topic areas, each with its parts, without which nothing says whether programs are rated in it."""

    def __init__(self) -> None:
        super().__init__(TopicArea, "slug", "name", "abbreviation")

    def entries(self) -> Iterable[models.Model]:
        return TopicArea.objects.order_by("pk").prefetch_related("children")


class EntryWidget(Widget):
    """The cell that names one entry of another kind."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__()
        self.lookup = lookup

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> models.Model | None:
        return self.lookup.find(value) if value else None

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return getattr(value, self.lookup.key) if value else ""


class EntriesWidget(ManyToManyWidget):
    """The cell that names several entries of another kind, separated by ``|``; an unknown one is an error."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__(lookup.model, separator="|", field=lookup.key)
        self.lookup = lookup

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> list[models.Model]:
        entries, problems = {}, []
        for text in split_values(str(value or "")):
            try:
                entry = self.lookup.find(text)
                entries[entry.pk] = entry
            except ValueError as error:
                problems.append(f"“{text}”: {error}")
        if problems:
            raise ValueError(" ".join(problems))
        return list(entries.values())

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        return joined(getattr(entry, self.lookup.key) for entry in value.all()) if value else ""

    def pks(self, value: Any) -> set[int]:
        """Return the primary keys of the entries that are related now."""
        return {entry.pk for entry in value.all()}

    def render_all(self, pks: Collection[int]) -> str:
        """Return the cell for entries that a cell has named."""
        keys = self.lookup.by_key.values()
        return joined(sorted(getattr(entry, self.lookup.key) for entry in keys if entry.pk in pks))


def entry_field(name: str, lookup: Lookup, *, several: bool = False) -> Field:
    """Return the resource field of a column that names entries of another kind."""
    widget = EntriesWidget(lookup) if several else EntryWidget(lookup)
    return Field(attribute=name, column_name=name, widget=widget)
