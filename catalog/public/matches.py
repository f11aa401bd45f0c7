"""Why a program is in the list: what its card shows of the words that somebody asked for, where the others stand."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from django.db.models import Value
from django.utils.safestring import SafeString

from ..history.diff import label_in
from ..models import Contact, Program, Study, TopicArea
from ..search import AreaTexts, SearchTerm, Words, excerpt, marked
from ..search.documents import AREA_TEXTS, CONTACT_TEXTS, DETAILS, NAMES, TEXTS, spaced
from ..values.richtext import plain

# Of a program: a card shows the first one, or that in which most of the words are found.
EXCERPTED = ("description", *(text for text in TEXTS if text != "description"))
READ = (*NAMES, *TEXTS, *DETAILS)
CONTACTS, TITLES = "its contacts", "the titles of its references"

# A place, in the words of a sentence that begins "Found in", and what stands there.
type Place = tuple[str, str]


class Match(NamedTuple):
    """Hold what a card shows of a program that holds words."""

    program: Program
    leading: str  # the slug of the topic area whose rating stands first; "" for the best rating
    excerpt: SafeString
    shown_from: str  # the field of the excerpt, in words; "" for the description
    unseen: list[SearchTerm]  # what no part of the card shows


class Reason(NamedTuple):
    """Tell where words stand that the card does not show."""

    words: str
    place: str


def match(program: Program, leading: str, words: Words) -> Match:
    """Return what the card of a program shows: its names, an area, and the part of its texts with most of the rest.

    Where no topic area is ``leading``, that one is whose name holds most words.
    """
    names = [program.name, program.acronym]
    rest = [term for term in words.terms if not any(map(term.is_in, names))]
    areas = [rating.topic_area for rating in program.public_ratings]  # type: ignore[attr-defined]
    shown = next((area for area in areas if area.slug == leading), None)
    if shown is None and areas:
        unnamed = [t for t in rest if not t.is_in(" ".join(program.also_known_as))]
        shown = max(areas, key=lambda area: len(held_by_name(area, unnamed)))
    if shown:
        rest = [term for term in rest if not term.is_in(shown.name)]
    wanted = rest or words.terms
    field = field_with_most(program, wanted)
    text = excerpt(plain(getattr(program, field)), wanted)
    label = "" if field == "description" else label_in(Program, field)
    unseen = [term for term in rest if not term.is_in(text)]
    return Match(program, shown.slug if shown else "", marked(text, words), label, unseen)


def field_with_most(program: Program, terms: Sequence[SearchTerm]) -> str:
    """Return the first of the texts of a program that holds most of the terms."""
    best, most = EXCERPTED[0], 0
    for field in EXCERPTED:
        held = sum(term.is_in(getattr(program, field)) for term in terms)
        if held > most:
            best, most = field, held
        if most == len(terms):
            break
    return best


def held_by_name(area: TopicArea, terms: Iterable[SearchTerm]) -> list[SearchTerm]:
    """Return the terms that the name or the abbreviation of an area holds."""
    return [term for term in terms if term.is_in(f"{area.name} {area.abbreviation}")]


def reasons(matches: Sequence[Match], areas: AreaTexts) -> dict[int, list[Reason]]:
    """Return by program where its unseen words stand. One query if there are any."""
    programs = [match.program for match in matches if match.unseen]
    if not programs:
        return {}
    rows, told_by = texts_of_rows(programs), {area.pk: place_in(area) for area in areas.areas}
    return {
        match.program.pk: told(match, rows[match.program.pk], told_by)
        for match in matches
        if match.unseen
    }


def told(match: Match, rows: Iterable[Place], areas: Mapping[int, Place]) -> list[Reason]:
    """Return where the unseen words of a program stand: each at the first place that holds it."""
    unseen, found = match.unseen, []
    for place, text in places_of(match.program, rows, areas):
        if here := [term for term in unseen if term.is_in(text)]:
            found.append(Reason("”, “".join(term.text for term in here), place))
            unseen = [term for term in unseen if term not in here]
        if not unseen:
            break
    return found


def places_of(
    program: Program, rows: Iterable[Place], areas: Mapping[int, Place]
) -> Iterator[Place]:
    """Yield what search reads of a program and its card does not show whole."""
    ratings = program.public_ratings  # type: ignore[attr-defined]
    yield "its other names", " ".join(program.also_known_as)
    for rating in ratings:
        area = rating.topic_area
        yield f"the name of {area.name}", f"{area.name} {area.abbreviation}"
    for field in (*TEXTS, *DETAILS):
        yield f"“{label_in(Program, field)}”", text_of(program, field)
    yield from rows
    for rating in ratings:
        if rating.topic_area_id in areas:
            yield areas[rating.topic_area_id]


def text_of(program: Program, field: str) -> str:
    """Return what search reads of a field."""
    if field == "delivery_settings":
        return " ".join(program.delivery_setting_labels)
    value = getattr(program, field)
    return value if isinstance(value, str) else " ".join(value)


def texts_of_rows(programs: Iterable[Program]) -> Mapping[int, list[Place]]:
    """Return the contacts of these programs and the titles of their references, by program. One query."""
    contacts = Contact.objects.filter(program__in=programs).order_by()
    studies = Study.objects.filter(program__in=programs).order_by()
    rows = contacts.values_list("program_id", Value(CONTACTS), "pk", spaced(CONTACT_TEXTS)).union(
        studies.values_list("program_id", Value(TITLES), "reference_id", "reference__title")
    )
    texts: defaultdict[int, defaultdict[str, str]] = defaultdict(lambda: defaultdict(str))
    for program, place, _, text in sorted(rows.order_by()):
        texts[program][place] += f"{text} "
    return defaultdict(list, {program: list(found.items()) for program, found in texts.items()})


def place_in(area: TopicArea) -> Place:
    """Return the definition and criteria of an area."""
    text = " ".join(getattr(area, text) for text in AREA_TEXTS)
    return f"the definition or criteria of {area.name}", text
