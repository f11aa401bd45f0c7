"""The rows in an entry's form, some of which others may have added or deleted while it was open."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.utils.datastructures import MultiValueDict

from ...editorial import conflicts
from ...editorial.conflicts import SavedMeanwhile
from ...editorial.proposals.changes import GONE, Changes, new_rows, patched
from ...models.proposals import values_to_come
from .choices import CHOICE, OPENED, ROW, THEIRS, UNDECIDED, Conflict
from .form import EntryForm, posted
from .lines import MOST_NEW, NEW_ROW, TICKED
from .versions import UNPROPOSED, Proposed, number

# A row as it is sent: the values of its fields by their names.
type Row = dict[str, list[str]]


class EntryFormSet(forms.BaseInlineFormSet):
    """Edit the rows of an entry, some of which others may have added or deleted while the form was open.

    There are forms only for the rows that are opened, of which ``asked`` are the keys, and for new ones, for which it
    asks as well. The others are lines: of them nothing is sent, but which are ticked to go, and nothing is changed.

    ``proposed`` is what is proposed to the rows, by their keys; the forms show it.

    What was sent is put in the order of what is stored. What was deleted becomes a new row if somebody has typed into
    it, to be added again or let go.
    """

    model: Any
    form: type[EntryForm]
    data: Any
    prefix: Any
    can_delete: bool
    absolute_max: Any

    def __init__(
        self,
        *args: Any,
        proposed: Proposed = UNPROPOSED,
        asked: Sequence[str] = (),
        is_only_shown: bool = False,
        **kwargs: Any,
    ) -> None:
        self.proposed, self.is_only_shown = proposed, is_only_shown
        self.asked = set(asked) - {NEW_ROW}
        self.blank = min(asked.count(NEW_ROW), MOST_NEW)
        if not kwargs.get("data"):
            come = [values_to_come(changes) for changes in new_rows(proposed.now)]
            self.extra += len(come) + self.blank
            kwargs["initial"] = come
        super().__init__(*args, **kwargs)
        self.events: list[SavedMeanwhile] = []
        self.opened = self.asked
        self.ticked: Mapping[str, Row] = {}
        if self.is_bound and self.management_form.is_valid():
            self.follow_others()

    @cached_property
    def stored(self) -> list[Any]:
        """Return all stored rows as they are proposed to be."""
        rows = [
            patched(row, self.proposed.of_row(str(row.pk)).now) for row in super().get_queryset()
        ]
        # What a row is proposed to lead to is asked for together; the rest comes with the rows.
        models.prefetch_related_objects(rows, *self.relations())
        return rows

    def relations(self) -> list[str]:
        """Return the relations of a row to one other entry than the one that it belongs to."""
        fields = self.model._meta.concrete_fields
        return [field.name for field in fields if field.is_relation and field != self.fk]

    def get_queryset(self) -> Any:
        """Return the stored rows that have a form."""
        return [row for row in self.stored if str(row.pk) in self.opened]

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Return the form of a row, which knows what is proposed to it."""
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.proposed = self.proposed.of_row(str(form.instance.pk))
        form.is_only_shown = self.is_only_shown
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the box for deleting a row, ticked where that is proposed."""
        super().add_fields(form, index)
        if ROW in form.fields and self.is_to_go(form.instance.pk, self.proposed.now):
            form.fields[ROW].initial = True

    def is_to_go(self, pk: object, proposed: Changes) -> bool:
        """Return whether it is proposed that a row goes."""
        return GONE in proposed.get(str(pk), {})

    @property
    def media(self) -> forms.Media:
        """Return what the widgets of rows need, of those too that come later."""
        widgets = [field.widget for field in self.form.base_fields.values()]
        return sum((widget.media for widget in widgets), forms.Media())

    # --- Rows as lines

    @property
    def is_asked(self) -> bool:
        """Return whether somebody asks for a row, stored or blank."""
        return bool(self.asked or self.blank)

    def is_open(self, form: Any) -> bool:
        """Return whether a stored row is shown with its fields; a line that is ticked, only if something is wrong."""
        return str(form.instance.pk) not in self.ticked or bool(form.errors)

    def is_line_ticked(self, key: str) -> bool:
        """Return whether the line of a row is ticked: it was, or others propose that the row goes."""
        is_to_go = self.is_to_go(key, self.proposed.now)
        is_known = self.is_bound and self.is_to_go(key, self.proposed.told)
        return key in self.ticked or (is_to_go and not is_known)

    def left_as_proposed(self) -> dict[str, Changes]:
        """Return what is proposed to the rows that were not opened, but that they go, where the tick was taken back."""
        keys = {str(row.pk) for row in self.stored} - self.opened
        return {
            key: changes
            for key, changes in self.proposed.now.items()
            if key in keys
            and (GONE not in changes or not self.can_delete or self.is_line_ticked(key))
        }

    def named(self, name: str) -> Iterator[tuple[str, forms.BaseForm]]:
        """Yield the forms with what the page calls their rows: "Reference 7", "New reference 1"."""
        places = {row.pk: place for place, row in enumerate(self.stored, start=1)}
        for form in self.initial_forms:
            yield f"{name.capitalize()} {places.get(form.instance.pk, '')}", form
        for place, form in enumerate(self.extra_forms, start=1):
            yield f"New {name} {place}", form

    # --- What was sent, and what is stored

    def follow_others(self) -> None:
        """Put what was sent in the order of what is stored now."""
        stored = {str(row.pk): row for row in self.stored}
        sent, new = self.sent_rows()
        ticked = self.ticked_lines(stored)
        for key in self.asked & stored.keys() - sent.keys():
            sent[key] = ticked.get(key) or self.row_of(stored[key])
        self.ticked = {key: row for key, row in ticked.items() if key not in sent}
        sent |= self.ticked
        new = self.still_proposed(new) + self.proposed_meanwhile(sent)
        new += [self.row_of(self.model())] * self.blank
        gone = {key: row for key, row in sent.items() if key not in stored}
        self.events += self.deletions(gone)
        lost = [self.as_new(key, row) for key, row in gone.items() if self.is_typed_in(key, row)]
        self.opened = stored.keys() & sent.keys()
        self.send([sent[key] for key in stored if key in sent], [*lost, *new])

    def sent_rows(self) -> tuple[dict[str, Row], list[Row]]:
        """Return the rows that were sent: those that are stored, by their keys, and the new ones, as far as wanted."""
        pk = self.model._meta.pk.name
        rows = [(next(iter(row.get(pk, [])), ""), row) for row in self.rows() if row]
        new = [row for key, row in rows if not key and row.get(CHOICE.format(ROW)) != [THEIRS]]
        return {key: row for key, row in rows if key}, new

    def ticked_lines(self, stored: Mapping[str, models.Model]) -> dict[str, Row]:
        """Return the rows whose lines were ticked to go, each as its opened row would be sent."""
        ticks = self.data.getlist(TICKED.format(self.prefix)) if self.can_delete else []
        parts = [tick.partition("-") for tick in ticks]
        return {
            key: {**self.row_of(stored[key]), "version": [version], ROW: ["on"]}
            for key, _, version in parts
            if key in stored
        }

    def still_proposed(self, new: list[Row]) -> list[Row]:
        """Return the new rows that were sent, without those that others have taken back and nobody typed into."""
        there = new_rows(self.proposed.now)
        gone = [self.sent_row(row) for row in new_rows(self.proposed.told) if row not in there]
        kept = [row for row in new if not any(one.items() <= row.items() for one in gone)]
        if len(kept) < len(new):
            self.events += self.proposed.events
        return kept

    def sent_row(self, changes: Changes) -> Row:
        """Return what a browser sends for a new row that is proposed."""
        blank = self.form()
        return {
            name: posted(blank.fields[name], value)
            for name, value in values_to_come(changes).items()
        }

    def proposed_meanwhile(self, sent: Mapping[str, Row]) -> list[Row]:
        """Return the new rows that others have proposed, and tick those that they would have go.

        A row that somebody has typed into is not ticked.
        """
        known = list(new_rows(self.proposed.told))
        come = [self.sent_row(row) for row in new_rows(self.proposed.now) if row not in known]
        go = [
            key
            for key in sent
            if self.is_to_go(key, self.proposed.now) and not self.is_to_go(key, self.proposed.told)
        ]
        for key in go:
            if not self.is_typed_in(key, sent[key]):
                sent[key][ROW] = ["on"]
        if come or go:
            self.events += self.proposed.events
        return come

    # --- Rows as they are sent

    def rows(self) -> list[Row]:
        """Return the rows that were sent, each as its fields' values by their names."""
        data: Any = self.data
        total = min(self.management_form.cleaned_data["TOTAL_FORMS"], self.absolute_max)
        rows: list[Row] = [{} for _ in range(total)]
        for name in data:
            match = re.fullmatch(rf"{re.escape(self.prefix)}-(0|[1-9][0-9]{{0,3}})-(.+)", name)
            if match and int(match[1]) < total:
                rows[int(match[1])][match[2]] = data.getlist(name)
        return rows

    def send(self, kept: list[Row], new: list[Row]) -> None:
        """Set the rows that were sent."""
        data: Any = self.data.copy()
        for number_, row in enumerate(self.rows()):
            for name in row:
                del data[f"{self.add_prefix(number_)}-{name}"]
        for number_, row in enumerate([*kept, *new]):
            for name, values in row.items():
                data.setlist(f"{self.add_prefix(number_)}-{name}", values)
        data[f"{self.prefix}-INITIAL_FORMS"] = str(len(kept))
        data[f"{self.prefix}-TOTAL_FORMS"] = str(len(kept) + len(new))
        self.data = data
        del self.management_form

    def row_of(self, entry: models.Model) -> Row:
        """Return what a browser sends for a row that nobody has touched, stored or blank."""
        form = self.form(instance=entry)
        row = {
            name: posted(field, form.get_initial_for_field(field, name))
            for name, field in form.fields.items()
        }
        return {**row, self.model._meta.pk.name: [str(entry.pk or "")]}

    def as_new(self, key: str, row: Row) -> Row:
        """Return a row of something that is deleted as one to be added, about which there is a choice."""
        opened = row.get(OPENED) or row.get("version", [])
        return {**row, self.model._meta.pk.name: [""], OPENED: opened, UNDECIDED: [ROW]}

    def is_typed_in(self, key: str, row: Row) -> bool:
        """Return whether somebody has changed a row since the version that was sent with it."""
        if ROW in row:
            return False
        version = next(iter(row.get("version", [])), "")
        base = self.history.filter(pk=number(version), id=number(key)).first()
        return self.form_of(row, base.instance if base else None).has_changed()

    def form_of(self, row: Row, entry: models.Model | None = None) -> EntryForm:
        """Return the form of a row that was sent."""
        data = MultiValueDict({f"row-{name}": values for name, values in row.items()})
        return self.form(data=data, prefix="row", instance=entry)

    def typed(self) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        """Yield the title of each row that somebody has typed into, and what was typed, whatever is stored now."""
        history: Any = self.model.history
        for row in self.rows() if self.management_form.is_valid() else ():
            version = next(iter(row.get("version", [])), "")
            base = history.filter(pk=number(version)).first()
            title = conflicts.title_of(base) if base else f"New {self.model._meta.verbose_name}"
            if found := [
                (label, text) for label, text in self.form_of(row).typed(base) if base or text
            ]:
                yield title, found

    # --- What others did

    @property
    def history(self) -> models.QuerySet:
        """Return the versions of all rows that the entry has or had."""
        history: Any = self.model.history
        return history.filter(**{self.fk.attname: self.instance.pk}).select_related("history_user")

    def deletions(self, gone: Iterable[str]) -> Iterator[SavedMeanwhile]:
        """Yield who has deleted each of the rows with these keys."""
        records = self.history.filter(history_type="-", id__in=[number(key) for key in gone])
        for record in records.order_by("pk"):
            title = conflicts.title_of(record)
            yield conflicts.event(record, f"deleted the {self.model._meta.verbose_name} “{title}”")

    def clean(self) -> None:
        """Refuse to save rows that others have deleted meanwhile, or proposed to add or to delete."""
        super().clean()
        if self.events:
            names = self.model._meta.verbose_name_plural
            raise forms.ValidationError(
                f"{self.events[-1].who} has added or deleted {names} while you had the page open. Below is what is "
                "stored now, with all that you typed."
            )

    def _should_delete_form(self, form: forms.BaseForm) -> bool:
        """Return whether a row goes; one that somebody has changed meanwhile does when that has been seen."""
        is_ticked = super()._should_delete_form(form)  # type: ignore[misc]
        return bool(is_ticked) and not getattr(form, "is_refused", False)

    def conflicts(self) -> Iterator[Conflict]:
        """Yield what others have done to the rows while the form was open."""
        if self.events:
            title = str(self.model._meta.verbose_name_plural)
            yield Conflict(title, self.events, [], [], [], [])
        forms: list[Any] = self.forms
        for form in forms:
            if found := form.conflict():
                yield found
