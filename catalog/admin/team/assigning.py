"""Giving people something to do at entries: a page for one entry, and one for many of a list."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.admin.utils import unquote
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods

from ...editorial.assignments import (
    Errand,
    NotAssigned,
    assign,
    end,
    tasks_at,
    tasks_of,
    why_not_by,
)
from ...history.diff import person
from ...models import Assignment, Task
from ...models.about_entry import entry_field
from ...models.base import CatalogModel
from ...values.moments import day_in_words
from ..busy import keep_typed, show_refusal
from ..entries import EntryAdmin, Tool
from ..lists import KEY
from ..selected import MOST_SELECTED, Named, counted, selected_keys
from ..typed import forget_typed
from .assign_form import AssignForm

# So many former assignments are shown.
MOST_FORMER = 20
REFUSED = "Nothing was assigned."
SAME = "Nothing was assigned: it is so already."
PEOPLE = ("person", "assigned_by", "ended_by")


class Selected(NamedTuple):
    """Name an entry that is selected in a list, with who has what to do there already."""

    name: str
    address: str
    assigned: str


def assignment_in_words(assignment: Assignment) -> str:
    """Return an assignment in short: "Review the research: Ann Example, until November 3, 2026"."""
    until = f", until {day_in_words(assignment.due_on)}" if assignment.due_on else ""
    return f"{assignment.get_task_display()}: {person(assignment.person)}{until}"


class AssignedAdmin(EntryAdmin):
    """Give people something to do at entries: whoever may change an entry assigns it."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        # Whatever other actions the list has.
        self.actions = [*(self.actions or ()), "assign_selected"]

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with those of assigning."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        one, many = (
            self.admin_site.admin_view(require_http_methods(["GET", "HEAD", "POST"])(view))
            for view in (self.assign_one, self.assign_many)
        )
        return [
            path("assign/", many, name=f"{name}_assign_many"),
            path("<path:object_id>/assign/", one, name=f"{name}_assign"),
            *super().get_urls(),
        ]

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        """Return what can be done with an entry, with assigning it for those who may; it says who has it now."""
        tools = super().tools(request, entry)
        if not self.has_change_permission(request, entry):
            return tools
        people = {person(one.person) for one in self.open_at([entry.pk])}
        label = f"Assigned to {', '.join(sorted(people))}" if people else "Assign"
        address = self.on_from_here(request, self.address("assign", entry.pk))
        return [*tools, Tool(label, address)]

    def open_at(self, pks: Sequence[int]) -> QuerySet[Assignment]:
        """Return the assignments at entries, the soonest first."""
        found = Assignment.objects.open().filter(**{f"{entry_field(self.model)}__in": pks})
        return found.select_related(*PEOPLE).soonest_first()

    # --- One entry

    def assign_one(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show who has what to do at an entry; give it to somebody, to oneself, or end it."""
        entry: Any = self.get_object(request, unquote(object_id))
        if entry is None:
            raise Http404
        if not self.has_change_permission(request, entry):
            raise PermissionDenied
        if not {"end", "take"} & set(request.POST):
            return self.assign_here(request, entry)
        self.change_hands(request, entry)
        return HttpResponseRedirect(self.on_from_here(request, self.address("assign", entry.pk)))

    @keep_typed
    def assign_here(self, request: HttpRequest, entry: Any) -> HttpResponse:
        """Give somebody something to do at an entry, and show what there is."""
        form = self.assign_form(request, tasks_at(entry))
        if form.is_bound and form.is_valid() and self.assign(request, [entry.pk], form):
            here = self.on_from_here(request, self.address("assign", entry.pk))
            return forget_typed(request, HttpResponseRedirect(here))
        open_ones = list(self.open_at([entry.pk]))
        everything = Assignment.objects.of(entry).select_related(*PEOPLE)
        context = {
            "title": "Assign",
            "subtitle": str(entry),
            "entry": entry,
            "open": [(one, self.may_take(request, one)) for one in open_ones],
            "former": everything.exclude(pk__in=[one.pk for one in open_ones])[:MOST_FORMER],
            "back": self.on_from_here(request, self.address("change", entry.pk)),
        }
        return self.assign_page(request, form, context)

    def may_take(self, request: HttpRequest, assignment: Assignment) -> bool:
        """Return whether somebody may take over what another one has to do."""
        is_mine = assignment.person_id == request.user.pk
        return not is_mine and not why_not_by(self.model, Task(assignment.task), request.user)

    def change_hands(self, request: HttpRequest, entry: CatalogModel) -> None:
        """End the assignment that the request names, or give it to whoever asks."""
        is_taken = "take" in request.POST
        key = request.POST["take" if is_taken else "end"]
        found = Assignment.objects.of(entry).open().select_related("person")
        assignment = found.filter(pk=key).first() if KEY.fullmatch(key) else None
        if assignment is None:
            messages.info(request, "That was done or handed on before.")
        elif not is_taken:
            end(Assignment.objects.filter(pk=assignment.pk), request.user)
            self.log_change(request, entry, f"Done: {assignment.get_task_display()}.")
            messages.success(request, f"Done: {assignment_in_words(assignment)}.")
        elif self.may_take(request, assignment):
            task, me = Task(assignment.task), request.user
            errand = Errand(task, me, assignment.due_on, assignment.note)  # type: ignore[arg-type]
            try:
                self.give(request, [entry.pk], errand)
            except NotAssigned as error:
                messages.error(request, " ".join([REFUSED, *(why for _, why in error.refused)]))

    # --- Many entries of a list

    @admin.action(description="Assign", permissions=["change"])
    def assign_selected(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Ask to whom the entries that are selected in the list are given."""
        pks = selected_keys(request, queryset)
        if pks is None:
            return None
        return self.many_page(request, pks, self.assign_form(None, tasks_of(self.model)))

    @keep_typed
    def assign_many(self, request: HttpRequest) -> HttpResponse:
        """Give somebody the entries that were asked about: all of them or, where one is refused, none."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        back = self.on_from_here(request, self.address("changelist"))
        if request.method != "POST":
            return HttpResponseRedirect(back)
        keys = request.POST.get("entries", "").split()
        if not keys or len(keys) > MOST_SELECTED or not all(map(KEY.fullmatch, keys)):
            raise BadRequest("The page has sent something else than it was made with.")
        pks = [int(key) for key in keys]
        form = self.assign_form(request, tasks_of(self.model))
        if form.is_valid() and self.assign(request, pks, form):
            return forget_typed(request, HttpResponseRedirect(back))
        return self.many_page(request, pks, form)

    def many_page(self, request: HttpRequest, pks: Sequence[int], form: AssignForm) -> HttpResponse:
        """Return the page that asks to whom entries of a list are given."""
        entries = list(self.model._default_manager.filter(pk__in=pks))
        named = Named.of(entries)
        assigned: dict[int, list[str]] = {}
        for one in self.open_at([entry.pk for entry in named.entries]):
            assigned.setdefault(one.entry_key, []).append(assignment_in_words(one))
        context: dict[str, object] = {
            "title": f"Assign {counted(self.model, named.total)}",
            "subtitle": None,
            "entry": None,
            "entries": " ".join(str(entry.pk) for entry in entries),
            "selected": [
                Selected(
                    str(entry),
                    self.address("change", entry.pk),
                    "; ".join(assigned.get(entry.pk, ())),
                )
                for entry in named.entries
            ],
            "more": named.more,
            "kept_as": self.address("assign_many"),
            "address": self.on_from_here(request, self.address("assign_many")),
            "back": self.on_from_here(request, self.address("changelist")),
        }
        return self.assign_page(request, form, context)

    # --- What both do

    def assign_form(self, request: HttpRequest | None, tasks: Sequence[Task]) -> AssignForm:
        """Return the form, with what was sent if anything was, and why nothing was saved if that is so."""
        is_sent = request is not None and request.method == "POST"
        form = AssignForm(self.model, tasks, request.POST if request and is_sent else None)
        if request:
            show_refusal(request, form, "Assign")
        return form

    def assign(self, request: HttpRequest, pks: Sequence[int], form: AssignForm) -> bool:
        """Give somebody entries as the form says; let the form say why not, and return False."""
        try:
            self.give(request, pks, form.errand())
        except NotAssigned as error:
            sentences = [f"“{entry}”: {why}" if entry else why for entry, why in error.refused]
            named = Named.of(sentences)
            form.refused = [*named.entries, *([f"And {named.more:,} more."] if named.more else ())]
            form.add_error(None, REFUSED)
            return False
        return True

    def give(self, request: HttpRequest, pks: Sequence[int], errand: Errand) -> None:
        """Give somebody something to do, and say so. Raises NotAssigned."""
        new = assign(self.model, pks, errand, user=request.user)
        if not new:
            messages.info(request, SAME)
            return
        said = assignment_in_words(new[0])
        user: Any = request.user
        LogEntry.objects.log_actions(user.pk, [one.entry for one in new], CHANGE, f"{said}.")
        number = f" ({len(new):,} {self.opts.verbose_name_plural})" if len(new) > 1 else ""
        messages.success(request, f"{capfirst(said)}{number}.")

    def assign_page(
        self, request: HttpRequest, form: AssignForm, context: dict[str, object]
    ) -> HttpResponse:
        """Return the page with the form."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "preserved_filters": self.get_preserved_filters(request),
            "form": form,
            "entries": "",
            "selected": (),
            "more": 0,
            "kept_as": "",
            "address": "",
            **context,
        }
        return TemplateResponse(request, "admin/catalog/assign.html", context)
