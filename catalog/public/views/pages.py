"""The pages that are no entry's own: references, experts, glossary, and what machines ask for."""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import ListView, TemplateView

from ...finding.references import ReferenceFilterSet
from ...models import (
    NotRatedReason,
    Reference,
    ScaleEdition,
    ScientificRating,
    Term,
    TopicArea,
    TopicExpert,
)
from ...values.site_url import full_url
from ..caching import PublicRequest
from .entries import AddressedView
from .topic_areas import with_best_programs


class TopicExpertListView(ListView):
    """Lists the topic experts with their topic areas."""

    template_name = "public/topicexpert_list.html"
    request: PublicRequest

    def get_queryset(self) -> Any:
        areas = Prefetch(
            "topic_areas", TopicArea.objects.published().only("name", "slug"), to_attr="areas"
        )
        return TopicExpert.objects.published().prefetch_related(areas)


class TopicExpertView(AddressedView):
    """Shows a topic expert, the topic areas, and the best rated programs of each."""

    queryset = TopicExpert.objects.published()
    template_name = "public/topicexpert_detail.html"
    context_object_name = "expert"
    request: PublicRequest

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        public = self.object.topic_areas.published()
        areas = with_best_programs(public, self.request.catalog)
        programs = self.request.catalog.rated_in([area.slug for area in areas]).bit_count()
        context = {"link": None, **kwargs, "topic_areas": areas, "program_count": programs}
        return super().get_context_data(**context)


@lru_cache(maxsize=1)
def reference_keys(version: str) -> Sequence[int]:
    """Return the primary keys of the public references in their order, at this version of the catalog or a younger one.

    One query, which takes half a second for 50,000; kept, because each page would ask it twice.
    """
    return array("Q", Reference.objects.published().values_list("pk", flat=True))


class ReferenceListView(ListView):
    """Lists the references in pages, all of them or those that pass the filters of the address.

    A number out of range shows the last page, and what is no number the first.
    """

    template_name = "public/reference_list.html"
    paginate_by = 100
    request: PublicRequest

    def get_queryset(self) -> Any:
        self.filters = ReferenceFilterSet(self.request.GET, Reference.objects.published())
        if self.filters.are_on:
            return array("Q", self.filters.qs.values_list("pk", flat=True))
        return reference_keys(self.request.version)

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        return super().get_context_data(**kwargs, filters=self.filters, form=self.filters.form)

    def paginate_queryset(
        self, queryset: Any, page_size: int
    ) -> tuple[Paginator, Page, list[Reference], bool]:
        page = Paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        references = Reference.objects.published().with_uses(TopicArea.objects.published())
        found = references.in_bulk(list(page.object_list))
        listed = [found[pk] for pk in page.object_list if pk in found]
        return page.paginator, page, listed, page.has_other_pages()


class GlossaryView(ListView):
    """Lists the terms of the glossary."""

    queryset = Term.objects.published()
    template_name = "public/glossary.html"
    context_object_name = "terms"


def rating_scale() -> dict[str, object]:
    """Return the levels with what each asks for, and the edition in use that says so, for a template. Two queries."""
    edition = ScaleEdition.objects.in_use()
    criteria = list(edition.criteria.all()) if edition else []
    levels = [(level, [c for c in criteria if c.level == level]) for level in ScientificRating]
    return {"levels": levels, "edition": edition if criteria else None}


class RatingScaleView(TemplateView):
    """Explains the levels of the rating scale, with the criteria of the edition in use, and the reasons for NR."""

    template_name = "public/rating_scale.html"
    extra_context = {"reasons": [r for r in NotRatedReason if r != NotRatedReason.NOT_STATED]}

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(**kwargs, **rating_scale())


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Ask crawlers for the pages, and to leave the endless combinations of filters alone."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /preview/",
        "Disallow: /fact-check/",
        f"Disallow: {reverse('catalog:programs')}?",
        f"Disallow: {reverse('catalog:compare')}?",
        f"Sitemap: {full_url(request, reverse('sitemap_index'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
