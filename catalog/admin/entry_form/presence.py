"""Who else has an entry open: a quiet line on its form, kept up to date while the page is open."""

import time
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib import admin
from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import time_format
from django.views.decorators.http import require_POST

from ...history.diff import person
from .versions import number

if TYPE_CHECKING:
    Base = admin.ModelAdmin
else:
    Base = object

# Seconds after the last sign of life; the page gives one every minute.
FORGOTTEN_AFTER = 180


class Editor(NamedTuple):
    """Somebody who has an entry open; times in seconds since 1970."""

    name: str
    since: float
    seen: float

    @property
    def line(self) -> str:
        since = datetime.fromtimestamp(self.since, tz=timezone.get_current_timezone())
        return f"{self.name} has had this entry open since {time_format(since, 'H:i')}."


def editors_of(entry: Model) -> dict[int, Editor]:
    """Return who has the entry open, by user."""
    oldest = time.time() - FORGOTTEN_AFTER
    kept: dict[int, Editor] = caches["shared"].get(key_of(entry)) or {}
    return {user: editor for user, editor in kept.items() if editor.seen >= oldest}


def enter(entry: Model, user: Any) -> None:
    """Keep in mind that somebody has the entry open."""
    editors, now = editors_of(entry), time.time()
    since = editors[user.pk].since if user.pk in editors else now
    keep(entry, {**editors, user.pk: Editor(person(user), since, now)})


def leave(entry: Model, user: Any) -> None:
    """Forget that somebody has the entry open."""
    editors = editors_of(entry)
    if editors.pop(user.pk, None):
        keep(entry, editors)


def keep(entry: Model, editors: dict[int, Editor]) -> None:
    if editors:
        caches["shared"].set(key_of(entry), editors, FORGOTTEN_AFTER)
    else:
        caches["shared"].delete(key_of(entry))


def key_of(entry: Model) -> str:
    return f"open-{entry._meta.label_lower}-{entry.pk}"


def others(entry: Model, user: Any) -> list[str]:
    """Return a sentence for everybody else who has the entry open."""
    return [editor.line for pk, editor in editors_of(entry).items() if pk != user.pk]


class PresenceAdmin(Base):
    """Tells whoever opens an entry who else has it open. Who only reads it does not count."""

    def get_urls(self) -> list[URLPattern]:
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
        enter(entry, request.user)
        lines = others(entry, request.user)
        if saved := saved_since(entry, number(request.POST.get("version", ""))):
            lines = [saved, *lines]
        return JsonResponse({"line": " ".join(lines)})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        entry = context["original"]
        if entry and self.has_change_permission(request, entry):
            enter(entry, request.user)
            name = f"admin:{self.opts.app_label}_{self.opts.model_name}_presence"
            context["presence"] = {
                "line": " ".join(others(entry, request.user)),
                "url": reverse(name, args=[entry.pk]),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        leave(obj, request.user)
        return super().response_change(request, obj)


def saved_since(entry: Any, version: int) -> str:
    """Say who has saved the entry last, if that was after a version of it; "" if nobody has."""
    latest = entry.history.order_by("pk").select_related("history_user").last()
    if latest is None or latest.pk == version:
        return ""
    at = time_format(timezone.localtime(latest.history_date), "H:i")
    return (
        f"{person(latest.history_user)} has saved this entry at {at}. When you save, you will be shown what changed, "
        "and nothing that you typed is lost."
    )
