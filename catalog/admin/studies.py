"""The studies of a program and what they found, as rows of its form; and the list of all studies."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator

from ..editorial.proposals.changes import (
    is_live,
    may_change_live,
    must_propose,
    with_liveness,
)
from ..models import Finding, Program, ProgramRow, Reference, Study
from ..search import Words
from .entries import CatalogAdmin, TextsAdmin
from .entry_form.conflict_admin import EntryInline
from .entry_form.form import EntryForm
from .entry_form.lines import RowLine
from .entry_form.rows import EntryFormSet
from .lists import found

LIVE = "Visitors read “{program}”. Propose the change in its own form, among its references."
# Of how many characters the title of a study is, in the line of a row.
TITLE = 200
STAYS = "The program was merged into another entry. What did not move there stays here, and can only be read."
HAS_FINDINGS = "Findings are recorded of it. Remove it in the form of its program: they go with it."
NO_STUDY = "“{}” is not among the program’s references. Add it there first."


class StudyInline(TextsAdmin, EntryInline):
    model = Study
    extra = 0
    autocomplete_fields = ["reference", "same_sample_as"]
    verbose_name = "reference"
    verbose_name_plural = "references and what was studied"
    fields = [
        "reference",
        ("design", "comparison", "same_sample_as"),
        ("peer_reviewed", "usual_care", "sound_measures", "independent"),
        ("enrolled", "analysed", "follow_up_months", "location"),
        ("participants_age", "participants_gender"),
        ("participants_race_ethnicity", "participants_status"),
        "design_note",
        "summary",
        "limitations",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the studies with what they stand between."""
        return super().get_queryset(request).select_related("program", "reference")

    def line(self, row: Study) -> RowLine:
        """Return which reference a study is, and how it was done."""
        known = filter(None, [row.get_design_display(), row.numbers, row.location])
        return RowLine(Truncator(row.reference).chars(TITLE), " · ".join(known))


class FindingFormSet(EntryFormSet):
    """Edit the findings of a program: each is about one of its references, as they are sent with it."""

    def clean(self) -> None:
        """Refuse a finding of what is not among the program's references."""
        super().clean()
        stored = Study.objects.filter(program=self.instance.pk)
        known = (
            set(map(str, stored.values_list("reference_id", flat=True))) | self.sent_references()
        )
        for form in self.forms:
            reference = form.cleaned_data.get("reference") if form.is_valid() else None
            if reference and form not in self.deleted_forms and str(reference.pk) not in known:
                form.add_error("reference", NO_STUDY.format(reference.key))

    def sent_references(self) -> set[str]:
        """Return the references of the studies that were sent in the same form, as primary keys."""
        prefix = Study.program.field.remote_field.get_accessor_name()
        return {
            value
            for name, value in self.data.items()
            if name.startswith(f"{prefix}-") and name.endswith("-reference")
        }


class FindingInline(TextsAdmin, EntryInline):
    model = Finding
    formset = FindingFormSet
    extra = 0
    autocomplete_fields = ["reference", "topic_area"]
    fields = [
        ("reference", "topic_area"),
        "outcome",
        ("effect", "sustained_months"),
        ("counts", "not_counted_reason"),
        "note",
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        """Return the findings with what they name."""
        return super().get_queryset(request).select_related("program", "reference", "topic_area")

    def line(self, row: Finding) -> RowLine:
        """Return of which study a finding is, where, and what was found."""
        where = f"{row.topic_area}: {row.outcome}" if row.outcome else str(row.topic_area)
        effect = row.in_words or "effect not recorded"
        known = [row.reference.key, effect, *([] if row.counts else ["does not count"])]
        return RowLine(where, " · ".join(known))


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
    sortable_by = ["program", "reference_key"]
    ordering = ["-pk"]
    list_select_related = ["program", "reference"]
    search_fields = ["program__name", "reference__key", "reference__title"]

    def found(self, words: Words) -> Q:
        """Find the rows whose program or reference holds the words."""
        return Q(program__in=found(Program, words)) | Q(reference__in=found(Reference, words))

    @admin.display(description="reference", ordering="reference__key")
    def reference_key(self, row: Any) -> str:
        """Return the key of the reference, for the list."""
        return str(row.reference.key)

    def has_change_permission(self, request: HttpRequest, obj: ProgramRow | None = None) -> bool:
        """Return whether somebody may change a row; nobody may change one that stays."""
        return super().has_change_permission(request, obj) and self.is_open(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ProgramRow | None = None) -> bool:
        """Return whether somebody may delete a row; nobody may delete one that stays."""
        return super().has_delete_permission(request, obj) and self.is_open(request, obj)

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return rows with what they stand between."""
        found = super().with_keepers(entries).select_related("program", "reference")
        return with_liveness(found)

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


@admin.register(Study)
class StudyAdmin(RowAdmin):
    list_display = ["program", "reference_key", "design", "enrolled"]
    list_filter = ["design", "peer_reviewed"]
    autocomplete_fields = ["program", "reference", "same_sample_as"]
    fields = ["program", *StudyInline.fields]

    def why_kept(self, entry: Study) -> str:
        """Return that a study with findings goes in the form of its program."""
        return HAS_FINDINGS if entry.has_findings else ""

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return studies with whether anything is recorded of what they found."""
        findings = Finding.objects.of_outer_study()
        return super().with_keepers(entries).annotate(has_findings=Exists(findings))


class FindingForm(RowForm):
    """Record a finding of one of the references that its program has."""

    def clean(self) -> dict[str, object]:
        """Return the cleaned values, and refuse a finding of what is not among the program's references."""
        cleaned = super().clean()
        program, reference = cleaned.get("program"), cleaned.get("reference")
        if program and reference and not program.studies.filter(reference=reference).exists():
            self.add_error("reference", NO_STUDY.format(reference.key))
        return cleaned


@admin.register(Finding)
class FindingAdmin(RowAdmin):
    form = FindingForm
    list_display = ["program", "reference_key", "topic_area", "outcome", "effect", "counts"]
    list_filter = ["effect", "counts"]
    list_select_related = ["program", "reference", "topic_area"]
    autocomplete_fields = ["program", "reference", "topic_area"]
    fields = ["program", *FindingInline.fields]
