"""The pages that are no entry's own: the first page, references, experts, glossary, and what machines ask for."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe
from django.views.generic import ListView, TemplateView

from ...finding.evidence_map import by_topic_area
from ...models import (
    NotRatedReason,
    Reference,
    ScientificRating,
    Term,
    TopicArea,
    TopicExpert,
)
from ..caching import PublicRequest
from .entries import AddressedView


@require_safe
def home(request: PublicRequest) -> HttpResponse:
    """Show the search box, the evidence map and the rating scale."""
    catalog = request.catalog
    context = {
        "program_count": len(catalog.ids),
        "map": by_topic_area(catalog),
        "levels": list(ScientificRating),
    }
    return render(request, "public/home.html", context)


class TopicExpertView(AddressedView):
    """Shows a topic expert and the topic areas."""

    queryset = TopicExpert.objects.published()
    template_name = "public/topicexpert_detail.html"
    context_object_name = "expert"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        areas = self.object.topic_areas.published().with_program_counts()
        return super().get_context_data(**kwargs, topic_areas=areas)


class ReferenceListView(ListView):
    """Lists the references in pages; a number out of range shows the last page, and what is no number the first."""

    queryset = Reference.objects.published().with_uses(TopicArea.objects.published())
    template_name = "public/reference_list.html"
    paginate_by = 100

    def paginate_queryset(self, queryset: Any, page_size: int) -> tuple[Paginator, Page, Any, bool]:
        page = Paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()


class GlossaryView(ListView):
    """Lists the terms of the glossary."""

    model = Term
    template_name = "public/glossary.html"
    context_object_name = "terms"


class RatingScaleView(TemplateView):
    """Explains the levels of the rating scale, and the reasons for NR."""

    template_name = "public/rating_scale.html"
    extra_context = {
        "levels": list(ScientificRating),
        "reasons": list(NotRatedReason),
    }


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Ask crawlers for the pages, and to leave the endless combinations of filters alone."""
    lines = [
        "User-agent: *",
        "Disallow: /admin/",
        "Disallow: /preview/",
        f"Disallow: {reverse('catalog:programs')}?",
        f"Disallow: {reverse('catalog:compare')}?",
        f"Sitemap: {request.build_absolute_uri(reverse('sitemap_index'))}",
    ]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")
