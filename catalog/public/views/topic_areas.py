"""The pages of topic areas, and the evidence map of all of them."""

import io
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from ...finding.evidence_map import by_age, by_outcome, by_topic_area
from ...models import ScientificRating, TopicArea
from ..caching import PublicRequest
from ..summary import involvement_rule, topic_area_summary
from .entries import EntryView


class TopicAreaListView(ListView):
    """Lists the topic areas: those that stand alone, and umbrella areas with their parts."""

    queryset = TopicArea.objects.published().with_program_counts().select_related("parent")
    template_name = "public/topicarea_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        areas = {area.pk: area for area in context["object_list"]}
        for area in areas.values():
            area.parts = []
        for area in areas.values():
            if area.parent_id in areas:
                areas[area.parent_id].parts.append(area)
        context["top_areas"] = [area for area in areas.values() if area.parent_id not in areas]
        return context


class TopicAreaView(EntryView):
    """Shows a topic area with its programs in clearinghouse order, so many to a page."""

    model = TopicArea
    template_name = "public/topicarea_detail.html"
    context_object_name = "area"
    request: PublicRequest
    paginate_by = 100

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        area = self.object
        ratings = self.ratings().current().filter(topic_area=area)
        ratings = ratings.select_related("program", "topic_area").in_program_order()
        parent = area.parent
        experts = area.experts.all()
        return super().get_context_data(
            **kwargs,
            ratings=ratings,
            parent=parent if parent and parent.is_published else None,
            parts=area.children.published().with_program_counts(),
            experts=experts,
            involvement=involvement_rule(area.year_added, len(experts)),
            further_reading=area.further_reading.all(),
            levels=list(ScientificRating),
            maps=(),
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        area = context["area"]
        pages = Paginator(context["ratings"], self.paginate_by)
        context["page_obj"] = pages.get_page(self.request.GET.get("page"))
        if area.is_published:
            catalog = self.request.catalog
            context["maps"] = [by_age(catalog, area.slug), by_outcome(catalog, area.slug)]
        return super().render_to_response(context, **kwargs)


class TopicAreaSummaryView(TopicAreaView):
    """Sends the topic area as a PDF: the one that was uploaded, else one made from what its page says."""

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        area = context["area"]
        if area.is_retired:
            raise Http404
        if area.summary_document:
            content = area.summary_document.open()
        else:
            content = io.BytesIO(
                topic_area_summary(
                    area,
                    ratings=context["ratings"],
                    experts=context["experts"],
                    further_reading=context["further_reading"],
                    parts=context["parts"],
                    site_name=settings.SITE_NAME,
                    address=self.request.build_absolute_uri(area.get_absolute_url()),
                    made_on=timezone.localdate(),
                )
            )
        return FileResponse(
            content, filename=f"{area.slug}-summary.pdf", content_type="application/pdf"
        )


@require_safe
def evidence_map(request: PublicRequest) -> HttpResponse:
    """Show how many programs of each topic area have which rating."""
    catalog = request.catalog
    context = {"program_count": len(catalog.ids), "map": by_topic_area(catalog)}
    return render(request, "public/evidence_map.html", context)
