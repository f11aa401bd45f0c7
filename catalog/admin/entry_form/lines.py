"""The rows of an entry's form: stored ones are lines until they are opened, a new one comes when it is asked for.

Only rows that have their fields in the page are sent.
"""

from collections.abc import Iterator, Sequence
from itertools import batched, islice
from typing import Any, NamedTuple

from django.contrib.admin.helpers import InlineAdminForm, InlineAdminFormSet
from django.http import HttpRequest

# In an address, and on buttons: which rows are to be opened, by relation and key: "studies-12 studies-15 studies-new".
OPEN, OPEN_BUTTON = "open", "_open"
# In the place of a key: a blank row. No more of them are added at once.
NEW_ROW, MOST_NEW = "new", 50
# In an address that asks for rows: without the rest of the page, for a script.
ROWS_ONLY = "rows-only"
# Beside the fields of the rows: the lines that are ticked to go, each by its key and the version that was shown.
TICKED = "{}-ticked"
# So many rows are in sight; the others are folded away, so many in each fold.
IN_SIGHT, IN_FOLD = 5, 100


class RowLine(NamedTuple):
    """Say in a line what a row is about."""

    title: str
    facts: str = ""


class RowOnPage(NamedTuple):
    """Show a stored row as a line, or open, where there is a ``form``; ``tick`` is sent where the line is to go."""

    place: int
    key: str
    line: RowLine
    form: Any
    tick: str
    is_ticked: bool
    is_proposed: bool


class Fold(NamedTuple):
    """Name rows that are folded away together; those that come first never are."""

    rows: Sequence[RowOnPage]

    @property
    def first(self) -> int:
        """Return the place of the first row."""
        return self.rows[0].place

    @property
    def last(self) -> int:
        """Return the place of the last row."""
        return self.rows[-1].place

    @property
    def is_folded(self) -> bool:
        """Return whether the rows are out of sight; not where something is edited, is to go, or is proposed."""
        return self.first > 1 and not any(
            row.form or row.is_ticked or row.is_proposed for row in self.rows
        )


def asked_rows(request: HttpRequest, relation: str) -> list[str]:
    """Return the keys of the rows of a relation that somebody asks to be opened, NEW_ROW for each blank one."""
    is_sent = request.method == "POST"
    asked = request.POST.getlist(OPEN_BUTTON) if is_sent else request.GET.getlist(OPEN)
    parts = [place.rpartition("-") for place in " ".join(asked).split()]
    return [key for name, _, key in parts if name == relation]


def folds(inline: InlineAdminFormSet) -> list[Fold]:
    """Return the stored rows of an inline as its template shows them."""
    rows = rows_on_page(inline)
    return [
        Fold(found) for found in (tuple(islice(rows, IN_SIGHT)), *batched(rows, IN_FOLD)) if found
    ]


def rows_on_page(inline: Any) -> Iterator[RowOnPage]:
    """Yield the stored rows of an inline in their order."""
    formset = inline.formset
    forms = {form.original.pk: form for form in forms_of(inline) if form.original}
    for place, row in enumerate(formset.stored, start=1):
        key, form = str(row.pk), forms.get(row.pk)
        yield RowOnPage(
            place,
            key,
            inline.opts.line(row),
            form if form and formset.is_open(form.form) else None,
            f"{key}-{row.latest_version or ''}",
            formset.is_line_ticked(key),
            bool(formset.proposed.now.get(key)),
        )


def new_forms(inline: InlineAdminFormSet) -> list[InlineAdminForm]:
    """Return the forms of the rows that are not stored yet."""
    return [form for form in forms_of(inline) if not form.original]


def forms_of(inline: InlineAdminFormSet) -> Iterator[Any]:
    """Return the forms of an inline, without the blank one that Django adds for its own script."""
    return islice(inline, inline.formset.total_form_count())
