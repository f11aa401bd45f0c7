"""The lists of rows of all programs: a row is edited there, unless it stays with a merged program or is proposed."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from ..editorial.proposals.changes import (
    is_live,
    may_change_live,
    must_propose,
    with_liveness,
)
from ..models import Program, ProgramRow
from ..search import Words
from .entries import CatalogAdmin
from .entry_form.form import EntryForm
from .lists import found

LIVE = "Visitors read “{program}”. Propose the change in its own form."
STAYS = "The program was merged into another entry. What did not move there stays here, and can only be read."


class RowForm(EntryForm):
    """Give no row to a program that was merged into another one, nor to one that visitors read without permission."""

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


class RowAdmin(CatalogAdmin):
    """List rows of all programs. Those of a program that was merged into another one can only be read."""

    form = RowForm
    sortable_by = ["program"]
    ordering = ["-pk"]
    list_select_related = ["program"]
    search_fields = ["program__name"]

    def found(self, words: Words) -> Q:
        """Find the rows whose program holds the words."""
        return Q(program__in=found(Program, words))

    def has_change_permission(self, request: HttpRequest, obj: ProgramRow | None = None) -> bool:
        """Return whether somebody may change a row; nobody may change one that stays."""
        return super().has_change_permission(request, obj) and self.is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ProgramRow | None = None) -> bool:
        """Return whether somebody may delete a row; nobody may delete one that stays."""
        return super().has_delete_permission(request, obj) and self.is_open(request, obj)

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return rows with their programs, and whether visitors read these."""
        return with_liveness(super().with_keepers(entries).select_related("program"))

    def why_only_read(self, request: HttpRequest, entry: ProgramRow) -> str:
        """Say that a row stays with a merged program, or is changed in the form of its program."""
        return STAYS if stays(entry) else LIVE.format(program=entry.program)

    def is_open(self, request: HttpRequest, row: ProgramRow | None) -> bool:
        """Return whether somebody may change a row here; a writer proposes it in the form of a live program."""
        return row is None or not (stays(row) or must_propose(request.user, row))

    def get_form(
        self,
        request: HttpRequest,
        obj: ProgramRow | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Return the form's class, which knows whether somebody may change what visitors read."""
        form = super().get_form(request, obj, change, **kwargs)
        proposes = not may_change_live(request.user, self.model)
        return type(form.__name__, (form,), {"proposes": proposes})

    def get_fieldsets(self, request: HttpRequest, obj: ProgramRow | None = None) -> Any:
        """Say first why a row stays with a merged program, or is changed in the form of its program."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.is_open(request, obj):
            return fieldsets
        (name, options), *others = fieldsets
        why = STAYS if stays(obj) else format_html(LIVE, program=obj.program)
        return [(name, {"description": why, **options}), *others]


def stays(row: ProgramRow | None) -> bool:
    """Return whether a row belongs to a program that was merged into another one."""
    return row is not None and row.program.merged_into_id is not None
