"""The steps of an entry from a draft to the public and on: a page for each, for one entry and for many of a list."""

import re
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods

from ...editorial import requirements, transitions, versions, workflow
from ...editorial.requirements import Blocker, RelatedFacts
from ...editorial.sent_back import why_sent_back
from ...editorial.transitions import Transition
from ...editorial.workflow import Hindered
from ...models import PROGRAM_ROWS, Status
from ...models.status import Publishable
from ..busy import is_refused, keep_typed, show_refusal
from ..entries import CatalogAdmin, EntryAdmin, Tool
from ..proposals.proposing import ProposingAdmin
from ..selected import MOST_SELECTED, Named, counted, selected_keys
from ..typed import forget_typed
from .queue import following, go_on, on_in_queue
from .transition_form import TransitionForm

# Those that many entries of a list can take at once.
LISTED = (
    transitions.SEND_TO_REVIEW,
    transitions.PUBLISH,
    transitions.WITHDRAW,
    transitions.RETIRE,
    transitions.BACK_TO_DRAFT,
)
CHANGED = [{"changed": {"fields": ["status"]}}]

# What the page was made with: the version of each entry by its primary key, as "12-345.0.7 13-346.2.0".
PAIR = rf"[0-9]{{1,18}}-[0-9]{{1,18}}(\.[0-9]{{1,18}}){{0,{len(PROGRAM_ROWS) + 1}}}"
SEEN = re.compile(f"{PAIR}( {PAIR})*", re.ASCII)


def seen_in(request: HttpRequest) -> dict[int, str]:
    """Return the versions that somebody decided on, by primary key. Raises BadRequest."""
    seen = request.POST.get("seen", "")
    if not SEEN.fullmatch(seen) or seen.count(" ") >= MOST_SELECTED:
        raise BadRequest("What was sent does not belong to this page. Open the page again.")
    pairs = (pair.split("-") for pair in seen.split())
    return {int(pk): version for pk, version in pairs}


class ShownBlocker(NamedTuple):
    """Name what stands in the way, and the address where it is fixed; "" for none."""

    sentence: str
    address: str


class Shown(NamedTuple):
    """Show an entry as the page of a step has it."""

    pk: int
    name: str
    address: str
    standing: str
    blockers: Sequence[ShownBlocker]
    remarks: Sequence[str]


def action_of(
    transition: Transition,
) -> Callable[["PublishableAdmin", HttpRequest, QuerySet], HttpResponse | None]:
    """Return the action of a list that asks about a step for many entries."""

    @admin.action(description=transition.label, permissions=[transition.permission])
    def act(
        model_admin: "PublishableAdmin", request: HttpRequest, queryset: QuerySet
    ) -> HttpResponse | None:
        return model_admin.ask_many(request, queryset, transition)

    act.__name__ = transition.name
    return act


class PublishableAdmin(ProposingAdmin, EntryAdmin):
    """Take entries from a draft to the public and on: each step has a page, and takes a permission."""

    actions: Sequence[Any] = list(map(action_of, LISTED))
    deletes = "Delete the selected {} that were never public"
    readonly_fields = ["standing"]
    prepopulated_fields = {"slug": ["name"]}

    def has_publish_permission(self, request: HttpRequest) -> bool:
        """Return whether somebody may publish entries of this model."""
        return transitions.may(request.user, self.model, "publish")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Say first where an entry stands; a new one is a draft."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is None else [(None, {"fields": ["standing"]}), *fieldsets]

    def get_prepopulated_fields(
        self, request: HttpRequest, obj: Publishable | None = None
    ) -> dict[str, Sequence[str]]:
        """Let a slug follow the name only until it is an address."""
        return {} if obj else super().get_prepopulated_fields(request, obj)

    def why_kept(self, entry: Any) -> str:
        """Return why an entry that was ever public is kept: other people's papers have its address. It is retired."""
        if entry.is_retired:
            kept = "It was public, and its address keeps saying that it is retired."
        else:
            kept = "It was public: retire it instead."
        return kept if entry.was_public else super().why_kept(entry)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form, on top of it why the entry was sent back from review."""
        entry = context["original"]
        context["sent_back"] = why_sent_back(entry) if entry else ""
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="status")
    def standing(self, entry: Publishable) -> str:
        """Say where an entry stands, and since when."""
        return transitions.standing(entry)

    @admin.display(description="status", ordering="status")
    def state(self, entry: Publishable) -> str:
        """Return the status of an entry, for the list."""
        return transitions.label(entry)

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        """Return the steps that somebody may take with an entry, after what else can be done with it."""
        ways = [
            Tool(transition.label, self.on_from_here(request, self.step_url(entry, transition)))
            for transition in transitions.transitions_from(entry)
            if transitions.may(request.user, entry, transition.permission)
        ]
        return [*super().tools(request, entry), *ways]

    # --- Addresses

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with those of the steps."""
        info = f"{self.opts.app_label}_{self.opts.model_name}"
        one, many = (
            self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(view))
            for view in (self.take_one, self.take_many)
        )
        return [
            path("status/<slug:name>/", many, name=f"{info}_status_of_many"),
            path("<path:object_id>/status/<slug:target>/", one, name=f"{info}_status"),
            *super().get_urls(),
        ]

    def step_url(self, entry: Publishable, transition: Transition) -> str:
        """Return the address of the page that asks about a step of an entry."""
        return self.address("status", entry.pk, transition.target)

    # --- One entry

    @keep_typed
    def take_one(self, request: HttpRequest, object_id: str, target: str) -> HttpResponse:
        """Ask about the step that leads an entry to a status, and take it."""
        if target not in Status.values:
            raise Http404
        entry: Any = self.get_object(request, unquote(object_id))
        if entry is None:
            raise Http404
        transition = transitions.transition_to(entry, target)
        permission = transition.permission if transition else transitions.permission_for(target)
        if not transitions.may(request.user, entry, permission):
            raise PermissionDenied(self.may_not(permission))
        if transition is None:
            messages.error(request, f"“{entry}”: {transitions.no_way_to(entry, target)}")
            return self.back_to(request, entry)
        form = self.step_form(request, transition, [entry])
        show_refusal(request, form, transition.label)
        if request.method == "POST" and form.is_valid():
            then = following(self, request, entry, transition)
            try:
                entry = workflow.apply_transition(
                    entry,
                    target,
                    user=request.user,
                    reason=form.cleaned_data["reason"],
                    public_from=form.moment(),
                    seen=seen_in(request).get(entry.pk, ""),
                )
            except Hindered as hindered:
                return self.ask_again(request, transition, entry, form, hindered)
            self.log_change(request, entry, CHANGED)
            return forget_typed(request, go_on(self, request, entry, then))
        return self.ask(request, transition, [entry], form, entry)

    def ask_again(
        self,
        request: HttpRequest,
        transition: Transition,
        entry: Publishable,
        form: TransitionForm,
        hindered: Hindered,
    ) -> HttpResponse:
        """Show the page anew with why the step was not taken, or go back where there is no such step any more."""
        stored = self.model._default_manager.filter(pk=entry.pk).first()
        if stored is None or transitions.state(stored) != transition.source:
            messages.error(request, f"Nothing was done. {' '.join(hindered.sentences)}")
            return self.back_to(request, stored)
        for sentence in hindered.sentences:
            form.add_error(None, sentence)
        return self.ask(request, transition, [stored], form, stored)

    def back_to(self, request: HttpRequest, entry: Publishable | None) -> HttpResponse:
        """Go back to an entry, or to the list where it is gone."""
        address = self.address("change", entry.pk) if entry else self.address("changelist")
        return HttpResponseRedirect(self.on_from_here(request, address))

    def may_not(self, permission: str) -> str:
        """Say which permission a step takes."""
        kind = self.opts.verbose_name_plural
        return f"This step takes the permission to {permission} {kind}. Ask somebody who has it."

    # --- Many entries of a list

    def ask_many(
        self, request: HttpRequest, queryset: QuerySet, transition: Transition
    ) -> HttpResponse | None:
        """Ask about a step for the entries that are selected in the list."""
        pks = selected_keys(request, queryset)
        if pks is None:
            return None
        entries = self.selected(pks)
        return self.ask(request, transition, entries, self.step_form(None, transition, entries))

    @keep_typed
    def take_many(self, request: HttpRequest, name: str) -> HttpResponse:
        """Take a step with the entries that were asked about; name those that stay as they are, and why."""
        transition = next((transition for transition in LISTED if transition.name == name), None)
        if transition is None:
            raise Http404
        if not transitions.may(request.user, self.model, transition.permission):
            raise PermissionDenied(self.may_not(transition.permission))
        back = self.on_from_here(request, self.address("changelist"))
        if request.method != "POST":
            return HttpResponseRedirect(back)
        seen = seen_in(request)
        entries = self.selected(seen)
        form = self.step_form(request, transition, entries)
        show_refusal(request, form, transition.label)
        if not form.is_valid():
            return self.ask(request, transition, entries, form)
        taken = workflow.apply_to_all(
            self.model,
            transition,
            seen,
            user=request.user,
            reason=form.cleaned_data["reason"],
            public_from=form.moment(),
        )
        user: Any = request.user
        LogEntry.objects.log_actions(user.pk, taken.done, CHANGE, CHANGED)
        self.tell(request, transition, taken, form.moment())
        response = HttpResponseRedirect(back)
        return forget_typed(request, response) if taken.done else response

    def selected(self, pks: Collection[int]) -> list[Publishable]:
        """Return entries in the order of their list, without what the list counts of each."""
        return list(self.model._default_manager.filter(pk__in=pks))

    def tell(
        self,
        request: HttpRequest,
        transition: Transition,
        taken: workflow.Taken,
        public_from: datetime | None,
    ) -> None:
        """Say with how many entries the step was taken, and what became of the others."""
        left = Named.of(taken.left)
        for entry, sentences in left.entries:
            messages.warning(request, f"“{entry}” stays as it is. {' '.join(sentences)}")
        if left.more:
            others = counted(self.model, left.more)
            messages.warning(request, f"As they are stay {others} more.")
        if taken.gone:
            messages.warning(request, f"Deleted meanwhile: {counted(self.model, taken.gone)}.")
        if taken.done:
            done = workflow.in_history(transition, "", public_from)
            messages.success(request, f"{done}: {counted(self.model, len(taken.done))}.")

    # --- The page

    def step_form(
        self, request: HttpRequest | None, transition: Transition, entries: Sequence[Publishable]
    ) -> TransitionForm:
        """Return the form of a step, with what was sent if anything was."""
        may_wait = transition.target == Status.PUBLISHED and not all(e.was_public for e in entries)
        data = request.POST if request and request.method == "POST" else None
        return TransitionForm(data, transition=transition, may_wait=may_wait)

    def ask(
        self,
        request: HttpRequest,
        transition: Transition,
        entries: Sequence[Publishable],
        form: TransitionForm,
        one: Publishable | None = None,
    ) -> HttpResponse:
        """Show what a step does with entries, and with which it cannot be taken and why; ask for the rest.

        ``one`` is the entry whose page it is, None where the entries are selected in the list.
        """
        facts = RelatedFacts(entries)
        possible: list[Shown] = []
        hindered: list[Shown] = []
        for entry in entries:
            found = requirements.blockers_for(entry, transition, user=request.user, facts=facts)
            (hindered if found else possible).append(self.shown(entry, transition, found, facts))
        opened = versions.versions(self.model, [shown.pk for shown in possible])
        seen = " ".join(f"{s.pk}-{opened[s.pk]}" for s in possible)
        many = f"{transition.label}: {counted(self.model, len(possible))}"
        url = (
            self.address("status", one.pk, transition.target)
            if one
            else self.address("status_of_many", transition.name)
        )
        context = {
            **self.admin_site.each_context(request),
            "title": transition.label if one else many,
            "subtitle": str(one) if one else None,
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "one": one,
            "effect": transition.effect.format(it="It" if one or len(possible) == 1 else "Each"),
            "step": transition,
            "form": form,
            "moment": [form[name] for name in ("day", "at") if name in form.fields],
            "button": transition.label if one else many,
            "possible": Named.of(possible),
            "hindered": Named.of(hindered),
            # What was decided on, where nothing could be written.
            "seen": request.POST.get("seen", "") if is_refused(request) else seen,
            "kept_as": url,
            "address": on_in_queue(self, request, url) if one else self.on_from_here(request, url),
            "then": following(self, request, one, transition) if one else None,
            "back": self.on_from_here(
                request, self.address("change", one.pk) if one else self.address("changelist")
            ),
            "never_again": requirements.never_again(one)
            if one and transition.target == Status.PUBLISHED and one.was_public
            else "",
        }
        return TemplateResponse(request, "admin/catalog/status.html", context)

    def shown(
        self,
        entry: Publishable,
        transition: Transition,
        found: Sequence[Blocker],
        facts: RelatedFacts,
    ) -> Shown:
        """Return an entry with what hinders the step, and where that is fixed; with remarks, where nothing does."""
        address = self.address("change", entry.pk)
        blockers = [ShownBlocker(said, self.page_to_fix(entry, place)) for said, place in found]
        remarks = [] if found else requirements.remarks(entry, transition.target, facts)
        return Shown(entry.pk, str(entry), address, transitions.standing(entry), blockers, remarks)

    def page_to_fix(self, entry: Publishable, place: str) -> str:
        """Return the address at which a blocker is fixed: a field of the form, or the page that rates the program."""
        if place == "ratings":
            return self.address("rate", entry.pk)
        return f"{self.address('change', entry.pk)}#id_{place}" if place else ""


class PublishableCatalogAdmin(PublishableAdmin, CatalogAdmin):
    """Import and export entries that have a status, too."""

    actions = [*CatalogAdmin.actions, *PublishableAdmin.actions]
