"""The form by which somebody is given something to do."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from ...editorial.assignments import Errand, people_for, why_not_by
from ...models import Task
from ...values.fields import tidy
from ..moment_form import LAST_DAY
from ..people import PersonField

PAST = "This day is over: give today or a later one, or leave the date blank."


class AssignForm(forms.Form):
    """Ask who is to do what at entries of a model, and until when."""

    task = forms.TypedChoiceField(label="What is to be done", coerce=Task)
    person = PersonField(
        label="By whom",
        queryset=None,
        empty_label="Choose somebody",
        error_messages={
            "required": "Choose who is to do it.",
            "invalid_choice": "Choose one of the people in the list: staff who may change such entries.",
        },
    )
    due_on = forms.DateField(
        label="Until when",
        required=False,
        validators=[MaxValueValidator(LAST_DAY, "The year is 2100 at the latest.")],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": "Write a date as 2027-03-01."},
        help_text="The last day. It may be left blank; then it is never overdue.",
    )
    note = forms.CharField(
        label="What else there is to know",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
    )

    # Which entries are in the way, each with why.
    refused: Sequence[str] = ()

    def __init__(
        self, model: type[models.Model], tasks: Sequence[Task], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.model, self.label_suffix = model, ""
        fields: Any = self.fields
        fields["task"].choices = [(task.value, task.label) for task in tasks]
        fields["person"].queryset = people_for(model)

    def clean_due_on(self) -> date | None:
        """Return the day until which it is due, and refuse one that is over."""
        day = self.cleaned_data["due_on"]
        if day and day < timezone.localdate():
            raise forms.ValidationError(PAST)
        return day

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, and refuse somebody who cannot do what is asked for."""
        cleaned = super().clean() or self.cleaned_data
        task, person = cleaned.get("task"), cleaned.get("person")
        if task and person and (sentence := why_not_by(self.model, task, person)):
            self.add_error("person", sentence)
        return cleaned

    def errand(self) -> Errand:
        """Return what was asked for."""
        values = self.cleaned_data
        return Errand(values["task"], values["person"], values["due_on"], tidy(values["note"]))
