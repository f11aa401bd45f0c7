"""The form of a transition: why, and from when on an entry is public."""

from typing import Any

from django import forms

from ...editorial import requirements, transitions
from ...models import Status
from ...values.fields import check_length
from ..moment_form import MomentForm


class TransitionForm(MomentForm):
    """Ask why a step is taken and, where it may wait, from when on the entry is to be public."""

    when = forms.ChoiceField(
        label="When it becomes public",
        choices=[("now", "Now"), ("later", "From a date on")],
        initial="now",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the two."},
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
            for name in ("when", *MomentForm.base_fields):
                del self.fields[name]

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, and refuse a moment that is not ahead or was given by halves."""
        cleaned = super().clean()
        day, at = cleaned.get("day"), cleaned.get("at")
        if self.is_asked_for() and not day and "day" not in self.errors:
            self.add_error("day", "Give the date from which it is to be public.")
        if cleaned.get("when") == "now" and (day or at):
            self.add_error(
                "when", "You gave a date: choose “From a date on”, or leave the date blank."
            )
        return cleaned

    def is_asked_for(self) -> bool:
        """Return whether it is to be public from a later moment on."""
        return self.cleaned_data.get("when") == "later"

    def clean_reason(self) -> str:
        """Return the reason, and refuse one that says nothing where one is asked for."""
        reason: str = self.cleaned_data["reason"]
        if self.fields["reason"].required and not requirements.says_something(reason):
            raise forms.ValidationError(requirements.NO_REASON)
        return reason
