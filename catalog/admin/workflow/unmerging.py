"""Undoing the merge of two programs while nobody has edited them since: a page that says what comes back."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html

from ...editorial.transitions import standing
from ...editorial.twins import MergeRefused
from ...editorial.unmerging import PastMerge, may_unmerge, unmerge
from ...history.diff import Names, changes, person, state_of, values_of
from ...models import Program
from ...values.fields import check_length
from ..busy import keep_typed, show_refusal
from ..entries import Tool
from ..lists import KEY
from .merge_form import rating_in_words
from .merge_pages import MAY_NOT
from .merging import MergingAdmin

# So many of the entries that were merged into one are named in its history.
MOST_NAMED = 20


class UnmergeForm(forms.Form):
    """Ask why a merge is undone."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why the merge is undone",
        help_text="Kept in the history of both entries; for staff only.",
        validators=[check_length],
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": "Say why these two are not the same program after all."},
    )


class UnmergingAdmin(MergingAdmin):
    """Undo a merge, from the merged entry or from the history of the one that stays."""

    def tools(self, request: HttpRequest, entry: Program) -> list[Tool]:
        """Return what can be done with an entry, with undoing its merge for those who may."""
        tools = super().tools(request, entry)
        if not may_unmerge(request.user, entry):
            return tools
        page = self.on_from_here(request, self.address("unmerge", entry.pk))
        return [Tool("Undo the merge", page), *tools]

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of undoing a merge."""
        view = self.admin_site.admin_view(self.unmerge_view)
        return [
            path("<path:object_id>/unmerge/", view, name="catalog_program_unmerge"),
            *super().get_urls(),
        ]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the history of an entry, and which entries were merged into it."""
        merged = Program.objects.none()
        if KEY.fullmatch(object_id):
            merged = Program.objects.filter(merged_into=int(object_id))
        context = {"merged": merged[:MOST_NAMED], **(extra_context or {})}
        return super().history_view(request, object_id, context)

    @keep_typed
    def unmerge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what comes back if a merge is undone, and undo it when that is sent."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        merged = self.entry_to_merge(object_id)
        if merged.merged_into and not may_unmerge(request.user, merged):
            raise PermissionDenied(MAY_NOT)
        form = UnmergeForm(request.POST or None)
        show_refusal(request, form, "Undo the merge")
        try:
            if request.method == "POST" and form.is_valid():
                return self.unmerged_response(request, merged, form.cleaned_data)
            past = PastMerge.of(merged)
            if why := past.edit():
                raise MergeRefused(why)
        except MergeRefused as error:
            messages.error(request, f"Nothing is undone. {error}")
            return HttpResponseRedirect(
                self.on_from_here(request, self.address("change", merged.pk))
            )
        return self.unmerge_page(request, past, form)

    def unmerged_response(
        self, request: HttpRequest, merged: Program, sent: dict[str, str]
    ) -> HttpResponse:
        """Undo a merge, and go on to the entry that can be edited again. Raises MergeRefused."""
        past = unmerge(merged, user=request.user, reason=sent["reason"], seen=sent["seen"])
        survivor = past.survivor
        self.log_change(request, merged, f"Its merge into “{survivor}” was undone.")
        self.log_change(request, survivor, f"The merge of “{merged}” into it was undone.")
        text = "The merge is undone: “{}” and <a href='{}'>{}</a> are two entries again."
        messages.success(
            request, format_html(text, merged, self.address("change", survivor.pk), survivor)
        )
        return HttpResponseRedirect(self.on_from_here(request, self.address("change", merged.pk)))

    def unmerge_page(
        self, request: HttpRequest, past: PastMerge, form: UnmergeForm
    ) -> HttpResponse:
        """Return the page that says what comes back."""
        before, now = past.before(past.survivor), past.survivor
        prefetch_related_objects([row.before for row in past.ratings], "topic_area")
        prefetch_related_objects([row.before for row in past.studies], "reference")
        states = state_of(now), state_of(before)
        context = {
            "title": f"Undo the merge of “{past.merged}” into “{now}”",
            "survivor": now,
            "past": past,
            "who": person(past.record.history_user),
            "standing": standing(past.before(past.merged)),
            "was_public": past.before(past.merged).was_public,
            "ratings": list(map(rating_in_words, past.moving_ratings)),
            "turning": [(r, rating_in_words(r)) for r in past.turning_ratings],
            "references": [row.before.reference.key for row in past.studies],
            "followers": past.followers,
            "changes": changes(Program, *states, Names(values_of(Program, states))),
            "form": form,
        }
        return self.merge_page(request, past.merged, "unmerge", context)
