"""The forms by which visitors write to the clearinghouse."""

from typing import Any

from django import forms

from ..models import Submission, SubmissionKind
from ..models.submissions import MOST_TYPED
from ..values.fields import tidy, tidy_line

# What each form asks, by the kind of what it sends.
TEXT_LABELS = {
    SubmissionKind.CORRECTION: "What is wrong, and what would be right",
    SubmissionKind.PROGRAM: "What it does, for whom, and the research on it that you know of",
    SubmissionKind.TOPIC_AREA: "Whom it would serve, and which programs belong there",
    SubmissionKind.MESSAGE: "Your message",
}
SUBJECT_LABELS = {
    SubmissionKind.PROGRAM: "Name of the program",
    SubmissionKind.TOPIC_AREA: "Name of the topic area",
}


class SubmissionForm(forms.Form):
    """Ask for what a visitor wants to say; who it is need not be told."""

    subject = forms.CharField(max_length=200)
    text = forms.CharField(
        max_length=MOST_TYPED,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": "Write a few words here."},
    )
    name = forms.CharField(
        label="Your name",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="Your e-mail address",
        max_length=254,
        required=False,
        help_text="Only if you would like an answer.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    # Nobody sees it; programs that fill in every field do.
    homepage = forms.CharField(
        required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, kind: SubmissionKind, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.kind = kind
        self.fields["text"].label = TEXT_LABELS[kind]
        if kind in SUBJECT_LABELS:
            label = self.fields["subject"].label = SUBJECT_LABELS[kind]
            self.fields["subject"].error_messages["required"] = f"Give the {label.lower()}."
        else:
            del self.fields["subject"]

    def clean(self) -> dict[str, Any]:
        """Return the values without what nobody sees, each line field on one line."""
        cleaned = super().clean() or self.cleaned_data
        tidied = {
            name: tidy(value) if name == "text" else tidy_line(value)
            for name, value in cleaned.items()
        }
        for name in ("subject", "text"):
            if name in tidied and not tidied[name]:
                self.add_error(name, self.fields[name].error_messages["required"])
        return tidied

    @property
    def is_of_a_machine(self) -> bool:
        """Return whether the field is filled in that nobody sees."""
        return bool(self.cleaned_data["homepage"])

    def submission(self, program_slug: str) -> Submission:
        """Return what is to be stored."""
        names = ("subject", "text", "name", "email")
        values = {name: self.cleaned_data.get(name, "") for name in names}
        return Submission(kind=self.kind, program_slug=program_slug, **values)
