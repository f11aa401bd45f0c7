"""The address of a program: its page as it stands or, asked for a day, as it stood at its end; and how to cite it."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ...history.as_of import NoState, ProgramState, Records, changes_since, day_asked_for
from ...models import Program, Rating, TopicArea
from ...models.related_programs import related_groups
from ...models.reviews import review_age
from ...values.citations import EntryCitation, cite_state
from ...values.site_url import full_url
from ..program_facts import program_facts
from ..site import site_of
from .programs import (
    ProgramView,
    ratings_and_research,
    ratings_elsewhere,
    title_to_cite,
)


def program(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Show a program as it stands, or as it stood at the end of a day."""
    if "as_of" in request.GET:
        return program_as_of(request, slug)
    return ProgramView.as_view()(request, slug=slug)


def program_as_of(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a program as it publicly stood at the end of a day, to staff too; or why that cannot be shown."""
    programs = Program.objects.addressable().select_related("merged_into")
    program = programs.filter(slug=slug).first()
    if program is None:
        moved = programs.with_former_slug(slug).first()
        if moved is None:
            raise Http404
        view: Any = request.resolver_match and request.resolver_match.view_name
        return redirect(
            f"{reverse(view, args=[moved.slug])}?{request.GET.urlencode()}", permanent=True
        )
    asked = request.GET.getlist("as_of")
    if asked == [""]:
        return redirect(request.path)
    records, into = Records(program), program.merged_into
    context: dict[str, object] = {
        "entry": program,
        "canonical": full_url(request, program.get_absolute_url()),
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
        return TemplateResponse(request, template, context, status=problem.status)
    link = f"{context['canonical']}?as_of={day}"
    title = title_to_cite(state.program, state.current_ratings)
    context |= ratings_and_research(
        state.program, state.ratings, state.studies, state.findings, state.scale
    )
    research_age = review_age(
        state.program.research_last_reviewed, day, settings.REVIEW_INTERVAL_MONTHS
    )
    context |= ratings_elsewhere(state.external_ratings) | {
        "program": state.program,
        "facts": program_facts(state.program, research_age),
        "as_of": day,
        "day": day,
        "research_age": research_age,
        "asks": False,
        "unlinked_areas": unlinked_areas(state.ratings),
        "related": related_groups(state.program.pk, state.relations),
        "changes": changes_since(state, program),
        "change_notes": state.change_notes,
        "citation": cite_state(
            site_of(request).settings.name, title, day, link, state.program.source
        ),
    }
    return TemplateResponse(request, "public/program_as_of.html", context)


@require_safe
def program_ris(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send the citation of a program, as it stands or as of a day, as RIS."""
    answer = cited(request, slug)
    if not isinstance(answer, EntryCitation):
        return answer
    return file_of(answer.ris, "application/x-research-info-systems", f"{slug}.ris")


@require_safe
def program_bibtex(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send the citation of a program, as it stands or as of a day, as BibTeX."""
    answer = cited(request, slug)
    if not isinstance(answer, EntryCitation):
        return answer
    return file_of(answer.bibtex(slug), "application/x-bibtex", f"{slug}.bib")


def cited(request: HttpRequest, slug: str) -> EntryCitation | HttpResponseBase:
    """Return the citation on a program's page, or the answer where there is no such page. Raises Http404."""
    page: Any = program(request, slug)
    if page.status_code != HTTPStatus.OK:
        return page
    citation = page.context_data.get("citation")
    if citation is None:  # of what is not public, or not any more
        raise Http404
    return citation


def file_of(text: str, content_type: str, name: str) -> HttpResponse:
    """Return a small text as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(text, content_type=f"{content_type}; charset=utf-8", headers=headers)


def unlinked_areas(ratings: list[Rating]) -> set[int]:
    """Return the topic areas of past ratings that are not public any more; the others get their address of today."""
    areas = {rating.topic_area_id: rating.topic_area for rating in ratings}
    public = dict(TopicArea.objects.published().filter(pk__in=areas).values_list("pk", "slug"))
    for pk, slug in public.items():
        areas[pk].slug = slug
    return areas.keys() - public.keys()
