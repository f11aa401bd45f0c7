"""The mistakes of a form in one list, each with the place where it is fixed."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import BaseForm

from ...values.mistakes import Mistake
from .rows import EntryFormSet


def mistakes(form: BaseForm, inlines: Iterable[Any]) -> list[Mistake]:
    """Return what is wrong with a form and the rows of its inlines, in the order of the page."""
    found = list(mistakes_of(form))
    for inline in inlines:
        place = f"{inline.formset.prefix}-group"
        of_all = str(inline.opts.verbose_name_plural).capitalize()
        found += [Mistake(of_all, str(said), place) for said in inline.formset.non_form_errors()]
        if isinstance(inline.formset, EntryFormSet):
            for row, form_of_row in inline.formset.named(str(inline.opts.verbose_name)):
                found += mistakes_of(form_of_row, row)
    return found


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
