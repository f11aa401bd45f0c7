"""What words may mean that a filter knows: an age, a language, a rating, a topic area's abbreviation, an expert."""

import re
from collections import defaultdict
from collections.abc import Iterator, Set
from typing import NamedTuple

from django.http import QueryDict

from ..models.ages import MAX_AGE
from ..search import words_of
from ..search.words import MINUSES, QUOTES, STOP_WORDS, WORD
from .addresses import address_of
from .filters import ProgramFilterSet
from .program_sets import AGE_GROUPS

NUMBERS = r"(?P<from>\d{1,2})(?:\s*(?:to|through|and|[-–])\s*(?P<to>\d{1,2}))?"
AGES = (
    re.compile(rf"(?<![{MINUSES}\w])age[sd]?\s+{NUMBERS}(?:\s+years?)?(?!\w)", re.IGNORECASE),
    re.compile(
        rf"(?<![{MINUSES}\w]){NUMBERS}[\s-]*(?:(?:years?|yrs?)[\s-]*(?:olds?|of\s+age)|y/?o)(?!\w)",
        re.IGNORECASE,
    ),
)
# A lower-case "nr" may be a part of anything, unless nothing else was typed.
RATING = re.compile(
    rf"(?<![{MINUSES}\w])(?:NR|(?i:rated|rating|level)\s+(?P<level>[1-5]|(?i:NR)))(?!\w)|^nr$"
)
# Among the words of a phrase.
LEFT_OUT = re.compile(rf"\s[{MINUSES}]")
DOI = re.compile(r"10\.[0-9]{4,9}/[^\s\"<>]+")

type Span = tuple[int, int]


class Reading(NamedTuple):
    """Hold what a part of a text means: a filter, its values, and these in words."""

    span: Span
    filter: str
    values: list[str]
    label: str


class Meaning(NamedTuple):
    """Name the filters that words mean, the words that are left, and the address of the list with both.

    ``program_count`` is the number of programs there; None where words are left, which it would take a search to count.
    """

    filters: str
    words: str
    address: str
    program_count: int | None


def meaning_of(filters: ProgramFilterSet) -> Meaning | None:
    """Return what words that are not quoted mean; None where no filter knows them, or no program is left."""
    text = filters.words.typed.translate(QUOTES)
    readings = [] if '"' in text else [r for r in read(text, filters) if is_new(r, filters)]
    if not readings:
        return None
    rest = without([reading.span for reading in readings], text)
    # Several readings may say the same: "ages 6 to 12 years old".
    chosen: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for reading in readings:
        chosen[reading.filter] |= dict.fromkeys(reading.values)
    labels = dict.fromkeys(f"{filters.filters[r.filter].label}: {r.label}" for r in readings)
    values = {name: [*several] for name, several in chosen.items()}
    address = address_of(filters, {"q": [rest] if rest else [], **values})
    count = None if rest else ProgramFilterSet(QueryDict(address[1:]), filters.queryset).count
    return None if count == 0 else Meaning("; ".join(labels), rest, address, count)


def doi_in(text: str) -> str:
    """Return the first DOI of a text, as references have it; "" if there is none."""
    match = DOI.search(text)
    return match[0].rstrip(".,;)").lower() if match else ""


def is_new(reading: Reading, filters: ProgramFilterSet) -> bool:
    """Return whether a reading asks for something that is not chosen, and that some program has."""
    chosen = filters.chosen[reading.filter]
    return not set(reading.values) <= set(chosen) and bool(
        filters.filters[reading.filter].passing(reading.values)
    )


def without(spans: list[Span], text: str) -> str:
    """Return a text without some parts of it; nothing where only such words are left as nearly every text holds."""
    kept = "".join(
        " " if any(start <= at < end for start, end in spans) else letter
        for at, letter in enumerate(text)
    )
    return "" if STOP_WORDS.issuperset(words_of(kept)) else " ".join(kept.split())


def read(text: str, filters: ProgramFilterSet) -> Iterator[Reading]:
    """Yield each part of a text that a filter knows."""
    for pattern in AGES:
        for match in pattern.finditer(text):
            yield from age(match)
    for match in RATING.finditer(text):
        level = (match["level"] or "NR").upper()
        yield Reading(
            match.span(), "rating", [level], f"{level} {filters.filters['rating'].labels[level]}"
        )
    snapshot, typed = filters.queryset, set(words_of(text))
    for code, language in filters.filters["language"].labels.items():
        for span in spans_of(language, text, typed):
            yield Reading(span, "language", [code], language)
    for area in snapshot.areas.values():
        for span in spans_of(area.abbreviation, text, typed):
            yield Reading(span, "topic", [area.slug], area.name)
    for slug, expert in snapshot.experts.items():
        is_named = not filters.words.excluded and typed <= set(words_of(expert.name))
        for span in [(0, len(text))] if is_named else spans_of(expert.name, text, typed):
            yield Reading(span, "expert", [slug], expert.name)


def age(match: re.Match[str]) -> Iterator[Reading]:
    """Yield the reading of one age or of a range of ages, if a child may be so old."""
    first, last = int(match["from"]), int(match["to"] or match["from"])
    if first > last or last > MAX_AGE:
        return
    groups = [name for name, ages in AGE_GROUPS.items() if ages == range(first, last + 1)]
    label = str(first) if first == last else f"{first} to {last}"
    yield Reading(match.span(), "age", groups or [*map(str, range(first, last + 1))], label)


def spans_of(phrase: str, text: str, typed: Set[str]) -> Iterator[Span]:
    """Yield where the words of a phrase stand in a text of these words, side by side, and are not to be left out."""
    asked = words_of(phrase)
    if not asked or not typed >= set(asked):
        return
    there = list(WORD.finditer(text))
    for at in range(len(there) - len(asked) + 1):
        start, end = there[at].start(), there[at + len(asked) - 1].end()
        is_left_out = text[:start].endswith(tuple(MINUSES)) or LEFT_OUT.search(text[start:end])
        if words_of(text[start:end]) == asked and not is_left_out:
            yield start, end
