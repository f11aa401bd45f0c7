"""Make versions of an entry at times of one's own, and read the pages of its history."""

from datetime import datetime
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.contrib.messages import get_messages
from django.urls import reverse

from ...pages import Reader

LONG_AGO = datetime(2020, 3, 2, 17, 5, tzinfo=ZoneInfo("America/Los_Angeles"))

VERSION = "This version, of March {}, 2020, 5:05 PM"

BEFORE = (
    "notice the early signs of strain in themselves and in each other before they become symptoms"
)


def on(when, entry, who=None, why=None, **changes):
    """Save an entry with these changes, by somebody, at a time and for a reason."""
    for name, value in changes.items():
        setattr(entry, name, value)
    entry._history_user, entry._history_date, entry._change_reason = who, when, why
    entry.save()
    # What follows, such as its relations, has a time of its own.
    del entry._history_date
    entry._change_reason = None
    return entry


def address(page, entry, *args):
    name = f"admin:catalog_{entry._meta.model_name}_{page}"
    return reverse(name, args=[entry.pk, *args])


def main_of(response):
    """Return the main part of an admin page as a tree; the rest is Django's, and not as strict."""
    html = response.content.decode()
    reader = Reader()
    reader.feed(html[html.index("<main") : html.index("</main>") + len("</main>")])
    return reader.open[0].main


def told(client, entry, page=1):
    """Return what the page of an entry's history says: by day, each item's headlines, changes, reasons and byline."""
    return days_of(main_of(client.get(address("history", entry), {"page": page})))


def days_of(main):
    return [
        (section.one("h2").text, [item_of(item) for item in section.one("ol").all("li")])
        for section in main.all("section")
    ]


def item_of(item):
    return [
        f"{part.one('dt').text}: {part.one('dd').text}" if part.tag == "div" else part.text
        for part in item.all("h3", "div", "p")
    ]


def compared(main):
    """Return the fields that the page of a version shows as different: what they were and are."""
    rows = [row.all("th", "td") for row in main.one("tbody").all("tr")]
    return {name.text: (then.text, now.text) for name, then, now in rows}


def go_back(client, entry, version, **data):
    """Press the button of a version's page, as it stands when it is opened."""
    path = address("simple_history", entry, version)
    form = main_of(client.get(path)).one("form")
    fields = {f.attributes["name"]: f.attributes.get("value", "") for f in form.all("input")[:-1]}
    return client.post(urljoin(path, form.attributes["action"]), {**fields, **data})


def warnings(response):
    return [str(message) for message in get_messages(response.wsgi_request)]
