"""The downloadable summary of a topic area: a PDF that typst sets from summary.typ.

Texts reach the template as data and are never read as its code.
"""

import json
import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import typst
from markdown_it.token import Token

from ..models import NotRatedReason, Rating, Reference, ScientificRating, TopicArea, TopicExpert
from ..values import richtext
from ..values.moments import day_in_words

logger = logging.getLogger(__name__)

type Node = dict[str, Any]  # of JSON

TEMPLATE = Path(__file__).with_name("summary.typ")
# Only the fonts inside the wheel, so that a summary looks alike wherever it is made.
FONTS = typst.Fonts(include_system_fonts=False)

EXCERPT_LENGTH = 240
SENTENCES = re.compile(r".{60,}[.!?][”’\"')]*(?= [^a-z])")

DEEPEST_QUOTE = 6  # Typst refuses some 15 quotes in each other,
LONGEST_LINK = 2000  # and links of more than 8000 characters.
UNPRINTABLE = ("Cc", "Cf", "Co", "Cs")
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
# Too long for a line of the title; typst itself breaks at white space, hyphens and slashes.
LONG_WORD = re.compile(r"[^\s/-]{30}(?=[^\s/-])")


def topic_area_summary(
    area: TopicArea,
    *,
    ratings: Iterable[Rating],
    experts: Sequence[TopicExpert],
    further_reading: Iterable[Reference],
    parts: Iterable[TopicArea] = (),
    site_name: str,
    address: str,
    made_on: date,
) -> bytes:
    """Return the summary of a topic area as a tagged PDF for US Letter paper.

    Everything given is shown, in the order given: the caller chooses what is public. ratings are the current
    ones, with their programs at hand; parts are the areas of an umbrella area; address is the full address
    of the area's page. The same input gives the same bytes.

    No text makes it fail or is run. It raises typst.TypstError only for a fault in summary.typ.
    """
    entries = [rating_entry(rating, address) for rating in ratings]
    summary = {
        "site_name": site_name,
        "page": {"href": address},
        "made_on": [made_on.year, made_on.month, made_on.day],
        "made_on_in_words": day_in_words(made_on),
        "name": area.name,
        "retired_on": day_in_words(area.retired_at) if area.retired_at else "",
        "definition": blocks(area.definition),
        "criteria": [{"label": label, "text": blocks(text)} for label, text in area.criteria],
        "parts": [
            {"name": part.name, "href": urljoin(address, part.get_absolute_url())} for part in parts
        ],
        "experts": [
            {"name": str(expert), "position": expert.position, "organization": expert.organization}
            for expert in experts
        ],
        "involvement": involvement_rule(area.year_added, len(experts)),
        "program_count": program_count(entries),
        "rated": [entry for entry in entries if entry["level"] != ScientificRating.NOT_RATED],
        "not_rated": [entry for entry in entries if entry["level"] == ScientificRating.NOT_RATED],
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
    return compile_pdf({"summary": json.dumps(printable(summary))})


def compile_pdf(inputs: dict[str, str]) -> bytes:
    """Return the template filled with inputs, as PDF/UA-1 where every character can be shown.

    A character that no font has (an emoji, a Thai letter) rules the standard out. The PDF is then tagged all
    the same, and has an empty box where the character belongs.
    """
    try:
        return typst.compile(TEMPLATE, font_paths=FONTS, sys_inputs=inputs, pdf_standards="ua-1")
    except typst.TypstError as error:
        logger.warning("A summary cannot be PDF/UA-1: %s", error.message)
        return typst.compile(TEMPLATE, font_paths=FONTS, sys_inputs=inputs)


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
        "level": level.value,
        "label": level.label,
        "reason": reason,
    }


def shorten(text: str) -> str:
    """Return the sentences that fit into an excerpt, or else the words, with an ellipsis."""
    if len(text) <= EXCERPT_LENGTH:
        return text
    start = text[:EXCERPT_LENGTH]
    if sentences := SENTENCES.match(start):
        return sentences[0]
    return f"{start.rpartition(' ')[0] or start}\N{NO-BREAK SPACE}…"


def program_count(entries: Sequence[Node]) -> str:
    """Say how many programs there are at each level: "3 programs: 2 at level 3, 1 not able to be rated (NR)."."""
    counts = Counter(entry["level"] for entry in entries)
    by_level = [
        f"{count} not able to be rated (NR)"
        if level == ScientificRating.NOT_RATED
        else f"{count} at level {level}"
        for level, count in sorted(counts.items())
    ]
    noun = "program" if len(entries) == 1 else "programs"
    return f"{len(entries)} {noun}: {', '.join(by_level)}."


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
        f"This topic area was added in {year_added}. The {expert} helped to identify and rate the programs "
        "that were loaded that year, and those loaded earlier that were placed here at the launch. Programs "
        f"that came later were identified and rated without the {expert}."
    )


# --- Texts as data ---------------------------------------------------------------------------------------------------


def blocks(text: str) -> list[Node]:
    """Return Markdown as the nested blocks that summary.typ sets.

    A block is named after its markdown-it token and holds other blocks, or runs of text, or lines of code.
    """
    root = new_block("root")
    open_blocks = [root]
    for token in richtext.parse(text):
        if token.type == "inline":
            open_blocks[-1]["runs"] = runs(token.children or [])
        elif token.nesting == -1:
            open_blocks.pop()
        else:
            block = new_block(token.type.removesuffix("_open"))
            if token.type == "heading_open":
                block["level"] = int(token.tag[1])
            elif token.type == "ordered_list_open":
                block["start"] = int(token.attrs.get("start", 1))
            elif token.type == "blockquote_open":
                block["is_deep"] = len(open_blocks) > DEEPEST_QUOTE
            elif token.type == "paragraph_open":
                block["is_tight"] = token.hidden
            elif token.type in ("fence", "code_block"):
                block["lines"] = token.content.expandtabs(4).splitlines() or [""]
            open_blocks[-1]["blocks"].append(block)
            if token.nesting == 1:
                open_blocks.append(block)
    return root["blocks"]


def new_block(kind: str) -> Node:
    return {"kind": kind, "blocks": [], "runs": []}


def runs(tokens: Iterable[Token]) -> list[Node]:
    """Return a line's tokens as runs of text in one style; those of a link are held by its run.

    Flat, because emphasis may be nested as deep as someone cares to type.
    """
    line: list[Node] = []
    into = line
    depth: Counter[str] = Counter()
    for token in tokens:
        if token.type == "link_open":
            href = str(token.attrs["href"])
            if len(href) <= LONGEST_LINK:
                into = []
                line.append({"href": href, "runs": into})
        elif token.type == "link_close":
            into = line
        elif token.nesting:
            depth[token.tag] += token.nesting
        elif token.type == "hardbreak":
            into.append({"is_break": True})
        elif text := " " if token.type == "softbreak" else token.content:
            style = {name: True for name in ("em", "strong") if depth[name]}
            if token.type == "code_inline":
                style["code"] = True
            into.append({"text": text, **style})
    return line


def printable(value: object) -> object:
    """Return data whose texts hold only characters that print, and places to break the longest words at.

    Addresses (href) get none, so that they stay whole; typst knows how to break those that are shown.
    """
    if isinstance(value, dict):
        return {
            key: without_invisible(item) if key == "href" else printable(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [printable(item) for item in value]
    if isinstance(value, str):
        return LONG_WORD.sub("\\g<0>\N{ZERO WIDTH SPACE}", without_invisible(value))
    return value


def without_invisible(text: str) -> str:
    """Return text without control, formatting and private characters, and halves of surrogate pairs.

    Joiners stay: Persian and the scripts of India spell with them.
    """
    return "".join(
        char
        for char in " ".join(text.expandtabs(1).splitlines())
        if char in JOINERS or unicodedata.category(char) not in UNPRINTABLE
    )
