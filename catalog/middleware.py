"""What is done to every request before anything else looks at it, and to its answer."""

from collections.abc import Callable

from django.contrib import admin
from django.contrib.sessions import middleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from .admin.busy import busy_page, is_busy_error
from .models.history import one_save


def without_nul(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Leave out NULs, in cookies and in the admin's filters: PostgreSQL cannot look them up, and no page sends any."""

    def middleware(request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        if request.path.startswith(reverse("admin:index")):
            request.META["QUERY_STRING"] = request.META["QUERY_STRING"].replace("%00", "")
        return get_response(request)

    return middleware


def as_one_save(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let all that a request writes be one save in the history."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with one_save():
            return get_response(request)

    return middleware


class SessionMiddleware(middleware.SessionMiddleware):
    """Django's, which lets nobody down when the database is locked just as a session is saved."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        try:
            return super().process_response(request, response)
        except (OperationalError, SessionInterrupted) as error:
            if not is_caused_by_busy_database(error):
                raise
        if request.path != reverse("admin:login"):
            # Something else was done and saved; only a note about it is lost.
            return response
        return busy_page(request, admin.site).render()


def is_caused_by_busy_database(error: BaseException | None) -> bool:
    """Return whether a locked database is behind an error: the session calls each a concurrent log-out."""
    while error and not isinstance(error, OperationalError):
        error = error.__context__
    return isinstance(error, OperationalError) and is_busy_error(error)
