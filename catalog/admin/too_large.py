"""The answer to a form that is larger than the site takes: what is too large, and where what was typed still is."""

import re
from contextlib import suppress

from django.conf import global_settings, settings
from django.contrib import admin
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse

# What somebody may send who is not signed in, in bytes: nobody needs more to sign in, and a process holds it.
MOST_OF_STRANGERS = global_settings.DATA_UPLOAD_MAX_MEMORY_SIZE
SIGNED_OUT = (
    "You are signed out, and what you sent is too large to be held meanwhile. Sign in first."
)
TOO_MANY_BYTES = (
    "The texts of this form have more than {} together, the most that is saved at once. Shorten the longest ones, or "
    "save some of the rows first and the others afterwards."
)
TOO_MANY_FIELDS = (
    "This form has more than {:,} fields, the most that is saved at once. Save some of the rows first and the others "
    "afterwards."
)
TOO_MANY_FILES = "More than {} files were sent, the most that are taken at once."
# So many bytes of what is refused are read all the same: a browser shows no answer before it has sent everything.
MOST_DISCARDED = 64 * 1024 * 1024
CHUNK = 1 << 16


def why_too_large(request: HttpRequest) -> str:
    """Return why what was sent is not read; "" where it is, and has been read."""
    length = request.META.get("CONTENT_LENGTH") or ""
    size = int(length) if re.fullmatch(r"[0-9]{1,18}", length) else 0
    if size > MOST_OF_STRANGERS and not request.user.is_authenticated:
        return SIGNED_OUT
    try:
        request.POST  # noqa: B018
    except RequestDataTooBig:
        return TOO_MANY_BYTES.format(filesizeformat(settings.DATA_UPLOAD_MAX_MEMORY_SIZE))
    except TooManyFieldsSent:
        return TOO_MANY_FIELDS.format(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
    except TooManyFilesSent:
        return TOO_MANY_FILES.format(settings.DATA_UPLOAD_MAX_NUMBER_FILES)
    return ""


def too_large_page(request: HttpRequest, why: str) -> TemplateResponse:
    """Return the page that says what is too large, and leads back to the form."""
    discard(request)
    context = {
        **admin.site.each_context(request),
        "title": "This is too large to be saved at once",
        "why": why,
        "is_nav_sidebar_enabled": False,
    }
    return TemplateResponse(request, "admin/catalog/too_large.html", context, status=413)


def discard(request: HttpRequest) -> None:
    """Read the rest of what was sent, and leave it; whoever sends very much is not waited for."""
    with suppress(OSError):
        for _ in range(MOST_DISCARDED // CHUNK):
            if not request.read(CHUNK):
                break
    # What was sent is not to be looked at again.
    request._mark_post_parse_error()  # type: ignore[attr-defined]
