"""The admin's forms: an entry that two people may have open, and the upload of an import, a step."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from . import workflow
from .models import Status
from .resources import ReadError, check_size

LAST_DAY = date(2100, 12, 31)


class EntryForm(forms.ModelForm):
    """Does not save over what somebody else has saved while the form was open, unless told so a second time."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "version" in self.fields:
            self.initial["version"] = self.latest_version()

    def latest_version(self) -> int | None:
        return self.instance.history.values_list("pk", flat=True).first()

    def wait_for_others(self) -> None:
        """Let whoever is saving the entry, an import too, finish first; nobody else saves it before this form does."""
        if self.instance.pk:
            entries = type(self.instance)._default_manager.filter(pk=self.instance.pk)
            entries.select_for_update().values_list("pk").first()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self.wait_for_others()
        latest = self.latest_version() if self.instance.pk else None
        if "version" in self.fields and latest != cleaned.get("version"):
            change = self.instance.history.first()
            # The next attempt knows of that change.
            data: Any = self.data.copy()  # type: ignore[attr-defined]
            data[self.add_prefix("version")] = str(latest)
            self.data = data
            who = change.history_user or "Somebody"
            raise forms.ValidationError(
                f"{who} has saved this entry while you had it open. Nothing of yours is saved yet, and all that you "
                "typed is below. See under History what was changed; saving again keeps your text in its place."
            )
        return cleaned


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


class StepForm(forms.Form):
    """Why a step is taken and, where it may wait, from when on the entry is to be public."""

    when = forms.ChoiceField(
        label="From when on it is to be public",
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

    def __init__(self, *args: Any, step: workflow.Step, may_wait: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        reason = self.fields["reason"]
        reason.label, reason.help_text = "Reason", "It is kept in the history; only staff read it."
        if step.target == Status.RETIRED:
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

    def moment(self) -> datetime | None:
        """Return the moment from which the entry is to be public; None for now."""
        if self.cleaned_data.get("when") != "later":
            return None
        moment = datetime.combine(self.cleaned_data["day"], self.cleaned_data["at"] or time.min)
        return timezone.make_aware(moment, timezone.get_default_timezone())
