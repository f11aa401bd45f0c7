"""Rating a program in a topic area, for the first time or again: an action of its own, from either side."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from ...editorial.notifications import tell_writers
from ...editorial.rating import may_rate, why_not_rated
from ...models import NotificationKind, Program, Rating, TopicArea
from ...values.expressions import NameKey
from ...values.site_url import admin_path
from ..busy import is_refused, keep_typed, show_refusal
from ..entries import EntryAdmin, Tool
from ..imports.preview import page_of
from ..typed import forget_typed
from .rate_choices import RateChoice, areas_address, choice_page, rate_address, with_rating
from .rate_form import ProgramInTopicArea, RateForm

REPEATED = "This level of this date is recorded already. If the research was reviewed again, give that date."


class RatedProgramAdmin(EntryAdmin):
    """Lead from a program to the page on which it is rated."""

    def get_urls(self) -> list[URLPattern]:
        """Return the addresses, with that of rating."""
        view = self.admin_site.admin_view(self.rate_view)
        return [
            path("<path:object_id>/rate/", view, name="catalog_program_rate"),
            *super().get_urls(),
        ]

    def tools(self, request: HttpRequest, entry: Program) -> list[Tool]:
        """Return what can be done with a program, with rating it for those who may."""
        tools = super().tools(request, entry)
        if not may_rate(request.user, entry):
            return tools
        has_filters = self.get_preserved_filters(request)
        back = self.on_from_here(request, self.address("change", entry.pk)) if has_filters else ""
        return [*tools, Tool("Rate or re-rate", rate_address(entry, back=back))]

    def response_add(
        self, request: HttpRequest, obj: Program, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead on from a new program to its first rating."""
        response = super().response_add(request, obj, post_url_continue)
        if may_rate(request.user, obj) and "_popup" not in request.POST:
            link = format_html(
                'It is not rated yet. <a href="{}">Rate it in a topic area …</a>', rate_address(obj)
            )
            messages.info(request, link)
        return response

    @keep_typed
    def rate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Rate a program in the topic area that the query names; without one, ask for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        program = self.get_object(request, unquote(object_id))
        if program is None:
            raise Http404
        if not may_rate(request.user, program):
            raise PermissionDenied(why_not_rated(request.user, program))
        # PostgreSQL takes no NUL.
        slug = request.GET.get("area", "").replace("\0", "")
        if "area" not in request.GET and len(program.listed_ratings) == 1:
            (rating,) = program.listed_ratings
            back = request.GET.get("next", "")
            return HttpResponseRedirect(rate_address(program, rating.topic_area, back))
        if not slug:
            return self.choose_area(request, program)
        area = TopicArea.objects.filter(slug=slug).first()
        if area is None or area.is_umbrella:
            wrong = (
                f"“{area}” is an umbrella area; programs are rated in its parts."
                if area
                else f"There is no topic area “{slug}”."
            )
            messages.error(request, f"{wrong} Choose the topic area here.")
            return HttpResponseRedirect(areas_address(program, request.GET.get("next", "")))
        return self.rate(request, program, area)

    def rate(self, request: HttpRequest, program: Program, area: TopicArea) -> HttpResponse:
        """Show the form, or record what it says, unless something is wrong with it or worth a second look."""
        if request.method != "POST":
            return self.rate_page(request, RateForm(place=ProgramInTopicArea(program, area)))
        if is_refused(request):
            form = self.sent_form(request, ProgramInTopicArea(program, area))
            show_refusal(request, form)
            return self.rate_page(request, form)
        with transaction.atomic():
            # Whoever rates the program meanwhile, by import too, finishes first or waits.
            stored = Program.objects.select_for_update(of=("self",)).filter(pk=program.pk)
            if not (locked := stored.first()):
                raise Http404
            # It may have been published since, or merged.
            if not may_rate(request.user, locked):
                raise PermissionDenied(why_not_rated(request.user, locked))
            form = self.sent_form(request, ProgramInTopicArea(locked, area))
            doubts = [] if form.errors else form.place.doubts(form.instance)
            is_confirmed = not doubts or request.POST.get("confirmed") == " ".join(doubts)
            if not form.errors and is_confirmed:
                self.record(request, form)
                return forget_typed(request, HttpResponseRedirect(address_after(request, program)))
        return self.rate_page(request, form, doubts)

    def sent_form(self, request: HttpRequest, place: ProgramInTopicArea) -> RateForm:
        """Return the form that was sent, which says what is wrong with it, and who has rated the program meanwhile."""
        form = RateForm(request.POST, place=place)
        form.full_clean()
        if not form.errors and place.holds(form.instance):
            form.add_error("rated_on", REPEATED)
        if request.POST.get("seen") != place.seen:
            form.add_error(
                None,
                f"{place.meanwhile} Nothing of yours is saved, and all that you typed is below. "
                "Saving again adds your rating to that one.",
            )
        return form

    def rate_page(
        self, request: HttpRequest, form: RateForm, doubts: Sequence[str] = ()
    ) -> HttpResponse:
        """Return the page with the form, and with what is worth a second look."""
        place = form.place
        context = {
            **self.admin_site.each_context(request),
            "title": "Re-rate" if place.current else "Rate for the first time",
            "subtitle": f"{place.program} in {place.area}",
            "opts": self.opts,
            "place": place,
            "form": form,
            "doubts": doubts,
            "kept_as": rate_address(place.program, place.area),
            "back": address_after(request, place.program),
            "areas_address": areas_address(place.program, request.GET.get("next", "")),
            "correct_url": place.current
            and may_rate(request.user, place.program, "change")
            and admin_path(place.current, "change", place.current.pk),
        }
        return TemplateResponse(request, "admin/catalog/rerate.html", context)

    def record(self, request: HttpRequest, form: RateForm) -> None:
        """Save a new rating; the one before it becomes a past one, and both keep who did it and why."""
        rating, place = form.instance, form.place
        again = place.current is not None
        reason = form.cleaned_data["change_reason"]
        rating._change_reason = reason or ("Re-rated" if again else "Rated for the first time here")
        rating._history_user = request.user
        change = place.change(rating.level) or f"Rated {rating.scientific_rating}."
        form.save()
        tell_writers(
            [place.program], NotificationKind.RATED, words=f"{place}: {change}", by=request.user
        )
        ratings = self.admin_site.get_model_admin(Rating)
        ratings.log_addition(request, rating, [{"added": {}}])
        messages.success(request, f"{place}: {change}")

    def choose_area(self, request: HttpRequest, program: Program) -> HttpResponse:
        """List the topic areas in which a program can be rated, those in which it is rated first."""
        words = request.GET.get("q", "")
        areas: Any = TopicArea.objects.filter(children__isnull=True)
        admin_of_areas = self.admin_site.get_model_admin(TopicArea)
        areas, _ = admin_of_areas.get_search_results(request, areas, words)
        areas = with_rating(areas, program=program, topic_area=OuterRef("pk"))
        page = page_of(
            areas.order_by(F("level").asc(nulls_last=True), NameKey("name")), request.GET
        )
        back = request.GET.get("next", "")
        choices = [RateChoice.of(area, rate_address(program, area, back)) for area in page]
        return choice_page(
            request,
            self.admin_site,
            title="Choose the topic area",
            subtitle=str(program),
            opts=self.opts,
            entry=program,
            page=page,
            choices=choices,
            of="topic areas",
        )


def address_after(request: HttpRequest, program: Program) -> str:
    """Return the address to go on to once a program is rated: whence one came, else the program's."""
    back = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return back
    return admin_path(program, "change", program.pk)
