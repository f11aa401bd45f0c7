"""Programs that are in the catalog twice: a warning before it happens, and merging two entries after it has."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from ..editorial.duplicates import resembling, shown_programs
from ..editorial.merging import (
    Disagreement,
    Merge,
    MergeRefused,
    may_merge,
    merge,
    ratings_of,
    state,
    why_not,
)
from ..editorial.workflow import standing
from ..history.diff import Segment, diff_segments
from ..models import Program, Rating
from ..values.fields import split_values
from ..values.names import match_key
from .entries import CatalogAdmin, Tool
from .forms import EntryForm

MOST_FOUND = 20
DOUBTFUL = (
    "This program may be in the catalog already. Nothing is saved yet: look at the entries named below, and say "
    "whether it is one of them."
)
BUSY = "Somebody else is saving these entries. Nothing is merged; try again in a moment."


# --- A warning while adding and renaming


class YesField(forms.BooleanField):
    """A box to tick that is no part of the entry."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class ProgramForm(EntryForm):
    """Does not save a program under a name like another one's, unless told that it is another program."""

    is_another = YesField(required=False, label="This is another program")
    resembling: Any = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        known = {match_key(name) for name in names_of(self.instance)}
        names = [cleaned.get("name", ""), *split_values(cleaned.get("also_known_as"))]
        new = [name for name in names if match_key(name) not in {*known, ""}]
        acronym = cleaned.get("acronym", "")
        acronym = "" if match_key(acronym) in known else acronym
        if new or acronym:
            self.resembling = resembling(new, acronym, self.instance.pk)
            if self.is_doubtful and not cleaned.get("is_another"):
                self.add_error(None, DOUBTFUL)
        return cleaned

    @property
    def is_doubtful(self) -> bool:
        return bool(self.resembling and self.resembling.near)


def names_of(program: Program) -> list[str]:
    return [program.name, program.acronym, *program.also_known_as]


# --- Merging


class MergeChoice(NamedTuple):
    """A topic area in which both have a current rating, and the form's field that says which stays current."""

    dispute: Disagreement
    field: forms.BoundField


class MergeForm(forms.Form):
    """What is to be decided before two entries are merged."""

    merged_state = forms.CharField(widget=forms.HiddenInput)
    survivor_state = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why they are merged",
        help_text="Kept in the history of both entries; for staff only.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        error_messages={"required": "Say why these two are the same program."},
    )

    def __init__(self, plan: Merge, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        blanks = [(part.key, part.label) for part in plan.blanks]
        self.fields["fill"] = forms.MultipleChoiceField(
            choices=blanks, required=False, widget=forms.CheckboxSelectMultiple
        )
        for dispute in plan.disputes:
            self.fields[self.name_of(dispute)] = forms.ChoiceField(
                label=f"Current rating in {dispute.topic_area}",
                choices=[(str(r.pk), r.pk) for r in (dispute.survivor, dispute.merged)],
                widget=forms.RadioSelect,
            )

    @classmethod
    def opened(cls, plan: Merge) -> dict[str, Any]:
        """Return what the form holds when it is first shown."""
        return {
            "merged_state": state(plan.merged),
            "survivor_state": state(plan.survivor),
            "fill": [part.key for part in plan.blanks],
            **{cls.name_of(dispute): str(dispute.younger.pk) for dispute in plan.disputes},
        }

    @staticmethod
    def name_of(dispute: Disagreement) -> str:
        return f"current-{dispute.topic_area.pk}"

    @property
    def choices(self) -> list[MergeChoice]:
        return [MergeChoice(dispute, self[self.name_of(dispute)]) for dispute in self.plan.disputes]

    @property
    def past(self) -> set[int]:
        """The ratings in dispute that become past ones."""
        both = {r.pk for d in self.plan.disputes for r in (d.merged, d.survivor)}
        return both - {int(self.cleaned_data[self.name_of(d)]) for d in self.plan.disputes}


class Difference(NamedTuple):
    """What two entries say otherwise, with the words marked that only one of them has."""

    label: str
    merged: list[Segment]
    survivor: list[Segment]


def differences(plan: Merge) -> Iterator[Difference]:
    for part in plan.differing:
        theirs, ours = part.words(plan.merged), part.words(plan.survivor)
        both = diff_segments(theirs, ours)
        if ("", " → ") in both:  # too little in common for marks
            yield Difference(part.label, [("", theirs)], [("", ours)])
        else:
            merged = [piece for piece in both if piece[0] != "ins"]
            survivor = [piece for piece in both if piece[0] != "del"]
            yield Difference(part.label, merged, survivor)


def facts(plan: Merge) -> Iterator[tuple[str, ...]]:
    """Yield what tells the two entries apart, whether or not it moves: label, merged entry's, survivor's."""
    both = (plan.merged, plan.survivor)
    yield "Status", *map(standing, both)
    yield "Address", *(program.slug for program in both)
    yield "Other names", *("\n".join(program.also_known_as) for program in both)
    yield "Ratings", *("\n".join(map(rating_in_words, ratings_of(program))) for program in both)
    references = [program.studies.values_list("reference__key", flat=True) for program in both]
    yield "References", *("\n".join(keys) for keys in references)


def rating_in_words(rating: Rating) -> str:
    past = "" if rating.is_current else " (past)"
    when = rating.rated_on or "without a date"
    return f"{rating.scientific_rating} in {rating.topic_area}, {when}{past}"


class MergingAdmin(CatalogAdmin):
    """Programs that may be entered twice, and can be merged. A merged entry can only be read."""

    form = ProgramForm

    # --- A merged entry

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_merged = bool(obj and obj.merged_into_id)
        return super().has_change_permission(request, obj) and not is_merged

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The address of a merged entry leads to the other one, and what did not move stays with it."""
        is_merged = bool(obj and obj.merged_into_id)
        return super().has_delete_permission(request, obj) and not is_merged

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), "merged_into"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or not obj.merged_into_id:
            return fieldsets
        description = "This entry was merged into another one. It can only be read, and its address leads there."
        return [("Merged", {"description": description, "fields": ["merged_into"]}), *fieldsets]

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        tools = super().tools(request, entry)
        if entry.merged_into_id or not may_merge(request.user, entry):
            return tools
        return [*tools, Tool("Merge", merge_address(entry))]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Offer no merged entry where one is to be chosen, for a rating or a study."""
        match = request.resolver_match
        if match and match.url_name == "autocomplete":
            queryset = queryset.filter(merged_into=None)
        return super().get_search_results(request, queryset, search_term)

    # --- While adding and renaming

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form = context["adminform"].form
        if getattr(form, "is_doubtful", False):
            found = render_to_string(
                "admin/catalog/resembling.html", {"resembling": form.resembling}
            )
            doubt = ("Is it one of these?", {"description": found, "fields": ["is_another"]})
            context["adminform"].fieldsets = [doubt, *context["adminform"].fieldsets]
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
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
        view = self.admin_site.admin_view(self.merge_view)
        return [
            path("<path:object_id>/merge/", view, name="catalog_program_merge"),
            *super().get_urls(),
        ]

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
        try:
            return shown_programs().select_related("merged_into").get(pk=unquote(object_id))
        except (Program.DoesNotExist, ValueError):
            raise Http404("There is no such program.") from None

    def choose(self, request: HttpRequest, merged: Program) -> HttpResponse:
        """Offer the entries into which one may be merged: those like it, and a search for others."""
        words = request.GET.get("q", "").strip()
        if merged.merged_into:
            messages.error(request, why_not(merged, merged.merged_into))
            return HttpResponseRedirect(address(merged))
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
        if request.method == "POST" and form.is_valid():
            try:
                return self.merged_response(request, plan, form)
            except MergeRefused as error:
                messages.error(request, str(error))
            except (IntegrityError, OperationalError):
                messages.error(request, BUSY)
            # What the page shows is what is stored now, and only the reason is kept.
            plan = Merge.of(self.program(str(plan.merged.pk)), self.program(str(plan.survivor.pk)))
            if plan.merged.merged_into_id or plan.survivor.merged_into_id:
                return HttpResponseRedirect(address(plan.merged))
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
            "other_way": merge_address(survivor, merged),
        }
        return self.merge_page(request, merged, "merge", context)

    def merged_response(self, request: HttpRequest, plan: Merge, form: Any) -> HttpResponse:
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
            "“{}” is merged into this entry. <a href='{}'>Its own entry</a> can only be read now."
        )
        messages.success(request, format_html(text, merged, address(merged)))
        return HttpResponseRedirect(address(survivor))

    def merge_page(
        self, request: HttpRequest, merged: Program, template: str, context: dict[str, Any]
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "merged": merged,
            "merge_address": merge_address(merged),
            **context,
        }
        return TemplateResponse(request, f"admin/catalog/{template}.html", context)


def address(program: Program) -> str:
    """Return where staff edit a program."""
    return reverse("admin:catalog_program_change", args=[program.pk])


def merge_address(program: Program, into: Program | None = None) -> str:
    page = reverse("admin:catalog_program_merge", args=[program.pk])
    return f"{page}?into={into.pk}" if into else page
