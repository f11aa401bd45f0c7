"""The addresses of the site's own pages."""

from urllib.parse import urljoin

from django.conf import settings
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse


def full_url(request: HttpRequest, path: str) -> str:
    """Return a path of the site as a full URL: at SITE_URL, or else at the host that was asked, which is allowed."""
    if settings.SITE_URL:
        return urljoin(settings.SITE_URL, path)
    return request.build_absolute_uri(path)


def admin_path(of: Model | type[Model], page: str, *args: int | str) -> str:
    """Return the path of a page of the admin about a model, by the page's name: "changelist", "change" …"""
    opts = of._meta
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)
