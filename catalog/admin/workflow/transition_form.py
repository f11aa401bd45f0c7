"""The form of a transition: why, and from when on an entry is public."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from ...editorial import requirements, transitions
from ...models import Status
from ...values.fields import check_length

LAST_DAY = date(2100, 12, 31)


class TransitionForm(forms.Form):
    """Ask why a step is taken and, where it may wait, from when on the entry is to be public."""

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
    reason = forms.CharField(
        required=False,
        validators=[check_length],
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
    )

    def __init__(
        self, *args: Any, transition: transitions.Transition, may_wait: bool, **kwargs: Any
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
            reason.error_messages["required"] = requirements.NO_REASON
        if not may_wait:
            for name in ("when", "day", "at"):
                del self.fields[name]
        else:
            self.fields["at"].help_text = (
                f"Times are those of {timezone.get_default_timezone_name().replace('_', ' ')}; "
                "without one, midnight at the start of the day."
            )

    def clean(self) -> dict[str, Any]:
        """Return the cleaned values, and refuse a moment that is not ahead or was given by halves."""
        cleaned = super().clean() or self.cleaned_data
        day, at = cleaned.get("day"), cleaned.get("at")
        if cleaned.get("when") == "later" and not day and "day" not in self.errors:
            self.add_error("day", "Give the date from which it is to be public.")
        if cleaned.get("when") == "now" and (day or at):
            self.add_error(
                "when", "You gave a date: choose “From a date on”, or leave the date blank."
            )
        if not self.errors and (moment := self.moment()) and moment <= timezone.now():
            self.add_error("day", requirements.NOT_AHEAD)
        return cleaned

    def clean_reason(self) -> str:
        """Return the reason, and refuse one that says nothing where one is asked for."""
        reason: str = self.cleaned_data["reason"]
        if self.fields["reason"].required and not requirements.says_something(reason):
            raise forms.ValidationError(requirements.NO_REASON)
        return reason

    def moment(self) -> datetime | None:
        """Return the moment from which the entry is to be public; None for now."""
        if self.cleaned_data.get("when") != "later":
            return None
        moment = datetime.combine(self.cleaned_data["day"], self.cleaned_data["at"] or time.min)
        return timezone.make_aware(moment, timezone.get_default_timezone())
