"""The history of an entry as it is read, each version that it had, and the way back to one."""

import copy
from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from ...editorial.proposals.changes import must_propose
from ...history.diff import (
    EntryState,
    Names,
    fields_of,
    label_of,
    person,
    segments_of,
    shown,
    state_of,
    states_of,
    values_of,
)
from ...history.narrative import EntrySave, HistoryNarrative, days, user_of
from ...history.records import (
    Record,
    newest_first,
    parts_of,
    predecessors,
    records_of,
    saves,
    woven_records,
)
from ...models import Rating, TopicArea
from ...models.base import CatalogModel
from ...values.moments import moment_in_words
from ...values.site_url import admin_path
from ..busy import is_refused, keep_typed, show_refusal
from ..imports.admin import kinds_of
from .returning import STAYING, Back, ReturnForm, put_back, refusal

PER_PAGE = 30
MAY_NOT_RETURN = (
    "Who may change an entry returns it to an earlier version; where visitors read it, who may publish it. Instead, "
    "open the entry, change what is to be as it was, and save that as a proposal."
)


def last_written(records: Sequence[Record]) -> Record:
    """Return the record that was written last. By its date it may not be the newest: an import's bear its start."""
    return max(records, key=lambda record: record.pk)


class HistoryAdmin(admin.ModelAdmin):
    """Show the history of entries to whoever may view them, and return to an earlier version."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with those of an entry's versions."""
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        version = "<path:object_id>/history/<int:version_id>/"
        view = self.admin_site.admin_view
        return [
            path(version, view(self.version_view), name=f"{name}_simple_history"),
            path(f"{version}return/", view(self.return_view), name=f"{name}_return"),
            *super().get_urls(),
        ]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save with the name of who did it."""
        obj._history_user = request.user
        super().save_model(request, obj, form, change)

    def address(self, page: str, *args: int | str) -> str:
        """Return the address of one of this model's pages by its name: "changelist", "history" …"""
        return admin_path(self.model, page, *args)

    def on_from_here(self, request: HttpRequest, address: str) -> str:
        """Return an address with the filters of the list that somebody came from."""
        context: Any = {
            "preserved_filters": self.get_preserved_filters(request),
            "opts": self.opts,
        }
        return str(add_preserved_filters(context, address))

    def history_page(
        self, request: HttpRequest, template: str, entry: CatalogModel, context: dict[str, object]
    ) -> HttpResponse:
        """Return a page about the history of an entry."""
        return TemplateResponse(
            request,
            f"admin/catalog/{template}.html",
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "preserved_filters": self.get_preserved_filters(request),
                "entry": entry,
                "history_address": self.on_from_here(request, self.address("history", entry.pk)),
                **context,
            },
        )

    # --- What there is

    def entry_or_last(
        self, request: HttpRequest, object_id: str
    ) -> tuple[CatalogModel | None, CatalogModel]:
        """Return an entry, None where it is deleted; and the entry again, or as it was last.

        Raises PermissionDenied for who may not view it, and Http404 where there never was one.
        """
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        entry = self.get_object(request, unquote(object_id))
        history = self.model.history
        try:
            last = entry or history.filter(id=unquote(object_id)).latest().instance
        except (ValueError, history.model.DoesNotExist):
            raise Http404("There is no such entry, and there was none.") from None
        if not self.has_view_or_change_permission(request, last):
            raise PermissionDenied
        return entry, last

    def records(self, pk: int) -> list[Record]:
        """Return the records of one entry, newest first."""
        history = self.model.history
        return newest_first(records_of(self.model, history.filter(id=pk)))

    def woven_records(self, request: HttpRequest, pk: int) -> list[Record]:
        """Return the records of an entry, newest first, a program's with those of its ratings and references."""
        parts = [
            part
            for part in parts_of(self.model)
            if self.admin_site.get_model_admin(part).has_view_or_change_permission(request)
        ]
        return woven_records(self.model, [pk], parts)[pk]

    # --- The history of an entry

    @method_decorator(require_safe)
    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show what happened to an entry, newest first, day by day."""
        entry, last = self.entry_or_last(request, object_id)
        records = self.woven_records(request, last.pk)
        page = Paginator(saves(records), PER_PAGE).get_page(request.GET.get("page"))
        its = [EntrySave(self.model, last.pk, save) for save in page]
        told = HistoryNarrative(its, predecessors(records))
        context = {
            "title": "History",
            "subtitle": str(last),
            "is_there": entry is not None,
            "page": page,
            "days": days(told.items()),
            "kinds": kinds_of(request.user),
            "ratings_address": self.ratings_address(request, last),
            **(extra_context or {}),
        }
        return self.history_page(request, "history", last, context)

    def ratings_address(self, request: HttpRequest, entry: CatalogModel) -> str:
        """Return the address of the list of a topic area's ratings, "" for anything else."""
        part: Any = self.admin_site.get_model_admin(Rating)
        if not isinstance(entry, TopicArea) or not part.has_view_or_change_permission(request):
            return ""
        return f"{admin_path(Rating, 'changelist')}?area={entry.slug}"

    # --- One version

    @method_decorator(require_safe)
    def version_view(self, request: HttpRequest, object_id: str, version_id: int) -> HttpResponse:
        """Show how an entry stood once, and what has become of that since."""
        entry, last = self.entry_or_last(request, object_id)
        return self.version_page(request, entry, last, version_id)

    def version_page(
        self,
        request: HttpRequest,
        entry: CatalogModel | None,
        last: CatalogModel,
        version_id: int,
        form: ReturnForm | None = None,
    ) -> HttpResponse:
        """Return the page of one version, with the form by which an entry returns to it."""
        records = self.records(last.pk)
        record, then = self.version(records, version_id)
        own = saves(records)
        place = next(place for place, save in enumerate(own) if record in save)
        when = moment_in_words(record.when)
        context = {
            "title": f"As it stood on {when}",
            "subtitle": str(last),
            "when": when,
            "who": person(user_of(record)),
            "reason": record.reason,
            "earlier": own[place + 1][0] if own[place + 1 :] else None,
            "later": own[place - 1][0] if place else None,
            "is_there": entry is not None,
            "is_latest": record in own[0],
            "latest": request.POST.get("seen", "")
            if is_refused(request)
            else last_written(records).pk,
            **self.compared(request, entry, then),
            **self.returning(request, entry, then),
            "form": form or ReturnForm(initial={"reason": f"Returned to the version of {when}"}),
            "return_address": self.address("return", last.pk, record.pk),
        }
        return self.history_page(request, "history_version", last, context)

    def version(self, records: Sequence[Record], version_id: int) -> tuple[Record, EntryState]:
        """Return one of an entry's records, with what the entry held then. Raises Http404 where it has none such."""
        record = next((record for record in records if record.pk == version_id), None)
        if record is None:
            raise Http404("This entry has no such version.")
        return record, states_of(self.model, [record.pk])[record.pk]

    def compared(
        self, request: HttpRequest, entry: CatalogModel | None, then: EntryState
    ) -> dict[str, object]:
        """Return the fields that are not now what they were then, with what has become of them, and the others."""
        now = state_of(entry) if entry else then
        names = Names(values_of(self.model, (then, now)))
        in_form = flatten_fieldsets(self.get_fieldsets(request, entry))
        places = {name: place for place, name in enumerate(in_form)}
        differing, same, blank = [], [], []
        for field in sorted(fields_of(self.model), key=lambda f: places.get(f.name, len(places))):
            before, after = then[field.name], now[field.name]
            label, value = label_of(field), shown(field, before, names)
            if before == after and value:
                same.append((label, value))
            elif before == after:
                blank.append(label)
            else:
                differing.append((label, value, segments_of(field, before, after, names)))
        return {"differing": differing, "same": same, "blank": blank}

    # --- The way back

    def returning(
        self, request: HttpRequest, entry: CatalogModel | None, then: EntryState
    ) -> dict[str, object]:
        """Return whether the person may return to a version, what would not come back, or why nothing can."""
        if entry is None or not self.may_return(request, entry):
            return {"may_return": False, "sentences": [], "refusal": ""}
        try:
            back = self.put_back(request, copy.copy(entry), then)
        except ValidationError as error:
            return {"may_return": False, "sentences": [], "refusal": refusal(error)}
        return {"may_return": bool(back.fields), "sentences": back.sentences, "refusal": ""}

    def may_return(self, request: HttpRequest, entry: CatalogModel) -> bool:
        """Return whether somebody may return to an earlier version: of what visitors read, who may publish."""
        may_change = self.has_change_permission(request, entry)
        return may_change and not must_propose(request.user, entry)

    def put_back(self, request: HttpRequest, entry: CatalogModel, then: EntryState) -> Back:
        """Give an entry what it held then, without saving it, as far as the form would let somebody."""
        kept = {*self.get_readonly_fields(request, entry), *STAYING}
        return put_back(entry, then, [f for f in fields_of(self.model) if f.name not in kept])

    @method_decorator(require_POST)
    @keep_typed
    def return_view(self, request: HttpRequest, object_id: str, version_id: int) -> HttpResponse:
        """Return to an earlier version, unless somebody has saved the entry since the page was opened."""
        entry, last = self.entry_or_last(request, object_id)
        if not (entry and self.may_return(request, entry)):
            raise PermissionDenied(MAY_NOT_RETURN)
        form = ReturnForm(request.POST)
        show_refusal(request, form, "Return to this version")
        if form.is_valid() and self.return_to(request, entry.pk, version_id, form):
            return HttpResponseRedirect(self.address("history", last.pk))
        return self.version_page(request, *self.entry_or_last(request, object_id), version_id, form)

    @transaction.atomic
    def return_to(self, request: HttpRequest, pk: int, version_id: int, form: ReturnForm) -> bool:
        """Save an entry as it was in an earlier version; let the form say why not, and return False."""
        # Nobody else saves it until this is done.
        entry = self.model._default_manager.select_for_update().filter(pk=pk).first()
        if not (entry and self.may_return(request, entry)):
            raise PermissionDenied(MAY_NOT_RETURN)
        records = self.records(pk)
        record, then = self.version(records, version_id)
        last = last_written(records)
        if request.POST.get("seen") != str(last.pk):
            user = user_of(last)
            form.add_error(
                None,
                f"{person(user) if user else 'Somebody'} has saved this entry since you opened this page. Nothing has "
                "changed; below is how the version differs from the entry now. Press the button again if you still "
                "want to return to it.",
            )
            return False
        try:
            back = self.put_back(request, entry, then)
        except ValidationError as error:
            form.add_error(None, refusal(error))
            return False
        if not back.fields:
            form.add_error(None, "There is nothing to return to: all of it is as it was then.")
            return False
        self.save_back(request, entry, back, form.cleaned_data["reason"])
        messages.success(
            request, f"“{entry}” is again as it was on {moment_in_words(record.when)}."
        )
        for sentence in back.sentences:
            messages.warning(request, sentence)
        return True

    def save_back(self, request: HttpRequest, entry: CatalogModel, back: Back, reason: str) -> None:
        """Save an entry that was put back, with who did it and why."""
        entry._change_reason, entry._history_user = reason, request.user
        entry.save()
        for name, others in back.relations.items():
            getattr(entry, name).set(others)
        fields = [str(field.verbose_name) for field in back.fields]
        self.log_change(request, entry, [{"changed": {"fields": fields}}])
