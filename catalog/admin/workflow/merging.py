"""Merging programs that are in the catalog twice."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from ...editorial.duplicates import resembling, shown_programs
from ...editorial.merging import Merge, MergeRefused, may_merge, merge, why_not
from ...models import Program
from ..busy import keep_typed, show_refusal
from ..entries import CatalogAdmin, Tool
from .duplicates import ProgramForm, QuestioningAdmin, names_of
from .merge_form import MergeForm, differences, facts

MOST_FOUND = 20
SAVED_MEANWHILE = "Somebody else is saving these entries. Nothing is merged; try again in a moment."


class MergingAdmin(QuestioningAdmin, CatalogAdmin):
    """Find programs that may be entered twice, and merge them. A merged entry can only be read."""

    form = ProgramForm
    resembling_template = "admin/catalog/resembling.html"

    # --- A merged entry

    def has_change_permission(self, request: HttpRequest, obj: Program | None = None) -> bool:
        """Return whether somebody may change an entry; nobody may change a merged one."""
        is_merged = bool(obj and obj.merged_into_id)
        return super().has_change_permission(request, obj) and not is_merged

    def why_kept(self, entry: Any) -> str:
        """Keep a merged entry: its address leads to the other one, and what did not move stays with it."""
        if entry.merged_into_id:
            return f"It was merged into “{entry.merged_into}”, and its address leads there."
        return super().why_kept(entry)

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
        """Return what can be done with an entry, with merging for those who may."""
        tools = super().tools(request, entry)
        if entry.merged_into_id or not may_merge(request.user, entry):
            return tools
        return [*tools, Tool("Merge", self.merge_address(request, entry))]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Offer no merged entry where one is to be chosen, for a rating or a study."""
        match = request.resolver_match
        if match and match.url_name == "autocomplete":
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
                address(other),
                other,
            )
            messages.warning(request, link)

    # --- Merging

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of merging."""
        view = self.admin_site.admin_view(self.merge_view)
        return [
            path("<path:object_id>/merge/", view, name="catalog_program_merge"),
            *super().get_urls(),
        ]

    @keep_typed
    def merge_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Choose the entry that stays; then show what would happen, and let it happen when that is sent."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        merged = self.program(object_id)
        if not may_merge(request.user, merged):
            raise PermissionDenied
        into = request.GET.get("into", "")
        survivor = shown_programs().filter(pk=into).first() if into.isdecimal() else None
        if survivor is None:
            if into:
                messages.error(request, "There is no such entry any more. Choose another one.")
            return self.choose(request, merged)
        if not may_merge(request.user, merged, survivor):
            raise PermissionDenied
        if why := why_not(merged, survivor):
            messages.error(request, why)
            return self.choose(request, merged)
        return self.decide(request, Merge.of(merged, survivor))

    def program(self, object_id: str) -> Program:
        """Return a program by its key. Raises Http404."""
        try:
            return shown_programs().select_related("merged_into").get(pk=unquote(object_id))
        except (Program.DoesNotExist, ValueError):
            raise Http404("There is no such program.") from None

    def choose(self, request: HttpRequest, merged: Program) -> HttpResponse:
        """Offer the entries into which one may be merged: those like it, and a search for others."""
        words = request.GET.get("q", "").strip()
        if merged.merged_into:
            messages.error(request, why_not(merged, merged.merged_into))
            return HttpResponseRedirect(self.on_from_here(request, address(merged)))
        others = shown_programs().filter(merged_into=None).exclude(pk=merged.pk)
        found: list[Program] = []
        if words:
            found = list(self.get_search_results(request, others, words)[0][: MOST_FOUND + 1])
            near = []
        else:
            near = [
                like.program
                for like in resembling(names_of(merged), "", merged.pk).near
                if not why_not(merged, like.program)
            ]
        context = {
            "title": "Merge a program into another entry",
            "words": words,
            "near": near,
            "found": found[:MOST_FOUND],
            "has_more": len(found) > MOST_FOUND,
        }
        return self.merge_page(request, merged, "merge_choice", context)

    def decide(self, request: HttpRequest, plan: Merge) -> HttpResponse:
        """Show what would happen to two entries, and merge them when that is sent."""
        form = MergeForm(plan, request.POST or None, initial=MergeForm.opened(plan))
        show_refusal(request, form, "Merge")
        if request.method == "POST" and form.is_valid():
            try:
                return self.merged_response(request, plan, form)
            except MergeRefused as error:
                messages.error(request, str(error))
            except IntegrityError:
                messages.error(request, SAVED_MEANWHILE)
            # What the page shows is what is stored now, and only the reason is kept.
            plan = Merge.of(self.program(str(plan.merged.pk)), self.program(str(plan.survivor.pk)))
            if plan.merged.merged_into_id or plan.survivor.merged_into_id:
                return HttpResponseRedirect(self.on_from_here(request, address(plan.merged)))
            reason = form.cleaned_data["reason"]
            form = MergeForm(plan, initial={**MergeForm.opened(plan), "reason": reason})
        merged, survivor = plan.merged, plan.survivor
        context = {
            "title": f"Merge “{merged}” into “{survivor}”",
            "plan": plan,
            "survivor": survivor,
            "form": form,
            "filled": set(form["fill"].value() or ()),
            "names": plan.names(form["fill"].value() or ()),
            "facts": list(facts(plan)),
            "differences": list(differences(plan)),
            "fills": [(part, part.words(merged)) for part in plan.blanks],
            "is_hidden": merged.was_public and not survivor.is_published,
            "is_reversible": not why_not(survivor, merged),
            "other_way": self.merge_address(request, survivor, merged),
        }
        return self.merge_page(request, merged, "merge", context)

    def merged_response(self, request: HttpRequest, plan: Merge, form: MergeForm) -> HttpResponse:
        """Merge two entries as the form says, and go on to the one that stays. Raises MergeRefused."""
        merged, survivor = plan.merged, plan.survivor
        merge(
            merged,
            survivor,
            user=request.user,
            reason=form.cleaned_data["reason"],
            seen={
                merged.pk: form.cleaned_data["merged_state"],
                survivor.pk: form.cleaned_data["survivor_state"],
            },
            past=form.past,
            fill=form.cleaned_data["fill"],
        )
        self.log_change(request, merged, f"Merged into “{survivor}”.")
        self.log_change(request, survivor, f"“{merged}” was merged into it.")
        text = (
            "“{}” is merged into this entry. <a href='{}'>Its own entry</a> can only be read now; "
            "there the merge can be undone."
        )
        messages.success(request, format_html(text, merged, address(merged)))
        return HttpResponseRedirect(self.on_from_here(request, address(survivor)))

    def merge_address(
        self, request: HttpRequest, program: Program, into: Program | None = None
    ) -> str:
        """Return where a program is merged, into one that is chosen there or into this one."""
        page = self.address("merge", program.pk)
        return self.on_from_here(request, f"{page}?into={into.pk}" if into else page)

    def merge_page(
        self, request: HttpRequest, merged: Program, template: str, context: dict[str, object]
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
            **context,
        }
        return TemplateResponse(request, f"admin/catalog/{template}.html", context)


def address(program: Program) -> str:
    """Return where staff edit a program."""
    return reverse("admin:catalog_program_change", args=[program.pk])
