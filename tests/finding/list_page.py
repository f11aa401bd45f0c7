"""What the tests read from the page of the program list."""

import re

from ..conftest import StrictClient
from ..pages import read


def ask(address):
    """Return the addresses of the programs on all pages of a list, and the values that its notices name."""
    client, found, dropped = StrictClient(), [], []
    while address:
        page = read(client.get(address, follow=True))
        found += programs_in(page, "programs")
        notices = [notice.text for notice in page.all("p", class_="notice")]
        dropped = sorted(re.findall(r"“(.*)” was ignored", "\n".join(notices)))
        following = page.all("a", rel="next")
        address = f"/programs/{following[0].attributes['href']}" if following else ""
    return found, dropped


def programs_in(page, list_class):
    """Return the addresses of the programs of a list, which a page may not have."""
    return [
        item.one("h3").links[0][1]
        for programs in page.all("ol", class_=list_class)
        for item in programs.all("li", class_="program")
    ]


def counts_on(page):
    """Return the number that stands beside each value of each filter."""
    counts = {}
    for option in page.all("label", class_="option") + page.all("label", class_="option none"):
        box = option.one("input").attributes
        number = option.one("span", class_="option-count").text
        counts[box["name"], box["value"]] = int(number)
    for year in page.all("select", name="reviewed_since"):
        for option in year.all("option")[1:]:
            value, number = re.fullmatch(r"(\d{4}) \((\d+)\)", option.text).groups()
            counts["reviewed_since", value] = int(number)
    settings = {"school", "hospital", "virtual"}
    return {
        (name, value): n
        for (name, value), n in counts.items()
        if name != "setting" or value in settings
    }


def found(address):
    """Return the names on the list at an address."""
    page = read(StrictClient().get(address, follow=True))
    return [item.one("h3").links[0][0] for item in page.all("li", class_="program")]
