"""What is typed into a form and not saved yet: a script keeps it in the browser, and is told here when it is saved."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# The form's field with the number that the script has given to the page, and the cookie that names what is saved.
PAGE, SAVED = "typed", "saved"
# In seconds: until the browser shows such a page again.
A_DAY = 24 * 60 * 60


def typed_page(data: Mapping[str, Any]) -> str:
    """Return the number under which a browser keeps what was sent; "" where it keeps nothing."""
    number = str(data.get(PAGE, ""))
    return number if re.fullmatch(r"[0-9]{1,18}", number) else ""


def forget_typed_below[R: HttpResponse](path: str, request: HttpRequest, response: R) -> R:
    """Let the browser forget what it has kept of a form that was saved, on its next page below a path."""
    if page := typed_page(request.POST):
        response.set_cookie(
            SAVED,
            page,
            max_age=A_DAY,
            path=path,
            secure=settings.SESSION_COOKIE_SECURE,
            samesite="Lax",
        )
    return response
