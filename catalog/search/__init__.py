"""Full-text search: the same answers on both databases.

A document is found if it holds every term. Words are compared by their stems, without accents and case; the last word
may be unfinished.
"""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet
from django.db.models.expressions import RawSQL

from ..models import Reference
from .documents import EXPERTS, PROGRAMS, REFERENCES, TOPIC_AREAS, Index
from .upkeep import catch_up, deferred, engine
from .words import Words, marked, parse, snippet, words_of

__all__ = [
    "Found",
    "Words",
    "catch_up",
    "deferred",
    "find",
    "find_by_weight",
    "find_programs",
    "marked",
    "parse",
    "references_holding",
    "snippet",
    "words_of",
]

Question = tuple[Index, Words, str]


class Found(NamedTuple):
    """Hold the primary keys of what holds the words, public or not.

    ``programs`` hold every term, and ``named`` are those whose names do. They still have to be parted from those that
    hold an excluded term: cheaper with sets than in a database, which would have to read all that is left.
    """

    programs: list[int]
    named: list[int]
    excluded: list[int]
    topic_areas: list[int]
    experts: list[int]


def references_holding(words: Words) -> QuerySet[Reference]:
    """Return the references, public or not, whose authors, title and year hold the words."""
    return Reference.objects.filter(holding(REFERENCES, words, REFERENCES.columns))


def holding(index: Index, words: Words, columns: str) -> Q:
    """Return the condition that these columns of an entry's document hold the words."""
    return Q(pk__in=RawSQL(*engine(connection).matching(index, words, columns)))


def find(words: Words) -> Found:
    """Return the matches of the words, of each kind; no programs if all terms are excluded ones. One query."""
    columns, terms = PROGRAMS.columns, Words(words.terms)
    counts = (len(columns), 1) if terms else ()
    programs = [(PROGRAMS, terms, columns[:count]) for count in counts]
    excluded = [(PROGRAMS, Words((term,)), columns) for term in words.excluded]
    others = [(index, words, index.columns) for index in (TOPIC_AREAS, EXPERTS)]
    *found, topic_areas, experts = answers([*programs, *excluded, *others])
    holding_all, named = found[: len(programs)] or ([], [])
    unwanted = list(chain.from_iterable(found[len(programs) :]))
    return Found(holding_all, named, unwanted, topic_areas, experts)


def find_by_weight(words: Words, weights: int) -> list[int]:
    """Return the programs that hold the terms in their first so many weights; none without terms. One query."""
    if not words.terms:
        return []
    (found,) = answers([(PROGRAMS, Words(words.terms), PROGRAMS.columns[:weights])])
    return found


def find_programs(alternatives: Iterable[Words]) -> list[list[int]]:
    """Return the primary keys of the programs that hold each of these words. One query."""
    return answers([(PROGRAMS, words, PROGRAMS.columns) for words in alternatives])


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
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", params)
        return [speaks.read_ids(value) for value in cursor.fetchone()]
