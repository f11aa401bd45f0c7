"""The page on which a merge is undone, of whatever kind the two entries are: it says what comes back."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.html import format_html

from ...editorial.linked_unmerging import PastLinkedMerge
from ...editorial.twins import MergeRefused, Twins
from ...editorial.unmerging import PastMerge
from ...history.diff import Names, changes, person, state_of, values_of
from ...models.base import CatalogModel, Person
from ...values.fields import check_length
from ..busy import keep_typed, show_refusal
from ..typed import forget_typed
from .merge_pages import MAY_NOT, MergePagesAdmin


class NamedMerge(NamedTuple):
    """Name one entry of a merge, and lead to where the merge is undone."""

    name: str
    address: str
    label: str


class UnmergeForm(forms.Form):
    """Ask why a merge is undone."""

    seen = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why the merge is undone",
        help_text="Kept in the history of both entries; for staff only.",
        validators=[check_length],
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
    )

    def __init__(self, thing: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing = f"Say why these two are not the same {thing} after all."
        self.fields["reason"].error_messages["required"] = missing


class UnmergePagesAdmin[Entry: CatalogModel, Plan: Twins, Past: (PastMerge, PastLinkedMerge)](
    MergePagesAdmin[Entry, Plan]
):
    """Undo a merge. A subclass says who may undo which, and what comes back.

    A past merge has its two entries, ``merged`` and ``survivor``, and says by ``edit`` why it cannot be undone.
    """

    unmerge_template: str

    def past(self, object_id: str) -> Past:
        """Return the merge of an entry. Raises Http404, and MergeRefused where it cannot be undone."""
        raise NotImplementedError

    def back_from_undoing(self, object_id: str) -> str:
        """Return the address of the page that leads to undoing the merge of an entry."""
        raise NotImplementedError

    def may_unmerge(self, user: Person, past: Past) -> bool:
        """Return whether somebody may undo a merge."""
        raise NotImplementedError

    def unmerge(self, request: HttpRequest, past: Past, sent: dict[str, str]) -> None:
        """Undo a merge as the form says, and tell of it in the entries' logs. Raises MergeRefused."""
        raise NotImplementedError

    def what_comes_back(self, past: Past) -> dict[str, Any]:
        """Return what the page says, with ``told``, the record of the merge, and ``before``, what the survivor was."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of undoing a merge."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_unmerge"
        view = self.admin_site.admin_view(self.unmerge_view)
        return [path("<path:object_id>/unmerge/", view, name=name), *super().get_urls()]

    @keep_typed
    def unmerge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what comes back if a merge is undone, and undo it when that is sent."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        try:
            past = self.past(object_id)
            if not self.may_unmerge(request.user, past):
                raise PermissionDenied(MAY_NOT)
            form = UnmergeForm(self.thing, request.POST or None)
            show_refusal(request, form, "Undo the merge")
            if request.method == "POST" and form.is_valid():
                return self.unmerged_response(request, past, form.cleaned_data)
            if why := past.edit():
                raise MergeRefused(why)
        except MergeRefused as error:
            messages.error(request, f"Nothing is undone. {error}")
            back = self.back_from_undoing(object_id)
            return HttpResponseRedirect(self.on_from_here(request, back))
        return self.unmerge_page(request, past, form)

    def unmerged_response(
        self, request: HttpRequest, past: Past, sent: dict[str, str]
    ) -> HttpResponse:
        """Undo a merge, and go on to the entry that can be edited again. Raises MergeRefused."""
        self.unmerge(request, past, sent)
        text = "The merge is undone: “{}” and <a href='{}'>{}</a> are two entries again."
        names = (
            self.called(past.merged),
            self.address("change", past.survivor.pk),
            self.called(past.survivor),
        )
        messages.success(request, format_html(text, *names))
        there = self.on_from_here(request, self.address("change", past.merged.pk))
        return forget_typed(request, HttpResponseRedirect(there))

    def unmerge_page(self, request: HttpRequest, past: Past, form: UnmergeForm) -> HttpResponse:
        """Return the page that says what comes back."""
        what = self.what_comes_back(past)
        states = state_of(past.survivor), state_of(what["before"])
        name = self.called(past.survivor)
        context = {
            "title": f"Undo the merge of “{self.called(past.merged)}” into “{name}”",
            "survivor": past.survivor,
            "survivor_name": name,
            "survivor_address": self.address("change", past.survivor.pk),
            "past": past,
            "who": person(what["told"].history_user),
            "changes": changes(self.model, *states, Names(values_of(self.model, states))),
            "form": form,
            "back": self.on_from_here(request, self.back_from_undoing(str(past.merged.pk))),
            **what,
        }
        return self.merge_page(request, past.merged, self.unmerge_template, context)
