"""The programs of the list as cards: kept where nobody looks for words, with the words marked where somebody does."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from ..models import Program
from ..search import AreaTexts, Words
from ..search.change_log import Versions
from .caching import Kept, find_kept, keep
from .matches import READ, match, reasons

LISTED_FIELDS = (
    "slug",
    "name",
    "acronym",
    "description",
    "child_age_min",
    "child_age_max",
    "caregiver_child_age_min",
    "caregiver_child_age_max",
    "delivery_settings",
    "relevance_level",
    "research_last_reviewed",
)
# Built once: to build its two queries takes as long as to run them.
LISTED = Program.objects.published().with_public_ratings().only(*LISTED_FIELDS)
LISTED_WITH_TEXTS = LISTED.only(*LISTED_FIELDS, *READ)


def cards(leading: Mapping[int, str], versions: Versions) -> dict[int, SafeString]:
    """Return the programs as the list shows them, by primary key; those that are not public any more are left out.

    ``leading`` is the topic area of each program, by its slug, whose rating stands first; "" for its best one. A card
    is made once, and kept until what it shows was touched. Two queries for those that are not.
    """
    keys = {pk: ("card", pk, area, versions.of_card(pk)) for pk, area in leading.items()}
    found = {pk: find_kept(key) for pk, key in keys.items()}
    for program in public_programs([pk for pk, kept in found.items() if kept is None]):
        found[program.pk] = made = Kept(card(program, leading[program.pk]).encode())
        keep(keys[program.pk], made)
    return {
        pk: mark_safe(kept.content.decode())  # noqa: S308 - by our template
        for pk, kept in found.items()
        if kept
    }


def cards_with(leading: Mapping[int, str], words: Words, areas: AreaTexts) -> dict[int, SafeString]:
    """Return the programs as the list shows them for words: marked, and each says where others stand. Three queries.

    Where ``leading`` names no topic area, one that holds words stands first.
    """
    programs = {p.pk: p for p in public_programs(list(leading), LISTED_WITH_TEXTS)}
    matches = [match(programs[pk], area, words) for pk, area in leading.items() if pk in programs]
    why = reasons(matches, areas)
    return {
        found.program.pk: card(
            found.program,
            found.leading,
            words=words,
            excerpt=found.excerpt,
            shown_from=found.shown_from,
            reasons=why.get(found.program.pk),
        )
        for found in matches
    }


def public_programs(ids: Sequence[int], listed: Any = LISTED) -> Iterable[Program]:
    """Return the public programs among these primary keys, with what lists show of them. Two queries."""
    return listed.filter(pk__in=ids) if ids else ()


def card(program: Program, leading: str, **context: Any) -> SafeString:
    """Return a program as the list shows it: the rating in the leading topic area first, the others folded."""
    ratings = sorted(
        program.public_ratings,  # type: ignore[attr-defined]
        key=lambda rating: rating.topic_area.slug != leading,
    )
    context = {"program": program, "ratings": ratings, "words": None, **context}
    return render_to_string("public/components/program_card.html", context)
