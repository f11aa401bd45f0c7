"""Programs and references that may be in the catalog already, spelled otherwise."""

from collections.abc import Callable, Collection, Iterator
from typing import NamedTuple

from django.db.models import Prefetch, QuerySet, TextField
from django.db.models.functions import Cast
from rapidfuzz import fuzz, process, utils

from ..models import Program, Rating, Reference, TopicExpert
from ..values.names import are_near, match_key, short_form, words_in_key

# So much of two names' words must be alike, in percent, for a closer look.
WORTH_A_LOOK = 70
MOST_SHOWN = 5


class Resemblance(NamedTuple):
    """A name that somebody gives a program, and another program to which it may belong."""

    name: str
    program: Program


class Resembling(NamedTuple):
    """Hold the programs like a new one, at most ``MOST_SHOWN`` of ``total``, and those that only share its acronym."""

    near: list[Resemblance]
    total: int
    same_acronym: list[Program]


def resembling(
    names: Collection[str], acronym: str = "", leave_out: int | None = None
) -> Resembling:
    """Return the programs of any status that may be the one with these names, except for ``leave_out``.

    An acronym alone is a weak sign, unless it is the whole name of the other one. What was merged into another
    program counts as that one. A bounded number of queries, however many programs there are.
    """
    stored = StoredNames(leave_out)
    near: dict[int, str] = {}
    for name in names:
        for form in dict.fromkeys((name, short_form(name))):
            for pk in stored.like(form):
                near.setdefault(pk, name)
    same_acronym: set[int] = set()
    if acronym:
        near |= dict.fromkeys(stored.named_by(acronym) - near.keys(), acronym)
        same_acronym = stored.named_by_acronym(acronym) - near.keys()
    shown = list(near)[:MOST_SHOWN]
    weak = sorted(same_acronym)[:MOST_SHOWN]
    programs = shown_programs().in_bulk([*shown, *weak])
    return Resembling(
        [Resemblance(near[pk], programs[pk]) for pk in shown if pk in programs],
        len(near),
        [programs[pk] for pk in weak if pk in programs],
    )


def shown_programs() -> QuerySet[Program]:
    """Return programs with what tells people which they are: ``current_ratings`` with their topic areas."""
    ratings = Rating.objects.current().select_related("topic_area").in_topic_area_order()
    return Program.objects.prefetch_related(Prefetch("ratings", ratings, to_attr="current_ratings"))


def references_like(reference: Reference) -> list[Reference]:
    """Return the other references that have the same title and year, unless two DOIs tell them apart.

    Titles are compared as names are: case, spacing and the form of quotation marks make no difference.
    """
    title = match_key(reference.title)
    others = Reference.objects.filter(year=reference.year).exclude(pk=reference.pk)
    if reference.doi:
        others = others.filter(doi="")
    titles = others.order_by("pk").values_list("pk", "title")
    alike = [pk for pk, other in titles.iterator() if match_key(other) == title]
    return list(Reference.objects.filter(pk__in=alike[:MOST_SHOWN])) if title else []


def experts_like(expert: TopicExpert) -> list[TopicExpert]:
    """Return the other experts of the same name, at most ``MOST_SHOWN``; case, spacing and marks make no difference."""
    name = match_key(expert.name)
    names = TopicExpert.objects.exclude(pk=expert.pk).order_by("pk").values_list("pk", "name")
    alike = [pk for pk, other in names.iterator() if match_key(other) == name]
    return list(TopicExpert.objects.filter(pk__in=alike[:MOST_SHOWN])) if name else []


class StoredNames:
    """Read all names of all programs but one, as they are spelled; once."""

    def __init__(self, leave_out: int | None) -> None:
        # As text: to make tuples of a hundred thousand lists takes as long as the rest.
        others = Cast("also_known_as", TextField())
        columns = ("pk", "merged_into", "name", "acronym", others)
        stored = Program.objects.order_by().values_list(*columns)
        rows = [row for row in stored if leave_out is None or leave_out not in row[:2]]
        # Each name beside the program whose it is.
        self.names = [row[2] for row in rows]
        self.named = [row[1] or row[0] for row in rows]
        for row in rows:
            for other in row[4].strip("|").split("|") if row[4] else ():
                self.names.append(other)
                self.named.append(row[1] or row[0])
        for place, name in enumerate(self.names.copy()):
            if (short := short_form(name)) != name:
                self.names.append(short)
                self.named.append(self.named[place])
        abbreviated = [row for row in rows if row[3]]
        self.acronyms = [row[3] for row in abbreviated]
        self.abbreviated = [row[1] or row[0] for row in abbreviated]

    def like(self, name: str) -> Iterator[int]:
        """Yield the programs that a name may mean, the most alike first; of one program, perhaps, several times."""
        yield from sorted(self.named_by_acronym(name))
        places: dict[int, float] = {}
        words = " ".join(words_in_key(match_key(name)))
        for scorer in (fuzz.token_sort_ratio, fuzz.ratio):
            for other, score, place in rough_matches(words, self.names, scorer):
                if are_near(name, other):
                    places[place] = max(score, places.get(place, 0))
        for place in sorted(places, key=lambda place: (-places[place], self.named[place])):
            yield self.named[place]

    def named_by(self, acronym: str) -> set[int]:
        """Return the programs that have this acronym for a name."""
        return {self.named[place] for place in same(acronym, self.names)}

    def named_by_acronym(self, name: str) -> set[int]:
        """Return the programs that have this name for an acronym."""
        return {self.abbreviated[place] for place in same(name, self.acronyms)}


def same(text: str, names: list[str]) -> list[int]:
    """Return the indices in names of this text, but for case, marks and spaces."""
    key = match_key(text)
    found = rough_matches(key, names, fuzz.ratio)
    return [place for name, _, place in found if match_key(name) == key]


def rough_matches(
    words: str, names: list[str], scorer: Callable[..., float]
) -> list[tuple[str, float, int]]:
    """Return the names that are worth a closer look, each with its score and place. In C: there are many."""
    return process.extract(
        words,
        names,
        scorer=scorer,
        processor=utils.default_process,
        score_cutoff=WORTH_A_LOOK,
        limit=None,
    )
