"""The prose that editors write, in Markdown: as HTML, as plain text, and as parsed blocks.

CommonMark without raw HTML, images and links that are defined elsewhere in the text. The only module that marks text
as safe.
"""

import re
from collections.abc import Sequence

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

LINK_SCHEMES = ("http", "https", "mailto")
BREAKS = ("softbreak", "hardbreak")


def continue_outline(state: StateCore) -> None:
    """Give headings the levels 3 to 6: below those of the page, and none skipped."""
    above: list[int] = []  # the levels, as written, of the headings that the next one is a part of
    for token in state.tokens:
        if token.type == "heading_open":
            written = int(token.tag[1])
            above = [level for level in above if level < written] + [written]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(2 + len(above), 6)}"


def is_allowed_link(url: str) -> bool:
    """Return whether a link has one of the LINK_SCHEMES."""
    return url.lower().startswith(tuple(f"{scheme}:" for scheme in LINK_SCHEMES))


def within(level: int, rule: RuleFuncBlockType) -> RuleFuncBlockType:
    """Return a rule for blocks that holds up to a level of nesting; what is deeper is text as any other."""

    def limited(state: StateBlock, first: int, end: int, silent: bool) -> bool:
        return state.level < level and rule(state, first, end, silent)

    return limited


# However a text is made, it takes a time that grows with its length alone: a definition might stand for thousands of
# links, each as long as itself, quotes read their lines once for each level, and so do brackets. A quote is one level,
# a list two. Where markdown-it's own limit ends blocks, it leaves out what is in them; ours come first.
markdown = MarkdownIt("commonmark", {"html": False, "maxNesting": 12})
markdown.disable(["image", "reference"])
markdown.block.ruler.at(
    "blockquote",
    within(4, blockquote),
    {"alt": ["paragraph", "reference", "blockquote", "list"]},
)
markdown.block.ruler.at(
    "list", within(9, list_block), {"alt": ["paragraph", "reference", "blockquote"]}
)
markdown.core.ruler.push("continue_outline", continue_outline)
markdown.validateLink = is_allowed_link  # type: ignore[method-assign]

# The second wall: should markdown-it ever let something through, it ends here.
HEADINGS = {"h3", "h4", "h5", "h6"}
TAGS = {"p", "br", "hr", "em", "strong", "a", "code", "pre", "blockquote", "ul", "ol", "li"}
cleaner = nh3.Cleaner(
    tags=TAGS | HEADINGS,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes=set(LINK_SCHEMES),
    link_rel="noopener nofollow",
)


def parse(text: str) -> Sequence[Token]:
    """Return the Markdown tokens of text; links go to LINK_SCHEMES only, headings start at h3."""
    return markdown.parse(text)


def render(text: str) -> SafeString:
    """Return text as HTML that is safe to show, whoever wrote it.

    Raw HTML and links to anything but LINK_SCHEMES appear as the characters that were typed.
    """
    return mark_safe(cleaner.clean(markdown.render(text)))  # noqa: S308


# Where none of these stands, Markdown means nothing but its words.
MARKUP = re.compile(r"[\0*_`\[\]<&\\]|^[ \t]*(?:[#>+=~-]|\d{1,9}[.)])|^(?: {4}| *\t)", re.MULTILINE)


def plain(text: str) -> str:
    """Return the words of text without its markup, on one line."""
    if not MARKUP.search(text):  # parsing takes a hundred times as long, and lists show many texts
        return " ".join(text.split())
    pieces = []
    for block in parse(text):
        pieces += [
            " " if token.type in BREAKS else token.content for token in block.children or [block]
        ]
        pieces.append(" ")
    return " ".join("".join(pieces).split())
