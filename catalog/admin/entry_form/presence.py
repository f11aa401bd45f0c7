"""Who else has an entry open: a quiet line on its form, kept up to date while the page is open.

A hint and no more: where the cache cannot be read or written there is none, and the page works without it.
"""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from ...history.diff import person
from ...models.base import CatalogModel
from ...values.moments import time_of_day
from ...values.signs import leave_sign, read_sign
from ...values.site_url import admin_path
from .versions import number

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:
    Base = object

# Seconds after the last sign of life; the page gives one every minute.
FORGOTTEN_AFTER = 180

# Who has an entry open, by the key of the user: name, since when, and when last seen, in seconds since 1970.
type Editors = dict[int | None, tuple[str, float, float]]


def editors_of(entry: Model) -> Editors:
    """Return who has the entry open; nobody where the cache cannot be read, or holds something else."""
    oldest = time.time() - FORGOTTEN_AFTER
    kept = read_sign(key_of(entry))
    if not isinstance(kept, dict):
        return {}
    try:
        return {
            int(pk): (str(name), float(since), float(seen))
            for pk, (name, since, seen) in kept.items()
            if seen >= oldest
        }
    except (TypeError, ValueError):
        return {}


def keep(entry: Model, editors: Editors) -> None:
    """Store who has the entry open, if the cache can be written."""
    leave_sign(key_of(entry), editors, FORGOTTEN_AFTER)


def key_of(entry: Model) -> str:
    """Return the key in the cache that says who has an entry open."""
    return f"open-{entry._meta.label_lower}-{entry.pk}"


def enter(entry: Model, user: User | AnonymousUser) -> str:
    """Note that somebody has the entry open; return a sentence for everybody else who has, "" if nobody."""
    editors, now = editors_of(entry), time.time()
    _, since, _ = editors.pop(user.pk, ("", now, now))
    keep(entry, {**editors, user.pk: (person(user), since, now)})
    return " ".join(
        f"{name} has had this entry open since {time_of_day(moment_of(start))}."
        for name, start, _ in editors.values()
    )


def leave(entry: Model, user: User | AnonymousUser) -> None:
    """Forget that somebody has the entry open."""
    editors = editors_of(entry)
    if editors.pop(user.pk, None):
        keep(entry, editors)


def moment_of(seconds: float) -> datetime:
    """Return the moment that is so many seconds after the beginning of 1970."""
    return datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone())


class PresenceAdmin(Base):
    """Tell whoever opens an entry who else has it open. Who only reads it does not count."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of the signs of life."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_presence"
        view = self.admin_site.admin_view(self.presence)
        return [path("<int:pk>/presence/", view, name=name), *super().get_urls()]

    @method_decorator(require_POST)
    def presence(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a page's sign of life, or that it is left; say who else is there, and who has saved meanwhile."""
        entry = self.model._default_manager.filter(pk=pk).first()
        if not self.has_change_permission(request, entry):
            raise PermissionDenied
        if entry is None:
            raise Http404
        if "leaving" in request.POST:
            leave(entry, request.user)
            return JsonResponse({})
        others = enter(entry, request.user)
        saved = saved_since(entry, number(request.POST.get("version", "")))
        return JsonResponse({"line": f"{saved} {others}".strip()})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the form with who else has the entry open."""
        entry = context["original"]
        if entry and self.has_change_permission(request, entry):
            context["presence"] = {
                "line": enter(entry, request.user),
                "url": admin_path(entry, "presence", entry.pk),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Model) -> HttpResponse:
        """Go on after saving, and forget that this person has the entry open."""
        leave(obj, request.user)
        return super().response_change(request, obj)


def saved_since(entry: CatalogModel, version: int) -> str:
    """Say who has saved the entry last, if that was after a version of it; "" if nobody has."""
    latest = entry.history.order_by("pk").select_related("history_user").last()
    if latest is None or latest.pk == version:
        return ""
    return (
        f"{person(latest.history_user)} has saved this entry at {time_of_day(latest.history_date)}. When you save, "
        "you will be shown what changed, and nothing that you typed is lost."
    )
