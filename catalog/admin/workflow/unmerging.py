"""Undoing the merge of two programs while nobody has edited them since."""

from itertools import chain
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse

from ...editorial.merging import Merge
from ...editorial.transitions import standing
from ...editorial.unmerging import PastMerge, may_unmerge, unmerge
from ...models import Program
from ...models.base import Person
from ..entries import Tool
from ..lists import KEY
from ..selected import MOST_NAMED
from .merge_form import rating_in_words
from .merging import MergingAdmin
from .unmerge_pages import NamedMerge, UnmergePagesAdmin

ITS_ENTRY = "See its entry, where the merge can be undone"


class UnmergingAdmin(UnmergePagesAdmin[Program, Merge, PastMerge], MergingAdmin):
    """Undo a merge, from the merged entry or from the history of the one that stays."""

    unmerge_template = "unmerge_programs"

    def tools(self, request: HttpRequest, entry: Program) -> list[Tool]:
        """Return what can be done with an entry, with undoing its merge for those who may."""
        tools = super().tools(request, entry)
        if not may_unmerge(request.user, entry):
            return tools
        page = self.on_from_here(request, self.address("unmerge", entry.pk))
        return [Tool("Undo the merge", page), *tools]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the history of an entry, and which entries were merged into it."""
        merged = Program.objects.none()
        if KEY.fullmatch(object_id):
            merged = Program.objects.filter(merged_into=int(object_id))
        named = [
            NamedMerge(
                program.name,
                self.on_from_here(request, self.address("change", program.pk)),
                ITS_ENTRY,
            )
            for program in merged[:MOST_NAMED]
        ]
        return super().history_view(
            request, object_id, {"merged_here": named, **(extra_context or {})}
        )

    def past(self, object_id: str) -> PastMerge:
        """Return the merge of an entry. Raises Http404, and MergeRefused where it cannot be undone."""
        return PastMerge.of(self.entry_to_merge(object_id))

    def back_from_undoing(self, object_id: str) -> str:
        """Return the address of the entry, which there still is."""
        return self.address("change", self.entry_to_merge(object_id).pk)

    def may_unmerge(self, user: Person, past: PastMerge) -> bool:
        """Return whether somebody may undo a merge."""
        return may_unmerge(user, past.merged)

    def unmerge(self, request: HttpRequest, past: PastMerge, sent: dict[str, str]) -> None:
        """Undo a merge as the form says, and tell of it in the entries' logs. Raises MergeRefused."""
        unmerge(past.merged, user=request.user, reason=sent["reason"], seen=sent["seen"])
        self.log_change(request, past.merged, f"Its merge into “{past.survivor}” was undone.")
        self.log_change(request, past.survivor, f"The merge of “{past.merged}” into it was undone.")

    def what_comes_back(self, past: PastMerge) -> dict[str, Any]:
        """Return what the page says of programs."""
        prefetch_related_objects([row.before for row in past.ratings], "topic_area")
        for rows in past.moving_rows:
            prefetch_related_objects(rows, *(rows[0].related_keys() if rows else ()))
        return {
            "told": past.record,
            "before": past.before(past.survivor),
            "entry": past.merged,
            "standing": standing(past.before(past.merged)),
            "was_public": past.before(past.merged).was_public,
            "ratings": list(map(rating_in_words, past.moving_ratings)),
            "turning": [(r, rating_in_words(r)) for r in past.turning_ratings],
            "rows": list(chain.from_iterable(past.moving_rows)),
            "followers": past.followers,
        }
