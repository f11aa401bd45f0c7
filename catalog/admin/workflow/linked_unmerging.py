"""Undoing the merge of two references or experts, from the history of either: the merged one is deleted."""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse

from ...editorial.linked_merging import KEYS, Linked, LinkedMerge
from ...editorial.linked_unmerging import PastLinkedMerge, may_unmerge, past_merge, unmerge_linked
from ...models import MergeRecord, Program, TopicExpert
from ...models.base import Person
from ..lists import KEY
from ..selected import MOST_NAMED
from .linked_merging import LinkedMergingAdmin
from .unmerge_pages import NamedMerge, UnmergePagesAdmin

UNDO = "Undo the merge"


class LinkedUnmergingAdmin(
    UnmergePagesAdmin[Linked, LinkedMerge, PastLinkedMerge], LinkedMergingAdmin
):
    """Undo a merge; what comes back has its old key again."""

    unmerge_template = "unmerge_linked"

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the history of an entry, with what was merged into it, or into what it was merged itself."""
        context: dict[str, object] = dict(extra_context or {})
        if KEY.fullmatch(object_id) and self.has_change_permission(request):
            merges, pk = MergeRecord.objects.of_kind(self.model), int(object_id)
            here = merges.filter(survivor=pk).order_by("-pk")[:MOST_NAMED]
            away = merges.filter(merged=pk)
            context["merged_here"] = list(self.named(request, here, "merged"))
            context["merged_away"] = next(self.named(request, away, "survivor"), None)
        return super().history_view(request, object_id, context)

    def named(self, request: HttpRequest, merges: Any, which: str) -> Iterator[NamedMerge]:
        """Yield the merged entries or the survivors of merges as they were last, with where each merge is undone."""
        keys = {getattr(record, which): record.merged for record in merges}
        history: Any = self.model.history
        last = history.filter(id__in=keys).latest_of_each()
        for told in last:
            page = self.on_from_here(request, self.address("unmerge", keys[told.id]))
            yield NamedMerge(self.called(told.instance), page, UNDO)

    def past(self, object_id: str) -> PastLinkedMerge:
        """Return the merge of an entry. Raises Http404, and MergeRefused where it cannot be undone."""
        return past_merge(self.model, self.merged_key(object_id))

    def merged_key(self, object_id: str) -> int:
        """Return the key of an entry that there is or was. Raises Http404."""
        key = unquote(object_id)
        if not KEY.fullmatch(key) or not self.model.history.filter(id=key).exists():
            raise Http404(f"There is no such {self.opts.verbose_name}, and there was none.")
        return int(key)

    def back_from_undoing(self, object_id: str) -> str:
        """Return the address of the merged entry's history, which is there before and after."""
        return self.address("history", self.merged_key(object_id))

    def may_unmerge(self, user: Person, past: PastLinkedMerge) -> bool:
        """Return whether somebody may undo a merge."""
        return may_unmerge(user, past)

    def unmerge(self, request: HttpRequest, past: PastLinkedMerge, sent: dict[str, str]) -> None:
        """Undo a merge as the form says, and tell of it in the entries' logs. Raises MergeRefused."""
        merged, survivor = past.merged, past.survivor
        unmerge_linked(
            self.model, merged.pk, user=request.user, reason=sent["reason"], seen=sent["seen"]
        )
        self.log_addition(request, merged, f"Its merge into “{survivor}” was undone.")
        self.log_change(request, survivor, f"The merge of “{merged}” into it was undone.")

    def what_comes_back(self, past: PastLinkedMerge) -> dict[str, Any]:
        """Return what the page says of references and experts."""
        moved = dict.fromkeys(row.left.program_id for rows in past.rows for row in rows)
        removed = dict.fromkeys(row.program_id for rows in past.removed_rows for row in rows)
        programs = Program.objects.filter(pk__in=[*moved, *removed])
        names = dict(programs.values_list("pk", "name"))
        merged: Any = past.merged
        return {
            "told": past.told,
            "before": past.before,
            "entry": past.survivor,
            "key": getattr(merged, KEYS[type(merged)]),
            "public_address": merged.get_absolute_url() if isinstance(merged, TopicExpert) else "",
            "citing": [names[pk] for pk in moved],
            "citing_both": [names[pk] for pk in removed],
            "areas": past.areas(),
        }
