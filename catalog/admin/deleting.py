"""Deleting entries, one or many of a list: what may go goes, and what is kept is named, with why and what to do."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.contrib.admin.actions import delete_selected
from django.contrib.admin.utils import unquote
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse

from ..models import Finding, Program, Rating, Study, TopicArea
from ..models.base import CatalogModel
from .selected import Named, counted, selected_keys

LINKED_MEANWHILE = (
    "Somebody has just linked to one of these entries. Nothing was deleted; try again."
)
MAY_NOT = "Your account may not delete it."
# What keeps an entry, by the kind of what refers to it.
KEPT_BY: dict[type[models.Model], str] = {
    Rating: "It has ratings, which are facts with a date and are kept.",
    Study: "A program cites it: take it out there first, or merge it into another one.",
    Program: "Another program was merged into it, and its address leads here.",
    Finding: "What studies found is recorded for it.",
    TopicArea: "Other topic areas are parts of it.",
}


class KeptEntry(NamedTuple):
    """An entry that is not deleted, and why."""

    entry: CatalogModel
    why: str


class DeletingAdmin(admin.ModelAdmin):
    """Delete entries, but those that something keeps."""

    # What the action of the list says of the entries that it deletes.
    deletes = "Delete the selected {}"

    def why_kept(self, entry: Any) -> str:
        """Return why an entry is not deleted, whoever asks for it, and what to do instead; "" where it may be."""
        return ""

    def with_keepers(self, entries: QuerySet) -> QuerySet:
        """Return entries with what ``why_kept`` looks at, so that many are asked as quickly as one."""
        return entries

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether somebody may delete an entry, and nothing says that it is kept."""
        return super().has_delete_permission(request, obj) and not (obj and self.why_kept(obj))

    def kept(self, request: HttpRequest, entries: Sequence[CatalogModel]) -> list[KeptEntry]:
        """Return those of some entries that are not deleted, each with why. A few queries for all of them."""
        referred = self.referred([entry.pk for entry in entries])
        found = [KeptEntry(entry, self.why(request, entry, referred)) for entry in entries]
        return [kept for kept in found if kept.why]

    def why(self, request: HttpRequest, entry: CatalogModel, referred: dict[int, str]) -> str:
        """Return why somebody does not delete an entry, "" where nothing is in the way."""
        if why := self.why_kept(entry) or referred.get(entry.pk, ""):
            return why
        return "" if self.has_delete_permission(request, entry) else MAY_NOT

    def referred(self, pks: Collection[int]) -> dict[int, str]:
        """Return why entries are kept to which something else refers that does not go with them, by their keys."""
        whys: dict[int, str] = {}
        for relation in self.model._meta.related_objects:
            if relation.on_delete is models.PROTECT:
                name, other = relation.field.name, relation.related_model
                rows = other._default_manager.filter(**{f"{name}__in": pks}).order_by()
                whys |= {
                    pk: KEPT_BY.get(other, f"A {other._meta.verbose_name} refers to it.")
                    for pk in rows.values_list(name, flat=True).distinct()
                }
        return whys

    def going_along(self, pks: Collection[int]) -> Iterator[tuple[type[models.Model], int]]:
        """Yield each kind of what is deleted with entries, and how many of it."""
        for relation in self.model._meta.related_objects:
            if relation.on_delete is models.CASCADE and not relation.many_to_many:
                rows = relation.related_model._default_manager
                if number := rows.filter(**{f"{relation.field.name}__in": pks}).count():
                    yield relation.related_model, number

    # --- One entry

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Ask whether to delete an entry, or say on its page why it is kept."""
        entry: Any = self.get_object(request, unquote(object_id))
        may = entry and super().has_delete_permission(request)
        if may and (why := self.why_kept(entry) or self.referred([entry.pk]).get(entry.pk)):
            messages.error(request, f"“{entry}” is not deleted. {why}")
            address = self.address("change", entry.pk)  # type: ignore[attr-defined]
            return HttpResponseRedirect(self.on_from_here(request, address))  # type: ignore[attr-defined]
        return super().delete_view(request, object_id, extra_context)

    # --- Many entries of a list

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Return the actions of the list, with our own way of deleting."""
        actions: dict[str, Any] = super().get_actions(request, action_location)
        if delete := actions.get(delete_selected.__name__):
            label = self.deletes.format(self.opts.verbose_name_plural)
            ours = {"func": type(self).delete_many, "description": label}
            actions[delete.name] = replace(delete, **ours, plural_description=label)
        return actions

    def delete_many(self, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
        """Ask whether to delete the entries that are selected in the list; when that is sent, do it."""
        pks = selected_keys(request, queryset)
        if pks is None:
            return None
        entries = self.with_keepers(self.model._default_manager.filter(pk__in=pks))
        if not request.POST.get("post"):
            return self.ask_to_delete(request, list(entries))
        try:
            with transaction.atomic():
                # Whoever publishes one of them meanwhile has done so by now, or finds it gone.
                locked = list(entries.select_for_update(of=("self",)))
                kept = self.kept(request, locked)
                going = self.model._default_manager.filter(
                    pk__in={entry.pk for entry in locked} - {each.entry.pk for each in kept}
                )
                number = going.count()
                self.log_deletions(request, going)
                self.delete_queryset(request, going)
        except models.ProtectedError:
            messages.error(request, LINKED_MEANWHILE)
            return None
        self.tell_of_deleted(request, number, kept)
        return None

    def ask_to_delete(self, request: HttpRequest, entries: Sequence[CatalogModel]) -> HttpResponse:
        """Show which entries would be deleted, what goes with them, and which are kept and why."""
        kept = self.kept(request, entries)
        stays = {each.entry.pk for each in kept}
        going = [entry for entry in entries if entry.pk not in stays]
        along = self.going_along([entry.pk for entry in going])
        context = {
            **self.admin_site.each_context(request),
            "title": f"Delete {counted(self.model, len(going))}",
            "opts": self.opts,
            "going": Named.of(going),
            "along": [counted(model, number) for model, number in along],
            "kept": Named.of(kept),
            "selected": [entry.pk for entry in going],
        }
        return TemplateResponse(request, "admin/catalog/delete_selected.html", context)

    def tell_of_deleted(self, request: HttpRequest, number: int, kept: Sequence[KeptEntry]) -> None:
        """Say how many entries were deleted, and which were kept and why."""
        stays = Named.of(kept)
        for entry, why in stays.entries:
            messages.warning(request, f"“{entry}” is not deleted. {why}")
        if stays.more:
            others = counted(self.model, stays.more)
            messages.warning(request, f"Not deleted either: {others} more.")
        if number:
            messages.success(
                request, f"Deleted: {counted(self.model, number)}. Their history is kept."
            )
