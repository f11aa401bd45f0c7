"""The prose that editors write, in Markdown: as HTML, as plain text, and as parsed blocks.

CommonMark with tables, without raw HTML, images and links that are defined elsewhere in the text. The only module that
marks text as safe.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, blockquote, list_block, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

LINK_SCHEMES = ("http", "https", "mailto")
BREAKS = ("softbreak", "hardbreak")
ALIGNMENTS = ("center", "right")
# Texts stand in sections of a page; the text that is the page begins one level higher.
HIGHEST_HEADING = 3


def continue_outline(state: StateCore) -> None:
    """Give headings the levels from the highest one that the text may have to 6; none is skipped."""
    above: list[int] = []  # the levels, as written, of the headings that the next one is a part of
    for token in state.tokens:
        if token.type == "heading_open":
            written = int(token.tag[1])
            above = [level for level in above if level < written] + [written]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(state.env['highest'] - 1 + len(above), 6)}"


def align_cells(state: StateCore) -> None:
    """Say by a class how the cells of tables are aligned: the policy of our pages allows no styles."""
    for token in state.tokens:
        if style := token.attrs.pop("style", None):
            alignment = str(style).removeprefix("text-align:")
            token.attrs |= {"class": alignment} if alignment in ALIGNMENTS else {}


def count_columns(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Parse a table, and let `is_short_row` know how many columns it has."""
    if not silent and first + 1 < end:
        state.env["columns"] = len(re.findall("-+", state.getLines(first + 1, first + 2, 0, False)))
    return table(state, first, end, silent)


def is_short_row(state: StateBlock, first: int, end: int, silent: bool) -> bool:
    """Return whether a line ends a table, because cells are missing in it.

    Filled up to the width of the head, a few characters would stand for hundreds of cells.
    """
    if state.parentType != "table":
        return False
    fewest = max(1, state.env["columns"] - 1)
    return state.getLines(first, first + 1, 0, False).count("|") < fewest


# A path of this site. What begins with two slashes is another host, and browsers take a backslash for a slash.
SITE_PATH = re.compile(r"/(?![/\\])")


def is_allowed_link(url: str) -> bool:
    """Return whether a link has one of the LINK_SCHEMES, or is a path of this site."""
    schemes = tuple(f"{scheme}:" for scheme in LINK_SCHEMES)
    return url.lower().startswith(schemes) or bool(SITE_PATH.match(url))


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
markdown.block.ruler.at("table", count_columns, {"alt": ["paragraph", "reference"]})
markdown.block.ruler.push("short_row", is_short_row, {"alt": ["blockquote"]})
markdown.enable("table")
markdown.core.ruler.push("continue_outline", continue_outline)
markdown.core.ruler.push("align_cells", align_cells)
markdown.validateLink = is_allowed_link  # type: ignore[method-assign]


def words(token: Token) -> str:
    """Return the words of a token without its markup."""
    pieces = token.children or [token]
    return "".join(" " if piece.type in BREAKS else piece.content for piece in pieces)


def open_table(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """Begin a table: in a region that scrolls by itself, by keyboard too, and has the names of the columns."""
    head = takewhile(lambda token: token.type != "thead_close", tokens[index:])
    names = [name for token in head if token.type == "inline" and (name := words(token).strip())]
    return format_html(
        '<div class="table" role="region" aria-label="{}" tabindex="0">\n<table>\n',
        f"Table: {', '.join(names)}" if names else "Table",
    )


def close_table(
    renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType
) -> str:
    """End a table and its region."""
    return "</table>\n</div>\n"


markdown.add_render_rule("table_open", open_table)
markdown.add_render_rule("table_close", close_table)

# The second wall: should markdown-it ever let something through, it ends here.
HEADINGS = {"h2", "h3", "h4", "h5", "h6"}
TAGS = {"p", "br", "hr", "em", "strong", "a", "code", "pre", "blockquote", "ul", "ol", "li"}
TABLE = {"div", "table", "thead", "tbody", "tr", "th", "td"}
cleaner = nh3.Cleaner(
    tags=TAGS | HEADINGS | TABLE,
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}, "div": {"aria-label"}},
    tag_attribute_values={"div": {"role": {"region"}, "tabindex": {"0"}}},
    allowed_classes={"div": {"table"}, "th": set(ALIGNMENTS), "td": set(ALIGNMENTS)},
    url_schemes=set(LINK_SCHEMES),
    link_rel="noopener nofollow",
)


def parse(text: str) -> Sequence[Token]:
    """Return the Markdown tokens of text; links go to LINK_SCHEMES and paths of this site only."""
    return markdown.parse(text, {"highest": HIGHEST_HEADING})


def render(text: str, highest: int = HIGHEST_HEADING) -> SafeString:
    """Return text as HTML that is safe to show, whoever wrote it; its headings have this level or a lower one.

    Raw HTML and links to anything but LINK_SCHEMES and paths of this site appear as the characters that were typed.
    """
    html = markdown.render(text, {"highest": highest})
    return mark_safe(cleaner.clean(html))  # noqa: S308


# Where none of these stands, Markdown means nothing but its words.
MARKUP = re.compile(
    r"[\0*_`\[\]<&\\]|^[ \t]*(?:[#>+=~|:-]|\d{1,9}[.)])|^(?: {4}| *\t)", re.MULTILINE
)


def plain(text: str) -> str:
    """Return the words of text without its markup, on one line."""
    if not MARKUP.search(text):  # parsing takes a hundred times as long, and lists show many texts
        return " ".join(text.split())
    return " ".join(" ".join(map(words, parse(text))).split())


# Not behind an abbreviation: “e.g. A”, “Dr. Ada”, “U.S. Army”.
SENTENCE_END = re.compile(r"(?<=[a-z0-9)”\"]{2}[.!?])\s+(?=[A-Z“\"(])")
MOST_WORDS_OF_SENTENCE = 40


def first_sentence(text: str) -> str:
    """Return the first sentence of text without its markup; of a long one, the beginning."""
    return Truncator(SENTENCE_END.split(plain(text), 1)[0]).words(MOST_WORDS_OF_SENTENCE)
