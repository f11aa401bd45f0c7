"""What every page shows of the site itself: its settings, links to the agency's pages, and news; kept for a version."""

from functools import lru_cache
from typing import NamedTuple

from django.db import InterfaceError, OperationalError
from django.db.models import Q
from django.http import HttpRequest

from ..models import Page, PagePlace, SiteSettings
from ..search.change_log import versions

NEWS_AT_HOME = 3


class PageLink(NamedTuple):
    """A link to a page of the agency's own, with the language of its title."""

    name: str
    address: str
    language: str


class Site(NamedTuple):
    """Hold the settings, the links of the menu and of the footer, and the latest news."""

    settings: SiteSettings
    menu: tuple[PageLink, ...] = ()
    footer: tuple[PageLink, ...] = ()
    news: tuple[Page, ...] = ()

    @property
    def addresses(self) -> set[str]:
        """Return the addresses to which the links lead."""
        return {link.address for link in (*self.menu, *self.footer)}


@lru_cache(maxsize=8)
def read_site(version: str) -> Site:
    """Return what every page shows at this version, or at a younger one. Two queries."""
    pages = Page.objects.published()
    latest = pages.news().values("pk")[:NEWS_AT_HOME]
    shown = list(pages.filter(~Q(place=PagePlace.NONE) | Q(pk__in=latest)))
    menu, footer = (
        tuple(
            PageLink(page.name, page.get_absolute_url(), page.language)
            for page in shown
            if page.place == place
        )
        for place in (PagePlace.MENU, PagePlace.FOOTER)
    )
    news = [page for page in shown if page.news_on]
    news.sort(key=lambda page: (page.news_on, page.pk), reverse=True)
    return Site(SiteSettings.objects.current(), menu, footer, tuple(news[:NEWS_AT_HOME]))


def site_of(request: HttpRequest) -> Site:
    """Return what every page shows. No query for a kept version; an error page needs no database."""
    try:
        now = getattr(request, "versions", None) or versions()
        return read_site(now.site)
    except (OperationalError, InterfaceError):
        return Site(SiteSettings())
