"""A day and a time of day, from which on something is to be public."""

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.utils import timezone

from ..editorial import requirements
from ..values.moments import is_doubled, is_skipped

LAST_DAY = date(2100, 12, 31)
SKIPPED = (
    "Clocks skip this time on that day, as summer time begins: choose one an hour later or earlier."
)
DOUBLED = "This time comes twice on that day, as summer time ends: choose below which one is meant."


class MomentForm(forms.Form):
    """Ask for a moment that lies ahead, on the site's clock; of an hour that comes twice, which one."""

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
    fold = forms.TypedChoiceField(
        label="Which of the two",
        choices=[
            ("0", "The first one, still in summer time"),
            ("1", "The second one, an hour later"),
        ],
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
    )
    # Whether the page asks which of two hours is meant.
    is_doubled = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone = timezone.get_default_timezone_name().replace("_", " ")
        self.fields[
            "at"
        ].help_text = f"Times are those of {zone}; without one, midnight at the start of the day."

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, and refuse a moment that is not ahead, or none, or one of two."""
        cleaned = super().clean() or self.cleaned_data
        if self.errors or not self.is_asked_for() or not cleaned.get("day"):
            return cleaned
        naive, zone = self.naive(), timezone.get_default_timezone()
        self.is_doubled = is_doubled(naive, zone)
        if is_skipped(naive, zone):
            self.add_error("at", SKIPPED)
        elif self.is_doubled and cleaned.get("fold") is None:
            self.add_error("at", DOUBLED)
        elif (moment := self.moment()) and moment <= timezone.now():
            self.add_error("day", requirements.NOT_AHEAD)
        return cleaned

    def is_asked_for(self) -> bool:
        """Return whether a moment is wanted at all."""
        return True

    def naive(self) -> datetime:
        """Return the day and the time that were given, as one."""
        return datetime.combine(self.cleaned_data["day"], self.cleaned_data["at"] or time.min)

    def moment(self) -> datetime | None:
        """Return the moment that was given, None for none."""
        if not self.is_asked_for() or not self.cleaned_data.get("day"):
            return None
        naive = self.naive().replace(fold=self.cleaned_data.get("fold") or 0)
        return timezone.make_aware(naive, timezone.get_default_timezone())
