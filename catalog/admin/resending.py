"""The page that holds what somebody typed, where their form could not be taken: to be sent again, or copied."""

from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.middleware import csrf
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.csrf import csrf_failure as plain_csrf_failure

from .files import CHOOSE_AGAIN

# The form's token, which the next page has anew.
FRESH = {"csrfmiddlewaretoken"}
# Texts of more characters than this are shown, to be copied.
SHOWN_FROM = 30
SIGNED_OUT = (
    "You are signed out, and nothing was saved. Sign in in another tab, then come back here."
)
OLD_PAGE = "This page was opened before you signed in last, and nothing was saved."
TRY_AGAIN = "Press Try again in a moment."
GO_BACK = "Go back, and press the button again in a moment."
# What Django says of a request that comes from this site, with another token than the visitor's.
OF_THIS_SITE = (csrf.REASON_NO_CSRF_COOKIE, "CSRF token")


class Sent(NamedTuple):
    """Name what came with a form: all of it, the longer texts, and whether it can be sent again from here.

    A browser sends a file once: for each that came there is the sentence that asks for it again.
    """

    values: list[tuple[str, str]]
    texts: list[tuple[str, str]]
    files: list[tuple[str, str]]
    may_resend: bool


def sent_with(request: HttpRequest) -> Sent:
    """Return what came with a form, without its token; no password is sent again."""
    values = [
        (name, str(value))
        for name, found in request.POST.lists()
        for value in found
        if name not in FRESH
    ]
    if any("password" in name for name, _ in values):
        return Sent([], [], [], may_resend=False)
    texts = [(name, value) for name, value in values if len(value) > SHOWN_FROM]
    sent: Any = request.FILES
    files = [(name, CHOOSE_AGAIN.format(file.name)) for name, file in sent.items()]
    return Sent(values, texts, files, may_resend=True)


def resend_page(
    request: HttpRequest, site: AdminSite, title: str, sentence: str, **context: object
) -> TemplateResponse:
    """Return a page with a sentence that says why nothing was saved, what to do now, and what was sent."""
    sent = sent_with(request)
    if request.method == "POST":
        sentence += f" {TRY_AGAIN if sent.may_resend else GO_BACK}"
    context |= {
        **site.each_context(request),
        "title": title,
        "sentence": sentence,
        "sent": sent,
    }
    return TemplateResponse(request, "admin/catalog/resend.html", context)


def signed_out_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Return the page for somebody whose session has ended while a form was open."""
    login = reverse("admin:login")
    response = resend_page(request, site, "You are signed out", SIGNED_OUT, login=login)
    # Its lists are for who is signed in.
    response.context_data = {**(response.context_data or {}), "is_nav_sidebar_enabled": False}
    response.status_code = 401
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for a form of the admin whose token is no longer right; for all else Django's own.

    The token changes when somebody signs in, in another tab too. What another site sends is not held: it would be for a
    person to send it on.
    """
    is_from_here = reason.startswith(OF_THIS_SITE) and (
        request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    )
    if not (is_from_here and request.path.startswith(reverse("admin:index"))):
        return plain_csrf_failure(request, reason)
    site: Any = admin.site
    response = resend_page(request, site, "Send it once more", OLD_PAGE)
    response.status_code = 403
    return response.render()
