"""The menu of a long form: its sections, how many rows each has, and where something is to be fixed."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.contrib.admin.helpers import AdminForm, InlineAdminFormSet

from .rows import EntryFormSet

# A form of fewer sections is looked through as quickly.
WORTH_A_MENU = 4


class FormSection(NamedTuple):
    """Name a section of a form, the id of its place in the page, and how many rows and mistakes it has."""

    label: str
    place: str
    rows: int
    mistakes: int


def sections(admin_form: AdminForm, inlines: Iterable[Any]) -> list[FormSection]:
    """Return the sections of a form in the order of the page; none of a short one."""
    found = [*fieldsets(admin_form), *(section_of(inline) for inline in inlines)]
    return found if len(found) >= WORTH_A_MENU else []


def fieldsets(admin_form: AdminForm) -> Iterator[FormSection]:
    """Yield the groups of fields that have a heading."""
    errors: Any = admin_form.form.errors
    groups: Iterable[Any] = admin_form
    for place, fieldset in enumerate(groups):
        if fieldset.name:
            names = [name for line in fieldset for name in line.fields]
            mistakes = sum(len(errors.get(name, ())) for name in names)
            yield FormSection(fieldset.name, f"fieldset-0-{place}-heading", 0, mistakes)


def section_of(inline: InlineAdminFormSet) -> FormSection:
    """Return the section of an inline."""
    formset = inline.formset
    rows = formset.stored if isinstance(formset, EntryFormSet) else formset.initial_forms
    label = str(inline.opts.verbose_name_plural).capitalize()
    return FormSection(label, f"{formset.prefix}-heading", len(rows), formset.total_error_count())
