"""Taking in what a visitor sends by a form; too often, or while the database is busy, it is refused in words."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from django.db import OperationalError
from django.forms import BaseForm
from django.http import HttpResponse

from ..values.busy import BUSY, is_busy_error, unavailable
from ..values.throttling import TooOften

logger = logging.getLogger(__name__)

type Refusal = TooOften | OperationalError


def refusal_of(
    form: BaseForm, store: Callable[[], None], *, button: str, sent: str
) -> Refusal | None:
    """Store what a form holds; return why that cannot be now, None if it is stored.

    The form says it too, and the log, in which ``sent`` names what was sent.
    """
    refusal: Refusal
    try:
        store()
        return None
    except TooOften as error:
        refusal, sentence = error, error.sentence
    except OperationalError as error:
        if not is_busy_error(error):
            raise
        refusal, sentence = error, BUSY.format(button=f"“{button}”")
    logger.warning("%s refused: %s", sent, sentence)
    form.add_error(None, sentence)
    return refusal


def refuse(response: HttpResponse, refusal: Refusal) -> HttpResponse:
    """Give a response the status of a refusal, and say when to try again."""
    if isinstance(refusal, OperationalError):
        return unavailable(response)
    response.status_code = HTTPStatus.TOO_MANY_REQUESTS
    response["Retry-After"] = str(refusal.seconds)
    return response
