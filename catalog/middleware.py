"""What is done to every request before anything else looks at it, and to its answer."""

import logging
import sqlite3
from collections.abc import Callable

from django.contrib import admin
from django.contrib.sessions import middleware
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.security import SecurityMiddleware
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from .admin.busy import busy_page
from .admin.too_large import too_large_page, why_too_large
from .models.history import one_save
from .values.busy import is_busy_error, unavailable

logger = logging.getLogger(__name__)

READING = ("GET", "HEAD")
# Where visitors send something; the views say by which methods.
PUBLIC_FORMS = {
    "catalog:fact_check",
    "catalog:suggest_correction",
    "catalog:write",
    "catalog:nominate_program",
    "catalog:nominate_topic_area",
}
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


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


def with_policies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let every answer, a static file and an error page too, forbid what no page of ours asks of a browser."""
    security = SecurityMiddleware(get_response)

    def middleware(request: HttpRequest) -> HttpResponse:
        # Django's own place for these is below: it leaves out what it refuses itself, such as a wrong host.
        response = security.process_response(request, get_response(request))
        response.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


def with_words_for_methods(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let an address that is not asked in this way say so on a page: Django's answer is a blank one."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            context = {"is_reading": request.method in READING}
            response.content = render_to_string("405.html", context).encode()
        return response

    return middleware


class ReadOnlyMiddleware(MiddlewareMixin):
    """Refuses to be sent anything at a public address, before it is asked where the form came from."""

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        """Return the refusal; None in the admin, at a public form, and for what only reads."""
        is_form = request.resolver_match and request.resolver_match.view_name in PUBLIC_FORMS
        is_admin = request.path.startswith(reverse("admin:index"))
        if request.method in READING or is_admin or is_form:
            return None
        return HttpResponseNotAllowed(READING)


class SizeMiddleware(MiddlewareMixin):
    """Answers in words where a form of the admin is larger than it may be, before anything else looks into it."""

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        """Return the page that says what is too large; None where what was sent can be read."""
        is_form = request.method == "POST" and request.path.startswith(reverse("admin:index"))
        why = why_too_large(request) if is_form else ""
        return too_large_page(request, why).render() if why else None


def as_one_save(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Record all that a request writes as one save in the history."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with one_save():
            return get_response(request)

    return middleware


class SessionMiddleware(middleware.SessionMiddleware):
    """Save the session as Django does, and fail no request because the database is locked just then."""

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


class DatabaseAwayMiddleware(MiddlewareMixin):
    """Answers in words, with status 503, where the database does not: it is locked, takes too long, or is away."""

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return the page that says so; None for every other error."""
        if not isinstance(error, OperationalError | InterfaceError) or is_fault(error):
            return None
        logger.error("The database did not answer at %s: %s", request.path, error)
        return unavailable(HttpResponse(render_to_string("503.html")))


def is_fault(error: BaseException) -> bool:
    """Return whether it is our SQL that is wrong, for which SQLite has no error of its own."""
    return getattr(error.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR


def is_caused_by_busy_database(error: BaseException | None) -> bool:
    """Return whether a locked database is behind an error: the session calls each a concurrent log-out."""
    while error and not isinstance(error, OperationalError):
        error = error.__context__
    return isinstance(error, OperationalError) and is_busy_error(error)
