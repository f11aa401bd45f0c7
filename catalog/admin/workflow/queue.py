"""What is to be published next, for somebody who works through the desk or through a filtered list."""

from collections.abc import Sequence
from copy import copy
from typing import Any, NamedTuple

from django.contrib import messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import resolve, reverse
from django.utils.html import format_html

from ...editorial.transitions import PUBLISH, Transition, standing
from ...models import Status
from ...models.status import Publishable
from ...values.site_url import admin_path
from ..desk.lines import MOST
from ..desk.waiting import WaitingEntries
from ..lists import refuse_regular_expressions

# In an address: where somebody came from, if that is no list.
FROM, DESK = "from", "desk"

# A kind of entry, and the key of one.
EntryKey = tuple[type[Model], int]


class Following(NamedTuple):
    """Name the entry that is to be published next, the page on which it is, and how many more there are after it."""

    name: str
    address: str
    more: str


def is_from_desk(request: HttpRequest) -> bool:
    """Return whether somebody came from the desk."""
    return request.GET.get(FROM) == DESK


def following(
    model_admin: Any, request: HttpRequest, entry: Publishable, transition: Transition
) -> Following | None:
    """Return what is published next where somebody publishes this; None where nothing is, or it is another step.

    At the end come those that were passed over. To be asked before the entry is published, for its place.
    """
    keys = waiting(model_admin, request) if transition is PUBLISH else []
    this: EntryKey = (type(entry), entry.pk)
    place = keys.index(this) if this in keys else len(keys)
    others = [*keys[place + 1 :], *keys[:place]]
    if not others:
        return None
    model, pk = others[0]
    then = model._default_manager.filter(pk=pk).first()
    page = admin_path(model, "status", pk, Status.PUBLISHED)
    more = f"{len(others) - 1:,} more" if others[1:] else "the last one"
    more = f"{MOST:,} or more" if len(keys) > MOST else more
    return Following(str(then), on_in_queue(model_admin, request, page), more) if then else None


def go_on(
    model_admin: Any, request: HttpRequest, entry: Publishable, then: Following | None
) -> HttpResponse:
    """Say what was done with an entry, and go on to what follows; else back to the desk, or to the entry."""
    done = f"“{entry}”: {standing(entry)}"
    page = model_admin.on_from_here(request, model_admin.address("change", entry.pk))
    if then:
        text = "{}. <a href='{}'>Look at it</a>. Next in review: “{}” ({})."
        messages.success(request, format_html(text, done, page, then.name, then.more))
        return HttpResponseRedirect(then.address)
    if is_from_desk(request) and entry.status == Status.PUBLISHED:
        text = "{}. <a href='{}'>Look at it</a>. Nothing else waits to be published."
        messages.success(request, format_html(text, done, page))
        return HttpResponseRedirect(reverse("admin:index"))
    messages.success(request, done)
    return HttpResponseRedirect(page)


def on_in_queue(model_admin: Any, request: HttpRequest, page: str) -> str:
    """Return an address that knows where somebody came from."""
    if is_from_desk(request):
        return f"{page}?{FROM}={DESK}"
    return str(model_admin.on_from_here(request, page))


def waiting(model_admin: Any, request: HttpRequest) -> Sequence[EntryKey]:
    """Return the keys of entries to publish on the list that somebody came from, as ordered there; MOST + 1 at most."""
    if is_from_desk(request):
        return WaitingEntries(request.user).to_publish()
    filters = request.GET.get("_changelist_filters", "").replace("%00", "")
    if not filters:
        return []
    # As if the list were asked for.
    asked = copy(request)
    asked.method = "GET"
    asked.GET = QueryDict(filters)
    asked.resolver_match = resolve(model_admin.address("changelist"))
    try:
        refuse_regular_expressions(asked)
        listed = model_admin.get_export_queryset(asked).filter(status=Status.IN_REVIEW)
    except (DisallowedModelAdminLookup, IncorrectLookupParameters):
        return []
    return [(model_admin.model, pk) for pk in listed.values_list("pk", flat=True)[: MOST + 1]]
