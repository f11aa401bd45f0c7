"""What search engines are told: the public pages, and nothing that is not public."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from ..models import Page, Program, TopicArea, TopicExpert
from ..values.site_url import full_url
from .views.agency import STANDING_IN


class SiteSitemap(Sitemap):
    """List pages of this site, at SITE_URL if that is set."""

    def get_protocol(self, protocol: str | None = None) -> str:
        return urlsplit(settings.SITE_URL).scheme or super().get_protocol(protocol)

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc or super().get_domain(site)


class PageSitemap(SiteSitemap):
    def items(self) -> list[str]:
        names = ("home", "topic_areas", "programs", "evidence_map", "experts", "references")
        also = ("rating_scale", "glossary", "news")
        addresses = [reverse(f"catalog:{name}") for name in (*names, *also)]
        return [*addresses, *(reverse("catalog:page", args=[slug]) for slug in STANDING_IN)]

    def location(self, item: str) -> str:
        return item


class EntrySitemap(SiteSitemap):
    """List the pages of entries of one kind, by their slugs: a file is made while a crawler waits for it."""

    limit = 5_000  # of the 50,000 that a file may hold

    def __init__(self, entries: QuerySet, view: str) -> None:
        # In an order that the database has at hand, and in which new entries come last.
        self.slugs = entries.order_by("pk").values_list("slug", flat=True)
        self.view = view

    def items(self) -> QuerySet:
        return self.slugs.all()

    def location(self, item: str) -> str:
        return reverse(self.view, args=[item])


SITEMAPS: dict[str, type[Sitemap] | Sitemap] = {
    "pages": PageSitemap(),
    "topics": EntrySitemap(TopicArea.objects.published(), "catalog:topic_area"),
    "programs": EntrySitemap(Program.objects.published(), "catalog:program"),
    "experts": EntrySitemap(TopicExpert.objects.published(), "catalog:expert"),
    "agency": EntrySitemap(
        Page.objects.published().lasting().exclude(slug__in=STANDING_IN), "catalog:page"
    ),
    "news": EntrySitemap(Page.objects.published().news(), "catalog:news_item"),
}


@require_safe
def sitemap_index(request: HttpRequest) -> TemplateResponse:
    """List the sitemap's files. Django's view asks no sitemap for its domain."""
    response = views.index(request, SITEMAPS, sitemap_url_name="sitemap")
    for file in response.context_data["sitemaps"]:  # type: ignore[index]
        file.location = full_url(request, urlunsplit(("", "", *urlsplit(file.location)[2:])))
    return response
