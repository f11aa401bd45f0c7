"""What search engines are told: the public pages, and nothing that is not public."""

from django.contrib.sitemaps import Sitemap
from django.urls import reverse

from ..models import Program, TopicArea, TopicExpert
from ..models.experts import TopicExpertQuerySet
from ..models.programs import ProgramQuerySet
from ..models.topic_areas import TopicAreaQuerySet


class PageSitemap(Sitemap):
    def items(self) -> list[str]:
        names = ("home", "topic_areas", "programs", "evidence_map", "references", "rating_scale")
        return [f"catalog:{name}" for name in (*names, "glossary", "accessibility")]

    def location(self, item: str) -> str:
        return reverse(item)


class TopicAreaSitemap(Sitemap):
    def items(self) -> TopicAreaQuerySet:
        return TopicArea.objects.published()


class ProgramSitemap(Sitemap):
    limit = 1_000  # for a file: a crawler asks for each, and 50,000 take half a minute

    def items(self) -> ProgramQuerySet:
        return Program.objects.published().only("name", "slug")


class TopicExpertSitemap(Sitemap):
    def items(self) -> TopicExpertQuerySet:
        return TopicExpert.objects.published()


SITEMAPS = {
    "pages": PageSitemap,
    "topics": TopicAreaSitemap,
    "programs": ProgramSitemap,
    "experts": TopicExpertSitemap,
}
