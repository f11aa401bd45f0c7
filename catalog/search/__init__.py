"""Full-text search: the same answers on both databases.

A document is found if it holds every term. Words are compared by their stems, without accents and case; the last word
may be unfinished.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from ..models import Reference
from ..values.names import without_marks
from .area_texts import AreaTexts
from .documents import EXPERTS, INDEXES, PROGRAMS, REFERENCES, Index
from .questions import Question, values_of
from .spellings import with_guesses
from .synonyms import Synonyms
from .upkeep import catch_up, deferred, engine
from .words import SearchTerm, Words, excerpt, marked, parse, words_of

__all__ = [
    "AreaTexts",
    "Found",
    "FoundInTexts",
    "SearchTerm",
    "Synonyms",
    "Words",
    "as_stored",
    "catch_up",
    "deferred",
    "excerpt",
    "find",
    "find_each",
    "find_in_texts",
    "find_programs",
    "finished",
    "marked",
    "parse",
    "references_holding",
    "words_of",
]


class Found(NamedTuple):
    """Hold the primary keys of what holds the words, public or not; but of topic areas only the public ones.

    ``words`` are those that were looked for, with synonyms and other ways to write them. ``programs`` hold every term;
    one of the names of those in ``exactly`` is just what was typed. They still have to be parted from those that hold
    an excluded term: cheaper with sets than in a database, which would have to read all that is left.
    """

    words: Words
    programs: list[int]
    exactly: list[int]
    named: list[list[int]]  # for each term those whose names hold it, as a whole word
    begun: list[list[int]]  # and those whose names hold the beginning that it may be
    excluded: list[int]
    topic_areas: list[int]  # those whose names hold the words first
    experts: list[int]


class FoundInTexts(NamedTuple):
    """Hold the primary keys of the programs whose names, names of areas and texts hold every term.

    In those in ``stressed`` each term stands in a name or a goal, or is a word that the texts have twice.
    """

    stressed: list[int]
    whole: list[int]
    begun: list[int]  # the last word may be unfinished


def references_holding(words: Words) -> QuerySet[Reference]:
    """Return the references, public or not, whose authors, title and year hold the words; none for excluded terms."""
    if not words.terms:
        return Reference.objects.none()
    return Reference.objects.filter(holding(REFERENCES, words, REFERENCES.columns))


def holding(index: Index, words: Words, columns: str) -> Q:
    """Return the condition that these columns of an entry's document hold the words."""
    return Q(pk__in=RawSQL(*engine(connection).matching(index, words, columns)))


def find(words: Words, synonyms: Synonyms, areas: AreaTexts) -> Found:
    """Return what holds the words, of each kind; nothing if there is nothing but excluded terms. Two queries."""
    (words,) = widened([words], synonyms)
    terms, names = words.terms, PROGRAMS.columns[:1]
    whole = finished(terms)
    unfinished = terms[-1:] if whole != terms else ()
    experts, *found = answers(
        asked(EXPERTS, words),
        *(asked(PROGRAMS, Words((term,))) for term in excluded_by(words, areas)),
        *([asked(PROGRAMS, Words(areas.placed(terms))), exactly(words)] if terms else []),
        *(asked(PROGRAMS, Words((term,)), names) for term in (*whole, *unfinished)),
    )
    unwanted, found = found[: len(words.excluded)], found[len(words.excluded) :]
    programs, exact, *by_term = found or ([], [])
    named = by_term[: len(terms)]
    return Found(
        words,
        programs,
        exact,
        named,
        [*named[:-1], *by_term[-1:]],
        list(chain.from_iterable(unwanted)),
        areas.holding_all(terms, words.excluded),
        experts if terms else [],
    )


def find_in_texts(words: Words, areas: AreaTexts) -> FoundInTexts:
    """Return the programs that hold the terms in all but their details. One query, for words that were found."""
    texts = PROGRAMS.columns[:3]
    terms = Words(areas.placed_by_name(words.terms))
    whole = Words(finished(terms.terms))
    questions = [engine(connection).stressing_ids(PROGRAMS, whole)]
    questions += [asked(PROGRAMS, each, texts) for each in dict.fromkeys((whole, terms))]
    stressed, *held = answers(*questions)
    return FoundInTexts(stressed, held[0], held[-1])


def find_each(words: Words, areas: AreaTexts) -> list[list[int]]:
    """Return for each term the programs that hold it. One query, for words that were found."""
    return answers(*(asked(PROGRAMS, Words((term,))) for term in areas.placed(words.terms)))


def find_programs(
    alternatives: Iterable[Words], synonyms: Synonyms, areas: AreaTexts
) -> list[list[int]]:
    """Return the primary keys of the programs that hold each of these words. Two queries."""
    placed = [
        replace(words, terms=areas.placed(words.terms), excluded=excluded_by(words, areas))
        for words in widened(list(alternatives), synonyms)
    ]
    return answers(*(asked(PROGRAMS, words) for words in placed)) if placed else []


def finished(terms: Iterable[SearchTerm]) -> tuple[SearchTerm, ...]:
    """Return the terms as whole words."""
    return tuple(replace(term, is_prefix=False) for term in terms)


def excluded_by(words: Words, areas: AreaTexts) -> tuple[SearchTerm, ...]:
    """Return the terms that are to be left out; what areas say of themselves, but for their names, leaves none out."""
    return areas.placed_by_name(words.excluded)


def widened(alternatives: Sequence[Words], synonyms: Synonyms) -> list[Words]:
    """Return each of these words with what will do as well: synonyms and other ways to write it. One query."""
    return as_stored([synonyms.widen(with_guesses(words)) for words in alternatives])


def as_stored(alternatives: Sequence[Words]) -> list[Words]:
    """Return each of these words as they are to be asked for: what is only guessed has to stand in some document.

    One query where there are guesses, or where the database does not know stems.
    """
    terms = [term for words in alternatives for term in (*words.terms, *words.excluded)]
    wanted = sorted({term.words for term in terms})
    guesses = sorted({other.words for term in terms for other in term.others})
    stored = engine(connection).read_stored(INDEXES, wanted, guesses)

    def written(term: SearchTerm) -> SearchTerm:
        others = tuple(written(other) for other in term.others if other.words in stored)
        return replace(term, stored=stored.get(term.words, ()), others=others)

    return [
        replace(
            words,
            terms=tuple(map(written, words.terms)),
            excluded=tuple(map(written, words.excluded)),
        )
        for words in alternatives
    ]


def asked(index: Index, words: Words, columns: str = "") -> Question:
    """Return the question which documents hold the words in these columns, or in any."""
    return engine(connection).matching_ids(index, words, columns or index.columns)


def exactly(words: Words) -> Question:
    """Return the question which programs have a name that is just what was typed."""
    return engine(connection).naming_ids(PROGRAMS, words_of(without_marks(words.typed)))


def answers(*questions: Question) -> list[list[int]]:
    """Return the ids that each question asks for, in its order. One query.

    They come as one value for each question: a row for each id takes three times as long.
    """
    speaks = engine(connection)
    return [speaks.read_ids(value) for value in values_of(questions)]
