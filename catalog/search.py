"""Finding programs by words."""

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Exists, OuterRef, Q, Value, When

from .models import Rating
from .models.programs import ProgramQuerySet
from .names import without_marks

NAMES = ("name", "acronym", "also_known_as")
TEXTS = (*NAMES, "description", "target_population")
MOST_WORDS = 20
BETWEEN_WORDS = str.maketrans("|\0", "  ")


def parse(text: str) -> list[str]:
    """Return the words of text, without ® and ™; no more than MOST_WORDS of them.

    ``|`` parts words too: it stands between the values of a list in the database.
    """
    return without_marks(text).translate(BETWEEN_WORDS).split()[:MOST_WORDS]


def search(programs: ProgramQuerySet, text: str) -> ProgramQuerySet:
    """Return the programs in which every word of text occurs: in their names, text or topic areas.

    Annotates ``match``: 0 where the names alone hold every word, else 1. Upper and lower case are alike.
    """
    everywhere: Any = Q()
    in_names = Q()
    for word in parse(text):
        in_names &= holding(word, NAMES)
        everywhere &= holding(word, TEXTS) | in_topic_area(word)
    return programs.filter(everywhere).annotate(
        match=Case(When(in_names, then=Value(0)), default=Value(1)) if in_names else Value(1)
    )


def holding(word: str, fields: Sequence[str]) -> Q:
    """Return the condition that one of the fields holds word.

    A regular expression and not ``icontains``, which on SQLite takes É and é for different letters.
    """
    condition = Q()
    for field in fields:
        condition |= Q(**{f"{field}__iregex": re.escape(word)})
    return condition


def in_topic_area(word: str) -> Exists:
    """Return the condition that the program is rated in a public topic area whose name holds word."""
    names = holding(word, ("topic_area__name", "topic_area__abbreviation"))
    return Exists(Rating.objects.published().current().filter(names, program=OuterRef("pk")))
