"""The latest changes of all entries: a page of them at a time, found by the moment and the key of their records."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, Self

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from ..models import (
    PROGRAM_ROWS,
    Import,
    ImportKind,
    ImportStatus,
    Page,
    Program,
    Proposal,
    Rating,
    Reference,
    Registry,
    Term,
    TopicArea,
    TopicExpert,
)
from ..models.about_entry import ENTRY_FIELDS, entry_models, is_of_kinds
from ..models.base import CatalogModel
from .diff import names_of, person, stored
from .narrative import EntrySave, Event, HistoryNarrative, Item
from .records import Record, newest_first, parts_of, predecessors, saves, woven_records

# In this order stand records of one moment.
TABLES: tuple[type[Any], ...] = (
    *(Program, Rating),
    *PROGRAM_ROWS.values(),
    *(TopicArea, Reference, TopicExpert, Term, Registry, Page),
    *(Proposal, Import),
)
OF_ENTRIES = TABLES[:-2]
# What each kind of file changes: of ratings and rows, their programs.
CHANGED_BY = {
    ImportKind.TOPIC_AREAS: TopicArea,
    ImportKind.EXPERTS: TopicExpert,
    ImportKind.REFERENCES: Reference,
    ImportKind.PROGRAMS: Program,
    ImportKind.RATINGS: Program,
    ImportKind.STUDIES: Program,
    ImportKind.FINDINGS: Program,
    ImportKind.CONTACTS: Program,
    ImportKind.REGISTRIES: Registry,
    ImportKind.EXTERNAL_RATINGS: Program,
}
FINISHED = (ImportStatus.DONE, ImportStatus.UNDOING, ImportStatus.UNDONE)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PLACE = re.compile(r"([0-9]{1,17})\.([0-9]{1,2})\.([0-9]{1,18})", re.ASCII)


def kinds_of_changes() -> dict[str, type[CatalogModel]]:
    """Return the kinds of entries whose changes are told, by their names in addresses."""
    return {**entry_models(), "registry": Registry}


class Place(NamedTuple):
    """Mark where a record stands in the order of all: its moment, the place of its table in TABLES, and its key."""

    when: datetime
    table: int
    pk: int

    def __str__(self) -> str:
        """Return the place as addresses have it."""
        return f"{(self.when - EPOCH) // timedelta(microseconds=1)}.{self.table}.{self.pk}"

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the place that an address has, None for any other text."""
        if not (found := PLACE.fullmatch(text)):
            return None
        microseconds, table, pk = map(int, found.groups())
        return cls(EPOCH + timedelta(microseconds=microseconds), table, pk)

    def beyond(self, table: int, when: str, *, is_older: bool) -> Q:
        """Return the condition that records of a table stand after this place in the order or, newer ones, before."""
        sign = "lt" if is_older else "gt"
        if table == self.table:
            # The first half is what an index answers.
            at_all = Q(**{f"{when}__{sign}e": self.when})
            return at_all & (Q(**{f"{when}__{sign}": self.when}) | Q(**{f"pk__{sign}": self.pk}))
        is_with_it = (table < self.table) if is_older else (table > self.table)
        return Q(**{f"{when}__{sign}{'e' if is_with_it else ''}": self.when})


@dataclass(frozen=True)
class Wanted:
    """Say which changes are asked for: of these models, with the parts that may be read; all or some of them.

    Without a ``source`` an import is one change; with one, each of its changes is.
    """

    models: Collection[type[CatalogModel]]
    parts: Collection[type[CatalogModel]] = (Rating, *PROGRAM_ROWS.values())
    user: int | None = None
    source: int | None = None

    def parts_of(self, model: type[CatalogModel]) -> list[type[CatalogModel]]:
        """Return the parts of entries of a model that may be read."""
        return [part for part in parts_of(model) if part in self.parts]

    def found_in(self, table: int) -> QuerySet | None:
        """Return the records of a table that are asked for, None for none of them."""
        model = TABLES[table]
        if model is Import:
            return self.imports()
        if model is Proposal:
            fields = [name for name, kind in entry_models().items() if kind in self.models]
            history: Any = Proposal.history
            records = history.filter(is_of_kinds(fields))
        elif model in self.models or any(model in self.parts_of(whole) for whole in self.models):
            records = model.history.all()
        else:
            return None
        if self.user is not None:
            records = records.filter(history_user=self.user)
        if self.source is not None:
            return records.filter(history_import=self.source)
        # Most records have no import: their index would have them all sorted, where that of the dates needs a few.
        return records.alias(of_import=Coalesce("history_import", 0)).filter(of_import=0)

    def imports(self) -> QuerySet | None:
        """Return the imports that have changed such entries, None where one of them is asked for."""
        if self.source is not None:
            return None
        kinds = [kind for kind, model in CHANGED_BY.items() if model in self.models]
        found = Import.objects.filter(kind__in=kinds, status__in=FINISHED)
        return found if self.user is None else found.filter(user=self.user)


class RecentChange(NamedTuple):
    """Say what one save did to one entry, to a proposal, or by an import.

    ``kind`` and ``key`` are those of what it is about; ``is_there`` says whether that is there still.
    """

    kind: type[Any]
    key: int
    name: str
    is_there: bool
    item: Item


@dataclass(frozen=True)
class RecentPage:
    """A page of changes, the newest first; ``older`` and ``newer`` are where the next pages begin, if there are any."""

    changes: list[RecentChange] = field(default_factory=list)
    older: Place | None = None
    newer: Place | None = None


def moment_of(table: int) -> str:
    """Return which field of a table says when something happened."""
    return "finished_at" if TABLES[table] is Import else "history_date"


def places(wanted: Wanted, number: int, start: Place | None, *, is_older: bool) -> list[Place]:
    """Return the first places beyond one, or of all: newest first or, of newer ones, oldest first. A query a table."""
    found: list[Place] = []
    for table in range(len(TABLES)):
        records, when = wanted.found_in(table), moment_of(table)
        if records is None:
            continue
        if start:
            records = records.filter(start.beyond(table, when, is_older=is_older))
        sign = "-" if is_older else ""
        rows = records.order_by(f"{sign}{when}", f"{sign}pk").values_list(when, "pk")
        found += [Place(moment, table, pk) for moment, pk in rows[:number]]
    return sorted(found, reverse=is_older)[:number]


def recent_page(
    wanted: Wanted, number: int, before: Place | None = None, after: Place | None = None
) -> RecentPage:
    """Return a page of the latest changes, or of those before or after a place: no more than a number of records."""
    if after:
        found = places(wanted, number + 1, after, is_older=False)
        if len(found) <= number:
            # There the first page begins, which is to be a whole one.
            return recent_page(wanted, number)
        shown, has_newer, has_older = found[:number][::-1], True, True
    else:
        found = places(wanted, number + 1, before, is_older=True)
        shown, has_newer, has_older = found[:number], before is not None, len(found) > number
    if not shown:
        return RecentPage()
    changes = sorted(
        [*entry_changes(wanted, shown), *proposal_changes(shown), *import_changes(shown)],
        key=lambda pair: pair[0],
        reverse=True,
    )
    return RecentPage(
        [change for _, change in changes],
        shown[-1] if has_older else None,
        shown[0] if has_newer else None,
    )


# --- Entries ---------------------------------------------------------------------------------------------------------


def entry_changes(wanted: Wanted, shown: Sequence[Place]) -> Iterable[tuple[Place, RecentChange]]:
    """Yield what happened to entries, each save once: on the page on which its newest record stands."""
    told: list[EntrySave] = []
    every: set[Record] = set()
    names: dict[type[Any], dict[int, str]] = {}
    there: dict[type[Any], frozenset[int]] = {}
    for model, pks in subjects(shown).items():
        names[model], there[model] = dict(names_of(model, pks)), stored(model, pks)
        for pk, records in woven_records(model, pks, wanted.parts_of(model)).items():
            every.update(records)
            told += [
                EntrySave(model, pk, save) for save in saves(records) if newest_of(save) in shown
            ]
    narrative = HistoryNarrative(told, predecessors(newest_first(every)))
    for save, item in narrative.pairs():
        model, pk = save.model, save.pk
        change = RecentChange(model, pk, names[model].get(pk, ""), pk in there[model], item)
        yield newest_of(save.records), change


def newest_of(records: Sequence[Record]) -> Place:
    """Return the place of the newest of some records in the order of all."""
    return max(map(place_of, records))


def place_of(record: Record) -> Place:
    """Return the place of a record in the order of all."""
    return Place(record.when, TABLES.index(record.model), record.pk)


def subjects(shown: Sequence[Place]) -> dict[type[CatalogModel], set[int]]:
    """Return the entries that records are about, by model: of a rating and a study, its program."""
    found: dict[type[CatalogModel], set[int]] = defaultdict(set)
    for table, model in enumerate(OF_ENTRIES):
        pks = [place.pk for place in shown if place.table == table]
        if pks:
            key = "id" if model not in parts_of(Program) else "program_id"
            subject = model if key == "id" else Program
            records = model.history.filter(pk__in=pks).order_by()
            found[subject].update(records.values_list(key, flat=True))
    return found


# --- Proposals and imports -------------------------------------------------------------------------------------------


def proposal_changes(shown: Sequence[Place]) -> Iterable[tuple[Place, RecentChange]]:
    """Yield what was done with proposals that are there still."""
    table = TABLES.index(Proposal)
    pks = [place.pk for place in shown if place.table == table]
    if not pks:
        return
    history: Any = Proposal.history
    records = list(
        history.filter(pk__in=pks).defer("changes", "rows").select_related("history_user")
    )
    proposals = Proposal.objects.select_related(*ENTRY_FIELDS).defer("changes", "rows")
    known = proposals.in_bulk({record.id for record in records})
    for record in records:
        if record.id not in known:
            continue
        what = record.history_change_reason or "Changed"
        when = localtime(record.history_date)
        item = Item(person(record.history_user), when, [Event(f"Proposal: {what}")], [], None, None)
        name = str(known[record.id].entry)
        place = Place(record.history_date, table, record.pk)
        yield place, RecentChange(Proposal, record.id, name, True, item)


def import_changes(shown: Sequence[Place]) -> Iterable[tuple[Place, RecentChange]]:
    """Yield the imports, each as one change."""
    table = TABLES.index(Import)
    pks = [place.pk for place in shown if place.table == table]
    rows = Import.objects.filter(pk__in=pks).select_related("user")
    for record in rows.defer("problems", "warnings", "notices", "kept") if pks else ():
        if record.finished_at:
            item = Item(
                person(record.user),
                localtime(record.finished_at),
                [Event(import_headline(record))],
                [record.source] if record.source else [],
                record,
                None,
            )
            place = Place(record.finished_at, table, record.pk)
            yield place, RecentChange(Import, record.pk, record.file_name, True, item)


def import_headline(record: Import) -> str:
    """Return what an import did: "Imported: 12 new, 3 changed", "Undone"."""
    counts = [f"{number:,} {what}" for what, number in record.counts.items() if number]
    said = str(record.get_status_display())
    return f"{said}: {', '.join(counts)}" if counts and record.status == ImportStatus.DONE else said
