"""What a cell may hold, and what it means: text in, a model's value out, or a sentence that says what is wrong."""

import difflib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import cached_property
from import_export.fields import Field
from import_export.widgets import ManyToManyWidget, Widget

from ..models import Program, TopicArea
from ..values.fields import DoiField, ListField, PartialDateField, joined, split_values, tidy
from ..values.names import match_key

# To look for a name like another takes long among many: a file full of unknown ones is told less about each.
MOST_SUGGESTIONS = 20
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
    (
        re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e]"),
        "The cell holds characters that cannot be seen.",
    ),
)


class Text(NamedTuple):
    """A kind of text in words, with an example; ``rule`` says what would be right, where the field does not."""

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
            return self.clean_list(text)
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
            raise ValueError(" ".join(map(self.explain, error.error_list))) from None

    def explain(self, error: ValidationError) -> str:
        """Return what is wrong, and what would be right: fewer characters, another form."""
        if error.code == "max_length":
            params: Any = error.params
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

    def clean_list(self, text: str) -> Any:
        """Return the values of a cell that holds several."""
        parts: Iterable[str] = split_values(text)
        if self.labels:
            try:
                parts = [self.clean_code(part) for part in parts]
            except ValueError as error:
                raise ValueError(f"{error} Separate several by |.") from None
        return self.field.to_python(parts)

    def clean_code(self, text: str) -> str:
        """Return the code that text is, or whose official label it is."""
        if code := self.codes.get(text.casefold()):
            return code
        near = difflib.get_close_matches(text.casefold(), self.codes, n=1, cutoff=0.75)
        hint = f" Did you mean “{self.codes[near[0]]}”?" if near else ""
        raise ValueError(f"Use one of: {', '.join(self.labels)}.{hint}")

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, tuple):
            return joined(value)
        return "" if value is None else str(value)

    def doubt(self, value: Any) -> str:
        """Return why a value that the field takes may not be meant; "" as a rule."""
        if isinstance(self.field, PartialDateField):
            today = timezone.localdate().isoformat()
            return "This date has not come yet." if value > today else ""
        if not isinstance(value, str):
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


def former_slugs(model: Any) -> dict[str, str]:
    """Return the slugs that entries had before, and no other entry has now, each with what its entry has now."""
    entries = model._default_manager.order_by()
    # What was merged into another program is that one now.
    address = Coalesce("merged_into__slug", "slug") if model is Program else F("slug")
    former = model.history.annotate(
        now=Subquery(entries.filter(pk=OuterRef("id")).values(address=address))
    ).exclude(Exists(entries.filter(slug=OuterRef("slug"))))
    return dict(former.filter(now__isnull=False).order_by("history_id").values_list("slug", "now"))


def moved(former: str, now: str) -> str:
    """Say that an entry has another slug now."""
    return f"{former} is the former slug of {now}; write {now}."


class Lookup:
    """The entries of a model, found by the ways in which a cell may name them; read once for each import."""

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

    def ways(self) -> str:
        """Return in words how a cell may name an entry."""
        ways = [self.key, *self.names]
        return f"{', '.join(ways[:-1])} or {ways[-1]}" if self.names else self.key

    def entries(self) -> Iterable[models.Model]:
        entries = self.model._default_manager.only("pk", self.key, *self.names).order_by("pk")
        return entries.iterator()

    def explain(self, name: str, found: list[models.Model]) -> str:
        """Return why nothing, or too much, is called this; the first few times with what may be meant."""
        kind = self.model._meta.verbose_name
        if found:
            keys = ", ".join(getattr(entry, self.key) for entry in found)
            return f"More than one {kind} is called this; write its {self.key}: {keys}."
        if self.key == "slug" and (now := self.former_slugs.get(name)):
            return moved(name, now)
        near = []
        if len(self.unknown) < MOST_SUGGESTIONS:
            near = difflib.get_close_matches(name, [*self.by_key, *self.by_name], n=1, cutoff=0.7)
        meant = near and (self.by_key.get(near[0]) or next(iter(self.by_name[near[0]].values())))
        hint = f" Did you mean “{getattr(meant, self.key)}”?" if meant else ""
        return f"There is no such {kind}.{hint} An import adds none: create it first."

    @cached_property
    def former_slugs(self) -> dict[str, str]:
        return former_slugs(self.model)

    def add(self, entry: models.Model) -> None:
        """Let cells find an entry: by its key before all, else by its names."""
        self.read()
        key = match_key(getattr(entry, self.key))
        self.by_key[key] = entry
        for name in {match_key(getattr(entry, name)) for name in self.names} - {""}:
            self.by_name[name][key] = entry

    def read(self) -> None:
        """Know what is stored: from one query, also where that finds nothing."""
        if not self.is_read:
            self.is_read = True
            for entry in self.entries():
                self.add(entry)


class ProgramLookup(Lookup):
    """The programs. A name finds one that was merged into another only where no other program has it."""

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


def merged_away(survivor: Program) -> str:
    """Say that the program of a row has its place in another entry now."""
    return f"This program was merged into “{survivor}” (slug {survivor.slug}). Use that."


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

    def describe(self) -> str:
        return f"The {self.lookup.ways()} of a {self.lookup.model._meta.verbose_name}"

    def allowed(self) -> list[tuple[str, str]]:
        return []

    def example(self) -> str:
        return ""


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

    def describe(self) -> str:
        kind = self.lookup.model._meta.verbose_name_plural
        return f"The {self.lookup.ways()} of {kind}, separated by |"

    def allowed(self) -> list[tuple[str, str]]:
        return []

    def example(self) -> str:
        return ""


def entry_field(name: str, lookup: Lookup, *, several: bool = False) -> Field:
    """Return the resource field of a column that names entries of another kind."""
    widget = EntriesWidget(lookup) if several else EntryWidget(lookup)
    return Field(attribute=name, column_name=name, widget=widget)
