"""The addresses of the site's own pages."""

from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

# Answered by a middleware, whatever the URLconf says (catalog/health.py).
HEALTH_CHECKS = ("healthz", "readyz")


def full_url(request: HttpRequest, path: str) -> str:
    """Return a path of the site as a full URL: at SITE_URL, or else at the host that was asked, which is allowed."""
    if settings.SITE_URL:
        return urljoin(settings.SITE_URL, path)
    return request.build_absolute_uri(path)


def admin_path(of: Model | type[Model], page: str, *args: int | str) -> str:
    """Return the path of a page of the admin about a model, by the page's name: "changelist", "change" …"""
    opts = of._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


@cache
def own_parts(below: str = "") -> frozenset[str]:
    """Return what may follow ``below`` in addresses of the site itself: by "", "programs" and "admin" among others."""
    rests = [route.removeprefix(below) for route in routes() if route.startswith(below)]
    parts = {rest.partition("/")[0] for rest in rests}
    if not below:
        parts |= {*HEALTH_CHECKS, settings.STATIC_URL.strip("/").partition("/")[0]}
    return frozenset(part for part in parts if part and "<" not in part)


def routes(
    patterns: Iterable[URLPattern | URLResolver] | None = None, before: str = ""
) -> Iterator[str]:
    """Yield the route of each address of the URLconf, as "programs/<slug:slug>/"."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = f"{before}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route
