"""The mistakes of a form in one list, each with the place where it is fixed."""

from collections.abc import Iterable
from typing import Any

from django.forms import BaseForm

from ...values.mistakes import Mistake, mistakes_of
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
