"""A warning while a program is added or renamed that may be in the catalog already."""

from typing import Any

from django import forms

from ...editorial.duplicates import Resembling, resembling
from ...models import Program
from ...values.fields import split_values
from ...values.names import match_key
from ..entry_form.form import EntryForm

DOUBTFUL = (
    "This program may be in the catalog already. Nothing is saved yet: look at the entries named below, and say "
    "whether it is one of them."
)


class YesField(forms.BooleanField):
    """Offer a box to tick that is no part of the entry."""

    def has_changed(self, initial: object, data: object) -> bool:
        """Return False: it is no part of the entry."""
        return False


class ProgramForm(EntryForm):
    """Save no program under a name like another one's, unless told that it is another program."""

    is_another = YesField(required=False, label="This is another program")
    resembling: Resembling | None = None

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values, after looking for programs with names like the new ones."""
        cleaned = super().clean() or self.cleaned_data
        known = {match_key(name) for name in names_of(self.instance)}
        names = [cleaned.get("name", ""), *split_values(cleaned.get("also_known_as"))]
        new = [name for name in names if match_key(name) not in {*known, ""}]
        acronym = cleaned.get("acronym", "")
        acronym = "" if match_key(acronym) in known else acronym
        if new or acronym:
            self.resembling = resembling(new, acronym, self.instance.pk)
            if self.is_doubtful and not cleaned.get("is_another"):
                self.add_error(None, DOUBTFUL)
        return cleaned

    @property
    def is_doubtful(self) -> bool:
        """Return whether another program has a name like this one's."""
        return bool(self.resembling and self.resembling.near)


def names_of(program: Program) -> list[str]:
    """Return all names of a program, some of them blank."""
    return [program.name, program.acronym, *program.also_known_as]
