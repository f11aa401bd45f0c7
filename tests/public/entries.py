"""Entries and addresses that the tests of public pages share."""

import re
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from catalog.models import PreviewLink, Status

from ..factories import (
    PageFactory,
    ProgramFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)


def addresses_in(sitemap):
    return re.findall("<loc>(.*?)</loc>", sitemap.content.decode())


KINDS = {
    "program": (ProgramFactory, "/programs/{}/"),
    "topic area": (TopicAreaFactory, "/topics/{}/"),
    "summary": (TopicAreaFactory, "/topics/{}/summary.pdf"),
    "expert": (TopicExpertFactory, "/experts/{}/"),
    "page": (PageFactory, "/{}/"),
}


def make(kind, slug, **fields):
    """Return a new public entry of this kind."""
    entry = KINDS[kind][0](slug=slug, **fields)
    if kind == "expert":
        TopicAreaFactory().experts.add(entry)
    return entry


def preview_link(program):
    """Return a link to a program's preview, for a day."""
    expires_at = timezone.now() + timedelta(days=1)
    return PreviewLink.objects.create(program=program, expires_at=expires_at)


def rename(entry, slug):
    entry.slug = slug
    entry.save()


def retire(entry):
    entry.status = Status.RETIRED
    entry.retired_at = datetime(2026, 3, 5, 20, tzinfo=UTC)
    entry.save()


EVERY_FILTER = (
    "/programs/?q=program&topic=area-0&topic=area-1&rating=3&relevance=high&outcome=safety&age=7"
    "&setting=school&registry=index&expert=expert-0&reviewed_since=2000&sort=reviewed"
)


EVERY_COMPARISON = (
    "/compare/?program=program-0&program=program-1&program=program-2&program=unknown&add=program"
)
