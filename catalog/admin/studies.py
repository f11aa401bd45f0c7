"""The studies of a program and what they found, as rows of its form; and the list of all studies."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, Q, QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator

from ..models import Finding, Reference, Study
from ..search import Words
from .entries import TextsAdmin
from .entry_form.conflict_admin import EntryInline
from .entry_form.lines import RowLine
from .entry_form.rows import EntryFormSet
from .lists import found
from .program_rows import RowAdmin, RowForm

# Of how many characters the title of a study is, in the line of a row.
TITLE = 200
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


class CitingAdmin(RowAdmin):
    """List rows that stand between a program and a reference."""

    sortable_by = ["program", "reference_key"]
    list_select_related = ["program", "reference"]
    search_fields = ["program__name", "reference__key", "reference__title"]

    def found(self, words: Words) -> Q:
        """Find the rows whose program or reference holds the words."""
        return super().found(words) | Q(reference__in=found(Reference, words))

    @admin.display(description="reference", ordering="reference__key")
    def reference_key(self, row: Any) -> str:
        """Return the key of the reference, for the list."""
        return str(row.reference.key)

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return rows with what they stand between."""
        return super().with_keepers(entries).select_related("reference")


@admin.register(Study)
class StudyAdmin(CitingAdmin):
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
class FindingAdmin(CitingAdmin):
    form = FindingForm
    list_display = ["program", "reference_key", "measured", "result"]
    list_filter = ["effect", "counts"]
    list_select_related = ["program", "reference", "topic_area"]
    autocomplete_fields = ["program", "reference", "topic_area"]
    fields = ["program", *FindingInline.fields]

    @admin.display(description="what was measured")
    def measured(self, finding: Finding) -> str:
        """Return the topic area and the outcome, for the list: "STS: Sleep"."""
        area = finding.topic_area.abbreviation or finding.topic_area.name
        return f"{area}: {finding.outcome}" if finding.outcome else area

    @admin.display(description="what was found")
    def result(self, finding: Finding) -> str:
        """Return the effect and whether the finding counts, for the list."""
        effect = finding.get_effect_display() or "Not recorded"
        return effect if finding.counts else f"{effect}; does not count"
