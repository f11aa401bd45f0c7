"""The routes of the site, as its addresses are written in urls.py."""

from django.urls import URLResolver


def public_routes(patterns, prefix=""):
    """Return the route of every address outside the admin."""
    routes = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if route.startswith("admin/"):
            continue
        if not isinstance(pattern, URLResolver):
            routes.add(route)
        else:
            routes |= public_routes(pattern.url_patterns, route)
    return routes


def private_routes(patterns, prefix=""):
    """Return the route of every address that is not for everybody."""
    routes = set()
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            routes |= private_routes(pattern.url_patterns, route)
        elif route.startswith(("admin/", "preview/", "fact-check/")):
            routes.add(route)
    return routes
