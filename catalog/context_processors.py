"""What every page shows of the site itself."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .public.site import site_of


def site(request: HttpRequest) -> dict[str, object]:
    """Return the site's settings and the links to the agency's pages, read where a template shows them."""
    site: SimpleLazyObject = SimpleLazyObject(lambda: site_of(request))
    return {"site": site, "site_name": SimpleLazyObject(lambda: site.settings.name)}
