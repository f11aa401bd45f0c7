"""The list of programs, the page of one as it stands, and programs side by side."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.conf import settings
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.generic import TemplateView

from ...editorial.merging import standing_for
from ...editorial.rating import RatingStep, rating_steps
from ...evidence.ratings import Scale, read_area
from ...finding.addresses import address_of, chips, nothing_chosen
from ...finding.areas import Area
from ...finding.comparison import MOST_PROGRAMS
from ...finding.filters import ProgramFilterSet
from ...finding.meanings import doi_in, meaning_of
from ...finding.no_results import NothingFound
from ...finding.results import areas_asked_for, holding_half, ordered
from ...history.as_of import Records
from ...models import (
    Contact,
    ExternalRating,
    Finding,
    Program,
    Rating,
    Reference,
    RelatedProgram,
    Study,
    TopicArea,
    TopicExpert,
)
from ...models.ratings import name_raters
from ...models.related_programs import related_groups
from ...models.status import PublishableQuerySet
from ...search import references_holding
from ...values.citations import cite_page, cite_state
from ...values.site_url import full_url
from ..caching import PublicRequest
from ..cards import cards, cards_with
from ..program_facts import program_facts
from ..research import research_by_part
from .entries import EntryView

PAGE_SIZE = 20
MOST_PAGES = 100  # nobody reads further; crawlers would
MOST_OTHERS = 3

# --- The list --------------------------------------------------------------------------------------------------------


class ProgramListView(TemplateView):
    """Lists the programs that pass the filters of the address, which is sent to its one form first."""

    template_name = "public/program_list.html"
    request: PublicRequest

    def get(self, request: PublicRequest, *args: object, **kwargs: object) -> HttpResponse:  # type: ignore[override]
        self.filters = ProgramFilterSet(request.GET, request.catalog)
        address = address_of(self.filters, page=self.filters.page)
        # One list, one address; but what is not understood stays there, under a notice that names it.
        is_understood = not self.filters.notices and not self.filters.words.is_cut
        if is_understood and list(QueryDict(address[1:]).lists()) != list(request.GET.lists()):
            return redirect(request.path + address.rstrip("?"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        filters, form = self.filters, self.filters.form
        programs: Any = ordered(filters, MOST_PAGES * PAGE_SIZE)
        page = Paginator(programs, PAGE_SIZE).get_page(filters.page)
        ids = list(page.object_list)
        following = holding_half(filters) if filters.words else []
        leading = dict.fromkeys([*ids, *following], "")
        leading |= areas_asked_for(filters, list(leading))
        shown = self.cards_of(leading)
        return super().get_context_data(
            **kwargs,
            filters=filters,
            form=form,
            # One without values is left out, such as registries where none rates a program.
            facets=[form[name] for name in filters.facets if filters.filters[name].labels],
            chips=chips(filters),
            address_without_filters=address_of(filters, nothing_chosen(filters)),
            page=page,
            most_compared=MOST_PROGRAMS,
            cards=[shown[pk] for pk in ids if pk in shown],
            following=[shown[pk] for pk in following if pk in shown],
            meaning=meaning_of(filters) if filters.words else None,
            others=other_matches(filters) if filters.words else None,
            nothing_found=None if filters.count else NothingFound(filters),
        )

    def cards_of(self, leading: Mapping[int, str]) -> dict[int, SafeString]:
        """Return the cards of the programs that the page shows, by their primary keys."""
        words, catalog = self.filters.words, self.filters.queryset
        if words:
            return cards_with(leading, self.filters.found.words, catalog.area_texts)
        return cards(leading, self.request.versions)


class AreaMatch(NamedTuple):
    """Hold a topic area that holds the words, and how many programs are rated in it or in its parts."""

    area: Area
    programs: int


class OtherMatches(NamedTuple):
    """Name what else holds the words that somebody looks for among programs."""

    topic_areas: list[AreaMatch]
    hold_some: bool  # of the words; none holds all
    experts: list[TopicExpert]
    references: list[Reference]
    doi: str  # by which they were looked for


def other_matches(filters: ProgramFilterSet) -> OtherMatches:
    """Return a few public topic areas, experts and references that hold the words. One query, three for a DOI."""
    catalog, found = filters.queryset, filters.found
    by_key = {area.pk: area for area in catalog.areas.values()}
    near = found.topic_areas or catalog.area_texts.named_by_half(
        found.words.terms, found.words.excluded
    )
    areas = [by_key[pk] for pk in near if pk in by_key][:MOST_OTHERS]
    counted = [AreaMatch(area, catalog.rated_in([area.slug]).bit_count()) for area in areas]
    experts = [expert for expert in catalog.experts.values() if expert.pk in found.experts]
    doi = doi_in(filters.words.typed)
    references: Any = Reference.objects.filter(doi=doi) if doi else references_holding(found.words)
    references = references.published()
    if doi:
        references = references.with_uses(TopicArea.objects.published())
    # Any of them: to put thousands in an order takes longer than the rest of the page.
    some = list(references.order_by()[:MOST_OTHERS])
    return OtherMatches(counted, not found.topic_areas, experts[:MOST_OTHERS], some, doi)


# --- One program -----------------------------------------------------------------------------------------------------


class ProgramView(EntryView):
    """Shows a program. The addresses of one that was merged into another lead there, but for a day of the past."""

    model = Program
    template_name = "public/program_detail.html"
    context_object_name = "program"
    # Whether the page says how to cite it, once the program is public.
    is_citable = True
    # Whether it asks the program's representative what is right, and so names all that is not recorded.
    asks = False

    def get_queryset(self) -> PublishableQuerySet:
        return super().get_queryset().filter(merged_into=None)

    def moved_to(self, slug: str) -> Program | None:
        return standing_for(slug, self.get_queryset())

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        program = self.object
        ratings = (
            self.ratings()
            .filter(program=program)
            .with_earliest_rated()
            .select_related("topic_area", "program", "scale_edition")
            .prefetch_related("topic_area__experts")
            .in_topic_area_order()
        )
        context = ratings_and_research(
            program, ratings, self.studies(), self.findings(), Scale.stored()
        ) | ratings_elsewhere(self.external_ratings())
        if program.is_published and self.is_citable:
            context |= citing_now(
                self.request, program, [rating for rating, *_ in context["ratings"]]
            )
        elif program.is_retired:
            context["first_day"] = Records(program).first_day
        return super().get_context_data(
            **kwargs,
            **context,
            facts=program_facts(program, asks=self.asks, offers=self.is_citable),
            asks=self.asks,
            contacts=self.contacts(),
            related=related_groups(program.pk, self.relations()),
            research_age=program.research_age,
            unlinked_areas=(),
        )

    def studies(self) -> Iterable[Study]:
        """Return the studies of the program, in the order of the page."""
        return self.object.studies.select_related("reference")

    def findings(self) -> Iterable[Finding]:
        """Return the findings of the program's studies in topic areas that visitors see."""
        return Finding.objects.published().filter(program=self.object).select_related("topic_area")

    def external_ratings(self) -> Iterable[ExternalRating]:
        """Return what other registries say of the program, in the order of the page."""
        return self.object.external_ratings.on_page()

    def contacts(self) -> Iterable[Contact]:
        """Return whom else to ask, in the order of the page."""
        return self.object.contacts.all()

    def relations(self) -> Iterable[RelatedProgram]:
        """Return the program's relations to public programs, in both directions."""
        return RelatedProgram.objects.shown_with(self.object.pk).with_names()


class LogicModelView(ProgramView):
    """Sends the file of a program's logic model to whom its page shows."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {"file": self.object.logic_model_file}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> Any:
        file = context["file"]
        if self.object.is_retired or not file:
            raise Http404
        try:
            document = file.open()
        except FileNotFoundError:
            raise Http404 from None
        return FileResponse(
            document,
            filename=f"{self.object.slug}-logic-model.pdf",
            content_type="application/pdf",
        )


def ratings_and_research(
    program: Program,
    ratings: Iterable[Rating],
    studies: Iterable[Study],
    findings: Iterable[Finding],
    scale: Scale,
) -> dict[str, Any]:
    """Return what a program's page shows of its ratings and research, which are in the order of the page."""
    ratings, studies, findings = list(ratings), list(studies), list(findings)
    name_raters(ratings)
    histories = rating_histories(ratings)
    current = [rating for rating, _ in histories]
    return {
        "ratings": [
            (rating, steps, read_area(scale, rating, program, studies, findings))
            for rating, steps in histories
        ],
        "ratings_differ": len({rating.level for rating in current}) > 1,
        "has_reasons": any(rating.not_rated_reason for rating in current),
        "research": research_by_part(studies, findings),
    }


def ratings_elsewhere(external_ratings: Iterable[ExternalRating]) -> dict[str, Any]:
    """Return what a program's page shows of other registries: their ratings, in its order, and how each rates."""
    ratings = list(external_ratings)
    registries = dict.fromkeys(rating.registry for rating in ratings)
    return {
        "external_ratings": ratings,
        "registries": [registry for registry in registries if registry.scale],
    }


def rating_histories(ratings: Iterable[Rating]) -> list[tuple[Rating, list[RatingStep]]]:
    """Return each current rating, in the order given, with all ratings of its topic area, newest first."""
    by_area = defaultdict(list)
    for rating in sorted(
        ratings, key=lambda rating: (rating.is_current, rating.rated_on, rating.pk), reverse=True
    ):
        by_area[rating.topic_area_id].append(rating)
    return [
        (rating, rating_steps(by_area[rating.topic_area_id]))
        for rating in ratings
        if rating.is_current
    ]


def citing_now(request: HttpRequest, program: Program, ratings: list[Rating]) -> dict[str, object]:
    """Return how to cite a program's page as it stands, and the days of which it can be seen."""
    today, records = timezone.localdate(), Records(program)
    address = full_url(request, program.get_absolute_url())
    title = title_to_cite(program, ratings)
    if records.rows:
        link = f"{address}?as_of={today}"
        citation = cite_state(settings.SITE_NAME, title, today, link, program.source)
    else:
        citation = cite_page(settings.SITE_NAME, title, today, address, program.source)
    return {
        "citation": citation,
        "entry": program,
        "first_day": records.first_day,
        "day": today,
        "today": today,
    }


def title_to_cite(program: Program, ratings: list[Rating]) -> str:
    """Return the title of a program's page in a citation: its name and its ratings."""
    levels = [f"{rating.level} in {rating.topic_area.name}" for rating in ratings]
    return f"{program.name}: Scientific rating {'; '.join(levels)}" if levels else program.name
