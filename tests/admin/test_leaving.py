"""Every page of the admin with a text to type asks before it is left: the script finds the form, and is loaded."""

from urllib.parse import urljoin

import pytest
from django.urls import reverse

from catalog.models import Import, Program, Proposal, Status, TopicArea

from ..factories import ProgramFactory
from ..pages import read
from .pages import address
from .registered_models import IMPORTED

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TYPED = {"text", "email", "url", "number", "search", None}


def parents(element, above=()):
    """Yield each element within one, with those that it lies in, the outermost first."""
    for child in element.children:
        if not isinstance(child, str):
            yield child, [*above, element]
            yield from parents(child, [*above, element])


def takes_text(form):
    boxes = [box for box in form.all("input") if box.attributes.get("type") in TYPED]
    return form.all("textarea") or boxes


def is_asked_about(form, above):
    """Whether the script of leaving takes a form for one of its own (save.js)."""
    is_entry = above[-1].attributes.get("id") == "content-main"
    if is_entry and form.attributes.get("id", "").endswith("_form"):
        return True
    return any("entry-page" in e.attributes.get("class", "").split() for e in [*above, form])


def pages(entries):
    """The addresses of the pages of every kind of entry, and of what can be done with one, by the links on them."""
    draft = ProgramFactory(status=Status.DRAFT)
    old = entries[Program].history.first().pk
    entries[Program].goals = "New."
    entries[Program].save()
    proposal = Proposal.objects.create(
        program=entries[Program], changes={"goals": ["New.", "Newer."]}
    )
    found = [address("change", entry) for entry in [draft, *entries.values()]]
    found += [address("add", model) for model in (Program, TopicArea)]
    found += [address("import", model) for model in IMPORTED]
    found += [
        address("simple_history", entries[Program], old),
        proposal.get_absolute_url(),
        f"{reverse('admin:catalog_program_merge', args=[draft.pk])}?into={entries[Program].pk}",
        f"{address('rate', entries[Program])}?area={entries[TopicArea].slug}",
        address("changelist", Import),
    ]
    return found


def tools(page, path):
    """The links above an entry's form: steps, previews, merging, rating."""
    lists = page.all("ul", class_="object-tools")
    return [urljoin(path, href) for found in lists for _, href in found.links]


def test_every_page_with_a_text_to_type_asks(root, entries):
    seen, waiting, unasked, typed = set(), pages(entries), [], set()
    while waiting:
        path = waiting.pop()
        response = root.get(path)
        if path in seen or response.status_code != 200 or not path.startswith("/admin/"):
            continue
        seen.add(path)
        page = read(response)
        waiting += [link for link in tools(page, path) if link.startswith("/admin/")]
        for form, above in parents(page):
            if form.tag == "form" and form.attributes.get("method") == "post" and takes_text(form):
                typed.add(path)
                if not is_asked_about(form, above):
                    unasked.append(path)
        assert "catalog/save.js" in response.content.decode()

    assert unasked == []
    assert len(typed) > 15
