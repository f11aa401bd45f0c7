"""The form of an entry that two people may have open at the same time."""

from collections.abc import Iterator, Mapping
from copy import copy
from functools import cached_property
from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.db.models.options import Options
from django.forms.utils import ErrorDict

from ...editorial import conflicts
from ...editorial.conflicts import SavedMeanwhile, ThreeWay, comparable, recorded, value_in_words
from ...editorial.proposals.changes import Changes, patched, related
from ...history.diff import diff_segments, label_of
from ...models.base import AS_IT_WAS
from ...models.history import CatalogRecord
from ..files import files_to_choose_again
from .choices import CHOICE, OPENED, ROW, THEIRS, UNDECIDED, ChoiceOfSide, Conflict, FieldConflict
from .versions import UNPROPOSED, Proposed, VersionField, number


class EntryForm(forms.ModelForm):
    """Save nothing over what somebody else has saved while the form was open.

    Fields that only one side changed keep that side's value; for the others the form comes back and asks. Whoever
    saves holds the entry's lock (``admin.conflicts``), so that nobody else saves it between the question and the
    answer.

    ``proposed`` are the changes that are proposed to the entry, and that the form shows; none, where it edits what is
    stored.
    """

    version = VersionField(required=False)
    proposed: Proposed = UNPROPOSED
    data: Any
    _errors: Any
    is_refused = False
    # Nothing is saved, and nothing said of mistakes: what was typed is shown once more, with a row opened.
    is_only_shown = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        changes = self.proposed.now
        if changes and (entry := kwargs.get("instance")):
            kwargs["instance"] = patched(copy(entry), changes)
        super().__init__(*args, **kwargs)
        self.initial.update(related(self.instance, changes))
        if self.instance.pk:
            self.initial["version"] = self.latest_version()
        names = dict.fromkeys(" ".join(self.sent(UNDECIDED)).split())
        self.undecided = [name for name in names if name == ROW or self.is_shared(name)]
        for name in self.undecided:
            self.ask(name)

    def is_multipart(self) -> bool:
        """Return True: sent in parts a text takes the bytes that it has, and else up to three times as many."""
        return True

    def is_valid(self) -> bool:
        """Return whether what was sent may be saved."""
        return super().is_valid() and not self.is_only_shown

    def full_clean(self) -> None:
        """Check what was sent, if it is to be saved."""
        if not self.is_only_shown:
            super().full_clean()
            return
        self._errors, self.cleaned_data = ErrorDict(), {}

    # --- What was sent

    def sent(self, name: str) -> list[str]:
        """Return the values that came with the form under a name that is none of its fields."""
        return self.data.getlist(self.add_prefix(name)) if self.is_bound and self.data else []

    @property
    def opened(self) -> str:
        """Return the version that was stored when the form was first opened."""
        return next(iter(self.sent(OPENED) or self.sent("version")), "")

    def is_shared(self, name: str) -> bool:
        """Return whether two people may differ about a field. Of a file the browser keeps nothing to choose."""
        field = self.fields.get(name)
        return name in self.own_fields and not isinstance(
            field, forms.FileField | forms.models.InlineForeignKeyField | None
        )

    @property
    def opts(self) -> Options:
        """Return what the entry's model says of itself."""
        return self.instance._meta

    @cached_property
    def own_fields(self) -> Mapping[str, models.Field]:
        """Return the fields of the entry's model by their names."""
        return {f.name: f for f in (*self.opts.concrete_fields, *self.opts.many_to_many)}

    def shared_fields(self) -> Iterator[tuple[str, models.Field]]:
        """Yield the names of the fields about which two people may differ, each with the model's field."""
        for name in list(self.fields):
            if self.is_shared(name) and name != self.opts.pk.name:
                yield name, self.own_fields[name]

    # --- Versions

    @cached_property
    def history(self) -> models.QuerySet:
        """Return all versions of the entry, the oldest first; of one that was deleted, too."""
        history: Any = type(self.instance).history
        pk = self.instance.pk
        if pk is None:
            pk = history.filter(pk=number(self.opened)).values("id")[:1]
        return history.filter(id=pk).order_by("pk")

    def latest_version(self) -> int | None:
        """Return the key of the version that is stored now."""
        if hasattr(self.instance, "latest_version"):
            return self.instance.latest_version
        return self.history.values_list("pk", flat=True).last()

    def version_at(self, key: object, changes: Changes) -> CatalogRecord | None:
        """Return a version by its key, with what was proposed then.

        Without a key it is what was stored before there was a history, if that is kept.
        """
        is_it = Q(pk=number(key)) if number(key) else Q(history_change_reason=AS_IT_WAS)
        record = self.history.filter(is_it).first()
        if record:
            patched(record, changes).proposed_relations = related(record, changes)
        return record

    @property
    def first(self) -> CatalogRecord | None:
        """Return the version that was stored when the form was first opened."""
        return self.version_at(self.opened, self.proposed.opened)

    @property
    def is_moved(self) -> bool:
        """Return whether the entry, or what is proposed to it, was saved since this person was told of it last."""
        is_saved = self.cleaned_data.get("version") != self.initial["version"]
        return is_saved or self.proposed.now != self.proposed.told

    # --- Comparing

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values, after comparing them with what others have saved meanwhile."""
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk or "version" not in self.fields:
            return cleaned
        known = self.cleaned_data.get("version")
        base = self.version_at(known, self.proposed.told) if self.is_moved else None
        for name in self.undecided:
            if name != ROW and self.cleaned_data.get(CHOICE.format(name)) == THEIRS:
                field = self.own_fields[name]
                self.set_cleaned(name, recorded(base, field) if base else self.theirs(field))
        if self.is_moved:
            self.compare(base)
        return self.cleaned_data

    def theirs(self, field: models.Field) -> object:
        """Return the value of a field that is stored now."""
        return comparable(field, self.initial[field.name])

    def mine(self, field: models.Field) -> object:
        """Return the value of a field that was sent, or what was typed by mistake."""
        if field.name in self.cleaned_data:
            return comparable(field, self.cleaned_data[field.name])
        return self.mistyped(field)

    def mistyped(self, field: models.Field) -> object:
        """Return what was typed by mistake, kept to be fixed; of a relation, nothing: it leads nowhere."""
        if field.is_relation:
            return frozenset() if field.many_to_many else None
        return str(self[field.name].data)

    def compare(self, base: CatalogRecord | None) -> None:
        """Take over what only the others changed, ask about what both did, and save nothing yet."""
        self.is_refused = True
        data: Any = self.data.copy()
        data[self.add_prefix(OPENED)] = self.opened
        data[self.add_prefix("version")] = str(self.initial["version"] or "")
        self.had_delete = bool(data.pop(self.add_prefix(ROW), None))
        self.data = data
        for name, field in self.shared_fields():
            three = ThreeWay(recorded(base, field), self.theirs(field), self.mine(field))
            choice = CHOICE.format(name)
            if three.is_open:
                data.pop(self.add_prefix(choice), None)
                if name not in self.undecided:
                    self.undecided.append(name)
                    self.ask(name)
            elif name in self.undecided and not self.cleaned_data.get(choice):
                pass
            elif three.value != three.mine:
                self.take(name, three.theirs)
            self._errors.pop(choice, None)
        if any(isinstance(field, forms.FileField) for field in self.fields.values()):
            self.keep_their_files(base)
        self.add_error(None, self.refusal())

    def refusal(self) -> str:
        """Say who has saved the entry meanwhile, and that nothing typed is lost."""
        who = next((e.who for e in reversed(self.events())), "Somebody")
        what = f"this {self.opts.verbose_name}"
        return (
            f"{who} has saved {what} while you had it open. Nothing of yours is saved yet; all that you typed is "
            "below, and above it what was changed."
        )

    def take(self, name: str, value: object) -> None:
        """Put a stored value in the place of what was typed."""
        self.set_cleaned(name, value)
        data: Any = self.data
        data.setlist(self.add_prefix(name), posted(self.fields[name], value))
        data.pop(self.add_prefix(CHOICE.format(name)), None)
        if name in self.undecided:
            self.undecided.remove(name)

    def set_cleaned(self, name: str, value: object) -> None:
        """Set a field's stored value as the cleaned one; what was typed stays in sight."""
        field = self.fields[name]
        self._errors.pop(name, None)
        try:
            self.cleaned_data[name] = field.clean(field.prepare_value(as_list(value)))
        except forms.ValidationError as error:
            self.add_error(name, error)

    def keep_their_files(self, base: CatalogRecord | None) -> None:
        """Untick "clear" where the others have put another file in the place of the one that was to go."""
        data: Any = self.data
        for name, form_field in self.fields.items():
            if isinstance(form_field, forms.FileField):
                field = self.own_fields[name]
                if recorded(base, field) != self.theirs(field):
                    data.pop(self.add_prefix(f"{name}-clear"), None)

    # --- Asking

    def ask(self, name: str) -> None:
        """Add a choice between theirs and mine."""
        label = str(self.opts.verbose_name) if name == ROW else label_of(self.own_fields[name])
        self.fields[CHOICE.format(name)] = ChoiceOfSide(label)

    def events(self) -> list[SavedMeanwhile]:
        """Return the saves of others since the form was opened."""
        since = number(self.opened)
        records = self.history.select_related("history_user")
        base = self.version_at(since, {})
        saved = conflicts.events_since(records.filter(pk__gt=since), base)
        return [*saved, *self.proposed.events]

    def conflict(self) -> Conflict | None:
        """Return what the page says of what others have done since the form was opened; None if they did nothing."""
        if not (self.is_refused or self.sent(OPENED)) or not self.is_bound:
            return None
        base = self.first
        is_lost = ROW in self.undecided
        title = conflicts.title_of(base) if base else str(self.opts.verbose_name)
        disputes = [self.dispute(name, base) for name in self.undecided]
        return Conflict(
            title,
            self.events(),
            [] if is_lost else list(self.taken(base)),
            disputes,
            [
                (self.add_prefix(OPENED), self.opened),
                (self.add_prefix(UNDECIDED), " ".join(self.undecided)),
            ],
            list(self.notes()),
        )

    def taken(self, base: CatalogRecord | None) -> Iterator[str]:
        """Yield the fields that have the others' value in the form below."""
        for name, field in self.shared_fields():
            theirs = self.theirs(field)
            if (
                name not in self.undecided
                and base
                and recorded(base, field) != theirs == self.mine(field)
            ):
                yield label_of(field)

    def dispute(self, name: str, base: CatalogRecord | None) -> FieldConflict:
        """Return a field that both sides changed, as the page asks about it."""
        choice = self[CHOICE.format(name)]
        chosen = choice.data or ""
        if name == ROW:
            return FieldConflict(
                choice, str(self.opts.verbose_name), [], [], chosen=chosen, is_row=True
            )
        field = self.own_fields[name]
        typed = self.mine_as_typed(field)
        before, theirs, mine = (
            value_in_words(field, value)
            for value in (recorded(base, field), self.theirs(field), typed)
        )
        if base is None:
            before = theirs
        return FieldConflict(
            choice,
            label_of(field),
            diff_segments(before, theirs),
            diff_segments(before, mine),
            isinstance(self.fields[name].widget, forms.Textarea | forms.TextInput),
            chosen,
        )

    def mine_as_typed(self, field: models.Field) -> object:
        """Return what was typed, also where the choice fell on theirs."""
        bound = self[field.name]
        try:
            return comparable(field, self.fields[field.name].clean(bound.data))
        except forms.ValidationError:
            return self.mistyped(field)

    def typed(self, base: CatalogRecord | None) -> Iterator[tuple[str, str]]:
        """Yield what was typed since a version, each with the name of its field."""
        for name in self.base_fields:
            value: Any = self[name].data
            if self.is_shared(name):
                own = self.own_fields[name]
                value = self.mine_as_typed(own)
                if value != recorded(base, own):
                    yield label_of(own), value_in_words(own, value)
            elif value and not self[name].is_hidden:
                yield str(self[name].label), str(value)

    def notes(self) -> Iterator[str]:
        """Yield what has to be done once more: ticking "delete", choosing a file."""
        if self.is_refused and self.had_delete:
            yield "You had ticked “Delete”. Tick it again if it is still to go."
        for name, sentence in files_to_choose_again(self):
            yield f"{self.fields[name].label}: {sentence}"


def as_list(value: object) -> object:
    """Return a value as a form's field takes it: several of them as a list."""
    return list(value) if isinstance(value, frozenset | tuple) else value


def posted(field: forms.Field, value: object) -> list[str]:
    """Return what a browser sends for a field that has this stored value."""
    shown = field.prepare_value(as_list(value))
    if shown is None or shown is False:
        return []
    if shown is True:
        return ["on"]
    return [str(part) for part in shown] if isinstance(shown, list) else [str(shown)]
