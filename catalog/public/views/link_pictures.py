"""The pictures that messengers and networks show beside a link: drawn from names and ratings."""

import json
import logging
from threading import Lock
from typing import Any, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.defaultfilters import pluralize
from django.utils.text import Truncator
from django.views.decorators.http import require_safe

from ...finding.evidence_map import map_row
from ...models import Program, ScientificRating, TopicArea
from ...models.site_settings import DEFAULT_ACCENTS
from ..caching import PublicRequest
from ..site import site_of
from ..typesetting import TypesettingError, draw
from .entries import EntryView

logger = logging.getLogger(__name__)

MOST_LINES = 3
MOST_OF_A_NAME, MOST_OF_A_LINE = 130, 65
RETRY_AFTER = 60
# So many crawlers may ask at once: each process draws one picture after the other.
_one_at_a_time = Lock()


class Line(NamedTuple):
    """A line of a picture: the mark of a level, and words behind it."""

    level: ScientificRating
    words: str


def picture(
    request: HttpRequest, name: str, lines: list[Line], *, words: str = "", site: str | None = None
) -> HttpResponse:
    """Return a picture with a name, words below it, and the first lines.

    It has one address, or else it would be drawn again and again.
    """
    if request.META["QUERY_STRING"]:
        return redirect(request.path)
    own = site_of(request).settings
    card = {
        "site": own.name if site is None else site,
        "colour": own.accent or DEFAULT_ACCENTS["accent"],
        "name": Truncator(name).chars(MOST_OF_A_NAME),
        "words": words,
        "lines": [
            {"level": line.level, "words": Truncator(line.words).chars(MOST_OF_A_LINE)}
            for line in lines[:MOST_LINES]
        ],
    }
    try:
        with _one_at_a_time:
            png = draw(json.dumps(card))
    except TypesettingError as error:
        logger.error("A picture for link previews cannot be drawn: %s", error)
        return HttpResponse(
            status=503, headers={"Retry-After": str(RETRY_AFTER), "Cache-Control": "no-store"}
        )
    return HttpResponse(png, content_type="image/png")


class EntryPictureView(EntryView):
    """Sends the picture of an entry that is public."""

    request: PublicRequest

    def draw(self) -> HttpResponse:
        """Return the picture of ``object``."""
        raise NotImplementedError

    def render_to_response(self, context: dict[str, Any], **kwargs: object) -> HttpResponse:
        if not self.object.is_published:
            raise Http404
        return self.draw()


class ProgramPictureView(EntryPictureView):
    """Sends the picture of a program: its ratings with their topic areas."""

    model = Program

    def draw(self) -> HttpResponse:
        ratings = self.ratings().current().filter(program=self.object).in_topic_area_order()
        lines = [
            Line(rating.level, f"{rating.level.in_short}: {rating.topic_area.name}")
            for rating in ratings.select_related("topic_area")[:MOST_LINES]
        ]
        return picture(self.request, self.object.name, lines)


class TopicAreaPictureView(EntryPictureView):
    """Sends the picture of a topic area: how many of its programs have which rating."""

    model = TopicArea

    def draw(self) -> HttpResponse:
        row = map_row(self.request.catalog, self.object.name, self.object.slug)
        lines = [
            Line(cell.level, f"{cell.count:,} {cell.level.label}")
            for cell in row.cells
            if cell.count
        ]
        words = f"{row.count:,} program{pluralize(row.count)}"
        return picture(self.request, self.object.name, lines, words=words)


@require_safe
def site_picture(request: HttpRequest) -> HttpResponse:
    """Send the picture of all other pages: the name of the site, and what it says of itself."""
    own = site_of(request).settings
    return picture(request, own.name, [], words=own.social_text, site=own.agency)
