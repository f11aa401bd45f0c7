"""Whatever is stored, no page runs it."""

from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

from catalog.models import Program, Rating, Reference, Status, Study, Term, TopicArea, TopicExpert
from catalog.values.fields import DoiField, LimitedTextField, ListField

from .factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .hostile_inputs import QUICK_ADDRESSES, link_to
from .pages import read

pytestmark = pytest.mark.once

PAYLOADS = ['<script>alert("{}")</script>', '"><img src="{}" onerror=alert(1)>', "'><b id='{}'>"]

FACTORIES = {
    TopicArea: TopicAreaFactory,
    TopicExpert: TopicExpertFactory,
    Program: ProgramFactory,
    Rating: RatingFactory,
    Reference: ReferenceFactory,
    Study: StudyFactory,
    Term: TermFactory,
}

# For editors and for machines only.
NOT_SHOWN = {"topicarea.abbreviation", "program.slug", "reference.key"}


def hostile_texts(model, payload):
    """Return a payload of its own for each text of the model, as far as it has room for one."""
    kinds = (models.CharField, LimitedTextField, models.URLField, models.EmailField, ListField)
    texts = {}
    for field in model._meta.fields:
        name = f"{model._meta.model_name}.{field.name}".replace("_", "-")
        text = payload.format(name)
        if type(field) in kinds and not field.choices and not getattr(field, "codes", None):
            if not field.max_length or len(text) <= field.max_length:
                texts[field.name] = text
        elif isinstance(field, DoiField):
            texts[field.name] = f"10.1000/{text.replace(' ', '')}".lower()
    return texts


@pytest.fixture
def hostile_catalog(db, request):
    """One of each thing, with nothing but markup in it; as it came past every validation."""
    texts = {model: hostile_texts(model, request.param) for model in FACTORIES}
    # One that pages ask for.
    TermFactory(slug="relevance-level", **texts[Term])
    expert = TopicExpertFactory(slug="hostile-expert", **texts[TopicExpert])
    reference = ReferenceFactory(**texts[Reference])
    with_address = ReferenceFactory(**texts[Reference] | {"doi": ""})
    umbrella_texts = texts[TopicArea] | {"name": request.param.format("umbrella")}
    umbrella = TopicAreaFactory(slug="hostile-umbrella", **umbrella_texts)
    area = TopicAreaFactory(slug="hostile-area", parent=umbrella, **texts[TopicArea])
    area.experts.add(expert)
    area.further_reading.add(reference, with_address)
    program = ProgramFactory(slug="hostile-program", logic_model="yes", **texts[Program])
    RatingFactory(program=program, topic_area=area, **texts[Rating])
    StudyFactory(program=program, reference=reference, **texts[Study])
    retired = {"slug": "hostile-retired", "status": Status.RETIRED, "published_at": timezone.now()}
    ProgramFactory(**texts[Program] | retired, logic_model="yes")
    TopicAreaFactory(**texts[TopicArea] | retired | {"name": request.param.format("retired")})
    draft = {"slug": "hostile-draft", "status": Status.DRAFT, "logic_model": "yes"}
    link_to(ProgramFactory(**texts[Program] | draft))
    return {
        f"{model._meta.model_name}.{name}": text
        for model, fields in texts.items()
        for name, text in fields.items()
    }


PAGES = [
    *(a for a in QUICK_ADDRESSES if a.endswith("/") and a != "/news/feed/"),
    *("/topics/hostile-area/", "/programs/hostile-program/", "/experts/hostile-expert/"),
    *("/topics/hostile-retired/", "/programs/hostile-retired/"),
    "/compare/?program=hostile-program&add=hostile",
    f"/programs/hostile-program/?as_of={timezone.localdate()}",
    f"/programs/hostile-retired/?as_of={timezone.localdate()}",
    # The words of the payloads: marked where they are found, among other matches, and meant by a mistyped one.
    *("/programs/?q=program+description", "/programs/?q=topicarea", "/programs/?q=topicexpert"),
    *("/programs/?q=reference", "/programs/?q=progarm"),
]


def is_ours(element):
    """Whether the site itself puts this element there: its script, or bold words of its own."""
    if element.tag == "script":
        ours = {
            f"/static/catalog/{name}.js" for name in ("live", "find", "compare", "program", "typed")
        }
        return element.attributes["src"] in ours and element.children == []
    ours = {"1", "2", "3", "4", "5", "NR", "Topic area:", "Topic areas:", "Topic expert:"} | {
        "Filter instead:"
    }
    return element.tag == "b" and element.text in ours


@pytest.mark.parametrize("hostile_catalog", PAYLOADS, indirect=True)
def test_markup_in_any_text_is_shown_as_text(client, hostile_catalog):
    pages = [read(client.get(address)) for address in [*PAGES, "/topics/hostile-umbrella/"]]

    # Attributes hold texts too: the addresses of links.
    shown = " ".join(page.text for page in pages)
    missing = [name for name, text in hostile_catalog.items() if text not in shown]
    elements = [e for page in pages for e in page.all("script", "img", "b") if not is_ours(e)]
    handlers = [
        (element.tag, name)
        for page in pages
        for element in page.all()
        for name in element.attributes
        if name.startswith("on")
    ]
    assert set(missing) <= NOT_SHOWN
    assert [(e.tag, e.text, e.attributes) for e in elements] == []
    assert handlers == []


HOSTILE_LINKS = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//elsewhere.example",
    "\x01javascript:alert(1)",
]


@pytest.mark.parametrize("link", HOSTILE_LINKS)
@pytest.mark.parametrize(
    ("model", "name"), [(Program, "website"), (TopicExpert, "website"), (Reference, "url")]
)
def test_address_of_a_website_is_a_web_address(model, name, link):
    field = model._meta.get_field(name)

    with pytest.raises(ValidationError):
        field.clean(link, None)


@pytest.mark.alike(4)
@pytest.mark.parametrize("link", HOSTILE_LINKS)
def test_links_in_texts_lead_to_the_web_or_to_mail(client, db, link):
    markdown = f"[one]({link}) [two](<{link}>) <{link}> [three][3] ![four]({link})\n\n[3]: {link}\n"
    area = TopicAreaFactory(slug="hostile-area", definition=markdown, target_population=markdown)
    expert = TopicExpertFactory(slug="hostile-expert", biography=markdown)
    area.experts.add(expert)
    program = ProgramFactory(slug="hostile-program", description=markdown, goals=markdown)
    RatingFactory(program=program, topic_area=area, rationale=markdown)
    StudyFactory(program=program, summary=markdown)

    pages = [read(client.get(address)) for address in PAGES]

    links = [urlsplit(address) for page in pages for _, address in page.links]
    assert {link.scheme for link in links} <= {"", "http", "https", "mailto"}
    assert {link.netloc for link in links} <= {"", "testserver"}  # a page's own, to be cited
