"""Programs, topic areas and pages on their way to the public."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, TextField, Value, When
from django.db.models.functions import Coalesce, Concat, NullIf, Replace, Trim

from ...editorial.sent_back import BACK
from ...models import Page, Program, Status, TopicArea
from ...values.moments import day_in_words
from ...values.site_url import admin_path
from .lines import MOST, SHOWN, DeskPart, Line, Link, Section, all_of, section

# How far back in somebody's own changes their drafts are looked for.
LAST_CHANGES = 500
type Kind = type[Program] | type[TopicArea] | type[Page]
PUBLISHABLE: tuple[Kind, ...] = (Program, TopicArea, Page)


class Waiting(NamedTuple):
    """Name an entry on its way: since when it stands so, and by whom and why, as far as known."""

    kind: int  # its place in PUBLISHABLE
    pk: int
    name: str
    since: datetime | None
    by: str | None
    reason: str | None


class WaitingEntries(DeskPart):
    """List what is a draft, in review or scheduled, as far as this person may read it."""

    @cached_property
    def publishes(self) -> bool:
        """Return whether this person may publish entries of some kind."""
        return any(self.sees(model) and self.may("publish", model) for model in PUBLISHABLE)

    def waiting(
        self,
        title: str,
        found: Sequence[QuerySet],
        words: str,
        status: str,
        *,
        is_newest_first: bool = False,
    ) -> list[Section]:
        """Return the section of entries that were found, of all kinds in one order. One query."""
        if not found:
            return []
        entries = in_order(found, is_newest_first=is_newest_first)
        lines = [self.waiting_line(entry, words, status) for entry in entries[:SHOWN]]
        lists = [
            all_of(PUBLISHABLE[kind], f"status={status}")
            for kind in sorted({entry.kind for entry in entries})
            if status
        ]
        return [section(title, entries, lines, *lists)]

    def waiting_line(self, entry: Waiting, words: str, status: str) -> Line:
        """Return the line of an entry, with the step that it waits for."""
        model = PUBLISHABLE[entry.kind]
        said = f"{words} {day_in_words(entry.since)}" if entry.since else ""
        said += f", by {entry.by}" if entry.by else ""
        note = ". ".join(filter(None, [said, entry.reason]))
        steps = []
        if status == Status.IN_REVIEW and self.may("publish", model):
            page = admin_path(model, "status", entry.pk, Status.PUBLISHED)
            steps = [Link("Publish …", f"{page}?from=desk")]
        return Line(entry.name, admin_path(model, "change", entry.pk), note, steps)

    def first_with(self, status: Status) -> list[QuerySet]:
        """Return the entries of each kind with a status: the first ones in the catalog, no more than are counted."""
        return [
            model.objects.filter(
                pk__in=model.objects.filter(status=status).order_by("pk").values("pk")[: MOST + 1]
            )
            for model in self.readable
        ]

    @cached_property
    def readable(self) -> list[Kind]:
        """Return the kinds of entries that this person may read."""
        return [model for model in PUBLISHABLE if self.sees(model)]

    def in_review(self) -> list[Section]:
        """Return the entries in review, the longest waiting first."""
        title = "In review: waits for you" if self.publishes else "In review"
        found = [with_arrival(entries) for entries in self.first_with(Status.IN_REVIEW)]
        return self.waiting(title, found, "since", Status.IN_REVIEW)

    def to_publish(self) -> list[tuple[Kind, int]]:
        """Return what is in review and this person may publish, by kind and key, the longest waiting first."""
        found = [
            with_arrival(entries)
            for entries in self.first_with(Status.IN_REVIEW)
            if self.may("publish", entries.model)
        ]
        return [(PUBLISHABLE[entry.kind], entry.pk) for entry in in_order(found)]

    def drafts(self) -> list[Section]:
        """Return the drafts, the longest untouched first."""
        found = [with_last_change(entries) for entries in self.first_with(Status.DRAFT)]
        return self.waiting("Drafts", found, "last changed", Status.DRAFT)

    def my_drafts(self) -> list[Section]:
        """Return the drafts among what this person changed last by hand, the latest first."""
        found = []
        for model in self.readable:
            mine = model.history.filter(history_user=self.user, history_import=None)
            last = mine.order_by("-history_id").values("id")[:LAST_CHANGES]
            drafts = with_last_change(model.objects.filter(status=Status.DRAFT, pk__in=last))
            found.append(with_why_sent_back(drafts))
        return self.waiting("My drafts", found, "last changed", "", is_newest_first=True)

    def scheduled(self) -> list[Section]:
        """Return the entries that become public by themselves, the next first."""
        found = [
            model.objects.scheduled().annotate(
                since=F("published_at"), by=Value(""), reason=Value("")
            )
            for model in self.readable
        ]
        return self.waiting("Scheduled", found, "public from", "scheduled")


def in_order(found: Sequence[QuerySet], *, is_newest_first: bool = False) -> list[Waiting]:
    """Return the entries that were found, of all kinds in one order, MOST and one at most. One query.

    Each queryset annotates ``since``, ``by`` and ``reason``. What is older than the history comes first.
    """
    if not found:
        return []
    rows = [
        entries.annotate(kind=Value(PUBLISHABLE.index(entries.model)))
        .order_by()
        .values_list(*Waiting._fields)
        for entries in found
    ]
    since = F("since").desc() if is_newest_first else F("since").asc(nulls_first=True)
    both = rows[0].union(*rows[1:], all=True).order_by(since, "kind", "pk")[: MOST + 1]
    return [Waiting(*row) for row in both]


def with_last_change(entries: QuerySet) -> QuerySet:
    """Annotate when an entry was last changed, and by whom, as its history knows."""
    history = entries.model.history.filter(id=OuterRef("pk")).order_by("-history_id")
    return with_moment(entries, history)


def with_arrival(entries: QuerySet) -> QuerySet:
    """Annotate since when an entry has had its status, and who gave it that."""
    history = entries.model.history.filter(id=OuterRef("pk"))
    other = history.exclude(status=OuterRef("status")).order_by("-history_id")
    before = Coalesce(Subquery(other.values("history_id")[:1]), 0)
    since = history.filter(history_id__gt=OuterRef("before")).order_by("history_id")
    return with_moment(entries.annotate(before=before), since)


def with_moment(entries: QuerySet, history: QuerySet) -> QuerySet:
    """Annotate when the first of some versions was made, and by whom."""
    since = Subquery(history.values("history_date")[:1])
    full_name = Trim(Concat("history_user__first_name", Value(" "), "history_user__last_name"))
    name = Coalesce(NullIf(full_name, Value("")), "history_user__username")
    by = Subquery(history.values(who=name)[:1])
    return entries.annotate(since=since, by=by, reason=Value(""))


def with_why_sent_back(drafts: QuerySet) -> QuerySet:
    """Annotate why a draft was sent back from review: "Sent back: Whose sleep?"; "" for any other."""
    history = drafts.model.history.filter(id=OuterRef("pk"))
    other = history.exclude(status=Status.DRAFT).order_by("-history_id").values("history_id")
    arrival = history.filter(history_id__gt=OuterRef("before")).order_by("history_id")
    why = Subquery(arrival.values("history_change_reason")[:1])
    return (
        drafts.annotate(before=Subquery(other[:1]))
        .annotate(arrival=why)
        .annotate(
            reason=Case(
                When(
                    arrival__startswith=BACK,
                    then=Replace("arrival", Value(BACK), Value("Sent back: ")),
                ),
                default=Value(""),
                output_field=TextField(),
            )
        )
    )
