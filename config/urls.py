"""All addresses: the catalog's public pages, the admin, and what crawlers ask for. Health checks: catalog/health.py."""

from django.contrib import admin
from django.contrib.sitemaps import views as sitemaps
from django.urls import include, path
from django.views.decorators.http import require_safe

from catalog.admin.markdown import preview
from catalog.admin.session import session
from catalog.public.caching import public_page
from catalog.public.sitemaps import SITEMAPS, sitemap_index
from catalog.public.views.pages import robots

urlpatterns = [
    path("admin/markdown/", admin.site.admin_view(preview), name="markdown_preview"),
    path("admin/session/", session, name="session"),
    path("admin/", admin.site.urls),
    path("sitemap.xml", public_page(sitemap_index), name="sitemap_index"),
    path(
        "sitemap-<section>.xml",
        public_page(require_safe(sitemaps.sitemap)),
        {"sitemaps": SITEMAPS},
        name="sitemap",
    ),
    path("robots.txt", robots, name="robots"),
    # Last, with the addresses that the agency chooses.
    path("", include("catalog.public.urls")),
]
