"""Merge programs, by the rules themselves and on their page."""

import html
import re

from django.contrib.auth.models import Group
from django.urls import reverse

from catalog.editorial import linked_merging
from catalog.editorial.merging import (
    digest,
    merge,
)

from ...factories import UserFactory


def member_of(group):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    return user


def page_of(program, what="change"):
    return reverse(f"admin:catalog_program_{what}", args=[program.pk])


def merging(merged, survivor):
    """Where two entries are shown side by side, and merged."""
    return f"{page_of(merged, 'merge')}?into={survivor.pk}"


def put_together(merged, survivor, **kwargs):
    """Merge as the page does when nobody has changed anything meanwhile."""
    kwargs.setdefault("user", UserFactory(is_superuser=True))
    seen = {program.pk: digest(program) for program in (merged, survivor)}
    plan = merge(merged, survivor, reason="The same", seen=seen, **kwargs)
    merged.refresh_from_db()
    survivor.refresh_from_db()
    return plan


def join(merged, survivor, fill=(), **people):
    """Merge two references or experts as the page does when nobody has changed anything meanwhile."""
    people.setdefault("user", UserFactory(is_superuser=True))
    seen = {entry.pk: linked_merging.digest(entry) for entry in (merged, survivor)}
    linked_merging.merge_linked(merged, survivor, reason="The same", seen=seen, fill=fill, **people)


def links(page):
    """The links of a page of the admin, as words and address."""
    found = re.findall(r'<a href="([^"]+)"[^>]*>([^<]*)</a>', page.content.decode())
    return [(html.unescape(words), html.unescape(address)) for address, words in found]


def rename(program, slug):
    program.slug = slug
    program.save()
