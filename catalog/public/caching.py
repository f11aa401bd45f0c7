"""What browsers and shared caches may keep of a public page: nothing longer than it is right."""

import hashlib
from collections.abc import Callable
from functools import cache, wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import condition

from ..search.catalog_version import catalog_version

# How long a shared cache may answer by itself, in seconds: the longest that a retired program goes on showing there.
SHARED_SECONDS = 60


class PublicRequest(HttpRequest):
    """Request for a public page, as ``public_page`` hands it to the view."""

    catalog_version: str


def public_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let visitors' browsers keep the page and ask whether it changed: one query answers that (304).

    Sets ``request.catalog_version``. Pages of people who are signed in are not kept: they may show drafts.
    There is no Last-Modified: a transaction that ends after a younger one would not show in it.
    """
    conditional = condition(etag_func=etag)(view)

    @wraps(view)
    def wrapped(request: PublicRequest, *args: object, **kwargs: object) -> HttpResponse:
        request.catalog_version = catalog_version()
        # Whether there is a page at all, only the view knows.
        if request.headers.get("If-None-Match") == "*":
            del request.META["HTTP_IF_NONE_MATCH"]
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response = view(request, *args, **kwargs)
            patch_cache_control(response, private=True, no_cache=True)
        else:
            response = conditional(request, *args, **kwargs)
            if not response.has_header("Cache-Control"):
                patch_cache_control(response, public=True, max_age=0, s_maxage=SHARED_SECONDS)
        patch_vary_headers(response, ["Cookie"])
        return response

    return wrapped


def etag(request: PublicRequest, *args: object, **kwargs: object) -> str:
    """Return the page's entity tag: another one when the catalog, the address, the day or the software changes."""
    parts = (
        request.catalog_version,
        request.build_absolute_uri(),
        timezone.localdate().isoformat(),
        release(),
    )
    return f'W/"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]}"'


def release() -> str:
    """Return a digest of the code, the templates, the static files and the settings that pages show."""
    return read_release() if settings.DEBUG else read_release_once()


def read_release() -> str:
    """Read all that pages are made of, and return its digest."""
    digest = hashlib.sha256()
    for folder in ("catalog", "config", "templates"):
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in {".css", ".html", ".js", ".py", ".svg", ".typ"}:
                digest.update(path.read_bytes())
    shown = (
        settings.TIME_ZONE,
        settings.SITE_NAME,
        settings.CONTACT_EMAIL,
        settings.REVIEW_INTERVAL_MONTHS,
        settings.DEBUG,
    )
    digest.update(repr(shown).encode())
    return digest.hexdigest()


read_release_once = cache(read_release)
