"""The answer while another writer keeps the database locked: nothing is saved, and what was typed comes back.

SQLite lets one writer in at a time, and the others wait as long as the ``timeout`` of the settings; PostgreSQL ends one
of two that wait for each other, and whatever waits or works too long (``config/timeouts.py``).
"""

import logging
import sqlite3
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django import forms
from django.contrib.admin import AdminSite
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

logger = logging.getLogger(__name__)

BUSY = "The database is busy; nothing was saved. Press {button} again in a moment."
FILE_AGAIN = "Choose your file again, too: the browser does not keep it."
# Seconds.
RETRY_AFTER = 10
SQLITE = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
# deadlock_detected, lock_not_available, query_canceled (by the statement's timeout)
POSTGRESQL = {"40P01", "55P03", "57014"}


def is_busy_error(error: OperationalError) -> bool:
    """Return whether a statement failed because of another writer, so that it may succeed in a moment."""
    cause = error.__cause__
    # The lower byte is the code; the rest says more exactly why.
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code in SQLITE or getattr(cause, "sqlstate", None) in POSTGRESQL


def is_busy(request: HttpRequest) -> bool:
    """Return whether this request has met a locked database, and is not to write again."""
    return getattr(request, "database_is_busy", False)


def unavailable[R: HttpResponse](response: R) -> R:
    """Give a response the status 503, and say when to try again."""
    response.status_code = 503
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def keep_typed[View, **P](
    view: Callable[Concatenate[View, HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[View, HttpRequest, P], HttpResponse]:
    """Call a view once more when it finds the database locked, so that its form comes back as it was sent.

    ``is_busy`` tells the view that it is to write nothing then, and to let the form say so (``refuse_if_busy``).
    """

    @wraps(view)
    def answer(
        self: View, request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        try:
            return view(self, request, *args, **kwargs)
        except OperationalError as error:
            if request.method != "POST" or not is_busy_error(error):
                raise
            logger.warning("The database was locked at %s", request.path)
        request.database_is_busy = True  # type: ignore[attr-defined]
        return unavailable(view(self, request, *args, **kwargs))

    return answer


def refuse_if_busy(request: HttpRequest, form: forms.BaseForm, button: str = "Save") -> None:
    """Let a form say that nothing was saved, and which button to press again, if the database was locked."""
    if is_busy(request):
        again = f" {FILE_AGAIN}" if request.FILES else ""
        form.add_error(None, BUSY.format(button=button) + again)


def refusing_form[F: forms.BaseForm](form_class: type[F], request: HttpRequest) -> type[F]:
    """Return a form class whose forms say that nothing was saved; for forms that Django's own views make."""

    class Refusing(form_class):  # type: ignore[misc,valid-type]
        def full_clean(self) -> None:
            super().full_clean()
            refuse_if_busy(request, self)

    return Refusing


def busy_page(request: HttpRequest, site: AdminSite) -> TemplateResponse:
    """Return a page that says so, and sends the same again when asked to; but no files, and no password."""
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
    may_resend = not request.FILES and not any("password" in name for name, _ in sent)
    context: dict[str, Any] = {
        **site.each_context(request),
        "title": "The database is busy",
        "sent": sent if may_resend else [],
        "may_resend": may_resend,
    }
    return unavailable(TemplateResponse(request, "admin/catalog/busy.html", context))
