"""Keeping the sets of the public programs right: read once, and then changed where the catalog was.

Each process applies what was written since it read last, so that whoever wrote sees it at once. Only after what touches
many programs everything is read again: in a thread, while pages are made from the older sets, unless it is read soon.
"""

import fcntl
import gc
import logging
from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from itertools import batched, chain
from pathlib import Path
from threading import Lock, Thread
from typing import NamedTuple

from cachetools import LRUCache
from django.db import DatabaseError, connections
from django.db.models import TextField
from django.db.models.functions import Cast

from ..models import ExternalRating, Program, Rating, Registry
from ..models.ages import AGE_RANGES, MAX_AGE, serves
from ..search import AreaTexts, catch_up, words_of
from ..search.change_log import Versions, versions
from ..values.expressions import NameKey
from ..values.fields import split_values
from .areas import areas_of, read_areas
from .program_sets import (
    AGE_GROUPS,
    MOST_WORDS,
    CatalogSnapshot,
    Positions,
    ProgramSet,
    set_of,
    union,
)

logger = logging.getLogger(__name__)

type Tag = tuple[str, ...]
# Whether positions move up by one, else down; those that stay; and those that others come to.
type Shift = tuple[bool, ProgramSet, ProgramSet]

# Programs that are read again while the visitor waits.
FEW_PROGRAMS = 5_000
# Programs of one query: the answer to one about all of them would take much memory, which a process does not give back.
AT_ONCE = 5_000
# Changes that are applied; to read everything takes as long as more of them.
MOST_CHANGES = 100
# Catalogs of before that may stay in memory; ten of them take as much as all else of a process.
MOST_FORMER = 3


class Latest(NamedTuple):
    """Hold the sets that a process has, and the versions of which they are."""

    catalog: CatalogSnapshot
    versions: Versions

    def touched(self, now: Versions) -> Collection[int] | None:
        """Return the programs that stand in other sets now; None if they cannot be told."""
        if (self.versions.log, self.versions.moments) != (now.log, now.moments):
            return None
        touched = set(now.log.touched[self.versions.position : now.position])
        return None if None in touched or len(touched) > MOST_CHANGES else touched  # type: ignore[return-value]


_lock = Lock()
_latest: Latest | None = None
_reading: Thread | None = None
_search_is_behind = False
_has_read_ahead = False


def latest_catalog(now: Versions) -> Latest:
    """Return the public catalog at these versions or younger ones; older ones while it is read again.

    No query without changes, three for a few of them, else eight at least.
    """
    global _latest, _search_is_behind  # noqa: PLW0603
    with _lock:
        if _search_is_behind:
            _search_is_behind = not catch_up()
        if _latest is None:
            _latest = read_again()
        elif (touched := _latest.touched(now)) is not None:
            if now.position >= _latest.versions.position:
                _latest = Latest(follow(_latest, now, touched), now)
        elif len(_latest.catalog.ids) <= FEW_PROGRAMS:
            _latest = read_again()
        else:
            read_in_background()
        return _latest


def read_ahead() -> None:
    """Read the catalog before the first request; a database that cannot be read fails that one only."""
    global _has_read_ahead  # noqa: PLW0603
    try:
        read_words(latest_catalog(versions()))
    except DatabaseError as error:
        logger.warning("The catalog was not read ahead: %s", error)
    finally:
        connections.close_all()
    # What there is by now stays, and need not be looked at whenever Python looks for what has gone.
    gc.collect()
    gc.freeze()
    _has_read_ahead = True


def let_go() -> None:
    """Give back the memory of catalogs of before, where a process has read ahead.

    Each page that was made holds one, in a circle that Python finds late.
    """
    if _has_read_ahead:
        gc.collect()


def read_in_background() -> None:
    """Start to read everything again, unless that was done."""
    global _reading  # noqa: PLW0603
    if _reading is None:
        _reading = Thread(target=replace_latest, daemon=True)
        _reading.start()


def replace_latest() -> None:
    """Read everything again, and let requests have it."""
    global _latest, _reading
    latest = None
    try:
        latest = read_again()
        read_words(latest)
    except DatabaseError as error:
        logger.warning("The catalog was not read again: %s", error)
    finally:
        connections.close_all()
        with _lock:
            _latest, _reading = latest or _latest, None


def read_words(latest: Latest) -> None:
    """Read the words of all names, which the catalog keeps: else the first visitor who mistypes one waits for them."""
    _ = latest.catalog.vocabulary


def forget() -> None:
    """Read everything again at the next request, as another process would."""
    global _latest, _search_is_behind
    _latest, _search_is_behind = None, False


def read_again() -> Latest:
    """Read the versions and then the catalog, one process of this machine at a time."""
    global _search_is_behind  # noqa: PLW0603
    with one_process_at_a_time():
        _search_is_behind = not catch_up()
        now = versions()
        return Latest(read_catalog(), now)


@contextmanager
def one_process_at_a_time() -> Iterator[None]:
    """Let others wait that want to enter, too. This file is locked: there is no other that all can open."""
    with Path(__file__).open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


# --- Everything ------------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """A public program, and what it has in common with others; many share a list of tags."""

    pk: int
    name: str
    date: int
    tags: Sequence[Sequence[Tag]]


def read_catalog() -> CatalogSnapshot:
    """Read the public catalog from the database: the names first, so that of the rest little is in memory at once.

    What is written meanwhile stands in the log behind the versions that were read before.
    """
    programs = Program.objects.published().order_by()
    names = dict(programs.values_list("pk", NameKey("name")).iterator(AT_ONCE))
    ids = array("q", sorted(names, key=lambda pk: (names[pk], pk)))
    positions, dates = Positions(ids), array("I", [0]) * len(ids)
    tagged: defaultdict[Tag, array[int]] = defaultdict(lambda: array("I"))
    for some in batched(sorted(ids), AT_ONCE):
        for entry in entries_of("range", (some[0], some[-1])):
            position = positions.at(entry.pk)
            if position is not None:
                dates[position] = entry.date
                for tag in chain.from_iterable(entry.tags):
                    tagged[tag].append(position)
    public = read_areas()
    return CatalogSnapshot(
        ids=ids,
        names=names,
        dates=dates,
        positions=positions,
        sets={tag: set_of(places, len(ids)) for tag, places in tagged.items()},
        areas=areas_of(public),
        area_texts=AreaTexts(public),
        registries=dict(Registry.objects.values_list("slug", "name")),
    )


def entries_of(lookup: str, keys: Collection[int]) -> list[Entry]:
    """Return the public programs for whose primary keys a lookup of Django's holds. Three queries."""
    programs = Program.objects.published().filter(**{f"pk__{lookup}": keys}).order_by()
    of_these = {f"program__pk__{lookup}": keys}
    ratings = Rating.objects.published().current().filter(**of_these).order_by()
    elsewhere = ExternalRating.objects.filter(**of_these).order_by()
    columns = programs.values_list(
        "pk",
        NameKey("name"),
        "relevance_level",
        "research_last_reviewed",
        # As they are stored: to read the list of each row takes longer than all else.
        Cast("outcomes", TextField()),
        Cast("delivery_settings", TextField()),
        Cast("languages", TextField()),
        "manual_available",
        "training_available",
        *(name for ages in AGE_RANGES for name in ages),
    )
    rated: defaultdict[int, list[Tag]] = defaultdict(list)  # here and elsewhere
    for pk, *rating in ratings.values_list("program", "topic_area__slug", "scientific_rating"):
        rated[pk].append(rated_tag(*rating))
    for pk, registry in elsewhere.values_list("program", "registry__slug"):
        rated[pk] += tags_of("registry", registry)
    return [
        Entry(
            pk,
            name,
            as_number(reviewed),
            (
                tags_of("relevance", level),
                tags_of("reviewed", reviewed[:4]),
                tags_of("outcome", outcomes),
                tags_of("setting", settings),
                tags_of("language", languages),
                tags_of("manual", manual),
                tags_of("training", training),
                age_tags(*ages),
                rated.get(pk, ()),
            ),
        )
        for pk, name, level, reviewed, outcomes, settings, languages, manual, training, *ages in columns
    ]


@cache  # many programs have the same few values
def tags_of(name: str, values: str) -> list[Tag]:
    """Return the tags for the values of one column; none for an empty one."""
    return [(name, value) for value in split_values(values)]


@cache
def rated_tag(area: str, level: str) -> Tag:
    return ("rated", area, level)


@cache
def age_tags(*bounds: int | None) -> list[Tag]:
    """Return the tags for the ages, alone and in groups, that these ranges of a program hold: lowest, highest, ..."""
    ranges = list(zip(bounds[::2], bounds[1::2], strict=True))
    ages = [age for age in range(MAX_AGE + 1) if serves(age, *ranges)]
    groups = [name for name, group in AGE_GROUPS.items() if not {*group}.isdisjoint(ages)]
    return [("age", str(age)) for age in [*ages, *groups]]


@cache
def as_number(date: str) -> int:
    """Return a date of the record as a number that sorts as its text does: 20240500 for "2024-05"."""
    return int(date.replace("-", "").ljust(8, "0"))


# --- Changes ---------------------------------------------------------------------------------------------------------


def follow(latest: Latest, now: Versions, touched: Collection[int]) -> CatalogSnapshot:
    """Return the catalog after these programs were touched, or what words find of those that were not."""
    if touched:
        if now.position // MOST_FORMER > latest.versions.position // MOST_FORMER:
            let_go()
        changed = with_changes(latest.catalog, touched)
        if "synonyms" in vars(latest.catalog) and latest.versions.shared == now.shared:
            vars(changed)["synonyms"] = latest.catalog.synonyms
        return changed
    if latest.versions.lists != now.lists:
        same = replace(latest.catalog, remembered=LRUCache(MOST_WORDS), lock=Lock())
        # Else the first visitor who mistypes a word waits for it; it knows no less than before.
        if "vocabulary" in vars(latest.catalog):
            vars(same)["vocabulary"] = latest.catalog.vocabulary
        return same
    return latest.catalog


def with_changes(catalog: CatalogSnapshot, touched: Collection[int]) -> CatalogSnapshot:
    """Return the catalog with these programs as they are now, which takes over the names. Three queries."""
    entries = {entry.pk: entry for entry in entries_of("in", touched)}
    before = {pk: at for pk in touched if (at := catalog.positions.at(pk)) is not None}
    staying = {pk for pk in before if pk in entries and entries[pk].name == catalog.names[pk]}
    gone = sorted(at for pk, at in before.items() if pk not in staying)
    come = sorted((entry.name, pk) for pk, entry in entries.items() if pk not in staying)

    ids, names, dates = array("q", catalog.ids), catalog.names, array("I", catalog.dates)
    for at in reversed(gone):
        del names[ids[at]], ids[at], dates[at]
    opened = []
    for name, pk in come:
        at = bisect_left(range(len(ids)), (name, pk), key=lambda at: (names[ids[at]], ids[at]))
        opened.append(at)
        ids.insert(at, pk)
        names[pk] = name
        dates.insert(at, 0)

    positions = catalog.positions.after(ids, gone, opened) if gone or come else catalog.positions
    joining: defaultdict[Tag, ProgramSet] = defaultdict(int)
    for pk, entry in entries.items():
        at = positions.by_key[pk]
        dates[at] = entry.date
        for tag in chain.from_iterable(entry.tags):
            joining[tag] |= 1 << at
    leaving = union(1 << before[pk] for pk in staying)
    steps = list(steps_of(gone, opened, len(catalog.ids) + len(opened)))
    sets = {
        tag: moved(programs & ~leaving if programs & leaving else programs, steps)
        for tag, programs in catalog.sets.items()
    }
    for tag, programs in joining.items():
        sets[tag] = sets.get(tag, 0) | programs
    changed = CatalogSnapshot(
        ids=ids,
        names=names,
        dates=dates,
        positions=positions,
        sets={tag: programs for tag, programs in sets.items() if programs},
        areas=catalog.areas,
        area_texts=catalog.area_texts,
        registries=catalog.registries,
    )
    if "vocabulary" in vars(catalog):
        vars(changed)["vocabulary"] = with_words(catalog.vocabulary, [name for name, _ in come])
    return changed


def with_words(vocabulary: Sequence[str], names: Sequence[str]) -> Sequence[str]:
    """Return the vocabulary with the words of new names; those of former ones stay: they are not offered."""
    new = dict.fromkeys(word for name in names for word in words_of(name))
    known = set(vocabulary) if new else ()
    return [*vocabulary, *(word for word in new if word not in known)] if new else vocabulary


def steps_of(gone: Sequence[int], opened: Sequence[int], size: int) -> Iterator[Shift]:
    """Yield the steps in which positions move when some close and then some open; both lowest first."""
    everything = (1 << size) - 1
    if len(gone) == len(opened) == 1:
        (old,), (new,) = gone, opened
        between = below(max(old, new) + 1) ^ below(min(old, new))
        yield new < old, everything ^ between, between ^ (1 << new)
        return
    for at in reversed(gone):
        yield False, below(at), everything ^ below(at)
    for at in opened:
        yield True, below(at), everything ^ below(at + 1)


def below(position: int) -> ProgramSet:
    return (1 << position) - 1


def moved(programs: ProgramSet, steps: Sequence[Shift]) -> ProgramSet:
    """Return the set after these steps."""
    for is_up, stay, come in steps:
        programs = (programs & stay) | ((programs << 1 if is_up else programs >> 1) & come)
    return programs
