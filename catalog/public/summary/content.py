"""What the downloadable summary of a topic area says."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from urllib.parse import urljoin

from django.db.models import Count

from ...models import NotRatedReason, Rating, Reference, ScientificRating, TopicArea, TopicExpert
from ...models.ratings import RatingQuerySet
from ...values import richtext
from ...values.moments import day_in_words
from .texts import Node, blocks, printable

EXCERPT_LENGTH = 240
SENTENCES = re.compile(r".{60,}[.!?][”’\"')]*(?= [^a-z])")

# Lines for the programs, some 22 pages: with the rest of a long summary these are fewer than 30.
ROOM = 1_150
FEWEST_LINES = 3  # of one program


def summary_content(
    area: TopicArea,
    *,
    ratings: RatingQuerySet,
    experts: Sequence[TopicExpert],
    further_reading: Iterable[Reference],
    related_areas: Iterable[TopicArea] = (),
    parts: Iterable[TopicArea] = (),
    site_name: str,
    address: str,
    made_on: date,
) -> str:
    """Return what the summary of a topic area says, as the JSON that summary.typ reads.

    Everything given is shown, in the order given: the caller chooses what is public. ratings are the current
    ones, of which the first are listed and all are counted; parts are the areas of an umbrella area; address is
    the full address of the area's page. The same input gives the same content.
    """
    counts = count_by_level(ratings)
    entries = list(entries_that_fit(ratings, address))
    summary = {
        "site_name": site_name,
        "page": {"href": address},
        "made_on": [made_on.year, made_on.month, made_on.day],
        "made_on_in_words": day_in_words(made_on),
        "name": area.name,
        "retired_on": day_in_words(area.retired_at) if area.retired_at else "",
        "definition": blocks(area.definition),
        "cautionary_notes": blocks(area.cautionary_notes),
        "criteria": [{"label": label, "text": blocks(text)} for label, text in area.criteria],
        "why_chosen": blocks(area.why_chosen),
        "parts": links(parts, address),
        "related_areas": links(related_areas, address),
        "experts": [
            {"name": str(expert), "position": expert.position, "organization": expert.organization}
            for expert in experts
        ],
        "involvement": involvement_rule(area.year_added, len(experts)),
        "program_count": program_count(counts),
        "left_out": left_out(len(entries), sum(counts.values())),
        "rated": [entry for entry in entries if entry["level"] != ScientificRating.NOT_RATED],
        "not_rated": [entry for entry in entries if entry["level"] == ScientificRating.NOT_RATED],
        # Those of which it tells more than the name; each once.
        "sources": list(
            dict.fromkeys(filter(None, [area.source, *(e["source"] for e in entries)]))
        ),
        "further_reading": [
            {
                "runs": [
                    {"text": part.text, "em": part.is_italic} for part in reference.citation_parts
                ],
                "href": reference.link,
            }
            for reference in further_reading
        ],
        "scale": [
            {"level": level.value, "label": level.label, "meaning": level.meaning}
            for level in ScientificRating
        ],
    }
    return json.dumps(printable(summary))


def links(areas: Iterable[TopicArea], address: str) -> list[Node]:
    """Return topic areas with the full addresses of their pages."""
    return [{"name": a.name, "href": urljoin(address, a.get_absolute_url())} for a in areas]


def count_by_level(ratings: RatingQuerySet) -> dict[str, int]:
    """Return the number of ratings of each level, by its code. One query."""
    levels = ratings.order_by().values_list("scientific_rating")
    return dict(levels.annotate(count=Count("pk")))


def entries_that_fit(ratings: RatingQuerySet, address: str) -> Iterator[Node]:
    """Yield the programs of the first ratings, as many as there is room for. One query."""
    shown = [f"program__{name}" for name in ("name", "slug", "description", "scope_note", "source")]
    first = ratings.select_related(None).select_related("program")
    first = first.only("scientific_rating", "not_rated_reason", *shown)[: ROOM // FEWEST_LINES]
    room = ROOM
    for rating in first:
        entry = rating_entry(rating, address)
        room -= lines(entry)
        if room < 0:
            return
        yield entry


def lines(entry: Node) -> int:
    """Return about how many lines a program takes: those of its name and its texts, and the space around."""
    return (
        FEWEST_LINES
        + len(entry["name"]) // 45
        + -(-len(entry["excerpt"]) // 60)
        + -(-len(entry["scope"]) // 60)
    )


def rating_entry(rating: Rating, address: str) -> Node:
    program, level = rating.program, rating.level
    reason = ""
    if level == ScientificRating.NOT_RATED:
        reason = NotRatedReason(rating.not_rated_reason or NotRatedReason.NOT_STATED).label
    excerpt = richtext.plain(program.description)
    return {
        "name": program.name,
        "href": urljoin(address, program.get_absolute_url()),
        "excerpt": shorten(excerpt),
        "scope": shorten(richtext.plain(program.scope_note), 2 * EXCERPT_LENGTH),
        "level": level.value,
        "label": level.label,
        "reason": reason,
        "source": program.source,
    }


def shorten(text: str, length: int = EXCERPT_LENGTH) -> str:
    """Return the sentences that fit into so many characters, or else the words, with an ellipsis."""
    if len(text) <= length:
        return text
    start = text[:length]
    if sentences := SENTENCES.match(start):
        return sentences[0]
    return f"{start.rpartition(' ')[0] or start}\N{NO-BREAK SPACE}…"


def program_count(counts: Mapping[str, int]) -> str:
    """Say how many programs there are at each level: "3 programs: 2 at level 3, 1 not able to be rated (NR)."."""
    by_level = [
        f"{count} not able to be rated (NR)"
        if level == ScientificRating.NOT_RATED
        else f"{count} at level {level}"
        for level, count in sorted(counts.items())
    ]
    count = sum(counts.values())
    noun = "program" if count == 1 else "programs"
    return f"{count} {noun}: {', '.join(by_level)}."


def left_out(listed: int, count: int) -> str:
    """Say how many programs are not listed, to be followed by the address that lists them; "" if none."""
    if listed == count:
        return ""
    return (
        f"The first {listed} are listed here, those with most support by research first. The page of the topic area "
        f"lists the other {count - listed} too: "
    )


def involvement_rule(year_added: int | None, experts: int) -> str:
    """Say which programs the topic experts helped to rate by the topic-expert rule."""
    if not experts:
        return "No topic expert is recorded for this topic area."
    expert = "topic expert" if experts == 1 else "topic experts"
    if not year_added:
        return (
            "The year in which this topic area was added is not recorded, so it is not known which programs "
            f"the {expert} helped to identify and rate."
        )
    return (
        f"This topic area was added in {year_added}. The {expert} helped to identify and rate any program whose "
        "original load date, which stands on its page, is in that year, and any that was loaded earlier and "
        "placed here at the launch. As the area grows, programs that are added later are identified by the "
        f"staff, the Scientific Panel and/or the Advisory Committee; the {expert} did not take part in "
        "identifying or rating these, unless a rating names them among those who gave it."
    )
