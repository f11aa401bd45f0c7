"""What is kept of public pages, by this process, by browsers and by shared caches: nothing longer than it is right."""

import hashlib
import re
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import cache, wraps
from http import HTTPStatus
from threading import Lock
from typing import NamedTuple

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import condition

from ..finding.program_sets import CatalogSnapshot
from ..finding.snapshots import Latest, latest_catalog
from ..search.change_log import Versions, versions
from ..values.site_url import full_url

# How long a shared cache may answer by itself, in seconds: the longest that a retired program goes on showing there.
SHARED_SECONDS = 60
# What a kept page takes beside its content, in bytes.
OVERHEAD = 1_000

type View = Callable[..., HttpResponse]
# Returns the version of what a page shows, by the words of its address.
type VersionOf = Callable[..., str]


class PublicRequest(HttpRequest):
    """Request for a public page, as ``public_page`` hands it to the view."""

    versions: Versions
    catalog: CatalogSnapshot
    version: str  # of what the page shows
    etag: str


def of_lists(latest: Latest, now: Versions, **kwargs: object) -> str:
    """Return the version of the sets at hand, and so of what lists show; of older ones while they are read again."""
    return latest.versions.lists


def of_program(latest: Latest, now: Versions, slug: str) -> str:
    """Return the version of what the page of one program shows."""
    return now.of_program(slug)


def of_site(latest: Latest, now: Versions, **kwargs: object) -> str:
    """Return the version of what every page shows, and so of the agency's own pages."""
    return now.site


def of_everything(latest: Latest, now: Versions, **kwargs: object) -> str:
    """Return the version of all that is public."""
    return now.whole


def public_page(view: View, version_of: VersionOf = of_lists) -> View:
    """Keep the page for everybody who is not signed in, until what it shows changed. One query answers that.

    Sets ``versions``, ``catalog``, ``version`` and ``etag`` of the request. Pages of people who are signed in are not
    kept: they may show drafts. There is no Last-Modified: a transaction that ends after a younger one would not show
    in it.
    """
    conditional = condition(etag_func=lambda request, *args, **kwargs: request.etag)(
        made_once(view)
    )

    @wraps(view)
    def wrapped(request: PublicRequest, *args: object, **kwargs: object) -> HttpResponse:
        now = versions()
        latest = latest_catalog(now)
        request.versions, request.catalog = now, latest.catalog
        request.version = version_of(latest, now, **kwargs)
        request.etag = entity_tag(request)
        # Whether there is a page at all, only the view knows.
        if request.headers.get("If-None-Match") == "*":
            del request.META["HTTP_IF_NONE_MATCH"]
        if settings.SESSION_COOKIE_NAME in request.COOKIES:
            response = view(request, *args, **kwargs)
            patch_cache_control(response, private=True, no_cache=True)
        else:
            response = conditional(request, *args, **kwargs)
            if not response.has_header("Cache-Control"):
                patch_cache_control(response, **lifetime(latest, now))
        patch_vary_headers(response, ["Accept-Encoding", "Cookie"])
        return response

    return wrapped


def lifetime(latest: Latest, now: Versions) -> dict[str, object]:
    """Return the words of Cache-Control: what was made from older sets is the visitor's only."""
    if latest.versions.lists != now.lists:
        return {"no_store": True}
    return {"public": True, "max_age": 0, "s_maxage": SHARED_SECONDS}


def entity_tag(request: PublicRequest) -> str:
    """Return the page's entity tag: another one when what it shows, the address, the day or the software changes."""
    parts = (
        request.version,
        full_url(request, request.get_full_path()),
        timezone.localdate().isoformat(),
        release(),
    )
    return f'W/"{hashlib.sha256("|".join(parts).encode()).hexdigest()[:32]}"'


# --- Kept by this process --------------------------------------------------------------------------------------------


class Kept(NamedTuple):
    """A page, or a part of pages, as this process keeps it."""

    content: bytes
    headers: dict[str, str] = {}


def room(most: int) -> LRUCache[Hashable, Kept]:
    """Return room for what takes so many bytes; what was asked for last stays."""
    return LRUCache(most, getsizeof=lambda kept: len(kept.content) + OVERHEAD)


_kept = room(settings.KEPT_PAGES_MB * 1_000_000)
_lock = Lock()
packing = GZipMiddleware(lambda request: HttpResponse())
accepts_gzip = re.compile(r"\bgzip\b").search


def keep(key: Hashable, kept: Kept) -> None:
    """Keep what is right for everybody as long as somebody asks for its key."""
    with _lock, suppress(ValueError):  # of what is larger than all that may be kept
        _kept[key] = kept


def find_kept(key: Hashable) -> Kept | None:
    """Return the page, or the part, that is kept for this key."""
    with _lock:
        return _kept.get(key)


def forget() -> None:
    """Keep nothing, as another process that has just begun."""
    with _lock:
        _kept.clear()


def made_once(view: View) -> View:
    """Make each page once in each encoding, and keep it by its entity tag."""

    @wraps(view)
    def wrapped(request: PublicRequest, *args: object, **kwargs: object) -> HttpResponse:
        key = request.etag, bool(accepts_gzip(request.headers.get("Accept-Encoding", "")))
        if page := find_kept(key):
            return HttpResponse(page.content, headers=page.headers)
        response = view(request, *args, **kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
        if response.streaming:  # a file, which is compressed by itself
            return response
        packing.process_response(request, response)
        if may_be_kept(response):
            keep(key, Kept(response.content, dict(response.items())))
        return response

    return wrapped


def may_be_kept(response: HttpResponse) -> bool:
    """Return whether a page is the same for everybody."""
    return (
        response.status_code == HTTPStatus.OK
        and not response.cookies
        and "no-store" not in response.get("Cache-Control", "")
    )


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
