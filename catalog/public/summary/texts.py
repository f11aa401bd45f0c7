"""Texts as data that summary.typ sets: Markdown as nested blocks, and only characters that print."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin

from markdown_it.token import Token

from ...values import richtext

type Node = dict[str, Any]  # of JSON

DEEPEST_QUOTE = 6  # Typst refuses some 15 quotes in each other,
LONGEST_LINK = 2000  # and links of more than 8000 characters;
MOST_CELLS = (
    1000  # of 14,000 cells it makes hundreds of pages, and takes more memory than it is given.
)
UNPRINTABLE = ("Cc", "Cf", "Co", "Cs")
JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"
# Too long for a line of the title; typst itself breaks at white space, hyphens and slashes.
LONG_WORD = re.compile(r"[^\s/-]{30}(?=[^\s/-])")


def blocks(text: str) -> list[Node]:
    """Return Markdown as the nested blocks that summary.typ sets.

    A block is named after its markdown-it token and holds other blocks, or runs of text, or lines of code.
    """
    root = new_block("root")
    open_blocks = [root]
    tokens: Iterable[Token] = richtext.parse(text)
    if sum(token.type in ("th_open", "td_open") for token in tokens) > MOST_CELLS:
        tokens = cells_as_paragraphs(tokens)
    for token in tokens:
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
            elif token.type in ("th_open", "td_open"):
                block["align"] = token.attrs.get("class", "start")
            elif token.type in ("fence", "code_block"):
                block["lines"] = token.content.expandtabs(4).splitlines() or [""]
            open_blocks[-1]["blocks"].append(block)
            if token.nesting == 1:
                open_blocks.append(block)
    return root["blocks"]


def cells_as_paragraphs(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yield tokens without their tables: each cell is a paragraph."""
    for token in tokens:
        kind, _, end = token.type.partition("_")
        if kind in ("th", "td"):
            yield Token(f"paragraph_{end}", "p", token.nesting)
        elif kind not in ("table", "thead", "tbody", "tr"):
            yield token


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


def printable(value: object, page: str) -> object:
    """Return data whose texts hold only characters that print, and places to break the longest words at.

    Addresses (href) get none, so that they stay whole; typst knows how to break those that are shown. Paths of the site
    become full addresses, by that of the page.
    """
    if isinstance(value, dict):
        return {
            key: full_address(item, page) if key == "href" else printable(item, page)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [printable(item, page) for item in value]
    if isinstance(value, str):
        return LONG_WORD.sub("\\g<0>\N{ZERO WIDTH SPACE}", without_invisible(value))
    return value


def full_address(href: str, page: str) -> str:
    """Return an address of a link in full: a path belongs to the page's site."""
    address = without_invisible(href)
    return urljoin(page, address) if address.startswith("/") else address


def without_invisible(text: str) -> str:
    """Return text without control, formatting and private characters, and halves of surrogate pairs.

    Joiners stay: Persian and the scripts of India spell with them.
    """
    return "".join(
        char
        for char in " ".join(text.expandtabs(1).splitlines())
        if char in JOINERS or unicodedata.category(char) not in UNPRINTABLE
    )
