"""References, and the studies of a program."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator

from ..editorial.proposals.changes import (
    is_live,
    may_change_live,
    must_propose,
    with_liveness,
)
from ..models import Program, Reference, Study, StudyRole
from ..search import Words
from .entries import CatalogAdmin, TextsAdmin
from .entry_form.conflict_admin import EntryInline
from .entry_form.form import EntryForm
from .entry_form.lines import RowLine
from .lists import found
from .people import WorkFilter
from .team.admin import TeamAdmin
from .workflow.duplicates import ReferenceForm
from .workflow.linked_unmerging import LinkedUnmergingAdmin

LIVE = "Visitors read “{program}”. Propose the change in its own form, among its references."
# What part a study plays, in the line of a row; and of how many characters its title is.
ROLES = {
    StudyRole.RELEVANT: "Relevant",
    StudyRole.NOT_USED: "Not used",
    StudyRole.ADDITIONAL: "Additional",
}
TITLE = 200
STAYS = "The program was merged into another entry. What did not move there stays here, and can only be read."


@admin.register(Reference)
class ReferenceAdmin(TeamAdmin, LinkedUnmergingAdmin):
    form = ReferenceForm
    thing = "publication"
    list_display = ["key", "authors", "year", "title", "container", "last_change"]
    list_filter = ["reference_type", WorkFilter]
    ordering = ["key"]
    search_fields = ["key", "authors", "title", "doi"]
    search_help_text = "Words of authors, year and title; or the beginning of the key or DOI"
    fields = [
        ("reference_type", "key"),
        "authors",
        "year",
        "title",
        "container",
        ("volume", "issue", "pages"),
        "doi",
        "url",
        "source",
    ]


class StudyInline(TextsAdmin, EntryInline):
    model = Study
    extra = 0
    autocomplete_fields = ["reference"]
    verbose_name = "reference"
    verbose_name_plural = "references and what was studied"

    fields = [
        ("reference", "role"),
        "exclusion_reason",
        ("design", "sample_size", "follow_up_months"),
        "population",
        "location",
        "summary",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the studies with what they stand between."""
        return super().get_queryset(request).select_related("program", "reference")

    def line(self, row: Study) -> RowLine:
        """Return which reference a study is, what part it plays, and how it was done."""
        part = ROLES[StudyRole(row.role)]
        count = f"{row.sample_size:,} participants" if row.sample_size is not None else ""
        known = filter(None, [part, row.design, count, row.location])
        return RowLine(Truncator(row.reference).chars(TITLE), " · ".join(known))


class StudyForm(EntryForm):
    """Give no study to a program that was merged into another one, nor to one that visitors read without permission."""

    # Whether this person may only propose changes to what visitors read.
    proposes = False

    def clean_program(self) -> Program:
        """Return the program, and refuse one that was merged into another."""
        program: Program = self.cleaned_data["program"]
        if survivor := program.merged_into:
            raise forms.ValidationError(
                f"“{program}” was merged into “{survivor}”. Choose that one."
            )
        if self.proposes and is_live(program):
            raise forms.ValidationError(LIVE.format(program=program))
        return program


@admin.register(Study)
class StudyAdmin(CatalogAdmin):
    """List all studies. Those of a program that was merged into another one can only be read."""

    form = StudyForm
    list_display = ["program", "reference_key", "role", "design", "sample_size"]
    list_filter = ["role"]
    sortable_by = ["program", "reference_key"]
    ordering = ["-pk"]
    list_select_related = ["program", "reference"]
    search_fields = ["program__name", "reference__key", "reference__title"]
    autocomplete_fields = ["program", "reference"]

    def found(self, words: Words) -> Q:
        """Find the studies whose program or reference holds the words."""
        return Q(program__in=found(Program, words)) | Q(reference__in=found(Reference, words))

    @admin.display(description="reference", ordering="reference__key")
    def reference_key(self, study: Study) -> str:
        """Return the key of the reference, for the list."""
        return study.reference.key

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        """Return whether somebody may change a study; nobody may change one that stays."""
        return super().has_change_permission(request, obj) and self.is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        """Return whether somebody may delete a study; nobody may delete one that stays."""
        return super().has_delete_permission(request, obj) and self.is_open(request, obj)

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return studies with what they stand between."""
        found = super().with_keepers(entries).select_related("program", "reference")
        return with_liveness(found)

    def why_only_read(self, request: HttpRequest, entry: Study) -> str:
        """Say that a study stays with a merged program, or is changed in the form of its program."""
        return STAYS if stays(entry) else LIVE.format(program=entry.program)

    def is_open(self, request: HttpRequest, study: Study | None) -> bool:
        """Return whether somebody may change a study here; a writer proposes it in the form of a live program."""
        return study is None or not (stays(study) or must_propose(request.user, study))

    def get_form(
        self, request: HttpRequest, obj: Study | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form's class, which knows whether somebody may change what visitors read."""
        form = super().get_form(request, obj, change, **kwargs)
        return type(form.__name__, (form,), {"proposes": not may_change_live(request.user, Study)})

    def get_fieldsets(self, request: HttpRequest, obj: Study | None = None) -> Any:
        """Say first why a study stays with a merged program, or is changed in the form of its program."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.is_open(request, obj):
            return fieldsets
        (name, options), *others = fieldsets
        why = STAYS if stays(obj) else format_html(LIVE, program=obj.program)
        return [(name, {"description": why, **options}), *others]


def stays(study: Study | None) -> bool:
    """Return whether a study belongs to a program that was merged into another one."""
    return study is not None and study.program.merged_into_id is not None
