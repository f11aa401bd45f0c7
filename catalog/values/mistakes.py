"""What is wrong with a form, for the list above it."""

from collections.abc import Iterator
from typing import NamedTuple

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm


class Mistake(NamedTuple):
    """Say what is wrong, of which field ("" of the whole), and the id of the place in the page, "" for none."""

    label: str
    message: str
    place: str


def mistakes_of(form: BaseForm, row: str = "") -> Iterator[Mistake]:
    """Yield what is wrong with one form; ``row`` names it, where it is one of several."""
    in_order = sorted(form.errors, key=[NON_FIELD_ERRORS, *form.fields].index)
    for name in in_order:
        for message in form.errors[name]:
            if name == NON_FIELD_ERRORS:
                yield Mistake(row, str(message), str(form.prefix or ""))
            else:
                field = form[name]
                label = f"{row}, {field.label}" if row else str(field.label)
                yield Mistake(label, str(message), str(field.id_for_label or field.auto_id))
