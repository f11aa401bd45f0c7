"""The full URLs of the site's own pages."""

from urllib.parse import urljoin

from django.conf import settings
from django.http import HttpRequest


def full_url(request: HttpRequest, path: str) -> str:
    """Return a path of the site as a full URL: at SITE_URL, or else at the host that was asked, which is allowed."""
    if settings.SITE_URL:
        return urljoin(settings.SITE_URL, path)
    return request.build_absolute_uri(path)
