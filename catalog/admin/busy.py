"""The answer where nothing can be saved just now: what was typed comes back, with a sentence that says why.

Another writer keeps the database locked (``values/busy.py``), or a file cannot be stored because the disk is full or
not to be written.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django import forms
from django.contrib.admin import AdminSite
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.template.response import TemplateResponse

from ..values.busy import BUSY, is_busy_error, unavailable
from .files import ask_for_files_again
from .resending import resend_page

logger = logging.getLogger(__name__)

UNSTORED = "The file could not be stored; nothing was saved. Press {button} again later, or tell whoever runs the site."
BUSY_TO_READ = "Somebody else is writing to the database. Load this page again in a moment."


def refusal_of(error: OSError | OperationalError) -> str:
    """Return why nothing can be saved, as a sentence in which ``button`` is to be named; "" for other errors."""
    if isinstance(error, OperationalError):
        return BUSY if is_busy_error(error) else ""
    return "" if isinstance(error, UnreadablePostError) else UNSTORED


def refusal(request: HttpRequest, button: str) -> str:
    """Return why this request could not save anything, so that it is not to write again; "" if it has not failed."""
    sentence: str = getattr(request, "refusal", "")
    return sentence.format(button=button)


def is_refused(request: HttpRequest) -> bool:
    """Return whether this request could not save anything, so that it is not to write again."""
    return bool(getattr(request, "refusal", ""))


def keep_typed[View, **P](
    view: Callable[Concatenate[View, HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[View, HttpRequest, P], HttpResponse]:
    """Call a view once more when it could not save anything, so that its form comes back as it was sent.

    ``is_refused`` tells the view that it is to write nothing then, and to let the form say so (``show_refusal``).
    """

    @wraps(view)
    def answer(
        self: View, request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        try:
            return view(self, request, *args, **kwargs)
        except (OperationalError, OSError) as error:
            sentence = refusal_of(error)
            if request.method != "POST" or not sentence:
                raise
            logger.warning("Nothing could be saved at %s: %s", request.path, error)
        request.refusal = sentence  # type: ignore[attr-defined]
        return unavailable(view(self, request, *args, **kwargs))

    return answer


def show_refusal(request: HttpRequest, form: forms.BaseForm, button: str = "Save") -> None:
    """Let a form say why nothing was saved, and which button to press again, if that is so."""
    if sentence := refusal(request, button):
        form.add_error(None, sentence)
        ask_for_files_again(form)


def refusing_form[F: forms.BaseForm](form_class: type[F], request: HttpRequest) -> type[F]:
    """Return a form class whose forms say that nothing was saved; for forms that Django's own views make."""

    class Refusing(form_class):  # type: ignore[misc,valid-type]
        def full_clean(self) -> None:
            super().full_clean()
            show_refusal(request, self)

    return Refusing


def busy_page(request: HttpRequest, site: AdminSite) -> TemplateResponse:
    """Return a page that says so, and sends the same again when asked to."""
    is_sent = request.method == "POST"
    sentence = "The database is busy; nothing was saved." if is_sent else BUSY_TO_READ
    return unavailable(resend_page(request, site, "The database is busy", sentence))
