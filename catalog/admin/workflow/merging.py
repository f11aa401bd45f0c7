"""Merging programs that are in the catalog twice."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.utils.html import format_html

from ...editorial.duplicates import resembling, shown_programs
from ...editorial.merging import Merge, digest, may_merge, merge, why_not
from ...models import Program
from ...models.base import Person
from ..entries import Tool
from .duplicates import ProgramForm, QuestioningAdmin, names_of
from .merge_form import MergeForm, ProgramMergeForm, differences, facts


class MergingAdmin(QuestioningAdmin[Program, Merge]):
    """Find programs that may be entered twice, and merge them. A merged entry can only be read."""

    form = ProgramForm
    thing = "program"
    line_template = "admin/catalog/program_line.html"
    merge_template = "merge_programs"
    resembling_template = "admin/catalog/resembling.html"

    # --- A merged entry

    def has_change_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        """Return whether somebody may change an entry; nobody may change a merged one."""
        is_merged = bool(obj and obj.merged_into_id)
        return super().has_change_permission(request, obj) and not is_merged

    def why_only_read(self, request: HttpRequest, entry: Any) -> str:
        """Say that a merged entry can only be read, and where to write instead."""
        if entry.merged_into_id:
            return (
                f"“{entry}” was merged into “{entry.merged_into}”, and can only be read. Change that entry, or undo "
                "the merge first."
            )
        return super().why_only_read(request, entry)

    def why_kept(self, entry: Any) -> str:
        """Return why a merged entry is kept: its address leads to the other one, and what did not move stays there."""
        if entry.merged_into_id:
            return f"It was merged into “{entry.merged_into}”, and its address leads there."
        return super().why_kept(entry)

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return programs with what they were merged into."""
        return super().with_keepers(entries).select_related("merged_into")

    def get_readonly_fields(self, request: HttpRequest, obj: Program | None = None) -> list[str]:
        """Return the fields that are only read, with the entry that this one was merged into."""
        return [*super().get_readonly_fields(request, obj), "merged_into"]

    def get_fieldsets(self, request: HttpRequest, obj: Program | None = None) -> Any:
        """Say first what a merged entry was merged into."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.merged_into_id:
            return fieldsets
        description = "This entry was merged into another one. It can only be read, and its address leads there."
        return [("Merged", {"description": description, "fields": ["merged_into"]}), *fieldsets]

    def tools(self, request: HttpRequest, entry: Program) -> list[Tool]:
        """Return what can be done with an entry: with a merged one nothing, until its merge is undone."""
        return [] if entry.merged_into_id else super().tools(request, entry)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Offer no merged entry where one is to be chosen: for a rating or a study, or to merge another into it."""
        match = request.resolver_match
        if match and match.url_name in {"autocomplete", "catalog_program_merge"}:
            queryset = queryset.filter(merged_into=None)
        return super().get_search_results(request, queryset, search_term)

    # --- While adding and renaming

    def save_model(
        self, request: HttpRequest, obj: Program, form: ProgramForm, change: bool
    ) -> None:
        """Save, and name the programs that have the same acronym."""
        super().save_model(request, obj, form, change)
        for other in form.resembling.same_acronym if form.resembling else ():
            link = format_html(
                "“{}” is also the acronym of <a href='{}'>{}</a>.",
                obj.acronym,
                self.address("change", other.pk),
                other,
            )
            messages.warning(request, link)

    # --- Merging

    def may_merge(self, user: Person, *entries: Program) -> bool:
        """Return whether somebody may merge these programs."""
        return may_merge(user, *entries)

    def why_not_merged(self, merged: Program, survivor: Program) -> str:
        """Return why two programs cannot be merged, in a sentence, or ""."""
        return why_not(merged, survivor)

    def merge_candidates(self) -> QuerySet:
        """Return all programs, with their ratings and with what they were merged into."""
        return shown_programs().select_related("merged_into")

    def alike(self, merged: Program) -> Sequence[Program]:
        """Return the programs with names like this one's, of those into which it can be merged."""
        found = [like.program for like in resembling(names_of(merged), "", merged.pk).near]
        return [program for program in found if not why_not(merged, program)]

    def choose(self, request: HttpRequest, merged: Program) -> HttpResponse:
        """Offer the programs into which one may be merged, unless it is merged already."""
        if merged.merged_into:
            messages.error(request, why_not(merged, merged.merged_into))
            return HttpResponseRedirect(
                self.on_from_here(request, self.address("change", merged.pk))
            )
        return super().choose(request, merged)

    def plan(self, merged: Program, survivor: Program) -> Merge:
        """Return the plan of a merge of two programs."""
        return Merge.of(merged, survivor)

    def merge_form(
        self, plan: Merge, data: QueryDict | None = None, **initial: object
    ) -> ProgramMergeForm:
        """Return the form that asks what is to be decided, ratings that differ too."""
        return ProgramMergeForm(
            plan, data, initial={**ProgramMergeForm.opened(plan, digest), **initial}
        )

    def explained(self, plan: Merge, form: MergeForm) -> dict[str, object]:
        """Return what tells the two programs apart, and what the survivor takes over."""
        return {
            "names": plan.names(form["fill"].value() or ()),
            "facts": list(facts(plan)),
            "differences": list(differences(plan)),
            "is_hidden": plan.merged.was_public and not plan.survivor.is_published,
        }

    def merge(self, request: HttpRequest, plan: Merge, form: Any) -> None:
        """Merge two programs as the form says, and tell of it. Raises MergeRefused."""
        merged, survivor = plan.merged, plan.survivor
        sent = form.cleaned_data
        merge(
            merged,
            survivor,
            user=request.user,
            reason=sent["reason"],
            seen={merged.pk: sent["merged_state"], survivor.pk: sent["survivor_state"]},
            past=form.past,
            fill=sent["fill"],
        )
        self.log_change(request, merged, f"Merged into “{survivor}”.")
        self.log_change(request, survivor, f"“{merged}” was merged into it.")
        text = (
            "“{}” is merged into this entry. <a href='{}'>Its own entry</a> can only be read now; "
            "there the merge can be undone."
        )
        messages.success(request, format_html(text, merged, self.address("change", merged.pk)))
