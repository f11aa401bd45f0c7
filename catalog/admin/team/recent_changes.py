"""The latest changes of all entries: who changed what, when, and by which import."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django import forms
from django.contrib.admin import AdminSite
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.defaulttags import querystring
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from ...editorial.transitions import may_read, readable_kinds
from ...history.narrative import Item, day_heading
from ...history.recent import CHANGED_BY, FINISHED, Place, RecentChange, Wanted, recent_page
from ...history.records import parts_of
from ...models import Import, Program, Proposal
from ...models.about_entry import entry_models
from ...values.moments import day_in_words
from ...values.site_url import admin_path
from ..imports.admin import kinds_of
from ..lists import KEY
from ..people import PersonField

PER_PAGE = 30
# So many imports are offered to choose from, besides the one that an address names.
MOST_IMPORTS = 50
UNKNOWN = "There is none such to choose, so it is left out."


class ChangesForm(forms.Form):
    """Ask whose changes of what are to be shown."""

    person = PersonField(
        label="By",
        queryset=User.objects.filter(is_staff=True).order_by("first_name", "last_name", "username"),
        required=False,
        empty_label="Everybody",
        error_messages={"invalid_choice": UNKNOWN},
    )
    kind = forms.ChoiceField(label="Of", required=False, error_messages={"invalid_choice": UNKNOWN})
    source = forms.TypedChoiceField(
        label="Import",
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": UNKNOWN},
    )

    def __init__(self, request: HttpRequest, kinds: Sequence[str]) -> None:
        super().__init__(request.GET)
        self.label_suffix, self.kinds = "", kinds
        models = entry_models()
        names = [(name, capfirst(models[name]._meta.verbose_name_plural)) for name in kinds]
        fields: Any = self.fields
        fields["kind"].choices = [("", "All entries"), *names]
        found = imports_of(kinds, request.GET.get("source", ""))
        fields["source"].choices = [("", "All, each as one change"), *found]

    def wanted(self, request: HttpRequest) -> Wanted:
        """Return the selection of changes that is asked for, as far as it was understood."""
        self.full_clean()
        values, models = self.cleaned_data, entry_models()
        person: User | None = values.get("person")
        return Wanted(
            [models[name] for name in ([values["kind"]] if values.get("kind") else self.kinds)],
            [part for part in parts_of(Program) if may_read(request.user, part)],
            person.pk if person else None,
            values.get("source"),
        )


def imports_of(kinds: Sequence[str], key: str) -> list[tuple[int, str]]:
    """Return the last imports that have changed entries of some kinds, and the one that has a key."""
    models = entry_models()
    files = [kind for kind, model in CHANGED_BY.items() if model in {models[k] for k in kinds}]
    found = Import.objects.filter(kind__in=files, status__in=FINISHED).order_by("-finished_at")
    found = found.only("kind", "file_name", "finished_at")
    listed = list(found[:MOST_IMPORTS])
    if KEY.fullmatch(key) and int(key) not in {record.pk for record in listed}:
        listed += found.filter(pk=key)
    return [(r.pk, f"{r}, {day_in_words(r.finished_at)}") for r in listed if r.finished_at]


class ChangeLine(NamedTuple):
    """Show a change: what it is about, where that is, and where there is more to read."""

    name: str
    address: str
    kind: str
    item: Item
    more: str
    more_label: str


@require_safe
def recent_changes(request: HttpRequest, site: AdminSite) -> TemplateResponse:
    """Show the latest changes, day by day, of what this person may read."""
    kinds = readable_kinds(request.user)
    if not kinds:
        raise PermissionDenied
    form = ChangesForm(request, kinds)
    before, after = (Place.read(request.GET.get(name, "")) for name in ("before", "after"))
    page = recent_page(form.wanted(request), PER_PAGE, before, after)
    files = kinds_of(request.user)
    lines = [line_of(change, files) for change in page.changes]
    by_day = groupby(lines, lambda line: line.item.when.date())
    context = {
        **site.each_context(request),
        "title": "Recent changes",
        "form": form,
        "is_filtered": any(form.cleaned_data.values()),
        "days": [(day_heading(day), list(of_day)) for day, of_day in by_day],
        "older": address_with(request, before=page.older, after=None) if page.older else "",
        "newer": address_with(request, before=None, after=page.newer) if page.newer else "",
        "latest": address_with(request, before=None, after=None),
        "is_first": not (before or after),
        "files": files,
    }
    return TemplateResponse(request, "admin/catalog/recent_changes.html", context)


def address_with(request: HttpRequest, **places: Place | None) -> str:
    """Return the address of this page with other places in it."""
    others = {name: str(place) if place else None for name, place in places.items()}
    return str(querystring({"request": request}, request.GET, others))  # type: ignore[call-arg,arg-type]


def line_of(change: RecentChange, files: Sequence[str]) -> ChangeLine:
    """Return the line of a change; imports lead to their records for those who may see those."""
    opts, item = change.kind._meta, change.item
    kind = capfirst(str(opts.verbose_name))
    if change.kind is Import:
        address = admin_path(Import, "change", change.key)
        is_seen = item.source is not None and item.source.kind in files
        more = f"?source={change.key}"
        return ChangeLine(
            change.name,
            address if is_seen else "",
            kind,
            item._replace(source=None),
            more,
            "Each of its changes",
        )
    address = admin_path(change.kind, "change" if change.is_there else "history", change.key)
    if change.kind is Proposal or item.version is None:
        return ChangeLine(change.name, address, kind, item, "", "")
    more = admin_path(change.kind, "simple_history", change.key, item.version.pk)
    return ChangeLine(change.name, address, kind, item, more, "This version")
