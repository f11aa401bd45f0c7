"""Full-text search: the same answers on both databases.

A document is found if it holds every term. Words are compared by their stems, without accents and case; the last word
may be unfinished.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from ..models import Reference
from .documents import EXPERTS, INDEXES, PROGRAMS, REFERENCES, TOPIC_AREAS, Index, area_word
from .spellings import with_guesses
from .synonyms import Synonyms
from .upkeep import catch_up, deferred, engine
from .words import SearchTerm, Words, excerpt, marked, parse, words_of

__all__ = [
    "Found",
    "SearchTerm",
    "Synonyms",
    "Words",
    "catch_up",
    "deferred",
    "excerpt",
    "find",
    "find_by_weight",
    "find_programs",
    "marked",
    "parse",
    "references_holding",
    "words_of",
]

Question = tuple[Index, Words, str]
NO_SYNONYMS = Synonyms()


class Found(NamedTuple):
    """Hold the primary keys of what holds the words, public or not; but of topic areas only the public ones.

    ``words`` are those that were looked for, with synonyms and other ways to write them. ``programs`` hold every term,
    and ``named`` are those whose names do. They still have to be parted from those that hold an excluded term: cheaper
    with sets than in a database, which would have to read all that is left.
    """

    words: Words
    programs: list[int]
    named: list[int]
    excluded: list[int]
    topic_areas: list[int]  # those whose names hold the words first
    experts: list[int]


def references_holding(words: Words) -> QuerySet[Reference]:
    """Return the references, public or not, whose authors, title and year hold the words."""
    return Reference.objects.filter(holding(REFERENCES, words, REFERENCES.columns))


def holding(index: Index, words: Words, columns: str) -> Q:
    """Return the condition that these columns of an entry's document hold the words."""
    return Q(pk__in=RawSQL(*engine(connection).matching(index, words, columns)))


def find(words: Words, synonyms: Synonyms = NO_SYNONYMS) -> Found:
    """Return what holds the words, of each kind; no programs if there is nothing but excluded terms. Three queries."""
    (words,) = widened([words], synonyms)
    (areas,) = read_areas([words])
    columns, terms = PROGRAMS.columns, Words(words.terms)
    programs = [(PROGRAMS, areas.placed, columns), (PROGRAMS, terms, columns[:1])] if terms else []
    excluded = [(PROGRAMS, Words((term,)), columns) for term in words.excluded]
    *found, experts = answers([*programs, *excluded, (EXPERTS, words, EXPERTS.columns)])
    holding_all, named = found[: len(programs)] or ([], [])
    unwanted = list(chain.from_iterable(found[len(programs) :]))
    return Found(words, holding_all, named, unwanted, areas.holding, experts)


def find_by_weight(words: Words, weights: int) -> list[int]:
    """Return the programs that hold the terms in their first so many weights; none without terms. One query."""
    if not words.terms:
        return []
    (found,) = answers([(PROGRAMS, Words(words.terms), PROGRAMS.columns[:weights])])
    return found


def find_programs(
    alternatives: Iterable[Words], synonyms: Synonyms = NO_SYNONYMS
) -> list[list[int]]:
    """Return the primary keys of the programs that hold each of these words. Three queries."""
    alternatives = widened(list(alternatives), synonyms)
    placed = [
        replace(areas.placed, excluded=words.excluded)
        for words, areas in zip(alternatives, read_areas(alternatives), strict=True)
    ]
    return answers([(PROGRAMS, words, PROGRAMS.columns) for words in placed])


def widened(alternatives: Sequence[Words], synonyms: Synonyms) -> list[Words]:
    """Return each of these words with what will do as well: synonyms and other ways to write it. One query.

    What no document holds is left out.
    """
    guessed = [synonyms.widen(with_guesses(words)) for words in alternatives]
    guesses = {
        other.text
        for words in guessed
        for term in (*words.terms, *words.excluded)
        for other in term.others
    }
    phrases = sorted(guesses)
    sql, params = engine(connection).known(INDEXES, phrases)
    known = {phrases[number - 1] for number in values_of([sql], params)[0]}

    def kept(terms: Iterable[SearchTerm]) -> tuple[SearchTerm, ...]:
        return tuple(
            replace(term, others=tuple(o for o in term.others if o.text in known)) for term in terms
        )

    return [replace(w, terms=kept(w.terms), excluded=kept(w.excluded)) for w in guessed]


class AreasHolding(NamedTuple):
    """Hold what the topic areas say to words: the keys of those that hold them all, and which programs will do.

    ``placed`` are the terms, for each of which will do that an area of the program holds it in its texts.
    """

    holding: list[int]
    placed: Words


def read_areas(alternatives: Sequence[Words]) -> list[AreasHolding]:
    """Return for each of these words what the public topic areas say to them. One query."""
    columns = TOPIC_AREAS.columns
    questions = [
        question
        for words in alternatives
        for question in (
            (TOPIC_AREAS, words, columns[:1]),
            *((TOPIC_AREAS, Words((term,)), columns) for term in (*words.terms, *words.excluded)),
        )
    ]
    found = iter(answers(questions))
    return [said_by_areas(words, next(found), found) for words in alternatives]


def said_by_areas(words: Words, named: list[int], by_term: Iterator[list[int]]) -> AreasHolding:
    """Return what areas say to words: from those whose names hold them, and those that hold each term."""
    wanted = list(islice(by_term, len(words.terms)))
    unwanted = set(chain.from_iterable(islice(by_term, len(words.excluded))))
    in_all = set.intersection(*map(set, wanted)) - unwanted if wanted else set()
    placed = tuple(
        term.or_else(SearchTerm((area_word(area),)) for area in areas)
        for term, areas in zip(words.terms, wanted, strict=True)
    )
    first = [area for area in named if area not in unwanted]
    return AreasHolding([*first, *sorted(in_all - set(first))], Words(placed))


def answers(questions: list[Question]) -> list[list[int]]:
    """Return the ids of the documents that each question asks for, in its order. One query.

    The ids come as one value for each: a row for each id takes three times as long.
    """
    speaks = engine(connection)
    parts, params = [], []
    for index, words, columns in questions:
        sql, values = speaks.matching_ids(index, words, columns)
        parts.append(sql)
        params += values
    return values_of(parts, params)


def values_of(parts: Sequence[str], params: Sequence[Any]) -> list[list[int]]:
    """Return the ids or numbers that each part of the SQL gives as one value. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return [engine(connection).read_ids(value) for value in cursor.fetchone()]
