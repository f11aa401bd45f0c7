"""Editors' Markdown: what it becomes, and that nothing in it can do harm."""

import re
from html.parser import HTMLParser
from itertools import accumulate, pairwise
from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.values.richtext import plain, render

WITHOUT_ATTRIBUTES = ["p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "li"]
HEADINGS = ["h3", "h4", "h5", "h6"]
TABLE = ["table", "thead", "tbody", "tr"]
ALLOWED = {
    **dict.fromkeys(WITHOUT_ATTRIBUTES + HEADINGS + TABLE, frozenset()),
    "div": {"class", "role", "aria-label", "tabindex"},
    **dict.fromkeys(["th", "td"], frozenset({"class"})),
    "a": {"href", "rel"},
    "ol": {"start"},
}
ALLOWED_LINKS = ("http:", "https:", "mailto:")

# Pieces that mean something to Markdown, to a browser or to someone who means harm.
PIECES = [
    *"<>&\"'`*_[]()!#-+=~:\\/\n\t ",
    *("\n\n", "\n    ", "  \n", "a", "b c", "1. ", "7) ", "> ", "```", "---", "===", "| a | b |"),
    *("\n| a |", "\n|-|:-:|\n", "|\n", "|-:|", "\\|"),
    *(
        "<script>",
        "</script>",
        "<img src=x onerror=alert(1)>",
        "<svg/onload=alert(1)>",
        "<!--",
        "-->",
    ),
    *("<style>", "<iframe src=//e.org>", "<![CDATA[", "<?php", "<a href='javascript:alert(1)'>"),
    *(
        "[x](javascript:alert(1))",
        "[x](data:text/html,x)",
        "](vbscript:x)",
        "[x](//e.org)",
        "](/x)",
    ),
    *(
        "[x](https://e.org)",
        '[x](https://e.org "t")',
        "[x](<https://e.org/ x>)",
        "](mailto:a@e.org)",
    ),
    *(
        "<https://e.org>",
        "<javascript:x>",
        "[x]: java\tscript:x",
        "[x]: https://e.org",
        "[x]",
        "](#",
    ),
    *("&#106;avascript:", "&lt;script&gt;", "&#0;", "&nbsp;", "\0", "\u2028", "\ufeff", "\x0b"),
]
HOSTILE = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


class Reader(HTMLParser):
    """Collects what a browser would find: elements, links, text, and anything that should not be there."""

    def __init__(self, html):
        super().__init__(convert_charrefs=True)
        self.tags, self.links, self.text, self.open, self.strange = [], [], "", [], []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in {"br", "hr"}:
            self.open.append(tag)
        self.strange += [f"<{tag}>"] if tag not in ALLOWED else []
        self.strange += [f"{tag} {name}" for name, _ in attrs if name not in ALLOWED.get(tag, ())]
        self.links += [value for name, value in attrs if name == "href"]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.strange.append(f"</{tag}>")

    def handle_data(self, data):
        self.text += data

    def handle_comment(self, data):
        self.strange.append(f"comment {data}")

    def handle_decl(self, decl):
        self.strange.append(f"declaration {decl}")

    unknown_decl = handle_pi = handle_decl


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**much** *so*", "<p><strong>much</strong> <em>so</em></p>\n"),
        ("one\ntwo\n\nthree", "<p>one\ntwo</p>\n<p>three</p>\n"),
        ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"),
        ("3. three\n4. four", '<ol start="3">\n<li>three</li>\n<li>four</li>\n</ol>\n'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("```js\na < b\n```", "<pre><code>a &lt; b\n</code></pre>\n"),
        ("Fish & chips, a < b", "<p>Fish &amp; chips, a &lt; b</p>\n"),
        (
            "[Site](https://example.org/?a=1&b=2)",
            '<p><a href="https://example.org/?a=1&amp;b=2" rel="noopener nofollow">Site</a></p>\n',
        ),
        (
            "[Mail](mailto:a@example.org)",
            '<p><a href="mailto:a@example.org" rel="noopener nofollow">Mail</a></p>\n',
        ),
        ("", ""),
    ],
)
def test_render_makes_html_of_markdown(text, html):
    assert render(text) == html


def test_render_puts_a_table_into_a_region_that_scrolls():
    text = '| Age, "years" | *Sessions* |\n|---|--:|\n| 6–12 | 8 \\| 9 |\n| 13 |\nAfter it.'

    assert render(text) == (
        '<div class="table" role="region" aria-label="Table: Age, &quot;years&quot;, Sessions" '
        'tabindex="0">\n<table>\n<thead>\n<tr>\n<th>Age, "years"</th>\n'
        '<th class="right"><em>Sessions</em></th>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<td>6–12</td>\n<td class="right">8 | 9</td>\n</tr>\n'
        '<tr>\n<td>13</td>\n<td class="right"></td>\n</tr>\n</tbody>\n</table>\n</div>\n'
        "<p>After it.</p>\n"
    )


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<b>bold</b>",
        "<img src=x onerror=alert(1)>",
        "text <i onclick='x'>text</i>",
        "<!-- comment -->",
        "<a href='https://example.org'>link</a>",
        "<div>\nblock\n</div>",
    ],
)
def test_render_shows_raw_html_as_it_was_typed(text):
    found = Reader(render(text))

    assert found.tags == ["p"]
    assert found.text.strip() == text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "data:image/png;base64,AAAA",
        "vbscript:x",
        "file:///etc/passwd",
        "//example.org/",
    ],
)
@pytest.mark.parametrize("form", ["[x]({})", "[x](<{}>)", "<{}>", "[x]\n\n[x]: {}"])
def test_render_makes_no_link_to_a_dangerous_address(form, url):
    found = Reader(render(form.format(url)))

    assert (found.links, found.strange) == ([], [])
    assert url in found.text


def is_of_this_site(link):
    """Whether a browser would stay here: it drops tabs, and takes a backslash for a slash."""
    joined = urljoin("https://here.example/about/", link.replace("\t", "").replace("\\", "/"))
    return link.startswith("/") and urlsplit(joined).netloc == "here.example"


def test_link_may_be_a_path_of_this_site():
    assert Reader(render("[x](/programs/a/?b=1#c)")).links == ["/programs/a/?b=1#c"]


@pytest.mark.parametrize(
    "path", ["//e.org", "/\\e.org", "/&#47;e.org", "/&Tab;/e.org", "/&bsol;e.org", "\\\\e.org"]
)
def test_path_leads_to_no_other_site(path):
    assert [x for x in Reader(render(f"[x]({path})")).links if not is_of_this_site(x)] == []


def test_render_makes_no_link_to_an_address_in_disguise():
    texts = ["[x](&#106;avascript:alert(1))", "[x](java&Tab;script:x)", "[x](\x01javascript:x)"]

    links = [Reader(render(text)).links for text in texts]

    assert links == [[], [], []]


def test_render_shows_no_images():
    found = Reader(render("![A cat](https://example.org/cat.png)"))

    assert found.tags == ["p", "a"]


def test_render_puts_headings_below_those_of_the_page():
    text = "# One\n\n## Two\n\nThree\n-----\n\n### Four\n\n###### Six\n\n# One more"

    assert Reader(render(text)).tags == ["h3", "h4", "h4", "h5", "h6", "h3"]


@given(levels=st.lists(st.integers(1, 6), min_size=1, max_size=8))
def test_render_keeps_the_outline_of_the_headings(levels):
    text = "\n\n".join(f"{'#' * level} Heading" for level in levels)

    found = [int(tag[1]) for tag in Reader(render(text)).tags]

    assert len(found) == len(levels)
    assert found[0] == min(found) == 3
    for (above, below), (before, after) in zip(pairwise(levels), pairwise(found), strict=True):
        # One step down at most, and only to what is a part of the heading above.
        assert after <= before + (below > above)


@settings(max_examples=300)
@given(text=HOSTILE | st.text())
def test_render_gives_only_what_is_allowed(text):
    found = Reader(render(text))

    assert (found.strange, found.open) == ([], [])
    beyond = [link for link in found.links if not link.lower().startswith(ALLOWED_LINKS)]
    assert [link for link in beyond if not is_of_this_site(link)] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("**Much** *so*, [says](https://example.org) `he`", "Much so, says he"),
        ("one\ntwo  \nthree\n\nfour", "one two three four"),
        ("# Head\n\n- one\n- two\n\n---\n\n> said", "Head one two said"),
        ("```\na < b\n```", "a < b"),
        ("a &lt; b &amp; <b>c</b>", "a < b & <b>c</b>"),
        ("| Age | *n* |\n|:-:|---|\n| 6 | 7 |", "Age n 6 7"),
        ("Age | n\n:- | -:\n6 | 7", "Age n 6 7"),
        ("", ""),
    ],
)
def test_plain_gives_the_words_without_the_markup(text, words):
    assert plain(text) == words


@settings(max_examples=200)
@given(text=HOSTILE | st.text())
def test_plain_says_what_the_page_says(text):
    shown = " ".join(Reader(render(text)).text.split())

    assert plain(text) == shown


# --- Texts that are made to take long

DEEP = 40
DEPTH = {"blockquote": 4, "ul": 5}


def depth(html, tag):
    """How many elements of this kind are open at once, at most."""
    steps = re.findall(f"<(/?){tag}>", html)
    return max(accumulate(-1 if step else 1 for step in steps))


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        (">" * DEEP + " end\nlazy", "blockquote"),
        ("> " * DEEP + "end", "blockquote"),
        ("- " * DEEP + "end", "ul"),
        ("".join(f"{'  ' * level}- x\n" for level in range(DEEP)) + "\nend", "ul"),
    ],
)
def test_blocks_nest_so_deep_and_what_is_deeper_is_text(text, tag):
    html = render(text)

    assert depth(html, tag) == DEPTH[tag]
    assert "end" in html


def test_a_link_is_written_where_it_stands_and_stands_for_no_others():
    text = f"[a]: https://example.org/{'x' * 100}\n\n{'[a] ' * 100}"

    assert Reader(render(text)).links == []
    assert Reader(render(text)).text.count("[a]") == 101


def test_a_row_that_lacks_cells_ends_its_table():
    """They would be filled up to the width of the head: a few characters would become hundreds of cells."""
    html = render(f"|{'a|' * 100}\n|{'-|' * 100}\n|{'b|' * 100}\n" + "c\n" * 100)

    assert (html.count("<th>"), html.count("<td>"), html.count("<p>")) == (100, 100, 1)


SHAPES = [
    "[",
    "![",
    "*[",
    "[<",
    "*a ",
    "a**b",
    "*_",
    "`a",
    "<a ",
    "&#",
    "- a\n",
    "a\n=\n",
    ">a\n",
    "[a](",
    "|a|b|\n|-|-|\n",
    "|a\n|-\n|b\n",
    "|a|b|c|d|e|f|g|\n|-|-|-|-|-|-|-|\na\nb|\n",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_what_comes_of_a_text_is_no_more_than_some_times_as_long(shape):
    text = shape * 500

    assert len(render(text)) <= 8 * len(text)
    assert plain(text) != ""
