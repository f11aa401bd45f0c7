"""Merging references and experts that are in the catalog twice; for what topic areas link to."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html

from ...editorial.duplicates import experts_like, references_like
from ...editorial.linked_merging import (
    KEYS,
    Linked,
    LinkedMerge,
    digest,
    may_merge,
    merge_linked,
    why_not,
)
from ...models import Reference, Study, TopicExpert
from ...models.base import Person
from ..entries import LinkedAdmin
from .duplicates import QuestioningAdmin
from .merge_form import MergeForm, differences


class LinkedMergingAdmin(QuestioningAdmin[Linked, LinkedMerge], LinkedAdmin):
    """Find entries that may be there twice, and merge them. The merged one is deleted; its key leads to the other."""

    line_template = "admin/catalog/linked_line.html"
    resembling_template = "admin/catalog/resembling_linked.html"
    merge_template = "merge_linked"

    def may_merge(self, user: Person, *entries: Linked) -> bool:
        """Return whether somebody may merge these."""
        return may_merge(user, *entries)

    def why_not_merged(self, merged: Linked, survivor: Linked) -> str:
        """Return why two entries cannot be merged, in a sentence, or ""."""
        return why_not(merged, survivor)

    def merge_candidates(self) -> QuerySet:
        """Return all entries of the kind."""
        return self.model._default_manager.all()

    def called(self, entry: Linked) -> str:
        """Return the name of an entry on the pages: a reference's key, as its citation is long."""
        return entry.key if isinstance(entry, Reference) else entry.name

    def alike(self, merged: Linked) -> Sequence[Linked]:
        """Return the entries that may be the same as this one."""
        if isinstance(merged, Reference):
            return references_like(merged)
        return experts_like(merged)

    def plan(self, merged: Linked, survivor: Linked) -> LinkedMerge:
        """Return the plan of a merge of two entries."""
        return LinkedMerge.of(merged, survivor)

    def merge_form(
        self, plan: LinkedMerge, data: QueryDict | None = None, **initial: object
    ) -> MergeForm:
        """Return the form that asks what is to be filled in, and why they are merged."""
        return MergeForm(plan, data, initial={**MergeForm.opened(plan, digest), **initial})

    def explained(self, plan: LinkedMerge, form: MergeForm) -> dict[str, object]:
        """Return what tells two entries apart, and where a visitor finds the merged one."""
        merged: Any = plan.merged
        return {
            "facts": list(links_of(plan)),
            "differences": list(differences(plan)),
            "key": getattr(merged, KEYS[type(merged)]),
            "public_address": merged.get_absolute_url() if isinstance(merged, TopicExpert) else "",
        }

    @transaction.atomic
    def merge(self, request: HttpRequest, plan: LinkedMerge, form: MergeForm) -> None:
        """Merge two entries as the form says, and tell of it. Raises MergeRefused."""
        merged, survivor, sent = plan.merged, plan.survivor, form.cleaned_data
        key, pk = self.called(merged), merged.pk
        self.log_deletions(request, self.model._default_manager.filter(pk=pk))
        self.log_change(request, survivor, f"“{merged}” was merged into it.")
        merge_linked(
            merged,
            survivor,
            user=request.user,
            reason=sent["reason"],
            seen={merged.pk: sent["merged_state"], survivor.pk: sent["survivor_state"]},
            fill=sent["fill"],
        )
        text = "“{}” is merged into this entry. <a href='{}'>Its history</a> is kept; there the merge can be undone."
        messages.success(request, format_html(text, key, self.address("history", pk)))


def links_of(plan: LinkedMerge) -> Iterator[tuple[str, ...]]:
    """Yield what links to the two entries: label, merged entry's, survivor's."""
    both = (plan.merged, plan.survivor)
    yield "Key", *(getattr(entry, KEYS[type(entry)]) for entry in both)
    if isinstance(plan.merged, Reference):
        studies = (Study.objects.filter(reference=entry.pk).order_by() for entry in both)
        programs = (found.values_list("program__name", flat=True) for found in studies)
        yield "Cited by", *("\n".join(sorted(names)) for names in programs)
    areas = (entry.topic_areas.values_list("name", flat=True) for entry in both)
    yield "Topic areas", *("\n".join(names) for names in areas)
