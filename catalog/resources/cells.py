"""Widgets of cells: text in, a model's value out, or a sentence that says what is wrong; and back to text."""

import difflib
import re
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from import_export.fields import Field
from import_export.widgets import ManyToManyWidget, Widget

from ..values.fields import (
    DoiField,
    LimitedTextField,
    ListField,
    PartialDateField,
    joined,
    split_values,
    tidy_value,
)
from .lookups import Lookup

YES_NO = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
# All databases keep whole numbers as large as this.
MOST = 999_999_999
MOST_YEARS = 10_000
QUOTED = re.compile("“(.+?)”")


# What is let in, but hardly ever meant.
DOUBTS = (
    (
        re.compile(r"\A#(?:(?:REF|VALUE|DIV/0|NULL|NUM)!|N/A|NAME\?)\Z"),
        "The spreadsheet could not work this cell out.",
    ),
    (
        re.compile("\ufffd|[ÃÂ][\u0080-\u00bf]|â€"),
        "Letters seem to be garbled. Compare the cell with the original.",
    ),
)


class Text(NamedTuple):
    """Describes a kind of text, with an example; ``rule`` says what would be right, where the field does not."""

    words: str
    example: str
    rule: str = ""


TEXTS = {
    PartialDateField: Text("Date: 2024, 2024-06 or 2024-06-15", "2024-06-15"),
    DoiField: Text("DOI", "10.1093/sw/52.1.63"),
    models.URLField: Text(
        "Web address",
        "https://example.org/program",
        "Write a whole web address, such as https://example.org/program.",
    ),
    models.EmailField: Text(
        "E-mail address",
        "name@example.org",
        "Write one e-mail address, such as name@example.org.",
    ),
    models.SlugField: Text(
        "Letters a to z, digits, hyphens and underscores",
        "steady-ground",
        "Write letters a to z, digits, hyphens and underscores only, such as steady-ground.",
    ),
}


class FieldWidget(Widget):
    """Widget that parses the cell of a plain model field: the field itself says what may stand in it."""

    def __init__(self, field: models.Field) -> None:
        super().__init__()
        self.field = field
        codes = getattr(field, "codes", None)
        labels = dict(codes.choices if codes else field.choices or ())
        self.labels = {str(code): str(label) for code, label in labels.items()}
        # Text of which nothing but its length is asked.
        self.is_plain = type(field) in {models.CharField, LimitedTextField} and not self.labels
        # What a person may write for each code, in any case.
        self.codes = {text.casefold(): code for code, text in self.labels.items()}
        self.codes |= {code.casefold(): code for code in self.labels}

    def clean(self, value: str, row: object = None, **kwargs: object) -> object:
        """Return the field's value for a cell. Raises ValueError with what would be right."""
        text = value and tidy_value(self.field, value)
        if not text:
            return self.blank()
        if self.is_plain and len(text) <= (self.field.max_length or len(text)):
            return text
        if isinstance(self.field, models.BooleanField):
            return self.clean_boolean(text)
        if isinstance(self.field, ListField):
            return self.clean_list(text)
        if self.labels:
            return self.clean_code(text)
        if isinstance(self.field, models.IntegerField):
            return self.validated(self.clean_number(text))
        return self.validated(text)

    def blank(self) -> object:
        """Return the value that a blank cell clears the field to. Raises ValueError where it must say something."""
        if isinstance(self.field, ListField):
            return ()
        if self.field.has_default():
            return self.field.get_default()
        if not self.field.blank:
            raise ValueError("This field cannot be blank.")
        return None if self.field.null else ""

    def validated(self, value: object) -> object:
        """Return the field's value if the field itself lets it in. Raises ValueError."""
        try:
            return self.field.clean(value, None)
        except ValidationError as error:
            raise ValueError(" ".join(map(self.explain, error.error_list))) from None

    def explain(self, error: ValidationError) -> str:
        """Return what is wrong, and what would be right: fewer characters, another form."""
        if error.code == "max_length":
            params = error.params or {}
            length, limit = params["show_value"], params["limit_value"]
            return f"This has {length:,} characters; there may be {limit:,} at most."
        text = self.kind_of_text()
        return text.rule if text and text.rule else " ".join(error.messages)

    def kind_of_text(self) -> Text | None:
        return next((text for kind, text in TEXTS.items() if isinstance(self.field, kind)), None)

    def bounds(self) -> tuple[int, int]:
        """Return the least and the greatest number that the field takes."""
        validators = self.field.validators
        least = [v.limit_value for v in validators if isinstance(v, MinValueValidator)]
        most = [v.limit_value for v in validators if isinstance(v, MaxValueValidator)]
        return max(0, *least), min(MOST, *most)

    def clean_boolean(self, text: str) -> bool:
        if text.casefold() not in YES_NO:
            raise ValueError("Write yes or no.")
        return YES_NO[text.casefold()]

    def clean_number(self, text: str) -> int:
        if not re.fullmatch(r"[0-9]+", text):
            raise ValueError("Write a whole number in digits, such as 12.")
        low, high = self.bounds()
        # Very long numbers take Python long to read.
        number = int(text) if len(text) <= len(str(MOST)) else MOST + 1
        if not low <= number <= high:
            raise ValueError(f"Write a whole number from {low} to {number_in_words(high)}.")
        return number

    def clean_list(self, text: str) -> object:
        """Return the values of a cell that holds several."""
        parts: Iterable[str] = split_values(text)
        if self.labels:
            try:
                parts = [self.clean_code(part) for part in parts]
            except ValueError as error:
                raise ValueError(f"{error} Separate several by |.") from None
        return self.validated(parts)

    def clean_code(self, text: str) -> str:
        """Return the code that text is, or whose official label it is."""
        if code := self.codes.get(text.casefold()):
            return code
        near = difflib.get_close_matches(text.casefold(), self.codes, n=1, cutoff=0.75)
        hint = f" Did you mean “{self.codes[near[0]]}”?" if near else ""
        raise ValueError(f"Use one of: {', '.join(self.labels)}.{hint}")

    def render(self, value: object, obj: object = None, **kwargs: object) -> str:
        if type(value) is str:
            return value
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            return joined(value)
        return "" if value is None else str(value)

    def doubt(self, value: object) -> str:
        """Return why a value that the field takes may not be meant; "" as a rule."""
        if isinstance(self.field, PartialDateField):
            today = timezone.localdate().isoformat()
            return "This date has not come yet." if str(value) > today else ""
        # As a rule a cell is no such text, which is sooner told than by two patterns.
        if not isinstance(value, str) or (value.isascii() and not value.startswith("#")):
            return ""
        return next((words for pattern, words in DOUBTS if pattern.search(value)), "")

    def describe(self) -> str:
        """Return in words what the cell holds."""
        if isinstance(self.field, models.BooleanField):
            return "Yes or no"
        if isinstance(self.field, ListField):
            what = "of these codes" if self.labels else "texts"
            return f"Several {what}, separated by |"
        if self.labels:
            return "One of these codes"
        if isinstance(self.field, models.IntegerField):
            low, high = self.bounds()
            return f"Whole number, {low} to {number_in_words(high)}"
        text = self.kind_of_text()
        if isinstance(self.field, PartialDateField) and text:
            return text.words
        words = text.words if text else "Text"
        limit = self.field.max_length
        return f"{words}, up to {limit:,} characters" if limit else words

    def allowed(self) -> list[tuple[str, str]]:
        """Return each code that the cell may hold, with its official label; none where other values may stand."""
        return list(self.labels.items())

    def example(self) -> str:
        """Return a value that may stand in the cell, as far as the field says; else ""."""
        if isinstance(self.field, models.BooleanField):
            return "yes"
        if codes := list(self.labels):
            return joined(codes[:2]) if isinstance(self.field, ListField) else codes[0]
        if isinstance(self.field, models.IntegerField):
            return ""
        quoted = QUOTED.search(str(self.field.help_text))
        text = self.kind_of_text()
        return quoted[1] if quoted else text.example if text else ""


def number_in_words(number: int) -> str:
    """Return a number; a year, and what is no greater, as years are written."""
    return f"{number:,}" if number >= MOST_YEARS else str(number)


class EntryWidget(Widget):
    """Widget that finds the one entry of another kind that a cell names."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__()
        self.lookup = lookup

    def clean(self, value: str, row: object = None, **kwargs: object) -> models.Model | None:
        """Return the entry that a cell names, None for a blank one. Raises ValueError."""
        return self.lookup.find(value) if value else None

    def render(self, value: models.Model | None, obj: object = None, **kwargs: object) -> str:
        return getattr(value, self.lookup.key) if value else ""

    def describe(self) -> str:
        return f"The {self.lookup.columns_in_words()} of a {self.lookup.model._meta.verbose_name}"

    def allowed(self) -> list[tuple[str, str]]:
        return []

    def example(self) -> str:
        return ""


class EntriesWidget(ManyToManyWidget):
    """Widget that finds the entries of another kind that a cell names, separated by ``|``."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__(lookup.model, separator="|", field=lookup.key)
        self.lookup = lookup

    def clean(self, value: str, row: object = None, **kwargs: object) -> list[models.Model]:
        """Return the entries that a cell names. Raises ValueError with all that is wrong."""
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

    def render(self, value: models.Manager | None, obj: object = None, **kwargs: object) -> str:
        return joined(getattr(entry, self.lookup.key) for entry in value.all()) if value else ""

    def pks(self, value: models.Manager) -> set[int]:
        """Return the primary keys of the entries that are related now."""
        return {entry.pk for entry in value.all()}

    def render_all(self, pks: Collection[int]) -> str:
        """Return the cell for entries that a cell has named."""
        keys = self.lookup.by_key.values()
        return joined(sorted(getattr(entry, self.lookup.key) for entry in keys if entry.pk in pks))

    def describe(self) -> str:
        kind = self.lookup.model._meta.verbose_name_plural
        return f"The {self.lookup.columns_in_words()} of {kind}, separated by |"

    def allowed(self) -> list[tuple[str, str]]:
        return []

    def example(self) -> str:
        return ""


def entry_field(name: str, lookup: Lookup, *, several: bool = False) -> Field:
    """Return the resource field of a column that names entries of another kind."""
    widget = EntriesWidget(lookup) if several else EntryWidget(lookup)
    return Field(attribute=name, column_name=name, widget=widget)
