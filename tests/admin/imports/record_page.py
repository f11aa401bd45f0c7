"""What the page of an import says: its headline, buttons, messages and tables."""

import re
from html.parser import HTMLParser

from django.contrib.messages import get_messages


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def headline(response):
    return " ".join(re.findall(r"<h2>(.*?)</h2>", response.content.decode())[-1].split())


def buttons(response):
    """Return what the page offers to do."""
    html = response.content.decode().partition('class="import"')[2]
    return re.findall(r'<input type="submit"[^>]* value="([^"]*)"', html)


class Tables(HTMLParser):
    """The tables of a page by id or (last) class, each as rows of cells of text."""

    def __init__(self, html):
        super().__init__()
        self.tables, self.rows, self.cell = {}, None, None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "table":
            attributes = dict(attrs)
            name = attributes.get("id") or (attributes.get("class") or "").rpartition(" ")[2]
            self.rows = self.tables[name] = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in {"td", "th"} and self.rows:
            self.cell = []

    def handle_endtag(self, tag):
        if tag == "table":
            self.rows = None
        elif tag in {"td", "th"} and self.cell is not None:
            self.rows[-1].append(" ".join("".join(self.cell).split()))
            self.cell = None

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)


def table(response, name):
    """Return the rows of the page's table of this class, without its header."""
    return Tables(response.content.decode()).tables[name][1:]
