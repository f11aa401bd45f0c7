"""The pages of entries, or of proposals for entries, that are not public yet, for whoever was sent the address."""

from collections.abc import Callable, Iterable
from copy import copy
from functools import wraps
from typing import Any, Concatenate

from django.db.models import Q
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ...editorial.proposals.changes import open_proposal, patched, related
from ...editorial.proposals.merging import proposed_rows
from ...finding.snapshots import latest_catalog
from ...models import (
    Contact,
    ExternalRating,
    Finding,
    Page,
    PreviewLink,
    Program,
    Proposal,
    Rating,
    RelatedProgram,
    Study,
    TopicArea,
    TopicExpert,
)
from ...models.base import Slugged
from ...models.previews import SHOWN
from ...models.ratings import RatingQuerySet
from ...models.status import is_public
from ...search.change_log import versions
from ..caching import PublicRequest
from .agency import PageView
from .entries import AddressedView
from .pages import TopicExpertView
from .programs import ProgramView
from .topic_areas import TopicAreaView


class PreviewedView(AddressedView):
    """Shows an entry that is not public yet, as visitors will see it: with what is proposed to it."""

    link: Any = None
    proposal: Proposal | None = None

    def get_object(self, queryset: object = None) -> Any:
        changes = self.proposal.changes if self.proposal else {}
        return patched(copy(self.link.entry), changes)

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        return super().get_context_data(link=self.link, **kwargs)


class RatedPreview(PreviewedView):
    """Shows of all other entries what is public, and how many ratings it leaves out therefore."""

    def ratings(self) -> RatingQuerySet:
        return Rating.objects.filter(self.others_are_public())

    def others_are_public(self) -> Q:
        """Return the condition that what a rating belongs to beside the entry is public."""
        return is_public("topic_area__" if self.link.program_id else "program__")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        hidden = self.link.entry.ratings.current().exclude(self.others_are_public())
        return super().get_context_data(**kwargs, left_out=hidden.count())


class ProgramPreview(RatedPreview, ProgramView):
    """Shows a program before it, or what is proposed to it, is published."""

    is_citable = False

    def studies(self) -> Iterable[Study]:
        stored = list(super().studies())
        if not self.proposal:
            return stored
        studies = proposed_rows(self.proposal, "studies", stored)
        return sorted(studies, key=Study.place_on_page)

    def findings(self) -> Iterable[Finding]:
        others = Finding.objects.filter(self.others_are_public(), program=self.object)
        stored = others.select_related("topic_area")
        if not self.proposal:
            return stored
        proposed = proposed_rows(self.proposal, "findings", stored)
        return [finding for finding in proposed if finding.topic_area.is_published]

    def contacts(self) -> Iterable[Contact]:
        stored = list(super().contacts())
        if not self.proposal:
            return stored
        contacts = proposed_rows(self.proposal, "contacts", stored)
        return sorted(contacts, key=Contact.place_on_page)

    def relations(self) -> Iterable[RelatedProgram]:
        shown = super().relations()
        if not self.proposal:
            return shown
        stored = self.object.related_programs.select_related("other")
        proposed = proposed_rows(self.proposal, "related_programs", stored)
        named = [relation for relation in shown if relation.other_id == self.object.pk]
        return [*named, *(relation for relation in proposed if relation.other.is_published)]

    def external_ratings(self) -> Iterable[ExternalRating]:
        stored = super().external_ratings()
        if not self.proposal:
            return stored
        proposed = proposed_rows(self.proposal, "external_ratings", stored)
        return sorted(proposed, key=ExternalRating.place_on_page)


class TopicAreaPreview(RatedPreview, TopicAreaView):
    """Shows a topic area before it, or what is proposed to it, is published."""

    def linked(self, relation: str) -> Any:
        linked = super().linked(relation)
        changes = related(self.object, self.proposal.changes if self.proposal else {})
        if relation in changes:
            return linked.model._default_manager.filter(pk__in=changes[relation])
        return linked


class PagePreview(PreviewedView, PageView):
    """Shows a page of the agency's own before it, or what is proposed to it, is published."""


class TopicExpertPreview(PreviewedView, TopicExpertView):
    """Shows an expert before what is proposed is published."""


def secret_page[R: HttpRequest, **P](
    view: Callable[Concatenate[R, P], HttpResponseBase],
) -> Callable[Concatenate[R, P], HttpResponseBase]:
    """Return the view of a page whose address is a key: neither kept, nor indexed, nor told to other sites."""

    @never_cache
    @wraps(view)
    def answer(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return answer


PREVIEWS: dict[type[Slugged], type[PreviewedView]] = {
    Program: ProgramPreview,
    TopicArea: TopicAreaPreview,
    Page: PagePreview,
    TopicExpert: TopicExpertPreview,
}


@secret_page
@require_safe
def preview(request: PublicRequest, token: str) -> HttpResponseBase:
    """Show an entry, or an open proposal for it, before it is published.

    What is public meanwhile, or was, is shown at its own address.
    """
    links = PreviewLink.objects.at(token).select_related(*SHOWN, "topic_area__parent")
    link = links.first()
    proposal = open_proposal(link.entry) if link else None
    if link and not proposal and link.has_public_page:
        return redirect(link.entry.get_absolute_url())
    if link is None or link.is_over or (link.expert and not proposal):
        return render(request, "public/preview_ended.html", status=404)
    request.versions = versions()
    request.catalog = latest_catalog(request.versions).catalog
    view = PREVIEWS[type(link.entry)]
    return view.as_view(link=link, proposal=proposal)(request, slug=link.entry.slug)
