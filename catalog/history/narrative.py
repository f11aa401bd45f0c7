"""What happened to an entry and to what it has, told save by save: who, when, what, why, and by which import."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, groupby
from typing import Any, NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.utils.formats import date_format
from django.utils.text import Truncator, capfirst, get_text_list
from django.utils.timezone import localdate, localtime

from ..models import PROGRAM_ROWS, Availability, Finding, Import, ProgramRow, Rating, Status, Study
from ..models.base import CatalogModel
from ..models.status import DATED_BY_STATUS
from ..values.moments import day_in_words, moment_in_words
from .diff import (
    EntryState,
    FieldChange,
    Names,
    changes,
    in_short,
    person,
    states_of,
    values,
    values_of,
)
from .records import Record

MOST_NAMED = 3
MOST_OF_A_REFERENCE = 160
# Told in a headline where the status changes.
STATUS_FIELDS = ("status", *DATED_BY_STATUS)


class Revision(NamedTuple):
    """Hold what one save did to one entry: its last record of it, and what the entry held before and after.

    Before is None where nothing is known of that.
    """

    record: Record
    is_new: bool
    before: EntryState | None
    after: EntryState

    @property
    def is_gone(self) -> bool:
        return self.record.kind == "-"

    def had(self, name: str) -> Any:
        return self.before.get(name) if self.before else None


class Event(NamedTuple):
    """Tell of a save or a step, with what became of each field."""

    headline: str
    changes: Sequence[FieldChange] = ()


class Item(NamedTuple):
    """Say what one save did, who did it, when, why, and by which import.

    ``version`` is the record of the entry itself, None where the save left that alone.
    """

    who: str
    when: datetime
    events: list[Event]
    reasons: list[str]
    source: Import | None
    version: Record | None


class EntrySave(NamedTuple):
    """Hold the records that one save has made of an entry and of what belongs to it, newest first."""

    model: type[CatalogModel]
    pk: int
    records: list[Record]


class Day(NamedTuple):
    name: str
    items: list[Item]


def days(items: Iterable[Item]) -> list[Day]:
    """Return items, newest first, by day."""
    found = groupby(items, lambda item: item.when.date())
    return [Day(day_heading(day), list(of_day)) for day, of_day in found]


def day_heading(day: date) -> str:
    """Return "Today", "Yesterday" or "Monday, November 23, 2026"."""
    past = (localdate() - day).days
    return {0: "Today", 1: "Yesterday"}.get(past) or f"{date_format(day, 'l')}, {day_in_words(day)}"


class HistoryNarrative:
    """Tells what happened in some saves of entries and of their parts; more of them take no more queries."""

    def __init__(self, told: Sequence[EntrySave], before: dict[Record, Record]) -> None:
        self.told = told
        ends = [self.ends_of(save.records, before) for save in told]
        wanted: dict[type[CatalogModel], set[int]] = {}
        for first, last, _ in (end for each in ends for end in each):
            keys = wanted.setdefault(last.model, set())
            keys |= {record.pk for record in (first, last) if record}
        states = {model: states_of(model, keys) for model, keys in wanted.items()}
        self.revisions = [
            [
                Revision(
                    last,
                    is_new,
                    first and states[last.model][first.pk],
                    states[last.model][last.pk],
                )
                for first, last, is_new in each
            ]
            for each in ends
        ]
        self.names = Names(
            chain.from_iterable(values_of(m, found.values()) for m, found in states.items())
        )
        users = {record.user for save in told for record in save.records}
        self.users = get_user_model()._default_manager.in_bulk(users - {None})
        sources = {record.source for save in told for record in save.records}
        self.sources = Import.objects.only("kind", "file_name", "source").in_bulk(sources - {None})

    def ends_of(
        self, save: list[Record], before: dict[Record, Record]
    ) -> list[tuple[Record | None, Record, bool]]:
        """Return for each entry that a save touched the record before, the save's last, and whether it is new."""
        own: dict[tuple[type[CatalogModel], int], list[Record]] = {}
        for record in save:
            own.setdefault((record.model, record.id), []).append(record)
        return [
            (before.get(records[-1]), records[0], records[-1].kind == "+")
            for records in own.values()
        ]

    def items(self) -> list[Item]:
        """Return the events, newest first, without those that changed nothing and were not given a reason."""
        return [item for _, item in self.pairs()]

    def pairs(self) -> Iterator[tuple[EntrySave, Item]]:
        """Yield each save with what happened in it, as ``items`` has them."""
        for save, revisions in zip(self.told, self.revisions, strict=True):
            item = self.item(save, revisions)
            if item.events:
                yield save, item

    def item(self, save: EntrySave, revisions: list[Revision]) -> Item:
        latest = save.records[0]
        own = [revision for revision in revisions if revision.record.model is save.model]
        events = [event for revision in own for event in self.of_entry(revision)]
        events += self.of_ratings(parts_in(save, revisions, Rating), save.pk)
        for model in PROGRAM_ROWS.values():
            for revision in parts_in(save, revisions, model):
                events += self.of_row(model, revision, save.pk)
        source = self.sources.get(latest.source)
        reasons = dict.fromkeys(record.reason for record in save.records if record.reason)
        # The headline says the one, the line about the import the other.
        said = {"Re-rated", f"Imported from {source.file_name}" if source else ""}
        said |= {event.headline for event in events}
        why = [without_headline(reason, events) for reason in reasons if reason not in said]
        if why and not events:
            events = [Event("Saved without a change")]
        version = next((r for r in save.records if r.model is save.model), None)
        who = self.users.get(latest.user)
        return Item(person(who), localtime(latest.when), events, why, source, version)

    def of_entry(self, revision: Revision) -> Iterator[Event]:
        if revision.is_gone:
            yield Event("Deleted")
            return
        headline = status_headline(revision)
        if revision.before is None:
            yield Event("Added" if revision.is_new else "First recorded")
            if headline:
                yield Event(headline)
            return
        found = self.changed(
            revision.record.model,
            revision.before,
            revision.after,
            STATUS_FIELDS if headline else (),
        )
        if headline or found:
            yield Event(headline or fields_in_words(found), found)

    def changed(
        self,
        model: type[CatalogModel],
        before: EntryState,
        after: EntryState,
        leaving_out: Collection[str] = (),
    ) -> list[FieldChange]:
        found = changes(model, before, after, self.names, leaving_out)
        return [FieldChange(label, in_short(pieces)) for label, pieces in found]

    def values(
        self, model: type[CatalogModel], state: EntryState, leaving_out: Collection[str]
    ) -> list[FieldChange]:
        found = values(model, state, self.names, leaving_out)
        return [FieldChange(label, in_short(pieces)) for label, pieces in found]

    # --- Ratings and rows of a program

    def of_ratings(self, revisions: list[Revision], program: int) -> Iterator[Event]:
        """Tell what became of the ratings, area by area: a new one ends the one before it."""
        for area in dict.fromkeys(revision.after["topic_area"] for revision in revisions):
            in_area = [s for s in revisions if s.after["topic_area"] == area]
            yield from self.of_area(in_area, program)

    def of_area(self, revisions: list[Revision], program: int) -> Iterator[Event]:
        place = self.name(Rating, "topic_area", revisions[0].after)
        told = {"program", "topic_area", "is_current"}
        ended = next(
            (
                revision
                for revision in revisions
                if revision.had("is_current") and not is_current(revision)
            ),
            None,
        )
        begun = next(
            (
                revision
                for revision in revisions
                if not revision.had("is_current") and is_current(revision)
            ),
            None,
        )
        if ended and begun and not begun.before:
            headline = f"Re-rated in {place}: {level(begun.after)}, was {level(ended.after)}"
            told.add("scientific_rating")
            yield Event(headline, self.changed(Rating, ended.after, begun.after, told))
        elif ended and begun:
            yield Event(
                f"Rating in {place} put back: {level(begun.after)}, was {level(ended.after)}"
            )
        for revision in revisions:
            if not (ended and begun and revision in (ended, begun)):
                yield from self.of_rating(revision, place, program)

    def of_rating(self, revision: Revision, place: str, program: int) -> Iterator[Event]:
        told = {"program", "topic_area", "scientific_rating", "is_current"}
        rating = level(revision.after)
        if revision.is_gone:
            yield Event(f"Rating in {place} removed: {rating}")
        elif revision.before is None:
            verb = "Rated" if revision.after["is_current"] else "Past rating added"
            if not revision.is_new:
                verb = "Rating first recorded"
            yield Event(f"{verb} in {place}: {rating}", self.values(Rating, revision.after, told))
        elif revision.before["program"] != revision.after["program"]:
            yield Event(f"Rating in {place} {self.moved(Rating, revision, program)}: {rating}")
        elif found := self.changed(
            Rating, revision.before, revision.after, told - {"scientific_rating"}
        ):
            was = level(revision.before)
            now = f"{rating}, was {was}" if rating != was else rating
            found = self.changed(Rating, revision.before, revision.after, told)
            yield Event(f"Rating corrected in {place}: {now}", found)
        elif revision.before["is_current"] != revision.after["is_current"]:
            what = "is current again" if revision.after["is_current"] else "became a past rating"
            yield Event(f"Rating in {place} {what}: {rating}")

    def of_row(self, model: type[ProgramRow], revision: Revision, program: int) -> Iterator[Event]:
        what, name = self.row_name(model, revision.after)
        if revision.is_gone:
            yield Event(f"{what} removed: {name}")
        elif revision.before is None:
            verb = "added" if revision.is_new else "first recorded"
            unasked = {n for n, v in revision.after.items() if v == Availability.NOT_KNOWN}
            known = {"program", *model.key_fields, *unasked}
            yield Event(f"{what} {verb}: {name}", self.values(model, revision.after, known))
        elif revision.before["program"] != revision.after["program"]:
            yield Event(f"{what} {self.moved(model, revision, program)}: {name}")
        elif found := self.changed(model, revision.before, revision.after):
            yield Event(f"{what} changed: {name}", found)

    def row_name(self, model: type[ProgramRow], state: EntryState) -> tuple[str, str]:
        """Return what a row is, and how people call it."""
        # The link at the end of a citation says nothing to a reader.
        citation, _, _ = self.name(model, "reference", state).partition(" http")
        reference = Truncator(citation).chars(MOST_OF_A_REFERENCE)
        if model is Study:
            return "Reference", reference
        outcome = f"{state['outcome']}; " if state["outcome"] else ""
        return f"Finding in {self.name(Finding, 'topic_area', state)}", f"{outcome}{reference}"

    def moved(self, model: type[CatalogModel], revision: Revision, program: int) -> str:
        """Return the program that a row came from, or went to: "moved to “Calm”"."""
        if revision.after["program"] == program:
            return f"taken over from “{self.name(model, 'program', revision.before)}”"
        return f"moved to “{self.name(model, 'program', revision.after)}”"

    def name(self, model: type[CatalogModel], field: str, state: EntryState | None) -> str:
        """Return the name of what a state's entry belongs to."""
        relation: Any = model._meta.get_field(field)
        return "".join(self.names.of(relation, (state or {}).get(field)))


def parts_in(
    save: EntrySave, revisions: list[Revision], model: type[CatalogModel]
) -> list[Revision]:
    """Return what was done to a program's ratings or rows, where they are not told on a page of their own."""
    return [
        revision
        for revision in revisions
        if revision.record.model is model is not save.model
        and save.pk in (revision.after["program"], revision.had("program"))
    ]


def is_current(revision: Revision) -> bool:
    return revision.after["is_current"] and not revision.is_gone


def level(rating: EntryState) -> str:
    return str(rating["scientific_rating"])


def without_headline(reason: str, events: Sequence[Event]) -> str:
    """Return a reason without the headline that it repeats: "All is checked." for "Published: All is checked."."""
    for event in events:
        reason = reason.removeprefix(f"{event.headline}: ")
    return reason


def user_of(record: Record) -> AbstractUser | None:
    """Return the user who made a record, None where nobody was signed in or the account is deleted."""
    return get_user_model()._default_manager.filter(pk=record.user or 0).first()


def fields_in_words(found: Sequence[FieldChange]) -> str:
    """Return which fields changed: "Acronym and goals changed", "12 fields changed"."""
    if len(found) > MOST_NAMED:
        return f"{len(found)} fields changed"
    labels = [label if label.isupper() else label[0].lower() + label[1:] for label, _ in found]
    return capfirst(f"{get_text_list([label.rstrip('?') for label in labels], 'and')} changed")


def status_headline(revision: Revision) -> str:
    """Return what became of the status of an entry, "" where it is what it was."""
    now, was = revision.after.get("status"), revision.had("status")
    public_from = revision.after.get("published_at")
    if now == Status.PUBLISHED:
        if (was, revision.had("published_at")) == (now, public_from):
            return ""
        # No import sets a date, and what it publishes is dated while it runs.
        if public_from and public_from > revision.record.when and not revision.record.source:
            return f"Scheduled for {moment_in_words(public_from)}"
        if was == now:
            return ""
        former = revision.had("published_at")
        return "Published again" if former and former <= revision.record.when else "Published"
    if now == was or (was is None and now == Status.DRAFT):
        return ""
    if now == Status.RETIRED:
        reason = revision.after["retirement_reason"]
        return f"Retired: {reason}" if reason else "Retired"
    if now == Status.IN_REVIEW and was in (None, Status.DRAFT):
        return "Sent to review"
    to = "to review" if now == Status.IN_REVIEW else "to drafts"
    if was == Status.PUBLISHED:
        public_from = revision.had("published_at")
        was_public = public_from and public_from <= revision.record.when
        return f"{'Withdrawn' if was_public else 'Unscheduled: back'} {to}"
    return f"{'Taken up again: back' if was == Status.RETIRED else 'Sent back'} {to}"
