"""How the site looks: the agency's pictures and colors, at addresses that change when these do."""

from pathlib import PurePath

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from ...values.documents import PICTURE_TYPES
from ..site import site_of

A_YEAR = 365 * 24 * 60 * 60


def for_ever(response: HttpResponse) -> HttpResponse:
    """Let everybody keep what an address answers: something else gets another address."""
    patch_cache_control(response, public=True, max_age=A_YEAR, immutable=True)
    return response


@require_safe
def picture(request: HttpRequest, field: str, name: str) -> HttpResponse:
    """Send the logo or the sharing image; lead from the address of a former one to that of now. Raises Http404."""
    site = site_of(request).settings
    address, file = site.address_of(field), getattr(site, field)
    if address and address != request.path:
        return HttpResponseRedirect(address)
    kind = PICTURE_TYPES.get(PurePath(name).suffix)
    if not address or not kind:
        raise Http404
    try:
        # Opened anew: the settings are shared by all threads.
        with file.storage.open(file.name) as stored:
            return for_ever(HttpResponse(stored.read(), content_type=kind))
    except OSError as error:
        raise Http404 from error


@require_safe
def colors(request: HttpRequest, version: str) -> HttpResponse:
    """Send the style sheet with the agency's accent colors; those of now at the address of former ones, too.

    Raises Http404 where the site has ours.
    """
    site = site_of(request).settings
    if not site.colors:
        raise Http404
    response = render(request, "public/colors.css", site.colors, content_type="text/css")
    return for_ever(response) if request.path == site.colors_address else response
