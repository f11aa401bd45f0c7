"""Terms of the glossary: what somebody adds who may not publish waits for somebody who may."""

import pytest

from catalog.models import Proposal, Term

from ..factories import TermFactory
from ..pages import read
from .pages import address, submit, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.once]

ADD = "/admin/catalog/term/add/"


def glossary(client):
    return read(client.get("/glossary/")).main.text


def waiting(client):
    """Return the terms that the desk says are not public."""
    sections = read(client.get("/admin/")).all("section")
    title = "Glossary terms: not public"
    found = [s for s in sections if s.all("h3") and s.all("h3")[0].text.startswith(title)]
    return [li.text for section in found for li in section.all("li")]


def test_new_term_of_a_writer_is_read_once_a_publisher_makes_it_public(ann, bob):
    assert "once somebody who may publish has made it public" in text_of(ann.get(ADD))
    submit(ann, ADD, name="Attrition", definition="Who left.", is_public="on")
    term = Term.objects.get()
    assert (term.is_public, "Attrition" in glossary(ann)) == (False, False)
    # Nobody reads it yet, so that it needs no proposal.
    submit(ann, address("change", term), definition="Who left early.", is_public="on")
    term.refresh_from_db()
    assert (term.definition, term.is_public) == ("Who left early.", False)
    assert (waiting(bob), waiting(ann)) == (["Attrition"], [])

    submit(bob, address("change", term), is_public="on")

    assert "Who left early." in glossary(ann)
    assert waiting(bob) == []
    page = ann.get(address("change", term))
    assert "What you save is kept as a proposal" in text_of(page)


def test_term_of_a_publisher_is_read_at_once(bob):
    submit(bob, ADD, name="Attrition", definition="Who left.", is_public="on")

    assert "Who left." in glossary(bob)


def test_proposal_for_a_term_does_not_say_whether_it_is_public(ann):
    term = TermFactory(definition="Then.")
    form = ann.get(address("change", term))
    sent = {"name": term.name, "definition": "Now.", "version": term.history.latest().pk}

    ann.post(address("change", term), {**sent, "_propose": "x"})

    assert 'name="is_public"' not in form.content.decode()
    assert Proposal.objects.get().changes == {"definition": ["Then.", "Now."]}


def test_earlier_version_does_not_make_a_term_public_again(ann):
    term = TermFactory(definition="Then.")
    public = term.history.latest()
    term.is_public, term.definition = False, "Now."
    term.save()

    ann.post(
        address("return", term, public.pk),
        {"reason": "As it was.", "seen": term.history.latest().pk},
    )

    assert not Term.objects.get().is_public
