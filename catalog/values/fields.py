"""Model fields for the values that a clearinghouse's records hold and Django has no field for."""

import calendar
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Q
from django.utils.dates import MONTHS
from django.utils.functional import cached_property

# Letters carry a few accents. Composing thousands on one letter takes minutes, so after thirty a sign that joins
# nothing ends the pile (Unicode Standard Annex 15, Stream-Safe Text Format).
ACCENTS = r"[\u0300-\u034e\u0350-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
THIRTY_ACCENTS = re.compile(f"({ACCENTS}{{30}})(?={ACCENTS})")


# Control characters, and what turns the direction of the letters around it: nobody sees them, and they make a text
# read as another one. Tabs and line breaks stay.
UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
# What takes no room besides, and makes two names look the same: soft hyphens, marks of direction, spaces without
# width, tags.
WITHOUT_WIDTH = re.compile(
    r"[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
# Persian and the scripts of India spell with joiners, and emoji are made with them: one stays between two characters
# that are neither Latin nor spaces.
BESIDE_JOINER = r"[^\x00-\u024f\u1e00-\u1eff\u2000-\u200f\u2028-\u202f\u3000]"
STRAY_JOINER = re.compile(f"(?<!{BESIDE_JOINER})[\u200c\u200d]|[\u200c\u200d](?!{BESIDE_JOINER})")


def tidy(text: str) -> str:
    """Return text as it is stored: composed letters, plain line breaks, nothing unseen, no space around it."""
    if text.isascii() and text.isprintable():
        return text.strip()
    text = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", THIRTY_ACCENTS.sub("\\1\u034f", text)).strip()


def tidy_line(text: str) -> str:
    """Return text as a field of one line stores it: tidy, and without what takes no room."""
    if not text.isprintable():
        lines = text.replace("\t", " ").splitlines()
        text = WITHOUT_WIDTH.sub("", " ".join(filter(None, map(str.strip, lines))))
        text = STRAY_JOINER.sub("", tidy(text))
    return tidy(text)


def tidy_value(field: models.Field, text: str) -> str:
    """Return text as a model's field stores it: on one line, unless the field is a TextField."""
    return tidy(text) if isinstance(field, models.TextField) else tidy_line(text)


# --- Texts with a limit ----------------------------------------------------------------------------------------------

# The most characters of a text, and of one that may have several sections.
MOST_OF_TEXT, MOST_OF_LONG_TEXT = 10_000, 50_000


def check_length(text: str, most: int = MOST_OF_TEXT) -> None:
    """Raise ValidationError for a text of more characters than there may be."""
    if len(text) > most:
        raise ValidationError(
            f"This has {len(text):,} characters; there may be {most:,} at most.", code="too_long"
        )


class LimitedTextField(models.TextField):
    """Field for a text of up to ``max_length`` characters, which the database holds it to as well.

    Its box in a form takes more: a browser would cut off what is pasted, and not say so.
    """

    def __init__(self, verbose_name: str | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MOST_OF_TEXT)
        super().__init__(verbose_name, **kwargs)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value and self.max_length:
            check_length(value, self.max_length)

    def db_check(self, connection: BaseDatabaseWrapper) -> str | None:
        # Django makes it with the table, but does not alter it on PostgreSQL: see the migration of the limits.
        column = connection.ops.quote_name(str(self.column))
        return f"length({column}) <= {self.max_length}" if self.max_length else None

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        return super().formfield(**{"max_length": None, **kwargs})


# --- Dates of the record ---------------------------------------------------------------------------------------------

# ISO 8601 with reduced precision: a year, a year and month, or a day. Text in this form sorts by time.
PARTIAL_DATE = r"^(19|20)[0-9]{2}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01]))?)?\Z"

ISO = re.compile(PARTIAL_DATE, re.ASCII)

MONTH_NUMBERS = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
MONTH_NUMBERS |= {
    name.casefold(): number for number, name in enumerate(calendar.month_abbr) if name
}
MONTH_NUMBERS["sept"] = 9
IN_WORDS = (
    re.compile(r"^(?P<month>[a-z]+)\.? (?P<year>\d{4})$"),  # October 2016
    re.compile(r"^(?P<month>[a-z]+)\.? (?P<day>\d{1,2}),? (?P<year>\d{4})$"),  # October 5, 2016
    re.compile(r"^(?P<day>\d{1,2}) (?P<month>[a-z]+)\.?,? (?P<year>\d{4})$"),  # 5 October 2016
)
IN_NUMBERS = (
    re.compile(r"^(?P<month>0?[1-9]|1[0-2])[/.-](?P<year>\d{4})$", re.ASCII),  # 10/2016
    re.compile(r"^(?P<year>\d{4})[/.](?P<month>0?[1-9]|1[0-2])$", re.ASCII),  # 2016/10
)
# Either number may be the month: no telling which is.
TWO_MONTHS = re.compile(r"^(0?[1-9]|1[0-2])[/.-](0?[1-9]|1[0-2])[/.-](\d{2}|\d{4})$", re.ASCII)
YEAR_FIRST = re.compile(r"^\d{4}(-\d{2}){0,2}$", re.ASCII)
EXPECTED_DATE = "Write a year, a year and month, or a day: 2024, 2024-06 or 2024-06-15."


def parse_partial_date(text: str) -> str:
    """Return text as an ISO 8601 date of the precision given: "2016", "2016-10" or "2016-10-05".

    Also understands dates whose month is a word, and 10/2016, in which only the month can be meant. Raises
    ValidationError for anything else, above all for 03/04/2026, which is March in one country and April in another.
    """
    text = " ".join(text.split())
    if not ISO.match(text):
        text = iso_of_numbers(iso_of_words(text))
    if TWO_MONTHS.match(text):
        raise ValidationError(
            f"“{text}” can be read as two different days. {EXPECTED_DATE}", code="ambiguous"
        )
    if YEAR_FIRST.match(text) and text[:2] not in {"19", "20"}:
        raise ValidationError(
            f"“{text}” is not a date of the record: years run from 1900 to 2099.", code="invalid"
        )
    if not ISO.match(text):
        raise ValidationError(f"“{text}” is not a date. {EXPECTED_DATE}", code="invalid")
    year, month, day = [*map(int, text.split("-")), 0, 0][:3]
    if day and day > calendar.monthrange(year, month)[1]:
        raise ValidationError(
            f"“{text}” is not a date: {MONTHS[month]} {year} has no day {day}.", code="invalid"
        )
    return text


def iso_of_words(text: str) -> str:
    """Return a date whose month is a word as ISO 8601, and any other text as it is."""
    for pattern in IN_WORDS:
        if (match := pattern.match(text.casefold())) and match["month"] in MONTH_NUMBERS:
            iso = f"{match['year']}-{MONTH_NUMBERS[match['month']]:02}"
            day = match.groupdict().get("day")
            return f"{iso}-{int(day):02}" if day else iso
    return text


def iso_of_numbers(text: str) -> str:
    """Return a month with its year in numbers, in either order, as ISO 8601, and any other text as it is."""
    for pattern in IN_NUMBERS:
        if match := pattern.match(text):
            return f"{match['year']}-{int(match['month']):02}"
    return text


def partial_date_in_words(iso: str) -> str:
    """Return "2016", "October 2016" or "October 5, 2016" for a date of the record."""
    year, *rest = iso.split("-")
    if not rest:
        return year
    month = MONTHS[int(rest[0])]
    return f"{month} {int(rest[1])}, {year}" if len(rest) > 1 else f"{month} {year}"


def last_begun(day: str, beginnings: Collection[str]) -> str:
    """Return the last of some dates that a day lies on or after; "" where none is, or the precisions leave it open."""
    is_open = any(begun > day and begun.startswith(day) for begun in beginnings)
    return "" if is_open else max((begun for begun in beginnings if begun <= day), default="")


class PartialDateField(models.CharField):
    """Field for a date of the record, kept at the precision given and never padded to a day that nobody stated."""

    def __init__(self, verbose_name: str | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 10)
        kwargs.setdefault("blank", True)
        super().__init__(verbose_name, **kwargs)

    def to_python(self, value: object) -> str | None:
        text: str | None = super().to_python(value)
        return parse_partial_date(text) if text else text

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        field = super().formfield(**kwargs)
        # The words "October 2016" are longer than the ten characters that are stored.
        if isinstance(field, forms.CharField):
            field.max_length, field.validators = None, []
            field.widget.attrs.pop("maxlength", None)
        return field


def partial_date_constraint(model: str, field: str) -> models.CheckConstraint:
    """Return the constraint that keeps field a date of the record, or blank."""
    return models.CheckConstraint(
        name=f"{model}_{field}_is_partial_date",
        condition=Q(**{field: ""}) | Q(**{f"{field}__regex": PARTIAL_DATE}),
        violation_error_message=EXPECTED_DATE,
    )


# --- Lists of short values -------------------------------------------------------------------------------------------


# "a | b", or the values one by one.
type Values = str | Iterable[str] | None


class SeparatedTextField(forms.CharField):
    """Form field for several values in one text box, separated by ``|``."""

    def prepare_value(self, value: Values) -> str | None:
        return value if isinstance(value, str | None) else " | ".join(value)

    def has_changed(self, initial: Values, data: Values) -> bool:
        return split_values(initial) != split_values(data)


def joined(values: Iterable[str]) -> str:
    """Return several values as one text: "a|b"."""
    return "|".join(values)


def split_values(value: Values) -> tuple[str, ...]:
    """Return the values of "a | b", or of any iterable of strings: trimmed, none blank, none twice."""
    parts: Iterable[str] = (value or "").split("|") if isinstance(value, str | None) else value
    return tuple(dict.fromkeys(filter(None, map(tidy_line, parts))))


class ListField(LimitedTextField):
    """Field for a few short values in one column, as a tuple of strings; ``|a|b|`` in the database.

    ``codes`` is the closed vocabulary (a TextChoices), in whose order the values are kept. One column and
    not a table: the values are edited, imported, compared and kept in the history as one thing. Find rows
    that hold a value with ``field__contains="|value|"``.
    """

    def __init__(
        self,
        verbose_name: str | None = None,
        *,
        codes: type[models.TextChoices] | None = None,
        **kwargs: Any,
    ) -> None:
        self.codes = codes
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", tuple)
        kwargs.setdefault("max_length", None)  # a vocabulary has its own
        super().__init__(verbose_name, **kwargs)

    def to_python(self, value: Values) -> tuple[str, ...]:
        values = split_values(value)
        if not self.codes:
            return values
        # An unknown one comes last, for ``validate`` to refuse.
        return tuple(sorted(values, key=lambda v: (self.places.get(v, len(self.places)), v)))

    @cached_property
    def places(self) -> dict[str, int]:
        """Return the place of each code in the vocabulary."""
        return {code: place for place, code in enumerate(self.codes.values if self.codes else [])}

    def from_db_value(
        self, value: str | None, expression: object, connection: BaseDatabaseWrapper
    ) -> tuple[str, ...] | None:
        return None if value is None else split_values(value)

    def get_prep_value(self, value: Values) -> str | None:
        if value is None:
            return None
        values = self.to_python(value)
        return f"|{joined(values)}|" if values else ""

    def value_to_string(self, obj: models.Model) -> str:
        return joined(getattr(obj, self.attname))

    def validate(self, value: tuple[str, ...], model_instance: models.Model | None) -> None:
        super().validate(self.get_prep_value(value), model_instance)
        for code in value:
            if self.codes and code not in self.places:
                allowed = ", ".join(self.codes.values)
                raise ValidationError(f"“{code}” is not one of: {allowed}.", code="invalid_choice")

    def formfield(self, **kwargs: Any) -> forms.Field | None:
        if self.codes:
            return forms.MultipleChoiceField(
                choices=self.codes.choices,
                required=not self.blank,
                label=kwargs.get("label", self.verbose_name.capitalize()),
                help_text=self.help_text,
                widget=forms.CheckboxSelectMultiple,
            )
        return super().formfield(
            form_class=SeparatedTextField,
            widget=forms.TextInput(attrs={"class": "vTextField"}),
            show_hidden_initial=False,  # Django's way with a callable default; what is stored tells changes
        )


def list_constraint(
    model: str, field: str, codes: type[models.TextChoices]
) -> models.CheckConstraint:
    """Return the constraint that keeps a ListField to its codes."""
    allowed = "|".join(codes.values)
    return models.CheckConstraint(
        name=f"{model}_{field}_are_known",
        condition=Q(**{field: ""}) | Q(**{f"{field}__regex": rf"^[|](({allowed})[|])+\Z"}),
        violation_error_message=f"Use these values only: {', '.join(codes.values)}.",
    )


# --- DOIs ------------------------------------------------------------------------------------------------------------

DOI = re.compile(r"^10\.[0-9]{4,9}/\S+$", re.ASCII)
DOI_PREFIX = re.compile(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", re.IGNORECASE)


class DoiField(models.CharField):
    """Field for a Digital Object Identifier, normalised: lower case, no resolver before it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 255)
        kwargs.setdefault("blank", True)
        super().__init__("DOI", **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("verbose_name", None)
        return name, path, args, kwargs

    def to_python(self, value: object) -> Any:
        text: str | None = super().to_python(value)
        return DOI_PREFIX.sub("", text.strip()).lower() if text else text

    def validate(self, value: str, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if value and not DOI.match(value):
            raise ValidationError(
                f"“{value}” is not a DOI. A DOI looks like 10.1093/sw/52.1.63.", code="invalid"
            )
