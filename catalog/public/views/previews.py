"""The pages of entries that are not public yet, for whoever was sent the address."""

from typing import Any

from django.db.models import Q
from django.http import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ...finding.snapshots import latest_catalog
from ...models import PreviewLink, Program, Rating, TopicArea
from ...models.ratings import RatingQuerySet
from ...models.status import is_public
from ...search.change_log import versions
from ..caching import PublicRequest
from .entries import EntryView
from .programs import ProgramView
from .topic_areas import TopicAreaView


class PreviewedView(EntryView):
    """Shows an entry that is not public yet, as visitors will see it.

    Of all other entries it shows what is public, and how many ratings it leaves out therefore.
    """

    link: Any = None

    def get_object(self, queryset: object = None) -> Program | TopicArea:
        return self.link.entry

    def ratings(self) -> RatingQuerySet:
        return Rating.objects.filter(self.others_are_public())

    def others_are_public(self) -> Q:
        """Return the condition that what a rating belongs to beside the entry is public."""
        return is_public("topic_area__" if self.link.program_id else "program__")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hidden = self.link.entry.ratings.current().exclude(self.others_are_public())
        return super().get_context_data(**kwargs, link=self.link, left_out=hidden.count())


class ProgramPreview(PreviewedView, ProgramView):
    """Shows a program before it is published."""


class TopicAreaPreview(PreviewedView, TopicAreaView):
    """Shows a topic area before it is published."""


@never_cache
@require_safe
def preview(request: PublicRequest, token: str) -> HttpResponseBase:
    """Show an entry before it is published. What is public meanwhile, or was, is shown at its own address."""
    links = PreviewLink.objects.at(token).select_related("program", "topic_area__parent")
    link = links.first()
    response: HttpResponseBase
    if link and (link.entry.is_published or (link.entry.is_retired and link.entry.was_public)):
        response = redirect(link.entry.get_absolute_url())
    elif link is None or link.is_over:
        response = render(request, "public/preview_ended.html", status=404)
    else:
        request.catalog = latest_catalog(versions()).catalog
        view = ProgramPreview if link.program else TopicAreaPreview
        response = view.as_view(link=link)(request, slug=link.entry.slug)
    # The address is a key: it is neither indexed, nor told to the sites that the page links to.
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
