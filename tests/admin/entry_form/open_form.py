"""A change form that stays open while others save, with all of its rows opened."""

import re

from catalog.models.studies import ANSWERS

from ...pages import Reader
from ..pages import BrowserForm, address, open_form


def blank_study(number):
    """What a browser sends for a new row of studies in which nothing is typed."""
    return {f"studies-{number}-{name}": "not-known" for name in ANSWERS}


ADD_STUDY = {"studies-TOTAL_FORMS": "1", **blank_study(0)}


class Form:
    """A change form that stays open."""

    def __init__(self, client, entry):
        self.client, self.path = client, address("change", entry)
        self.page = open_form(client, self.path)
        self.data = BrowserForm(self.page).data

    def save(self, **typed):
        """Type and save; return whether it was saved. If not, the form is what came back."""
        self.page = self.client.post(self.path, {**self.data, **typed, "_save": "Save"})
        if self.page.status_code == 200:
            self.data = BrowserForm(self.page).data
        return self.page.status_code == 302

    @property
    def panel(self):
        reader = Reader()
        reader.feed(re.search(r'<section class="conflicts".*?</section>', self.html, re.DOTALL)[0])
        reader.close()
        return reader.open[0].one("section")

    @property
    def html(self):
        return self.page.content.decode()

    @property
    def choices(self):
        """The legends of the choices, each with what stands for either side."""
        return {
            fieldset.one("legend").text: [label.text for label in fieldset.all("label")]
            for fieldset in self.panel.all("fieldset")
        }


def rows_of(response):
    """Return the terms and descriptions of a page."""
    reader = Reader()
    reader.feed(response.content.decode())
    reader.close()
    return {
        row.one("dt").text: row.one("dd").text
        for found in reader.open[0].all("dl")
        for row in found.all("div")
    }
