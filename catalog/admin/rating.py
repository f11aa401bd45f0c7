"""Rating a program in a topic area, for the first time or again: an action of its own, from either side."""

from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_safe

from ..editorial import workflow
from ..editorial.rating import RatingStep, compare_ratings, may_rate, rating_steps
from ..history.diff import person
from ..importing.publishable import RETIRED
from ..models import Program, Rating, ScientificRating, TopicArea
from ..resources.cells import FieldWidget
from ..values.expressions import NameKey
from .entries import EntryAdmin, Tool
from .import_preview import part

REASON_MISSING = "Say why it is NR; “Reason not stated” is one of the reasons."
REPEATED = "This level of this date is recorded already. If the research was reviewed again, give that date."


def rate_address(program: Program, area: TopicArea | None = None, back: str = "") -> str:
    """Return the address at which a program is rated in a topic area, or at which the area is chosen."""
    query = QueryDict(mutable=True)
    if area:
        query["area"] = area.slug
    if back:
        query["next"] = back
    address = reverse("admin:catalog_program_rate", args=[program.pk])
    return f"{address}?{query.urlencode()}" if query else address


# --- What is recorded, and what is typed


class ProgramInTopicArea:
    """A program in a topic area, and all its ratings there."""

    def __init__(self, program: Program, area: TopicArea) -> None:
        self.program, self.area = program, area
        ratings = Rating.objects.filter(program=program, topic_area=area)
        # As on the public page once there is a new current one.
        self.recorded = list(ratings.order_by("-rated_on", "-pk"))
        self.current = next((rating for rating in self.recorded if rating.is_current), None)

    def __str__(self) -> str:
        return f"“{self.program}” in {self.area}"

    @property
    def seen(self) -> str:
        """What tells the current rating from any other, and from itself before it was corrected."""
        if not self.current:
            return ""
        version = self.current.history.values_list("pk", flat=True).first()
        return f"{self.current.pk}-{version or ''}"

    @property
    def steps(self) -> list[RatingStep]:
        """The ratings as the public page tells them: the current one first, each with what it changed."""
        return rating_steps(sorted(self.recorded, key=lambda rating: not rating.is_current))

    def change(self, level: ScientificRating) -> str:
        """Return what the public page will say that a new rating of this level changed; "" where it says nothing."""
        if not self.recorded:
            return ""
        return rating_steps([Rating(scientific_rating=level), *self.recorded])[0].change

    def holds(self, new: Rating) -> bool:
        """Whether a rating of the same level and date is recorded already."""
        facts = {(rating.scientific_rating, rating.rated_on) for rating in self.recorded}
        return (new.scientific_rating, new.rated_on) in facts

    @property
    def meanwhile(self) -> str:
        """Say who has rated the program here, or corrected its rating, and when."""
        change = self.current and self.current.history.first()
        if not change:
            return "The rating that you saw is no longer the current one."
        who = person(change.history_user)
        what = "rated the program" if change.history_type == "+" else "corrected its rating"
        when = timezone.localtime(change.history_date)
        why = f" The reason given: “{change.history_change_reason}”." * bool(
            change.history_change_reason
        )
        return f"{who} has {what} here at {when:%H:%M on %Y-%m-%d}: it is {change.scientific_rating} now.{why}"

    def doubts(self, new: Rating) -> list[str]:
        """Return what is worth a second look before a new rating is recorded."""
        doubts = []
        if self.program.is_retired:
            doubts.append(RETIRED.replace("entry", "program"))
        if self.area.is_retired:
            doubts.append(RETIRED.replace("entry", "topic area"))
        if self.current:
            doubts += [message for _, message in compare_ratings(new, self.current)]
        dated = FieldWidget(Rating._meta.get_field("rated_on"))
        return [*doubts, *filter(None, [dated.doubt(new.rated_on)])]


class LevelSelect(forms.RadioSelect):
    """The levels, each described by what it means."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        option["attrs"]["aria-describedby"] = f"meaning-{value}"
        return option


class RateForm(forms.ModelForm):
    """A new rating of a program in a topic area."""

    change_reason = forms.CharField(
        label="Why this change",
        required=False,
        max_length=500,
        widget=AdminTextInputWidget,
        help_text="For the history; the public does not see it.",
    )

    class Meta:
        model = Rating
        fields = [
            "scientific_rating",
            "not_rated_reason",
            "rationale",
            "rated_on",
            "scale_edition",
        ]
        labels = {"not_rated_reason": "Why it is NR", "scale_edition": "Edition of the scale"}
        help_texts = {"not_rated_reason": ""}
        widgets = {
            "scientific_rating": LevelSelect,
            "rationale": AdminTextareaWidget(
                attrs={"rows": 10, "data-preview": reverse_lazy("markdown_preview")}
            ),
            "scale_edition": AdminTextInputWidget,
        }

    def __init__(self, *args: Any, place: ProgramInTopicArea, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.place = place
        self.instance.program, self.instance.topic_area = place.program, place.area
        self.fields["scientific_rating"].choices = ScientificRating.choices  # type: ignore[attr-defined]
        self.fields["rated_on"].help_text = (
            f"2024, 2024-06 or 2024-06-15; today is {timezone.localdate()}. "
            "Left blank, the page says “Date not recorded”."
        )
        if not self.is_bound:
            with_edition = Rating.objects.exclude(scale_edition="").order_by("-pk")
            edition = with_edition.values_list("scale_edition", flat=True).first()
            self.initial["scale_edition"] = edition or ""

    @property
    def levels(self) -> list[tuple[ScientificRating, Any, str]]:
        """Each level with its radio button and what the public page will say of the change."""
        buttons = zip(ScientificRating, self["scientific_rating"], strict=True)
        return [(level, button, self.place.change(level)) for level, button in buttons]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("scientific_rating") != ScientificRating.NOT_RATED:
            # Its box is hidden then, with whatever was chosen in it before.
            cleaned["not_rated_reason"] = ""
        elif not cleaned.get("not_rated_reason"):
            self.add_error("not_rated_reason", REASON_MISSING)
        return cleaned


# --- The page


class RatedProgramAdmin(EntryAdmin):
    """Leads from a program to the page on which it is rated."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.rate_view)
        return [
            path("<path:object_id>/rate/", view, name="catalog_program_rate"),
            *super().get_urls(),
        ]

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        tools = super().tools(request, entry)
        if not may_rate(request.user, entry):
            return tools
        return [*tools, Tool("Rate or re-rate", rate_address(entry))]

    def response_add(
        self, request: HttpRequest, obj: Any, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Lead on from a new program to its first rating."""
        response = super().response_add(request, obj, post_url_continue)
        if may_rate(request.user, obj) and "_popup" not in request.POST:
            link = format_html(
                'It is not rated yet. <a href="{}">Rate it in a topic area …</a>', rate_address(obj)
            )
            messages.info(request, link)
        return response

    def rate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Rate a program in the topic area that the query names; without one, ask for it."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        program = self.get_object(request, unquote(object_id))
        if program is None:
            raise Http404
        if not may_rate(request.user, program):
            raise PermissionDenied
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
            address = reverse("admin:catalog_program_rate", args=[program.pk])
            return HttpResponseRedirect(f"{address}?area=")
        return self.rate(request, program, area)

    def rate(self, request: HttpRequest, program: Program, area: TopicArea) -> HttpResponse:
        """Show the form, or record what it says, unless something is wrong with it or worth a second look."""
        doubts: list[str] = []
        if request.method != "POST":
            place = ProgramInTopicArea(program, area)
            form = RateForm(place=place)
        else:
            with transaction.atomic():
                # Whoever rates the program meanwhile, by import too, finishes first or waits.
                stored = Program.objects.select_for_update(of=("self",)).filter(pk=program.pk)
                if not (locked := stored.first()):
                    raise Http404
                # It may have been published since, or merged.
                if not may_rate(request.user, locked):
                    raise PermissionDenied
                place = ProgramInTopicArea(locked, area)
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
                doubts = [] if form.errors else place.doubts(form.instance)
                is_confirmed = request.POST.get("confirmed", "") == " ".join(doubts)
                if not form.errors and is_confirmed:
                    self.record(request, form)
                    return HttpResponseRedirect(address_after(request, program))
        title = "Re-rate" if place.current else "Rate for the first time"
        context = {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": f"{program} in {area}",
            "opts": self.opts,
            "place": place,
            "form": form,
            "doubts": doubts,
            "back": address_after(request, program),
            "correct_url": place.current
            and may_rate(request.user, program, "change")
            and reverse("admin:catalog_rating_change", args=[place.current.pk]),
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
        shown = part(
            areas.order_by(F("level").asc(nulls_last=True), NameKey("name")), request.GET, "page"
        )
        back = request.GET.get("next", "")
        choices = [
            RateChoice.of(area, rate_address(program, area, back))
            for area in shown.page.object_list
        ]
        return choice_page(
            request,
            self.admin_site,
            title="Choose the topic area",
            subtitle=str(program),
            opts=self.opts,
            entry=program,
            part=shown,
            choices=choices,
            of="topic areas",
        )


def address_after(request: HttpRequest, program: Program) -> str:
    """Return where to go on once a program is rated: whence one came, else the program."""
    back = request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return back
    return reverse("admin:catalog_program_change", args=[program.pk])


# --- Choosing what is to be rated, and where


class RateChoice(NamedTuple):
    """One of the entries to choose from; without an address, this person may not rate it."""

    name: str
    state: str
    level: ScientificRating | None
    rated_on: str
    address: str

    @classmethod
    def of(cls, entry: Any, address: str) -> "RateChoice":
        level = getattr(entry, "level", None)
        return cls(
            str(entry),
            workflow.label(entry),
            level and ScientificRating(level),
            getattr(entry, "rated_on", ""),
            address,
        )


def with_rating(entries: QuerySet, **place: Any) -> QuerySet:
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
    shown = part(programs.order_by(*order), request.GET, "page")
    back = request.get_full_path() if area else ""
    choices = [
        RateChoice.of(
            program,
            rate_address(program, area, back) if may_rate(request.user, program) else "",
        )
        for program in shown.page.object_list
    ]
    entry: Any = area
    return choice_page(
        request,
        site,
        title="Choose the program to rate",
        subtitle=f"in {area}" if area else "",
        opts=(area or Rating)._meta,
        entry=entry,
        part=shown,
        choices=choices,
        of="programs",
    )


def choice_page(request: HttpRequest, site: admin.AdminSite, **context: Any) -> HttpResponse:
    """Return a page to choose from; what is searched for, and where to go in the end, is handed on."""
    sent = {"words": request.GET.get("q", ""), "next": request.GET.get("next", "")}
    context |= {**site.each_context(request), **sent}
    return TemplateResponse(request, "admin/catalog/rate_choice.html", context)


class RatedTopicAreaAdmin(EntryAdmin):
    """Leads from a topic area to its programs, to be rated there."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_safe(self.rate_view))
        return [
            path("<path:object_id>/rate/", view, name="catalog_topicarea_rate"),
            *super().get_urls(),
        ]

    def tools(self, request: HttpRequest, entry: Any) -> list[Tool]:
        tools = super().tools(request, entry)
        if entry.is_umbrella or not request.user.has_perm("catalog.add_rating"):
            return tools
        address = reverse("admin:catalog_topicarea_rate", args=[entry.pk])
        return [*tools, Tool("Rate programs", address)]

    def rate_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        area = self.get_object(request, unquote(object_id))
        if area is None:
            raise Http404
        return choose_program(request, self.admin_site, area)
