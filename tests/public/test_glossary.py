"""The glossary: its page, its fixture, and the definitions that open where a term is used."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import RequestContext, Template
from django.test import RequestFactory

from catalog.models import Program, Term
from catalog.public.program_facts import program_facts

from ..factories import ProgramFactory, RatingFactory, TermFactory, TopicAreaFactory
from ..pages import read

pytestmark = [pytest.mark.django_db, pytest.mark.once]

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
USES = re.compile(r'{% term "([^"]*)" "[^"]*" %}')
# The facts of a program bring their terms with them.
OF_FACTS = "{% term fact.term fact.label %}"


@pytest.fixture
def glossary():
    """The glossary as a new site loads it."""
    call_command("loaddata", "glossary", verbosity=0)


def show(template, **values):
    """Return what a template makes of terms."""
    context = RequestContext(RequestFactory().get("/"), values)
    return Template("{% load catalog %}" + template).render(context)


def test_glossary_lists_its_terms_by_name_with_an_address_for_each(client):
    TermFactory(name="usual care", definition="What they get\nanyway.")
    TermFactory(name="Follow-up", slug="later", definition="Later on.")

    page = read(client.get("/glossary/"))

    assert page.h1 == "Glossary"
    assert page.main.facts == {"Follow-up": "Later on.", "usual care": "What they get anyway."}
    assert [entry.attributes["id"] for entry in page.one("dl").all("div")] == [
        "later",
        "usual-care",
    ]
    assert Term.objects.get(slug="later").get_absolute_url() == "/glossary/#later"


def test_glossary_without_terms_says_so(client):
    page = read(client.get("/glossary/"))

    assert [p.text for p in page.main.all("p")][1:] == ["No term is defined yet."]


def test_every_page_leads_to_the_glossary(client):
    page = read(client.get("/"))

    assert ("Glossary", "/glossary/") in page.one("footer").links


def test_term_opens_its_definition_without_a_script():
    TermFactory(name="Usual care", definition="What they get anyway.")

    html = show('Better than {% term "usual-care" "care as usual" %}.')

    assert html == (
        'Better than <button type="button" class="term" popovertarget="term-1">care as usual</button>'
        '<span class="definition" id="term-1" popover><strong>Usual care:</strong> '
        'What they get anyway. <a href="/glossary/#usual-care">In the glossary</a></span>.'
    )


def test_term_that_is_not_in_the_glossary_is_just_its_words():
    assert show('{% term "usual-care" words %}', words="<i>") == "&lt;i&gt;"


def test_term_is_shown_as_text():
    TermFactory(name="<b>A</b>", slug="a", definition="<i>'\"&")

    html = show('{% term "a" words %}', words="<u>")

    assert re.findall(r"</?(\w+)", html) == [
        "button",
        "button",
        "span",
        "strong",
        "strong",
        "a",
        "a",
        "span",
    ]
    assert "&lt;u&gt;" in html
    assert "&lt;b&gt;A&lt;/b&gt;" in html
    assert "&lt;i&gt;&#x27;&quot;&amp;" in html


def test_terms_of_a_page_cost_one_query_and_have_ids_of_their_own(django_assert_num_queries):
    TermFactory(slug="a")
    TermFactory(slug="b")

    with django_assert_num_queries(1):
        html = show('{% term "a" "A" %}{% term "b" "B" %}{% term "a" "again" %}{% term "c" "C" %}')

    assert re.findall(r'popovertarget="([^"]*)', html) == ["term-1", "term-2", "term-3"]
    assert re.findall(r' id="([^"]*)', html) == ["term-1", "term-2", "term-3"]


def test_page_that_uses_no_term_does_not_ask_for_them(django_assert_num_queries):
    with django_assert_num_queries(0):
        show("{% if False %}{% term 'a' 'A' %}{% endif %}")


def test_program_page_opens_its_terms(client, glossary):
    program = ProgramFactory(
        slug="known",
        is_nonresponder=True,
        manual_available="yes",
        relevance_level="high",
        outcomes=["safety"],
    )
    RatingFactory(program=program, topic_area=TopicAreaFactory())

    page = read(client.get("/programs/known/"))

    assert [button.text for button in page.all("button", class_="term")] == [
        "Nonresponder",
        "Child welfare relevance",
        "Child-welfare outcomes",
        "Manual",
    ]
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    targets = [button.attributes["popovertarget"] for button in page.all("button", class_="term")]
    assert len(set(ids)) == len(ids)
    assert set(targets) <= set(ids)


def test_every_term_that_a_page_asks_for_is_in_the_fixture(glossary):
    pages = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html"))

    asked = USES.findall(pages)

    assert len(asked) + pages.count(OF_FACTS) == pages.count("{% term ") > 0
    known = Program(manual_available="yes", relevance_level="low", outcomes=("safety",))
    sections = program_facts(known, known.research_age).values()
    brought = {fact.term for facts in sections for fact in facts.known} - {""}
    assert brought == {"manual", "relevance-level", "child-welfare-outcomes"}
    asked += brought
    assert set(asked) <= set(Term.objects.values_list("slug", flat=True))


def test_fixture_passes_every_check_and_loads_twice(glossary):
    before = list(Term.objects.values())

    for term in Term.objects.all():
        term.full_clean()
        term.save()
    call_command("loaddata", "glossary", verbosity=0)

    assert list(Term.objects.values()) == before
    assert len(before) == 17


def test_definitions_are_one_to_three_sentences(glossary):
    lengths = {t.name: len(re.findall(r"[.!?](?= |$)", t.definition)) for t in Term.objects.all()}

    assert {name: n for name, n in lengths.items() if n not in {1, 2, 3}} == {}
    assert [t.name for t in Term.objects.all() if not t.definition.endswith(".")] == []


def test_slug_of_a_term_stays_in_the_admin(editor_client):
    term = TermFactory(name="Usual care")

    editor_client.post(
        f"/admin/catalog/term/{term.pk}/change/",
        {
            "name": "Care as usual",
            "slug": "changed",
            "definition": "New.",
            "version": term.history.first().pk,
        },
    )

    term.refresh_from_db()
    assert (term.name, term.slug, term.definition) == ("Care as usual", "usual-care", "New.")
