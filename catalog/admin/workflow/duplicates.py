"""A warning while a program or a reference is added or renamed that may be in the catalog already."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.html import format_html

from ...editorial.duplicates import Resembling, experts_like, references_like, resembling
from ...editorial.twins import Twins
from ...models import Program, Reference, TopicExpert
from ...models.base import CatalogModel
from ...values.fields import split_values
from ...values.names import match_key
from ...values.site_url import admin_path
from ..entry_form.form import EntryForm
from .merge_pages import MergePagesAdmin

DOUBTFUL = (
    "This program may be in the catalog already. Nothing is saved yet: look at the entries named below, and say "
    "whether it is one of them."
)


class YesField(forms.BooleanField):
    """Offer a box to tick that is no part of the entry."""

    def has_changed(self, initial: object, data: object) -> bool:
        """Return False: it is no part of the entry."""
        return False


class ProgramForm(EntryForm):
    """Save no program under a name like another one's, unless told that it is another program."""

    is_another = YesField(required=False, label="This is another program")
    resembling: Resembling | None = None

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, after looking for programs with names like the new ones."""
        cleaned = super().clean() or self.cleaned_data
        known = {match_key(name) for name in names_of(self.instance)}
        names = [cleaned.get("name", ""), *split_values(cleaned.get("also_known_as"))]
        new = [name for name in names if match_key(name) not in {*known, ""}]
        acronym = cleaned.get("acronym", "")
        acronym = "" if match_key(acronym) in known else acronym
        if new or acronym:
            self.resembling = resembling(new, acronym, self.instance.pk)
            if self.is_doubtful and not cleaned.get("is_another"):
                self.add_error(None, DOUBTFUL)
        return cleaned

    @property
    def is_doubtful(self) -> bool:
        """Return whether another program has a name like this one's."""
        return bool(self.resembling and self.resembling.near)


REFERENCE_DOUBTFUL = (
    "This reference may be in the catalog already. Nothing is saved yet: look at the references named below, and say "
    "whether it is one of them."
)


class ReferenceForm(EntryForm):
    """Save no reference with the title and year of another one, unless told that it is another publication."""

    is_another = YesField(required=False, label="This is another publication")
    resembling: Sequence[Reference] = ()

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, after looking for references with the same DOI, or title and year."""
        known = self.instance.pk and (match_key(self.instance.title), self.instance.year)
        cleaned = super().clean() or self.cleaned_data
        reference = Reference(pk=self.instance.pk)
        for name in {"title", "year", "doi"} & cleaned.keys():
            setattr(reference, name, self.own_fields[name].to_python(cleaned[name]))
        same = Reference.objects.exclude(pk=reference.pk).filter(doi=reference.doi).first()
        if reference.doi and same:
            self.add_error("doi", same_doi(same, self.instance.pk))
        elif known != (match_key(reference.title), reference.year):
            self.resembling = references_like(reference)
            if self.resembling and not cleaned.get("is_another"):
                self.add_error(None, REFERENCE_DOUBTFUL)
        return cleaned

    @property
    def is_doubtful(self) -> bool:
        """Return whether another reference has this one's title and year."""
        return bool(self.resembling)


def same_doi(reference: Reference, this: int | None) -> str:
    """Say which reference has a DOI already, with a link to it, and to where a stored one is merged with it."""
    address = admin_path(reference, "change", reference.pk)
    link = "There is a reference with this DOI already: <a href='{}'>{}</a>"
    said = format_html(link, address, reference)
    if this is None:
        return said
    merging = admin_path(reference, "merge", this)
    link = "{} <a href='{}?into={}'>Merge this one into it</a>, if they are the same."
    return format_html(link, said, merging, reference.pk)


EXPERT_DOUBTFUL = (
    "This expert may be in the catalog already. Nothing is saved yet: look at the entries named below, and say whether "
    "it is one of them."
)


class ExpertForm(EntryForm):
    """Save no expert under the name of another one, unless told that it is another person."""

    is_another = YesField(required=False, label="This is another person")
    resembling: Sequence[TopicExpert] = ()

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, after looking for experts with a new name."""
        known = match_key(self.instance.name) if self.instance.pk else ""
        cleaned = super().clean() or self.cleaned_data
        name = cleaned.get("name", "")
        if match_key(name) not in {known, ""}:
            self.resembling = experts_like(TopicExpert(pk=self.instance.pk, name=name))
            if self.resembling and not cleaned.get("is_another"):
                self.add_error(None, EXPERT_DOUBTFUL)
        return cleaned

    @property
    def is_doubtful(self) -> bool:
        """Return whether another expert has this one's name."""
        return bool(self.resembling)


class QuestioningAdmin[Entry: CatalogModel, Plan: Twins](MergePagesAdmin[Entry, Plan]):
    """Ask, where another entry looks like the one in the form, whether it is the same; a template names them."""

    resembling_template: str

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, and first the entries like this one, if that is in doubt."""
        form = context["adminform"].form
        if getattr(form, "is_doubtful", False):
            known = {
                "resembling": form.resembling,
                "opts": self.opts,
                "thing": self.thing,
                "merging": self.merging_address(request, form.instance),
            }
            found = render_to_string(self.resembling_template, known)
            doubt = ("Is it one of these?", {"description": found, "fields": ["is_another"]})
            context["adminform"].fieldsets = [doubt, *context["adminform"].fieldsets]
        return super().render_change_form(request, context, *args, **kwargs)

    def merging_address(self, request: HttpRequest, entry: Entry) -> str:
        """Return the address that merges an entry into one whose key follows; "" for a new one, and for who may not."""
        may = entry.pk and self.may_merge(request.user, entry)
        return f"{self.address('merge', entry.pk)}?into=" if may else ""


def names_of(program: Program) -> list[str]:
    """Return all names of a program, some of them blank."""
    return [program.name, program.acronym, *program.also_known_as]
