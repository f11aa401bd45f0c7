"""Full-text search: the same answers on both databases.

A document is found if it holds every term. Words are compared by their stems, without accents and case; the last word
may be unfinished.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import connection
from django.db.models import Case, Q, QuerySet, When
from django.db.models.expressions import RawSQL

from .documents import EXPERTS, PROGRAMS, REFERENCES, TOPIC_AREAS, Index
from .upkeep import engine
from .words import Term, Words, marked, parse, snippet, words_of

__all__ = [
    "Found",
    "Term",
    "Words",
    "find",
    "find_programs",
    "marked",
    "parse",
    "search",
    "snippet",
    "words_of",
]

Question = tuple[Index, Words, str]


class Found(NamedTuple):
    """The primary keys of what was found.

    ``programs`` has four lists: the programs whose names hold the words; whose names and topic areas do; these and
    the texts; these and the titles of references. Each list is a part of the next.
    """

    programs: list[list[int]]
    topic_areas: list[int]
    experts: list[int]
    references: list[int]


def search(programs: QuerySet, text: str) -> QuerySet:
    """Return the programs that hold the words of text, first those whose names do; all if it has no words."""
    words = parse(text)
    if not words:
        return programs
    names, anywhere = (
        Q(pk__in=RawSQL(*engine(connection).matching(PROGRAMS, words, columns)))
        for columns in (PROGRAMS.columns[:1], PROGRAMS.columns)
    )
    by_name = programs.model._meta.ordering
    return programs.filter(anywhere).order_by(Case(When(names, then=0), default=1), *by_name)


def find(words: Words) -> Found:
    """Return all that holds the words, of each kind, public or not. One query."""
    weights = [PROGRAMS.columns[: i + 1] for i in range(len(PROGRAMS.columns))]
    questions = [(PROGRAMS, words, columns) for columns in weights]
    questions += [(index, words, index.columns) for index in (TOPIC_AREAS, EXPERTS, REFERENCES)]
    *programs, topic_areas, experts, references = answers(questions)
    return Found(programs, topic_areas, experts, references)


def find_programs(alternatives: Iterable[Words]) -> list[list[int]]:
    """Return the primary keys of the programs that hold each of these words. One query."""
    return answers([(PROGRAMS, words, PROGRAMS.columns) for words in alternatives])


def answers(questions: list[Question]) -> list[list[int]]:
    """Return the ids of the documents that each question asks for, in its order. One query.

    The ids come as one text for each: a row for each id takes three times as long.
    """
    if not questions:
        return []
    speaks = engine(connection)
    parts, params = [], []
    for number, (index, words, columns) in enumerate(questions):
        sql, values = speaks.matching(index, words, columns)
        parts.append(f"SELECT {number} AS question, {speaks.ALL_IDS} AS ids FROM ({sql}) s{number}")
        params += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        found = dict(cursor.fetchall())
    return [list(map(int, (found[number] or "").split())) for number in range(len(questions))]
