"""The public pages. A view chooses a queryset and a template; what is public is the querysets' business."""

import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.db import DatabaseError, connection
from django.db.models import Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django.views.generic import DetailView, ListView, TemplateView

from ..editorial.merging import standing_for
from ..editorial.rating import RatingStep, rating_steps
from ..finding.comparison import Comparison
from ..finding.evidence_map import by_age, by_outcome, by_topic_area
from ..finding.filters import ProgramFilters
from ..finding.no_results import NothingFound
from ..finding.program_sets import Area, catalog_at
from ..history.as_of import NoState, ProgramState, Records, changes_since, day_asked_for
from ..models import (
    NotRatedReason,
    PreviewLink,
    Program,
    Rating,
    Reference,
    ScientificRating,
    Study,
    StudyRole,
    Term,
    TopicArea,
    TopicExpert,
)
from ..models.reviews import review_age
from ..models.status import is_public
from ..search import Words, references_holding, search, snippet
from ..search.catalog_version import catalog_version
from ..values.citations import cite_page, cite_state
from ..values.richtext import plain
from .summary import involvement_rule, topic_area_summary

MOST_MATCHES = 10


class AddressedView(DetailView):
    """A page of one thing. An address that it had before it was renamed leads to the one it has now."""

    object: Any

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().get(request, *args, **kwargs)
        except Http404:
            moved = self.moved_to(kwargs["slug"])
            if moved is None:
                raise
            here = request.resolver_match.view_name  # type: ignore[union-attr]
            return redirect(here, slug=moved.slug, permanent=True)

    def moved_to(self, slug: str) -> Any:
        """Return what has its page elsewhere now, or None."""
        entries: Any = self.get_queryset()
        return entries.with_former_slug(slug).first()


class EntryView(AddressedView):
    """A page of something that has a status.

    What is public shows; what was public and is retired says so; what is neither shows only to staff who may
    view it in the admin, under a banner.
    """

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().get(request, *args, **kwargs)
        if hasattr(self, "object") and not self.object.is_published:
            add_never_cache_headers(response)
            response["X-Robots-Tag"] = "noindex"
        return response

    def get_queryset(self) -> Any:
        if self.may_preview():
            return self.model.objects.all()
        return self.model.objects.addressable()

    def may_preview(self) -> bool:
        """Whether the visitor may see this kind of entry before it is published."""
        user = self.request.user
        return user.is_staff and user.has_perm(f"catalog.view_{self.model._meta.model_name}")

    def get_template_names(self) -> list[str]:
        if self.object.is_retired and not self.may_preview():
            return ["public/retired.html"]
        return super().get_template_names()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            **{"link": None, "left_out": 0, "first_day": None, **kwargs}
        )

    def ratings(self) -> Any:
        """The ratings to show with this entry: public ones, or all of them in a preview."""
        ratings = Rating.objects.all()
        is_preview = self.may_preview() and not self.object.is_published
        return ratings if is_preview else ratings.published()


@require_safe
def home(request: Any) -> HttpResponse:
    catalog = catalog_at(request.catalog_version)
    context = {
        "program_count": len(catalog.ids),
        "map": by_topic_area(catalog),
        "levels": list(ScientificRating),
    }
    return render(request, "public/home.html", context)


@require_safe
def evidence_map(request: Any) -> HttpResponse:
    catalog = catalog_at(request.catalog_version)
    context = {"program_count": len(catalog.ids), "map": by_topic_area(catalog)}
    return render(request, "public/evidence_map.html", context)


class TopicAreaListView(ListView):
    """The topic areas: those that stand alone, and umbrella areas with their parts."""

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
    model = TopicArea
    template_name = "public/topicarea_detail.html"
    context_object_name = "area"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        area = self.object
        ratings = self.ratings().current().filter(topic_area=area)
        parent = area.parent
        experts = area.experts.all()
        return super().get_context_data(
            **kwargs,
            ratings=ratings.select_related("program", "topic_area").in_program_order(),
            parent=parent if parent and parent.is_published else None,
            parts=area.children.published().with_program_counts(),
            experts=experts,
            involvement=involvement_rule(area.year_added, len(experts)),
            further_reading=area.further_reading.all(),
            levels=list(ScientificRating),
        )

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        request: Any = self.request
        area = context["area"]
        catalog = catalog_at(request.catalog_version)
        maps = [by_age(catalog, area.slug), by_outcome(catalog, area.slug)]
        context["maps"] = maps if area.is_published else []
        return super().render_to_response(context, **kwargs)


class TopicAreaSummaryView(TopicAreaView):
    """The topic area as a PDF: the one that was uploaded, else one made from what its page says."""

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


class PagedListView(ListView):
    """A list in pages; a number out of range shows the last page, and what is no number the first."""

    def paginate_queryset(self, queryset: Any, page_size: int) -> Any:
        page = Paginator(queryset, page_size).get_page(self.request.GET.get("page"))
        return page.paginator, page, page.object_list, page.has_other_pages()


PAGE_SIZE = 20
MOST_PAGES = 100  # nobody reads further; crawlers would
MOST_OTHERS = 3


class ProgramListView(TemplateView):
    template_name = "public/program_list.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        self.filters = ProgramFilters(request.GET, catalog_at(request.catalog_version))
        address = self.filters.address(page=self.filters.page)
        # One list, one address; but what is not understood stays there, under a notice that names it.
        is_understood = not self.filters.ignored and not self.filters.words.is_cut
        if is_understood and list(QueryDict(address[1:]).lists()) != list(request.GET.lists()):
            return redirect(request.path + address.rstrip("?"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filters = self.filters
        ordered: Any = filters.ordered(MOST_PAGES * PAGE_SIZE)
        page = Paginator(ordered, PAGE_SIZE).get_page(filters.page)
        return super().get_context_data(
            **kwargs,
            filters=filters,
            page=page,
            programs=programs_in_list(list(page.object_list), filters.words),
            others=other_matches(filters) if filters.words else None,
            nothing_found=None if filters.count else NothingFound(filters),
        )


class OtherMatches(NamedTuple):
    """What else holds the words that somebody looks for among programs."""

    topic_areas: list[Area]
    experts: list[TopicExpert]
    references: list[Reference]


def other_matches(filters: ProgramFilters) -> OtherMatches:
    """Return a few public topic areas, experts and references that hold the words. One query."""
    catalog, found = filters.catalog, filters.found
    areas = [area for area in catalog.areas.values() if area.pk in found.topic_areas]
    experts = [expert for expert in catalog.experts.values() if expert.pk in found.experts]
    references: Any = references_holding(filters.words)
    # Any of them: to put thousands in an order takes longer than the rest of the page.
    some = references.published().order_by()[:MOST_OTHERS]
    return OtherMatches(areas[:MOST_OTHERS], experts[:MOST_OTHERS], list(some))


def programs_in_list(ids: Sequence[int], words: Words) -> list[tuple[Program, SafeString, bool]]:
    """Return the programs in this order, with what to show of their texts.

    That is an excerpt with the words marked, and whether they stand in no name or text of a program: then they are in
    the titles of its references.
    """
    programs = Program.objects.published().with_public_ratings().in_bulk(ids)
    listed = []
    for program in [programs[pk] for pk in ids if pk in programs]:
        texts = (program.description, program.target_population, program.goals)
        fitting = next(filter(words.are_in, texts), None)
        names = [program.name, program.acronym, *program.also_known_as]
        for rating in program.public_ratings:  # type: ignore[attr-defined]
            names += [rating.topic_area.name, rating.topic_area.abbreviation]
        is_shown = fitting is not None or any(map(words.are_in, names))
        excerpt = snippet(plain(program.description if fitting is None else fitting), words)
        listed.append((program, excerpt, bool(words.terms) and not is_shown))
    return listed


class ProgramView(EntryView):
    """A program. The addresses of one that was merged into another lead there, but for a day of the past."""

    model = Program
    template_name = "public/program_detail.html"
    context_object_name = "program"

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(merged_into=None)

    def moved_to(self, slug: str) -> Any:
        return standing_for(slug, self.get_queryset())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        program = self.object
        ratings = (
            self.ratings()
            .filter(program=program)
            .with_first_rated()
            .select_related("topic_area", "program")
            .prefetch_related("topic_area__experts")
            .in_topic_area_order()
        )
        context = ratings_and_research(ratings, program.studies.select_related("reference"))
        if program.is_published:
            context |= citing_now(
                self.request, program, [rating for rating, _ in context["ratings"]]
            )
        elif program.is_retired:
            context["first_day"] = Records(program).first_day
        return super().get_context_data(
            **kwargs, **context, research_age=program.research_age, unlinked_areas=()
        )


def program(request: HttpRequest, slug: str) -> Any:
    """A program as it stands, or as it stood at the end of a day."""
    if "as_of" in request.GET:
        return program_as_of(request, slug)
    return ProgramView.as_view()(request, slug=slug)


def ratings_and_research(ratings: Iterable[Rating], studies: Iterable[Study]) -> dict[str, Any]:
    """Return what a program's page shows of its ratings and studies, which are in the order of the page."""
    histories = rating_histories(ratings)
    current = [rating for rating, _ in histories]
    return {
        "ratings": histories,
        "ratings_differ": len({rating.level for rating in current}) > 1,
        "has_reasons": any(rating.not_rated_reason for rating in current),
        "studies_by_role": [
            (StudyRole(role), list(group))
            for role, group in groupby(studies, key=lambda study: study.role)
        ],
    }


def citing_now(request: HttpRequest, program: Program, ratings: list[Rating]) -> dict[str, Any]:
    """Return how to cite a program's page as it stands, and the days of which it can be seen."""
    today, records = timezone.localdate(), Records(program)
    address = request.build_absolute_uri(program.get_absolute_url())
    title = title_to_cite(program, ratings)
    if records.rows:
        citation = cite_state(settings.SITE_NAME, title, today, f"{address}?as_of={today}")
    else:
        citation = cite_page(settings.SITE_NAME, title, today, address)
    return {
        "citation": citation,
        "entry": program,
        "first_day": records.first_day,
        "day": today,
        "today": today,
    }


def title_to_cite(program: Program, ratings: list[Rating]) -> str:
    levels = [f"{rating.level} in {rating.topic_area.name}" for rating in ratings]
    return f"{program.name}: Scientific rating {'; '.join(levels)}" if levels else program.name


def program_as_of(request: HttpRequest, slug: str) -> HttpResponse:
    """A program as it publicly stood at the end of a day, for staff too; or why that cannot be shown."""
    programs = Program.objects.addressable().select_related("merged_into")
    program = programs.filter(slug=slug).first()
    if program is None:
        moved = programs.with_former_slug(slug).first()
        if moved is None:
            raise Http404
        return redirect(f"{moved.get_absolute_url()}?{request.GET.urlencode()}", permanent=True)
    asked = request.GET.getlist("as_of")
    if asked == [""]:
        return redirect(program)
    records, into = Records(program), program.merged_into
    context: dict[str, Any] = {
        "entry": program,
        "canonical": request.build_absolute_uri(program.get_absolute_url()),
        "merged_into": into if into and into.is_published else None,
        "first_day": records.first_day,
        "today": timezone.localdate(),
    }
    try:
        day = day_asked_for(asked)
        state = ProgramState.at_end_of(day, records)
    except NoState as problem:
        context |= {"why": problem.why, "day": None}
        template = "public/program_as_of_missing.html"
        return render(request, template, context, status=problem.status)
    link = f"{context['canonical']}?as_of={day}"
    title = title_to_cite(state.program, state.current_ratings)
    context |= ratings_and_research(state.ratings, state.studies) | {
        "program": state.program,
        "as_of": day,
        "day": day,
        "research_age": review_age(
            state.program.research_last_reviewed, day, settings.REVIEW_INTERVAL_MONTHS
        ),
        "unlinked_areas": unlinked_areas(state.ratings),
        "changes": changes_since(state, program),
        "citation": cite_state(settings.SITE_NAME, title, day, link),
    }
    return render(request, "public/program_as_of.html", context)


def unlinked_areas(ratings: list[Rating]) -> set[int]:
    """Return the topic areas of past ratings that are not public any more; the others get their address of today."""
    areas = {rating.topic_area_id: rating.topic_area for rating in ratings}
    public = dict(TopicArea.objects.published().filter(pk__in=areas).values_list("pk", "slug"))
    for pk, slug in public.items():
        areas[pk].slug = slug
    return areas.keys() - public.keys()


class PreviewedView(EntryView):
    """The page of an entry that is not public yet, as visitors will see it, for whoever was sent the address.

    Of all other entries it shows what is public, and how many ratings it leaves out therefore.
    """

    link: Any = None

    def get_object(self, queryset: Any = None) -> Any:
        return self.link.entry

    def ratings(self) -> Any:
        return Rating.objects.filter(self.others_are_public())

    def others_are_public(self) -> Q:
        return is_public("topic_area__" if self.link.program_id else "program__")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hidden = self.link.entry.ratings.current().exclude(self.others_are_public())
        return super().get_context_data(**kwargs, link=self.link, left_out=hidden.count())


class ProgramPreview(PreviewedView, ProgramView):
    """A program, previewed."""


class TopicAreaPreview(PreviewedView, TopicAreaView):
    """A topic area, previewed."""


@never_cache
@require_safe
def preview(request: Any, token: str) -> HttpResponse:
    """An entry before it is published. What is public meanwhile, or was, is shown at its own address."""
    links = PreviewLink.objects.at(token).select_related("program", "topic_area__parent")
    link = links.first()
    response: Any
    if link and (link.entry.is_published or (link.entry.is_retired and link.entry.was_public)):
        response = redirect(link.entry.get_absolute_url())
    elif link is None or link.is_over:
        response = render(request, "public/preview_ended.html", status=404)
    else:
        request.catalog_version = catalog_version()
        view = ProgramPreview if link.program else TopicAreaPreview
        response = view.as_view(link=link)(request)
    # The address is a key: it is neither indexed, nor told to the sites that the page links to.
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def rating_histories(ratings: Iterable[Rating]) -> list[tuple[Rating, list[RatingStep]]]:
    """Return each current rating, in the order given, with all ratings of its topic area, newest first."""
    by_area = defaultdict(list)
    ratings = list(ratings)
    for rating in sorted(
        ratings, key=lambda rating: (rating.is_current, rating.rated_on, rating.pk), reverse=True
    ):
        by_area[rating.topic_area_id].append(rating)
    return [
        (rating, rating_steps(by_area[rating.topic_area_id]))
        for rating in ratings
        if rating.is_current
    ]


@require_safe
def compare(request: Any) -> HttpResponse:
    """Up to four programs side by side, and a box to find another one by words."""
    differences = request.GET.get("differences") == "1"
    comparison = Comparison.of(request.GET.getlist("program"), differences)
    words = request.GET.get("add", "").replace("\0", "").strip()[:200]
    if words:
        catalog_at(request.catalog_version)  # lets the search know what became public by itself
    matches = additions(words, comparison)
    context = {
        "comparison": comparison,
        "words": words,
        "matches": [(match, comparison.address_with(match)) for match in matches[:MOST_MATCHES]],
        "has_more_matches": len(matches) > MOST_MATCHES,
    }
    return render(request, "public/compare.html", context)


def additions(words: str, comparison: Comparison) -> list[Program]:
    """Return the programs that may be added, best match first; one above MOST_MATCHES tells of more."""
    if comparison.is_full:
        return []
    chosen = [program.pk for program in comparison.programs]
    others = Program.objects.published().exclude(pk__in=chosen)
    return list(search(others, words)[: MOST_MATCHES + 1])


class TopicExpertView(AddressedView):
    queryset = TopicExpert.objects.published()
    template_name = "public/topicexpert_detail.html"
    context_object_name = "expert"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        areas = self.object.topic_areas.published().with_program_counts()
        return super().get_context_data(**kwargs, topic_areas=areas)


class ReferenceListView(PagedListView):
    queryset = Reference.objects.published().with_uses(TopicArea.objects.published())
    template_name = "public/reference_list.html"
    paginate_by = 100


class GlossaryView(ListView):
    model = Term
    template_name = "public/glossary.html"
    context_object_name = "terms"


class RatingScaleView(TemplateView):
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


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say whether the site and its database answer: 200 "ok", or 503."""
    try:
        connection.ensure_connection()
        Program.objects.exists()
    except DatabaseError:
        return HttpResponse("database unavailable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain")
