"""What editors read on the admin's pages, and the forms that their browsers send."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import urlencode

from django.contrib.messages import get_messages
from django.urls import reverse

from ..pages import read


def address(page, entry, *args):
    """Return the address of an admin page of a model or of one of its entries."""
    name = f"admin:{entry._meta.app_label}_{entry._meta.model_name}_{page}"
    return reverse(name, args=args if isinstance(entry, type) else (entry.pk, *args))


def text_of(response):
    """Return what a page says: its content without tags, runs of white space as one space."""
    content = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", content)).split())


def heading(response):
    content = response.content.decode()
    title = re.search(r'id="content"[^>]*>.*?<h1[^>]*>(.*?)</h1>', content, re.DOTALL)
    return html.unescape(title[1].strip())


def listed(response):
    return [str(entry) for entry in response.context["cl"].result_list]


def column(response, name):
    """Return the cells of a list's column, as text."""
    cells = re.findall(
        rf'<t[dh] class="field-{name}[^"]*">(.*?)</t[dh]>', response.content.decode()
    )
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells]


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


class BrowserForm(HTMLParser):
    """The form of a change page as a browser sends it: names with the lists of their values."""

    def __init__(self, response):
        super().__init__()
        self.data = {}
        self.files = set()
        self.in_form = False
        self.select = self.text_area = None
        self.feed(response.content.decode())

    @property
    def fields(self):
        """The names of the entry's own fields, without those of the inlines and what every form sends."""
        names = {name.removeprefix("initial-") for name in self.data} | self.files
        return {name for name in names if "-" not in name} - {"csrfmiddlewaretoken", "typed"}

    def handle_starttag(self, tag, attrs):
        attrs = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.in_form = attrs.get("id", "").endswith("_form")
        name = attrs.get("name")
        if not self.in_form:
            return
        if tag == "input" and name and "disabled" not in attrs:
            self.handle_input(name, attrs)
        elif tag == "select":
            self.select = name
            self.options, self.first = [], None
            self.is_multiple = "multiple" in attrs
        elif tag == "option":
            self.first = attrs["value"] if self.first is None else self.first
            if "selected" in attrs:
                self.options.append(attrs["value"])
        elif tag == "textarea":
            self.text_area, self.text = name, ""

    def handle_input(self, name, attrs):
        kind = attrs.get("type", "text")
        if kind == "file":
            self.files.add(name)
        elif kind in {"checkbox", "radio"}:
            values = self.data.setdefault(name, [])
            if "checked" in attrs:
                values.append(attrs.get("value", "on"))
        elif kind != "submit":
            self.data[name] = [attrs.get("value", "")]

    def handle_data(self, data):
        if self.text_area:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "form":
            self.in_form = False
        elif tag == "textarea" and self.text_area:
            # A line break right after the tag is not part of the text.
            self.data[self.text_area] = [self.text.removeprefix("\r\n").removeprefix("\n")]
            self.text_area = None
        elif tag == "select" and self.select:
            chosen = self.options
            if not chosen and not self.is_multiple and self.first is not None:
                chosen = [self.first]
            self.data[self.select] = chosen
            self.select = None


def open_form(client, path):
    """Return the page of a form with all of its rows opened."""
    page = client.get(path)
    places = re.findall(
        r'<button type="submit" name="_open" value="([^"]+)"', page.content.decode()
    )
    separator = "&" if "?" in path else "?"
    return client.get(f"{path}{separator}{urlencode({'open': places}, True)}") if places else page


def submit(client, path, **changes):
    """Open the form at path, type the changes into it, and save it."""
    form = BrowserForm(open_form(client, path)).data
    return client.post(path, {**form, **changes, "_save": "Save"})


def run_action(client, action, entries):
    changelist = address("changelist", type(entries[0]))
    selected = {"action": action, "_selected_action": [entry.pk for entry in entries]}
    return client.post(changelist, selected, follow=True)


def actions(response):
    """Return the actions that a list offers."""
    menu = re.search(r'<select name="action".*?</select>', response.content.decode(), re.DOTALL)
    return re.findall(r'<option value="(\w+)"', menu[0]) if menu else []


def fields_of(response):
    """Return what the page's form sends: names with the lists of their values."""
    forms = read(response).all("form", method="post")
    (form,) = [form for form in forms if form.attributes.get("id") != "logout-form"]
    sent = {}
    for field in form.all("input", "textarea"):
        name, kind = field.attributes.get("name"), field.attributes.get("type")
        if not name or kind in {"submit", "file"}:
            continue
        value = field.attributes.get("value", "on" if kind == "checkbox" else "")
        if field.tag == "textarea":
            value = "".join(field.children).removeprefix("\n")
        if kind not in {"checkbox", "radio"} or "checked" in field.attributes:
            sent.setdefault(name, []).append(value)
    for field in form.all("select"):
        chosen = [o for o in field.all("option") if "selected" in o.attributes]
        sent[field.attributes["name"]] = [o.attributes["value"] for o in chosen]
    return sent


def notes(response):
    """Return what the page says went wrong."""
    page = read(response)
    said = [*page.all("p", class_="errornote"), *page.all("ul", class_="errorlist nonfield")]
    return [note.text for note in said]
