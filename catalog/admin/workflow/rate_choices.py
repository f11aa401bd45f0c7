"""Choosing the program to rate, or the topic area in which to rate it."""

from typing import Any, NamedTuple

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from ...editorial import transitions
from ...editorial.rating import may_rate
from ...models import Program, Rating, ScientificRating, TopicArea
from ...models.status import Publishable
from ...values.expressions import NameKey
from ..entries import EntryAdmin, Tool
from ..imports.preview import page_of


def rate_address(program: Program, area: TopicArea | None = None, back: str = "") -> str:
    """Return the address at which a program is rated in a topic area, or at which the area is chosen."""
    return address_with(program, area=area.slug if area else None, next=back or None)


def areas_address(program: Program, back: str = "") -> str:
    """Return the address at which the area is chosen, also where a program is rated in only one."""
    return address_with(program, area="", next=back or None)


def address_with(program: Program, **query: str | None) -> str:
    """Return the address of the page that rates a program, with those values that are not None."""
    return reverse(
        "admin:catalog_program_rate",
        args=[program.pk],
        query={name: value for name, value in query.items() if value is not None},
    )


class RateChoice(NamedTuple):
    """Offer one of the entries to choose from; without an address, this person may not rate it."""

    name: str
    state: str
    level: ScientificRating | None
    rated_on: str
    address: str

    @classmethod
    def of(cls, entry: Publishable, address: str) -> "RateChoice":
        """Return an entry to choose, with its current rating as ``with_rating`` annotates it."""
        level = getattr(entry, "level", None)
        return cls(
            str(entry),
            transitions.label(entry),
            level and ScientificRating(level),
            getattr(entry, "rated_on", ""),
            address,
        )


def with_rating(entries: QuerySet, **place: object) -> QuerySet:
    """Annotate ``level`` and ``rated_on`` of the current rating of what ``place`` says: program and topic area."""
    current = Rating.objects.current().filter(**place).order_by()
    return entries.annotate(
        level=Subquery(current.values("scientific_rating")[:1]),
        rated_on=Subquery(current.values("rated_on")[:1]),
    )


def choose_program(
    request: HttpRequest, site: admin.AdminSite, area: TopicArea | None = None
) -> HttpResponse:
    """List the programs that are rated in an area; whoever searches finds all others too, to be rated there first."""
    programs_admin = site.get_model_admin(Program)
    listing = site.get_model_admin(TopicArea if area else Rating)
    if not (
        request.user.has_perm("catalog.add_rating") and programs_admin.has_view_permission(request)
    ):
        raise PermissionDenied
    words = request.GET.get("q", "")
    programs: Any = Program.objects.filter(merged_into=None)
    order: list[Any] = [NameKey("name"), "pk"]
    if area:
        if not words.strip():
            programs = programs.rated(Rating.objects.current().filter(topic_area=area))
        programs = with_rating(programs, program=OuterRef("pk"), topic_area=area)
        order.insert(0, F("level").asc(nulls_last=True))
    programs, _ = programs_admin.get_search_results(request, programs, words)
    page = page_of(programs.order_by(*order), request.GET)
    back = request.get_full_path() if area else ""
    choices = [
        RateChoice.of(
            program,
            rate_address(program, area, back) if may_rate(request.user, program) else "",
        )
        for program in page
    ]
    return choice_page(
        request,
        site,
        title="Choose the program to rate",
        subtitle=f"in {area}" if area else "",
        opts=listing.opts,
        preserved_filters=listing.get_preserved_filters(request),
        entry=area,
        page=page,
        choices=choices,
        of="programs",
    )


def choice_page(request: HttpRequest, site: admin.AdminSite, **context: object) -> HttpResponse:
    """Return a page to choose from; what is searched for, and where to go in the end, is handed on."""
    sent = {
        "words": request.GET.get("q", ""),
        "next": request.GET.get("next", ""),
        "list_filters": request.GET.get("_changelist_filters", ""),
    }
    context |= {**site.each_context(request), **sent}
    return TemplateResponse(request, "admin/catalog/rate_choice.html", context)


class RatedTopicAreaAdmin(EntryAdmin):
    """Lead from a topic area to its programs, to be rated there."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of rating an area's programs."""
        view = self.admin_site.admin_view(require_safe(self.rate_view))
        return [
            path("<path:object_id>/rate/", view, name="catalog_topicarea_rate"),
            *super().get_urls(),
        ]

    def tools(self, request: HttpRequest, entry: TopicArea) -> list[Tool]:
        """Return what can be done with a topic area, with rating its programs for those who may."""
        tools = super().tools(request, entry)
        if entry.is_umbrella or not request.user.has_perm("catalog.add_rating"):
            return tools
        address = self.on_from_here(request, self.address("rate", entry.pk))
        return [*tools, Tool("Rate programs", address)]

    def rate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """List the programs of a topic area, to choose the one to rate."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        area = self.get_object(request, unquote(object_id))
        if area is None:
            raise Http404
        return choose_program(request, self.admin_site, area)
