"""The agency's own pages, and its news."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any, NamedTuple
from urllib.parse import urljoin

from django.contrib.syndication.views import Feed
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from ...models import Page
from ...models.base import Slugged
from ...values.richtext import render as as_html
from ...values.site_url import full_url
from ..site import site_of
from .entries import EntryView
from .pages import rating_scale

# What stands at the address of a page until the agency publishes its own there.
STANDING_IN: Mapping[str, str] = {"accessibility": "public/accessibility.html"}
MOST_IN_FEED = 20


class PageView(EntryView):
    """Shows a page, or news; at the address of the one, the other is redirected to its own."""

    model = Page
    template_name = "public/page.html"
    retired_template = "public/page_retired.html"
    context_object_name = "page"
    # The one that has the slug and another address.
    elsewhere: Page | None = None

    def get(self, request: HttpRequest, *args: object, slug: str, **kwargs: object) -> HttpResponse:
        try:
            return super().get(request, *args, slug=slug, **kwargs)
        except Http404:
            if not self.stands_in(slug):
                raise
            return render(request, STANDING_IN[slug])

    def stands_in(self, slug: str) -> bool:
        """Return whether ours stands at an address until the agency publishes its own."""
        return slug in STANDING_IN and self.request.path == reverse("catalog:page", args=[slug])

    def get_object(self, queryset: Any = None) -> Page:
        page: Page = super().get_object(queryset)
        if page.get_absolute_url() != self.request.path:
            self.elsewhere = page
            raise Http404
        if page.is_retired and self.stands_in(page.slug) and not self.may_preview():
            raise Http404
        return page

    def moved_to(self, slug: str) -> Slugged | None:
        return self.elsewhere or super().moved_to(slug)

    def address_of(self, entry: Any) -> str:
        return str(entry.get_absolute_url())

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        scale = rating_scale() if self.object.shows_scale else {}
        return super().get_context_data(**kwargs, **{"levels": [], "edition": None, **scale})


class NewsView(ListView):
    """Lists the news in pages, the latest first; a number out of range shows the last page."""

    template_name = "public/news.html"
    context_object_name = "news"
    paginate_by = 20

    def get_queryset(self) -> Any:
        return Page.objects.published().news()

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Any, Any, Any, bool]:
        page = self.get_paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()


class NewsEntry(NamedTuple):
    """News with its full URL."""

    page: Page
    url: str


class NewsFeed(Feed):
    """Tells the latest news as an Atom feed."""

    feed_type = Atom1Feed
    subtitle = ""

    def get_object(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpRequest:
        """Return the request, from which the full URLs are made."""
        return request

    def title(self, request: HttpRequest) -> str:
        return f"{site_of(request).settings.name}: news"

    def link(self, request: HttpRequest) -> str:
        return full_url(request, reverse("catalog:news"))

    def feed_url(self, request: HttpRequest) -> str:
        return full_url(request, reverse("catalog:news_feed"))

    def items(self, request: HttpRequest) -> list[NewsEntry]:
        latest = Page.objects.published().news()[:MOST_IN_FEED]
        return [NewsEntry(page, full_url(request, page.get_absolute_url())) for page in latest]

    def item_title(self, item: NewsEntry) -> str:
        return item.page.name

    def item_description(self, item: NewsEntry) -> str:
        return as_html(item.page.text).replace('href="/', f'href="{urljoin(item.url, "/")}')

    def item_link(self, item: NewsEntry) -> str:
        return item.url

    def item_pubdate(self, item: NewsEntry) -> datetime:
        day = item.page.news_on or timezone.localdate()
        return timezone.make_aware(datetime.combine(day, time.min))

    item_updateddate = item_pubdate


@require_safe
def news_feed(request: HttpRequest) -> HttpResponse:
    """Send the feed, without the day of its last item as its last change: an older one may be changed later."""
    response: HttpResponse = NewsFeed()(request)
    del response["Last-Modified"]
    return response
