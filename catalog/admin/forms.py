"""The admin's forms: an entry that two people may have open, and the upload of an import, a step."""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import cached_property
from typing import Any, NamedTuple

from django import forms
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from ..editorial import conflicts, workflow
from ..editorial.conflicts import SavedMeanwhile, ThreeWay, comparable, recorded, words
from ..history.diff import Segment, diff_segments, label_of
from ..models import Status
from ..models.base import AS_IT_WAS
from ..resources import ReadError, check_size

LAST_DAY = date(2100, 12, 31)
THEIRS, MINE = "theirs", "mine"
# Names beside a form's fields: which fields wait for a choice, the choice, and the version that was opened first.
UNDECIDED, CHOICE, OPENED = "undecided", "choice-{}", "opened"
ROW = "DELETE"


class VersionField(forms.IntegerField):
    """The latest version that the person at the form has been told of, by its key in the history."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ChoiceOfSide(forms.ChoiceField):
    """Whose value a field is to have."""

    widget = forms.RadioSelect

    def __init__(self, label: str) -> None:
        message = f"Choose for “{label}”: theirs or yours."
        super().__init__(
            choices=[(THEIRS, "Theirs"), (MINE, "Yours")],
            label=label,
            error_messages={"required": message, "invalid_choice": message},
        )

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class FieldConflict(NamedTuple):
    """A field that both sides changed, with what either made of it; ``chosen`` is whose value it is to have."""

    choice: Any
    label: str
    theirs: list[Segment]
    mine: list[Segment]
    is_text: bool = False
    chosen: str = ""
    is_row: bool = False


class Conflict(NamedTuple):
    """What the page says about an entry that others have changed while it was open."""

    title: str
    events: list[SavedMeanwhile]
    taken: list[str]
    disputes: list[FieldConflict]
    hidden: list[tuple[str, Any]]
    notes: list[str]


def with_version(entries: QuerySet) -> QuerySet:
    """Annotate ``latest_version``, so that many forms ask for it together."""
    history: Any = entries.model.history
    versions = history.filter(id=OuterRef("pk")).order_by("-history_id")
    return entries.annotate(latest_version=Subquery(versions.values("history_id")[:1]))


class EntryForm(forms.ModelForm):
    """Saves nothing over what somebody else has saved while the form was open.

    Fields that only one side changed keep that side's value; for the others the form comes back and asks. Whoever
    saves holds the entry's lock (``admin.conflicts``), so that nobody else saves it between the question and the
    answer.
    """

    version = VersionField(required=False)
    data: Any
    _errors: Any
    is_refused = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = self.latest_version()
        names = dict.fromkeys(" ".join(self.sent(UNDECIDED)).split())
        self.undecided = [name for name in names if name == ROW or self.is_shared(name)]
        for name in self.undecided:
            self.ask(name)

    # --- What was sent

    def sent(self, name: str) -> list[str]:
        """Return the values that came with the form under a name that is none of its fields."""
        return self.data.getlist(self.add_prefix(name)) if self.is_bound and self.data else []

    @property
    def opened(self) -> str:
        """The version that was stored when the form was first opened."""
        return next(iter(self.sent(OPENED) or self.sent("version")), "")

    def is_shared(self, name: str) -> bool:
        """Whether two people may differ about a field. Of a file the browser keeps nothing to choose."""
        field = self.fields.get(name)
        is_own = name in {f.name for f in (*self.opts.concrete_fields, *self.opts.many_to_many)}
        return is_own and not isinstance(
            field, forms.FileField | forms.models.InlineForeignKeyField | None
        )

    @property
    def opts(self) -> Any:
        return self.instance._meta

    def shared_fields(self) -> Iterator[tuple[str, Any]]:
        for name in list(self.fields):
            if self.is_shared(name) and name != self.opts.pk.name:
                yield name, self.opts.get_field(name)

    # --- Versions

    @cached_property
    def history(self) -> Any:
        """All versions of the entry, the oldest first; of one that was deleted, too."""
        history: Any = type(self.instance).history
        pk = self.instance.pk
        if pk is None:
            pk = history.filter(pk=number(self.opened)).values("id")[:1]
        return history.filter(id=pk).order_by("pk")

    def latest_version(self) -> int | None:
        if hasattr(self.instance, "latest_version"):
            return self.instance.latest_version
        return self.history.values_list("pk", flat=True).last()

    def version_at(self, key: Any) -> Any:
        """Return a version by its key; without one what was stored before there was a history, if that is kept."""
        if number(key):
            return self.history.filter(pk=number(key)).first()
        return self.history.filter(history_change_reason=AS_IT_WAS).first()

    # --- Comparing

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.instance.pk or "version" not in self.fields:
            return cleaned
        known = self.cleaned_data.get("version")
        base = self.version_at(known) if known != self.initial["version"] else None
        for name in self.undecided:
            if name != ROW and self.cleaned_data.get(CHOICE.format(name)) == THEIRS:
                field = self.opts.get_field(name)
                self.set_cleaned(name, recorded(base, field) if base else self.theirs(field))
        if known != self.initial["version"]:
            self.compare(base)
        return self.cleaned_data

    def theirs(self, field: Any) -> Any:
        return comparable(field, self.initial[field.name])

    def mine(self, field: Any) -> Any:
        if field.name in self.cleaned_data:
            return comparable(field, self.cleaned_data[field.name])
        return str(self[field.name].data)  # a mistake, kept to be mended

    def compare(self, base: Any) -> None:
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
        who = next((e.who for e in reversed(self.events())), "Somebody")
        what = f"this {self.opts.verbose_name}"
        return (
            f"{who} has saved {what} while you had it open. Nothing of yours is saved yet; all that you typed is "
            "below, and above it what was changed."
        )

    def take(self, name: str, value: Any) -> None:
        """Put a stored value in the place of what was typed."""
        self.set_cleaned(name, value)
        data: Any = self.data
        data.setlist(self.add_prefix(name), posted(self.fields[name], value))
        data.pop(self.add_prefix(CHOICE.format(name)), None)
        if name in self.undecided:
            self.undecided.remove(name)

    def set_cleaned(self, name: str, value: Any) -> None:
        """Let a field have a stored value; what was typed stays in sight."""
        field = self.fields[name]
        self._errors.pop(name, None)
        try:
            self.cleaned_data[name] = field.clean(field.prepare_value(as_list(value)))
        except forms.ValidationError as error:
            self.add_error(name, error)

    def keep_their_files(self, base: Any) -> None:
        """Untick "clear" where the others have put another file in the place of the one that was to go."""
        data: Any = self.data
        for name, form_field in self.fields.items():
            if isinstance(form_field, forms.FileField):
                field = self.opts.get_field(name)
                if recorded(base, field) != self.theirs(field):
                    data.pop(self.add_prefix(f"{name}-clear"), None)

    # --- Asking

    def ask(self, name: str) -> None:
        """Add a choice between theirs and mine."""
        label = str(self.opts.verbose_name) if name == ROW else label_of(self.opts.get_field(name))
        self.fields[CHOICE.format(name)] = ChoiceOfSide(label)

    def events(self) -> list[SavedMeanwhile]:
        """Return what others did since the form was opened."""
        since = number(self.opened)
        records = self.history.select_related("history_user")
        base = self.version_at(since)
        return list(conflicts.events_since(records.filter(pk__gt=since), base))

    def conflict(self) -> Conflict | None:
        """Return what the page says of what others have done since the form was opened; None if they did nothing."""
        if not (self.is_refused or self.sent(OPENED)) or not self.is_bound:
            return None
        base = self.version_at(self.opened)
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

    def taken(self, base: Any) -> Iterator[str]:
        """Yield the fields that have the others' value in the form below."""
        for name, field in self.shared_fields():
            theirs = self.theirs(field)
            if (
                name not in self.undecided
                and base
                and recorded(base, field) != theirs == self.mine(field)
            ):
                yield label_of(field)

    def dispute(self, name: str, base: Any) -> FieldConflict:
        choice = self[CHOICE.format(name)]
        chosen = choice.data or ""
        if name == ROW:
            return FieldConflict(
                choice, str(self.opts.verbose_name), [], [], chosen=chosen, is_row=True
            )
        field = self.opts.get_field(name)
        typed = self.mine_as_typed(field)
        before, theirs, mine = (
            words(field, value) for value in (recorded(base, field), self.theirs(field), typed)
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

    def mine_as_typed(self, field: Any) -> Any:
        """Return what was typed, also where the choice fell on theirs."""
        bound = self[field.name]
        try:
            return comparable(field, self.fields[field.name].clean(bound.data))
        except forms.ValidationError:
            return str(bound.data)

    def typed(self, base: Any) -> Iterator[tuple[str, str]]:
        """Yield what was typed since a version, each with the name of its field."""
        for name in self.base_fields:
            value: Any = self[name].data
            if self.is_shared(name):
                own = self.opts.get_field(name)
                value = self.mine_as_typed(own)
                if value != recorded(base, own):
                    yield label_of(own), words(own, value)
            elif value and not self[name].is_hidden:
                yield str(self[name].label), str(value)

    def notes(self) -> Iterator[str]:
        if self.is_refused and self.had_delete:
            yield "You had ticked “Delete”. Tick it again if it is still to go."
        for name, field in self.fields.items():
            if isinstance(field, forms.FileField) and self.files.get(self.add_prefix(name)):
                yield f"{field.label}: choose your file again; the browser does not keep it."


def number(text: Any) -> int:
    """Return the key of a version as a number; 0, which none has, for anything else."""
    return int(text) if re.fullmatch(r"[0-9]{1,18}", str(text)) else 0


def as_list(value: Any) -> Any:
    return list(value) if isinstance(value, frozenset | tuple) else value


def posted(field: Any, value: Any) -> list[str]:
    """Return what a browser sends for a field that has this stored value."""
    shown = field.prepare_value(as_list(value))
    if shown is None or shown is False:
        return []
    if shown is True:
        return ["on"]
    return [str(part) for part in shown] if isinstance(shown, list) else [str(shown)]


class EntryFormSet(forms.BaseInlineFormSet):
    """The rows of an entry, some of which others may have added or deleted while the form was open.

    What was sent is put in the order of what is stored: what was added joins it, and what was deleted becomes a new
    row if somebody has typed into it, to be added again or let go.
    """

    model: Any
    data: Any
    prefix: Any
    absolute_max: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.events: list[SavedMeanwhile] = []
        if self.is_bound and self.instance.pk and self.management_form.is_valid():
            self.follow_others()

    def follow_others(self) -> None:
        pk = self.model._meta.pk.name
        count = self.management_form.cleaned_data["INITIAL_FORMS"]
        rows = self.rows()
        sent = {row.get(pk, [""])[-1]: row for row in rows[:count]}
        new = [row for row in rows[count:] if row.get(CHOICE.format(ROW)) != [THEIRS]]
        stored = {str(entry.pk): entry for entry in self.get_queryset()}
        if list(sent) == list(stored) and new == rows[count:]:
            return
        gone = {key: row for key, row in sent.items() if key not in stored}
        added = [entry for key, entry in stored.items() if key not in sent]
        self.events = [*self.additions(added), *self.deletions(gone)]
        lost = [self.as_new(key, row) for key, row in gone.items() if self.is_typed_in(key, row)]
        kept = [sent.get(key) or self.row_of(entry) for key, entry in stored.items()]
        self.send(kept, [*lost, *new])

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

    def row_of(self, entry: Any) -> dict[str, list[str]]:
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
        """Whether somebody has changed a row since the version that was sent with it."""
        if ROW in row:
            return False
        version = next(iter(row.get("version", [])), "")
        base = self.history.filter(pk=number(version), id=number(key)).first()
        return self.form_of(row, base.instance if base else None).has_changed()

    def form_of(self, row: dict[str, list[str]], entry: Any = None) -> Any:
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
    def history(self) -> Any:
        """The versions of all rows that the entry has or had."""
        history: Any = self.model.history
        return history.filter(**{self.fk.attname: self.instance.pk}).select_related("history_user")

    def additions(self, entries: list[models.Model]) -> Iterator[SavedMeanwhile]:
        records = self.history.filter(history_type="+", id__in=[entry.pk for entry in entries])
        by_entry = {record.id: record for record in records}
        for entry in entries:
            record = by_entry.get(entry.pk)
            what = f"added the {self.model._meta.verbose_name} “{entry}”"
            yield (
                conflicts.event(record, what) if record else SavedMeanwhile("Somebody", None, what)
            )

    def deletions(self, gone: dict[str, Any]) -> Iterator[SavedMeanwhile]:
        records = self.history.filter(history_type="-", id__in=[number(key) for key in gone])
        for record in records.order_by("pk"):
            title = conflicts.title_of(record)
            yield conflicts.event(record, f"deleted the {self.model._meta.verbose_name} “{title}”")

    def clean(self) -> None:
        super().clean()
        if self.events:
            names = self.model._meta.verbose_name_plural
            raise forms.ValidationError(
                f"{self.events[-1].who} has added or deleted {names} while you had the page open. Below is what is "
                "stored now, with all that you typed."
            )

    def _should_delete_form(self, form: Any) -> bool:
        """A row that somebody has changed meanwhile is deleted when that has been seen."""
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


class UploadForm(forms.Form):
    """A file to be imported; whether it is a workbook or CSV, its content tells."""

    file = forms.FileField(
        label="CSV or Excel file (.xlsx)", widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"})
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        try:
            check_size(file.size)
        except ReadError as error:
            raise forms.ValidationError(str(error)) from None
        return file


class TransitionForm(forms.Form):
    """Why a step is taken and, where it may wait, from when on the entry is to be public."""

    when = forms.ChoiceField(
        label="When it becomes public",
        choices=[("now", "Now"), ("later", "From a date on")],
        initial="now",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
    )
    day = forms.DateField(
        label="Date",
        required=False,
        validators=[MaxValueValidator(LAST_DAY, "The year is 2100 at the latest.")],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a date as 2027-03-01."},
    )
    at = forms.TimeField(
        label="Time",
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"invalid": "Write a time as 14:30."},
    )
    reason = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 4, "cols": 80}))

    def __init__(
        self, *args: Any, transition: workflow.Transition, may_wait: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        reason = self.fields["reason"]
        reason.label, reason.help_text = "Reason", "It is kept in the history; only staff read it."
        if transition.target == Status.RETIRED:
            reason.required = True
            reason.help_text = (
                "It is public: visitors who come to the address read it. In Markdown."
            )
            reason.error_messages["required"] = workflow.NO_REASON
        if not may_wait:
            for name in ("when", "day", "at"):
                del self.fields[name]
        else:
            self.fields["at"].help_text = (
                f"Times are those of {timezone.get_default_timezone_name().replace('_', ' ')}; "
                "without one, midnight at the start of the day."
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        day, at = cleaned.get("day"), cleaned.get("at")
        if cleaned.get("when") == "later" and not day and "day" not in self.errors:
            self.add_error("day", "Give the date from which it is to be public.")
        if cleaned.get("when") == "now" and (day or at):
            self.add_error(
                "when", "You gave a date: choose “From a date on”, or leave the date blank."
            )
        if not self.errors and (moment := self.moment()) and moment <= timezone.now():
            self.add_error("day", workflow.NOT_AHEAD)
        return cleaned

    def clean_reason(self) -> str:
        reason = self.cleaned_data["reason"]
        if self.fields["reason"].required and not workflow.says_something(reason):
            raise forms.ValidationError(workflow.NO_REASON)
        return reason

    def moment(self) -> datetime | None:
        """Return the moment from which the entry is to be public; None for now."""
        if self.cleaned_data.get("when") != "later":
            return None
        moment = datetime.combine(self.cleaned_data["day"], self.cleaned_data["at"] or time.min)
        return timezone.make_aware(moment, timezone.get_default_timezone())
