"""The rows in an entry's form, some of which others may have added or deleted while it was open."""

import re
from collections.abc import Iterable, Iterator
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
from .versions import UNPROPOSED, Proposed, number


class EntryFormSet(forms.BaseInlineFormSet):
    """Edit the rows of an entry, some of which others may have added or deleted while the form was open.

    ``proposed`` is what is proposed to the rows, by their keys; the forms show it.

    What was sent is put in the order of what is stored: what was added joins it, and what was deleted becomes a new
    row if somebody has typed into it, to be added again or let go.
    """

    model: Any
    form: type[EntryForm]
    data: Any
    prefix: Any
    absolute_max: Any

    def __init__(self, *args: Any, proposed: Proposed = UNPROPOSED, **kwargs: Any) -> None:
        self.proposed = proposed
        if not kwargs.get("data"):
            come = [values_to_come(changes) for changes in new_rows(proposed.now)]
            self.extra += len(come)
            kwargs["initial"] = come
        super().__init__(*args, **kwargs)
        self.events: list[SavedMeanwhile] = []
        if self.is_bound and self.instance.pk and self.management_form.is_valid():
            self.follow_others()

    def get_queryset(self) -> Any:
        """Return the stored rows as they are proposed to be."""
        if not hasattr(self, "_queryset"):
            rows = super().get_queryset()
            if self.proposed.now:
                self._queryset: Any = [
                    patched(row, self.proposed.of_row(str(row.pk)).now) for row in rows
                ]
        return self._queryset

    def _construct_form(self, i: int, **kwargs: Any) -> Any:
        """Return the form of a row, which knows what is proposed to it."""
        form = super()._construct_form(i, **kwargs)  # type: ignore[misc]
        form.proposed = self.proposed.of_row(str(form.instance.pk))
        return form

    def add_fields(self, form: Any, index: int | None) -> None:
        """Add the box for deleting a row, ticked where that is proposed."""
        super().add_fields(form, index)
        if ROW in form.fields and self.is_to_go(form.instance.pk, self.proposed.now):
            form.fields[ROW].initial = True

    def is_to_go(self, pk: object, proposed: Changes) -> bool:
        """Return whether it is proposed that a row goes."""
        return GONE in proposed.get(str(pk), {})

    def follow_others(self) -> None:
        """Put what was sent in the order of what is stored now."""
        pk = self.model._meta.pk.name
        count = self.management_form.cleaned_data["INITIAL_FORMS"]
        rows = self.rows()
        sent = {row.get(pk, [""])[-1]: row for row in rows[:count]}
        new = [row for row in rows[count:] if row.get(CHOICE.format(ROW)) != [THEIRS]]
        stored = {str(entry.pk): entry for entry in self.get_queryset()}
        new = self.still_proposed(new) + self.proposed_meanwhile(sent)
        if list(sent) == list(stored) and new == rows[count:] and not self.events:
            return
        gone = {key: row for key, row in sent.items() if key not in stored}
        added = [entry for key, entry in stored.items() if key not in sent]
        self.events += [*self.additions(added), *self.deletions(gone)]
        lost = [self.as_new(key, row) for key, row in gone.items() if self.is_typed_in(key, row)]
        kept = [sent.get(key) or self.row_of(entry) for key, entry in stored.items()]
        self.send(kept, [*lost, *new])

    def still_proposed(self, new: list[dict[str, list[str]]]) -> list[dict[str, list[str]]]:
        """Return the new rows that were sent, without those that others have taken back and nobody typed into."""
        there = new_rows(self.proposed.now)
        gone = [self.sent_row(row) for row in new_rows(self.proposed.told) if row not in there]
        kept = [row for row in new if not any(one.items() <= row.items() for one in gone)]
        if len(kept) < len(new):
            self.events += self.proposed.events
        return kept

    def sent_row(self, changes: Changes) -> dict[str, list[str]]:
        """Return what a browser sends for a new row that is proposed."""
        blank = self.form()
        return {
            name: posted(blank.fields[name], value)
            for name, value in values_to_come(changes).items()
        }

    def proposed_meanwhile(
        self, sent: dict[str, dict[str, list[str]]]
    ) -> list[dict[str, list[str]]]:
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

    def rows(self) -> list[dict[str, list[str]]]:
        """Return the rows that were sent, each as its fields' values by their names."""
        data: Any = self.data
        total = min(self.management_form.cleaned_data["TOTAL_FORMS"], self.absolute_max)
        rows: list[dict[str, list[str]]] = [{} for _ in range(total)]
        for name in data:
            match = re.fullmatch(rf"{re.escape(self.prefix)}-(0|[1-9][0-9]{{0,3}})-(.+)", name)
            if match and int(match[1]) < total:
                rows[int(match[1])][match[2]] = data.getlist(name)
        return rows

    def send(self, kept: list[dict[str, list[str]]], new: list[dict[str, list[str]]]) -> None:
        """Let these be the rows that were sent."""
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

    def row_of(self, entry: models.Model) -> dict[str, list[str]]:
        """Return what a browser sends for a stored row that nobody has touched."""
        form = self.form(instance=entry)
        row = {
            name: posted(field, form.get_initial_for_field(field, name))
            for name, field in form.fields.items()
        }
        return {**row, self.model._meta.pk.name: [str(entry.pk)]}

    def as_new(self, key: str, row: dict[str, list[str]]) -> dict[str, list[str]]:
        """Return a row of something that is deleted as one to be added, about which there is a choice."""
        opened = row.get(OPENED) or row.get("version", [])
        return {**row, self.model._meta.pk.name: [""], OPENED: opened, UNDECIDED: [ROW]}

    def is_typed_in(self, key: str, row: dict[str, list[str]]) -> bool:
        """Return whether somebody has changed a row since the version that was sent with it."""
        if ROW in row:
            return False
        version = next(iter(row.get("version", [])), "")
        base = self.history.filter(pk=number(version), id=number(key)).first()
        return self.form_of(row, base.instance if base else None).has_changed()

    def form_of(self, row: dict[str, list[str]], entry: models.Model | None = None) -> EntryForm:
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

    def additions(self, entries: list[models.Model]) -> Iterator[SavedMeanwhile]:
        """Yield who has added each of these rows."""
        records = self.history.filter(history_type="+", id__in=[entry.pk for entry in entries])
        by_entry = {record.id: record for record in records}
        for entry in entries:
            record = by_entry.get(entry.pk)
            what = f"added the {self.model._meta.verbose_name} “{entry}”"
            yield (
                conflicts.event(record, what) if record else SavedMeanwhile("Somebody", None, what)
            )

    def deletions(self, gone: Iterable[str]) -> Iterator[SavedMeanwhile]:
        """Yield who has deleted each of the rows with these keys."""
        records = self.history.filter(history_type="-", id__in=[number(key) for key in gone])
        for record in records.order_by("pk"):
            title = conflicts.title_of(record)
            yield conflicts.event(record, f"deleted the {self.model._meta.verbose_name} “{title}”")

    def clean(self) -> None:
        """Refuse to save rows that others have added to or deleted from meanwhile."""
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
