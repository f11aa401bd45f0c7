"""The pages on which two entries of one thing become one: which of them stays, then what would happen."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from ...editorial.twins import MergeRefused, Twins
from ...models.base import CatalogModel, Person
from ..busy import keep_typed, show_refusal
from ..entries import CatalogAdmin, Tool
from ..lists import KEY
from ..typed import forget_typed
from .merge_form import MergeForm

MOST_FOUND = 20
MAY_NOT = (
    "Your account may not merge these entries: it takes the permissions to change both with all that is theirs and, "
    "where visitors read, read or are to read one of them, to publish it. Ask somebody who has them."
)
SAVED_MEANWHILE = "Somebody else is saving these entries. Nothing is merged; try again in a moment."


class MergePagesAdmin[Entry: CatalogModel, Plan: Twins](CatalogAdmin):
    """Merge two entries: those who may find the tool on the page of either.

    ``thing`` is what both entries are about, and ``line_template`` tells of an entry which it is. A subclass says who
    may merge what, and what becomes of it.
    """

    thing: str
    line_template: str
    merge_template: str

    def may_merge(self, user: Person, *entries: Entry) -> bool:
        """Return whether somebody may merge these."""
        raise NotImplementedError

    def why_not_merged(self, merged: Entry, survivor: Entry) -> str:
        """Return why two entries cannot be merged, in a sentence, or ""."""
        raise NotImplementedError

    def merge_candidates(self) -> QuerySet:
        """Return all entries, with what their lines show."""
        raise NotImplementedError

    def alike(self, merged: Entry) -> Sequence[CatalogModel]:
        """Return the entries that may be the same as this one."""
        raise NotImplementedError

    def plan(self, merged: Entry, survivor: Entry) -> Plan:
        """Return the plan of a merge of two entries."""
        raise NotImplementedError

    def merge_form(self, plan: Plan, data: QueryDict | None = None, **initial: object) -> MergeForm:
        """Return the form that asks what is to be decided, as it is opened or with what was sent."""
        raise NotImplementedError

    def merge(self, request: HttpRequest, plan: Plan, form: MergeForm) -> None:
        """Merge two entries as the form says, and tell of it. Raises MergeRefused."""
        raise NotImplementedError

    def explained(self, plan: Plan, form: MergeForm) -> dict[str, object]:
        """Return the context in which the page tells more of two entries."""
        raise NotImplementedError

    def called(self, entry: Any) -> str:
        """Return the name of an entry on the pages."""
        return str(entry)

    # --- Addresses

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        """Return what can be done with an entry, with merging for those who may."""
        tools = super().tools(request, entry)
        if not self.may_merge(request.user, entry):
            return tools
        return [*tools, Tool("Merge", self.merge_address(request, entry))]

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of merging."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_merge"
        view = self.admin_site.admin_view(self.merge_view)
        return [path("<path:object_id>/merge/", view, name=name), *super().get_urls()]

    def merge_address(
        self, request: HttpRequest, entry: CatalogModel, into: CatalogModel | None = None
    ) -> str:
        """Return the address at which an entry is merged, into one that is chosen there or into this one."""
        page = self.address("merge", entry.pk)
        return self.on_from_here(request, f"{page}?into={into.pk}" if into else page)

    # --- The pages

    @keep_typed
    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose the entry that stays; then show what would happen, and let it happen when that is sent."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        merged = self.entry_to_merge(object_id)
        if not self.may_merge(request.user, merged):
            raise PermissionDenied(MAY_NOT)
        into = request.GET.get("into", "")
        survivor = self.merge_candidates().filter(pk=into).first() if KEY.fullmatch(into) else None
        if survivor is None:
            if into:
                messages.error(request, "There is no such entry any more. Choose another one.")
            return self.choose(request, merged)
        if not self.may_merge(request.user, merged, survivor):
            raise PermissionDenied(MAY_NOT)
        if why := self.why_not_merged(merged, survivor):
            messages.error(request, why)
            return self.choose(request, merged)
        return self.decide(request, self.plan(merged, survivor))

    def entry_to_merge(self, object_id: str) -> Entry:
        """Return an entry by its key. Raises Http404."""
        key = unquote(object_id)
        entry = self.merge_candidates().filter(pk=key).first() if KEY.fullmatch(key) else None
        if entry is None:
            raise Http404(f"There is no such {self.opts.verbose_name}.")
        return entry

    def choose(self, request: HttpRequest, merged: Entry) -> HttpResponse:
        """Offer the entries into which one may be merged: those like it, and a search for others."""
        words = request.GET.get("q", "").strip()
        found: list[CatalogModel] = []
        if words:
            others = self.merge_candidates().exclude(pk=merged.pk)
            found = list(self.get_search_results(request, others, words)[0][: MOST_FOUND + 1])
        context = {
            "title": f"Merge a {self.opts.verbose_name} into another entry",
            "words": words,
            "near": [] if words else self.alike(merged),
            "found": found[:MOST_FOUND],
            "has_more": len(found) > MOST_FOUND,
            "searched": self.search_help_text or "Words of the name",
        }
        return self.merge_page(request, merged, "merge_choice", context)

    def decide(self, request: HttpRequest, plan: Plan) -> HttpResponse:
        """Show what would happen to two entries, and merge them when that is sent."""
        form = self.merge_form(plan, request.POST or None)
        show_refusal(request, form, "Merge")
        if request.method == "POST" and form.is_valid():
            try:
                self.merge(request, plan, form)
                there = self.on_from_here(request, self.address("change", plan.survivor.pk))
                return forget_typed(request, HttpResponseRedirect(there))
            except MergeRefused as error:
                messages.error(request, str(error))
            except IntegrityError:
                messages.error(request, SAVED_MEANWHILE)
            # What the page shows is what is stored now, and only the reason is kept.
            stored = self.merge_candidates().in_bulk([plan.merged.pk, plan.survivor.pk])
            merged, survivor = (stored.get(entry.pk) for entry in (plan.merged, plan.survivor))
            if not merged or not survivor or self.why_not_merged(merged, survivor):
                back = self.address("change", merged.pk) if merged else self.address("changelist")
                return HttpResponseRedirect(self.on_from_here(request, back))
            plan = self.plan(merged, survivor)
            form = self.merge_form(plan, reason=form.cleaned_data["reason"])
        context = {
            "title": f"Merge “{self.called(plan.merged)}” into “{self.called(plan.survivor)}”",
            "plan": plan,
            "survivor": plan.survivor,
            "survivor_name": self.called(plan.survivor),
            "form": form,
            "kept_as": f"{self.address('merge', plan.merged.pk)}?into={plan.survivor.pk}",
            "filled": set(form["fill"].value() or ()),
            "fills": [
                (part, part.label(plan.merged), part.words(plan.merged)) for part in plan.blanks
            ],
            "is_reversible": not self.why_not_merged(plan.survivor, plan.merged),
            "other_way": self.merge_address(request, plan.survivor, plan.merged),
            **self.explained(plan, form),
        }
        return self.merge_page(request, plan.merged, self.merge_template, context)

    def merge_page(
        self, request: HttpRequest, merged: CatalogModel, template: str, context: dict[str, object]
    ) -> TemplateResponse:
        """Return a page about merging an entry."""
        filters = self.get_preserved_filters(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "preserved_filters": filters,
            "into_address": f"?{filters}&into=" if filters else "?into=",
            "list_filters": request.GET.get("_changelist_filters", ""),
            "merged": merged,
            "merged_name": self.called(merged),
            "thing": self.thing,
            "line": self.line_template,
            **context,
        }
        return TemplateResponse(request, f"admin/catalog/{template}.html", context)
