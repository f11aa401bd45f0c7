"""Form fields that never refuse an address: they keep what they know, and remember what they had to leave out."""

from collections.abc import Sequence

from django import forms
from django.utils.text import Truncator

from ..search import Words, parse

LONGEST_NAMED = 60  # characters of a value that a notice repeats


class ForgivingField(forms.Field):
    """Base of the list's fields; ``ignored`` holds the values that were left out when the field was cleaned."""

    ignored: Sequence[str] = ()

    @property
    def notices(self) -> list[str]:
        """Return a sentence for each value that was left out."""
        return [
            self.error_messages["invalid_choice"] % {"value": Truncator(value).chars(LONGEST_NAMED)}
            for value in self.ignored
        ]


class KnownChoicesField(ForgivingField, forms.MultipleChoiceField):
    """Field that keeps the values among its choices, each once and in their order."""

    def clean(self, value: Sequence[str]) -> list[str]:
        asked = dict.fromkeys(stripped for each in value if (stripped := each.strip()))
        known = dict(self.choices) if asked else {}  # type: ignore[arg-type]
        self.ignored = [each for each in asked if each not in known]
        return [each for each in known if each in asked]

    def bound_data(self, data: Sequence[str], initial: object) -> list[str]:
        """Return what the form shows as chosen: the values that are known."""
        return self.clean(data)


class KnownChoiceField(KnownChoicesField):
    """Field that keeps the first of the values among its choices, in a list of one."""

    def clean(self, value: Sequence[str]) -> list[str]:
        return super().clean(value)[:1]


class WordsField(ForgivingField):
    """Field that turns what a visitor typed into ``Words``, which are false where there is none to look for."""

    def clean(self, value: str | None) -> Words:
        words = parse(value or "")
        self.ignored = [words.typed] if words.typed and not words else []
        return words

    def bound_data(self, data: str | None, initial: object) -> str:
        return self.clean(data).typed
