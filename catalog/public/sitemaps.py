"""What search engines are told: the public pages, and nothing that is not public."""

from django.contrib.sitemaps import Sitemap
from django.db.models import QuerySet
from django.urls import reverse

from ..models import Program, TopicArea, TopicExpert


class PageSitemap(Sitemap):
    def items(self) -> list[str]:
        names = ("home", "topic_areas", "programs", "evidence_map", "references", "rating_scale")
        return [f"catalog:{name}" for name in (*names, "glossary", "accessibility")]

    def location(self, item: str) -> str:
        return reverse(item)


class EntrySitemap(Sitemap):
    """The pages of entries of one kind, by their slugs: a file is made while a crawler waits for it."""

    limit = 5_000  # of the 50,000 that a file may hold

    def __init__(self, entries: QuerySet, view: str) -> None:
        # In an order that the database has at hand, and in which new entries come last.
        self.slugs = entries.order_by("pk").values_list("slug", flat=True)
        self.view = view

    def items(self) -> QuerySet:
        return self.slugs.all()

    def location(self, item: str) -> str:
        return reverse(self.view, args=[item])


SITEMAPS = {
    "pages": PageSitemap(),
    "topics": EntrySitemap(TopicArea.objects.published(), "catalog:topic_area"),
    "programs": EntrySitemap(Program.objects.published(), "catalog:program"),
    "experts": EntrySitemap(TopicExpert.objects.published(), "catalog:expert"),
}
