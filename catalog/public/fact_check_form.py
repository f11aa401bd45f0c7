"""The form of a fact check: at each section of a program's page, whether it is right, and what is to be changed."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField

from ..editorial.fact_checks import SectionAnswer
from ..models import FactCheck, FactCheckSection, Verdict
from ..values.fields import check_length, tidy, tidy_line
from ..values.mistakes import Mistake

CHOOSE = f"Choose “{Verdict.RIGHT.label}” or “{Verdict.CHANGE.label}”."
NOTHING = (
    f"Nothing is chosen yet. At a section, choose “{Verdict.RIGHT.label}” or “{Verdict.CHANGE.label}”; "
    "or tick below that everything is right."
)


class AskedSection(NamedTuple):
    """Name a section of the page, with the two fields that ask about it."""

    section: FactCheckSection
    verdict: BoundField
    comment: BoundField


class FactCheckForm(forms.Form):
    """Ask about each section; what is not chosen is not asked for."""

    rest = forms.BooleanField(
        label="All sections that I have marked neither way are right",
        label_suffix="",
        required=False,
    )
    name = forms.CharField(
        label="Your name",
        max_length=200,
        help_text="The clearinghouse's editors see it; visitors do not.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Give your name, so that editors know who has answered."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in FactCheckSection:
            self.fields[f"{section}-verdict"] = verdict_field()
            self.fields[f"{section}-comment"] = comment_field()

    def asked(self, section: str) -> AskedSection:
        """Return the fields that ask about a section."""
        fields = (self[f"{section}-{name}"] for name in ("verdict", "comment"))
        return AskedSection(FactCheckSection(section), *fields)

    def clean_name(self) -> str:
        """Return the name on one line, without what nobody sees."""
        name = tidy_line(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(self.fields["name"].error_messages["required"])
        return name

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, of which each comment has its choice, and each wish its words."""
        cleaned = super().clean() or self.cleaned_data
        for section in FactCheckSection:
            verdict, comment = f"{section}-verdict", f"{section}-comment"
            if verdict in self.errors or comment in self.errors:
                continue
            cleaned[comment] = tidy(cleaned[comment])
            if cleaned[comment] and not cleaned[verdict]:
                self.add_error(verdict, CHOOSE)
            elif cleaned[verdict] == Verdict.CHANGE and not cleaned[comment]:
                self.add_error(comment, "Say what is to be changed, in a few words.")
        if not self.errors and not self.said():
            raise forms.ValidationError(NOTHING)
        return cleaned

    def said(self) -> list[SectionAnswer]:
        """Return the answers of the form, section by section."""
        rest = Verdict.RIGHT if self.cleaned_data["rest"] else ""
        sections = [
            SectionAnswer(
                section.value,
                self.cleaned_data[f"{section}-verdict"] or rest,
                self.cleaned_data[f"{section}-comment"],
            )
            for section in FactCheckSection
        ]
        return [one for one in sections if one.verdict]

    def mistakes(self) -> list[Mistake]:
        """Return the mistakes of the form, in the order of the page."""
        found = [Mistake("", str(said), "") for said in self.non_field_errors()]
        for section in FactCheckSection:
            asked = self.asked(section)
            found += mistakes_at(asked.verdict, section.label, f"{asked.verdict.auto_id}_0")
            found += mistakes_at(asked.comment, section.label, asked.comment.auto_id)
        name = self["name"]
        return [*found, *mistakes_at(name, str(name.label), name.auto_id)]

    def typed(self) -> Iterator[tuple[str, str]]:
        """Yield the comments as they were sent, each with the section that it is about."""
        for section in FactCheckSection:
            if text := self.asked(section).comment.value():
                yield section.label, text


def verdict_field() -> forms.ChoiceField:
    return forms.ChoiceField(
        choices=Verdict,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": CHOOSE},
    )


def comment_field() -> forms.CharField:
    return forms.CharField(
        label="What is wrong, and what would be right",
        label_suffix="",
        required=False,
        strip=False,
        validators=[check_length],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def mistakes_at(field: BoundField, label: str, place: str) -> list[Mistake]:
    """Return the mistakes of a field."""
    return [Mistake(label, str(said), place) for said in field.errors]


def known(check: FactCheck) -> dict[str, str]:
    """Return the answers that were sent before, as the form's values."""
    found = {"name": check.answered_by}
    for answer in check.answers.all():
        found[f"{answer.section}-verdict"] = answer.verdict
        found[f"{answer.section}-comment"] = answer.comment
    return found
