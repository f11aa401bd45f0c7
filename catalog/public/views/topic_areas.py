"""The pages of topic areas, and the evidence map of all of them."""

import io
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import groupby, islice
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.views.decorators.http import require_safe
from django.views.generic import ListView

from ...evidence.picture import picture_of
from ...finding.evidence_map import (
    EvidenceMap,
    by_age,
    by_outcome,
    by_part,
    by_topic_area,
    count_studies,
    map_row,
    studies_by_topic_area,
)
from ...finding.program_sets import CatalogSnapshot, positions_in
from ...models import Finding, Program, ScientificRating, TopicArea
from ...values.documents import stored_on
from ...values.site_url import full_url
from ..caching import PublicRequest
from ..site import site_of
from ..summary.content import involvement_rule, summary_content
from ..summary.kept import SummaryUnavailable, kept_summary, make_summary
from .entries import EntryView

# Seconds until a summary that there is not just now is there.
RETRY_AFTER = 60
# Programs that are named where areas are listed.
MOST_BEST = 5


def with_program_counts(areas: Iterable[TopicArea], catalog: CatalogSnapshot) -> list[Any]:
    """Return the areas, each with ``program_count``: the public programs rated in it, or in its parts, now."""
    counted: list[Any] = list(areas)
    for area in counted:
        area.program_count = catalog.rated_in([area.slug]).bit_count()
    return counted


def with_best_programs(areas: Iterable[TopicArea], catalog: CatalogSnapshot) -> list[Any]:
    """Return the areas with their counts, each with ``best``: its first few programs, with their ratings there.

    In clearinghouse order. One query.
    """
    counted = with_program_counts(areas, catalog)
    first = {area: list(islice(rated_programs(area.slug, catalog), MOST_BEST)) for area in counted}
    keys = {pk for programs in first.values() for _, pk in programs}
    named = Program.objects.published().only("name", "slug").in_bulk(keys)
    for area, programs in first.items():
        area.best = [(level, named[pk]) for level, pk in programs if pk in named]
    return counted


def rated_programs(area: str, catalog: CatalogSnapshot) -> Iterator[tuple[ScientificRating, int]]:
    """Yield the primary keys of an area's programs with their ratings there, in clearinghouse order."""
    for level in ScientificRating:
        for position in positions_in(catalog.rated_in([area], [level])):
            yield level, catalog.ids[position]


def first_letter(area: TopicArea) -> str:
    """Return the letter under which an area stands in the order of names."""
    return area.name[:1].upper()


class TopicAreaListView(ListView):
    """Lists the topic areas: those that stand alone, and umbrella areas with their parts."""

    queryset = TopicArea.objects.published()
    template_name = "public/topicarea_list.html"
    request: PublicRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, object]:
        context = super().get_context_data(**kwargs)
        listed = with_program_counts(context["object_list"], self.request.catalog)
        areas = {area.pk: area for area in listed}
        for area in areas.values():
            area.parts = []
        for area in areas.values():
            if area.parent_id in areas:
                areas[area.parent_id].parts.append(area)
        top = [area for area in areas.values() if area.parent_id not in areas]
        context["letters"] = [(letter, list(areas)) for letter, areas in groupby(top, first_letter)]
        return context


class TopicAreaView(EntryView):
    """Shows a topic area with its programs in clearinghouse order, so many to a page."""

    model = TopicArea
    template_name = "public/topicarea_detail.html"
    context_object_name = "area"
    request: PublicRequest
    paginate_by = 100

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        area = self.object
        ratings = self.ratings().current().filter(topic_area=area)
        ratings = ratings.select_related("program", "topic_area").in_program_order()
        parent = area.parent
        experts = self.linked("experts")
        return super().get_context_data(
            **kwargs,
            ratings=ratings,
            parent=parent if parent and parent.is_published else None,
            parts=area.children.published(),
            experts=experts,
            involvement=involvement_rule(area.year_added, len(experts)),
            further_reading=self.linked("further_reading"),
            related_areas=self.linked("related_areas").published(),
            levels=list(ScientificRating),
            at_a_glance=None,
            maps=(),
            counts_studies=False,
            picture=None,
        )

    def linked(self, relation: str) -> Any:
        """Return the experts, the further reading or the related areas of the area, public or not."""
        linked: QuerySet = getattr(self.object, relation).all()
        return linked

    def render_to_response(self, context: dict[str, Any], **kwargs: object) -> HttpResponse:
        area = context["area"]
        pages = Paginator(context["ratings"], self.paginate_by)
        context["page_obj"] = pages.get_page(self.request.GET.get("page"))
        catalog = self.request.catalog
        context["parts"] = with_best_programs(context["parts"], catalog)
        file = area.summary_document
        context["summary_day"] = stored_on(file) if file else timezone.localdate()
        if area.is_published:
            context["at_a_glance"] = map_row(catalog, area.name, area.slug)
        if area.is_published and context["parts"]:
            context["maps"] = [by_part(catalog, area.slug)]
        elif area.is_published:
            context["counts_studies"] = counts_studies(self.request)
            context["maps"] = maps_in(area, catalog, studies=context["counts_studies"])
            if context["page_obj"].number == 1:
                context["picture"] = picture_of(area)
        return super().render_to_response(context, **kwargs)


def maps_in(area: TopicArea, catalog: CatalogSnapshot, *, studies: bool) -> list[EvidenceMap]:
    """Return the maps of a topic area's programs, or of the studies that count there. One query for studies."""
    # Where nobody recorded ages or outcomes, zeros would tell of our record as if of the research.
    kinds = [
        kind
        for kind in (by_age, by_outcome)
        if any(row.count for row in kind(catalog, area.slug).rows)
    ]
    found = Finding.objects.studies_by_program(area.pk) if studies and kinds else None
    return [kind(catalog, area.slug, found) for kind in kinds]


def counts_studies(request: HttpRequest) -> bool:
    """Return whether an address asks that maps count studies, and not programs."""
    return request.GET.get("count") == "studies"


class TopicAreaSummaryView(TopicAreaView):
    """Sends the topic area as a PDF: the one that was uploaded, else one made from what its page says."""

    def get(self, request: HttpRequest, *args: object, slug: str, **kwargs: object) -> HttpResponse:
        # One summary, one address: or else caches would keep it, and browsers ask for it, again and again.
        if request.META["QUERY_STRING"]:
            return redirect(request.path)
        return super().get(request, *args, slug=slug, **kwargs)

    def render_to_response(self, context: dict[str, Any], **kwargs: object) -> Any:
        area = context["area"]
        if area.is_retired:
            raise Http404
        try:
            file = area.summary_document.open() if area.summary_document else self.made(context)
        except SummaryUnavailable:
            return self.unavailable(context)
        return FileResponse(
            file, filename=f"{area.slug}-summary.pdf", content_type="application/pdf"
        )

    def made(self, context: dict[str, Any]) -> io.BytesIO:
        """Return the summary that is made from the page. A draft's is kept nowhere."""
        area = context["area"]
        content = partial(self.content, context)
        if not area.is_published:
            return io.BytesIO(make_summary(content()))
        return io.BytesIO(kept_summary(area.pk, self.request.etag, content))

    def content(self, context: dict[str, Any]) -> str:
        """Return the content of the summary, as JSON."""
        area = context["area"]
        return summary_content(
            area,
            ratings=context["ratings"],
            experts=context["experts"],
            further_reading=context["further_reading"],
            related_areas=context["related_areas"],
            parts=context["parts"],
            site_name=site_of(self.request).settings.name,
            address=full_url(self.request, area.get_absolute_url()),
            made_on=timezone.localdate(),
        )

    def unavailable(self, context: dict[str, Any]) -> HttpResponse:
        """Return the page that says that there is no summary just now."""
        response = render(
            self.request, "public/summary_unavailable.html", {"area": context["area"]}, status=503
        )
        response["Retry-After"] = str(RETRY_AFTER)
        add_never_cache_headers(response)
        return response


@require_safe
def evidence_map(request: PublicRequest) -> HttpResponse:
    """Show how many programs of each topic area have which rating or, if asked for, how many studies count there."""
    catalog = request.catalog
    studies = counts_studies(request)
    context = {
        "program_count": len(catalog.ids),
        "counts_studies": studies,
        "map": studies_by_topic_area(catalog, count_studies(request.version))
        if studies
        else by_topic_area(catalog),
    }
    return render(request, "public/evidence_map.html", context)
