"""What every page shows of the site itself."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from .public.site import site_of


def site(request: HttpRequest) -> dict[str, object]:
    """Return the names of the site, and the links to the agency's pages for those templates that show them."""
    return {
        "site": SimpleLazyObject(lambda: site_of(request)),
        "site_name": settings.SITE_NAME,
        "contact_email": settings.CONTACT_EMAIL,
    }
