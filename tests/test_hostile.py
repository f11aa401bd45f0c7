"""Whatever is sent or stored, no page breaks, runs it, or tells how the site is built."""

import unicodedata
from datetime import timedelta
from urllib.parse import parse_qs, quote, quote_plus, urlencode, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.models import (
    PreviewLink,
    Program,
    Rating,
    Reference,
    Status,
    Study,
    Term,
    TopicArea,
    TopicExpert,
)
from catalog.models.previews import SIGNER
from catalog.values.fields import DoiField, ListField

from .conftest import StrictClient
from .factories import (
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    StudyFactory,
    TermFactory,
    TopicAreaFactory,
    TopicExpertFactory,
)
from .pages import internals, listed_programs, read
from .public.test_leaks import public_routes

# The strict client takes what a page repeats for its own markup ("{{"); ours reads pages closely enough.

# --- What is sent ----------------------------------------------------------------------------------------------------

# What stands in the address for a route's variable part; a route of a new kind needs a new line here.
SLUGS = {"topics": "area", "programs": "program", "experts": "expert"}
# The number of a preview's link, and the token that leads to it.
LINK = 999
TOKEN = SIGNER.sign(str(LINK))


def address_of(route):
    if "<slug:slug>" in route:
        route = route.replace("<slug:slug>", SLUGS[route.partition("/")[0]])
    return "/" + route.replace("<section>", "topics").replace("<str:token>", TOKEN)


ADDRESSES = sorted(address_of(route) for route in public_routes(get_resolver().url_patterns))
# A summary takes a tenth of a second to make, and reads nothing of what is sent.
QUICK_ADDRESSES = [address for address in ADDRESSES if not address.endswith(".pdf")]
PARAMETERS = [
    *("q", "topic", "rating", "relevance", "outcome", "age", "setting", "expert"),
    *("reviewed_since", "sort", "program", "add", "differences", "as_of"),
    *("page", "p", "format", "next", "topic[]", "__class__", "q__icontains", ""),
]
HOSTILE = [
    *("'", '"', "''", "\\", "%", "%%", "%s", "%(q)s", "_", "*", "?", "(", ")", "[", "]", "{", "}"),
    *(
        "|",
        "^",
        "$",
        "+",
        ".",
        "(?",
        "(?P<a>",
        "[[:alpha:]]",
        "***:a",
        "(?i)a",
        "\\1",
        "\\d",
        "\\x",
    ),
    *("(a+)+$", "((((((((((", "a{99999}", "[^", "' OR 1=1 --", "'; DROP TABLE x; --", "/*", "\\'"),
    *("NaN", "nan", "inf", "-inf", "Infinity", "sNaN", "1e400", "-1e400", "1e-400", "1E+999999999"),
    *("-1", "-0", "0", "+7", "7.0", "07", "0x7", "7_0", "٧", "７", "1,000", "9" * 5000, "1" * 400),
    *("25", "26", "1900", "1899", "2099", "2100", "2101", "-2000", "NR", "nr", "null", "None"),
    *("\0", "a\0b", "\x01\x1f\x7f", "\x85\u2028\u2029", "\ufeff", "\u202e", "\ufffe", "\U0001f600"),
    *("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 }}{% x %}", "${7}"),
    # The languages of the databases' searches; words that nearly every text holds.
    *("AND", "a OR b", "NOT a", "a NEAR b", "NEAR(a b, 3)", "a -b", "-", "--", "- a", "a:b", "a^2"),
    *('"a', 'a"', '"a" b"', '-"a', '""', "a*", "*a", "a & b | !c", "a <-> b", "a:*", "{a} : b"),
    *("the", "the of and", "-the", '"the"', "don't", "’s", "\u0301", "\u200d", "ﬁ", "ǅ", "İ", "ẞ"),
    *("../../etc/passwd", "file:///etc/passwd", "http://elsewhere.example/", "\r\nSet-Cookie: a=b"),
    *("x" * 10_000, "é" * 10_000, "x " * 5_000, "(" * 200, "a|" * 100, "&" * 200, ";", "=", "#"),
]
# Percent-encoded: any text, and any bytes, which need not be UTF-8; halves of surrogate pairs too.
values = st.one_of(
    st.sampled_from(HOSTILE).map(quote_plus),
    st.text(max_size=50).map(quote_plus),
    st.binary(max_size=20).map(quote_plus),
    st.characters(categories=["Cs"]).map(lambda half: quote(half, errors="surrogatepass")),
)
queries = st.lists(
    st.tuples(st.one_of(st.sampled_from(PARAMETERS).map(quote_plus), values), values),
    min_size=1,
    max_size=8,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@pytest.fixture(scope="module")
def catalog(django_db_setup, django_db_blocker):
    """One of each thing, that the requests below only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        rating = RatingFactory(
            program__name="Program", program__slug="program", topic_area__slug="area"
        )
        rating.topic_area.experts.add(TopicExpertFactory(slug="expert"))
        rating.topic_area.further_reading.add(ReferenceFactory())
        link_to(ProgramFactory(name="Draft", status=Status.DRAFT))
        yield
        transaction.set_rollback(True)


def link_to(program):
    """Make the link of the addresses above lead to a program."""
    fields = {"program": program, "expires_at": timezone.now() + timedelta(days=1)}
    PreviewLink.objects.update_or_create(pk=LINK, defaults=fields)


def title(response):
    return read(response).h1 if response["Content-Type"].startswith("text/html") else ""


@pytest.mark.parametrize("address", QUICK_ADDRESSES)
@given(queries)
def test_no_parameter_breaks_a_page(catalog, db, address, query):
    client = Client()

    response = client.get(f"{address}?{query}", follow=True)

    # Django's sitemap knows its own pages; there is no nearest one to show. A date that is none says so.
    allowed = {200, 404} if address.startswith("/sitemap-") else {200}
    if address == "/programs/program/" and "as_of" in parse_qs(query):
        allowed = {400, 404}
    assert response.status_code in allowed
    if response.status_code == 200:
        assert title(response) == title(client.get(address))
    assert internals(response) == []


@pytest.mark.parametrize("value", HOSTILE)
def test_no_value_breaks_the_program_list_or_the_comparison(catalog, db, value):
    sent = quote_plus(value)
    everywhere = "&".join(f"{quote_plus(name)}={sent}" for name in PARAMETERS)

    # Words by themselves are looked for; with what means nothing they stand under a notice.
    for address, heading in {
        f"/programs/?q={sent}": "Programs",
        f"/programs/?{everywhere}": "Programs",
        f"/compare/?add={sent}": "Compare programs",
        f"/compare/?program=program&{everywhere}": "Compare programs",
    }.items():
        response = Client().get(address, follow=True)

        assert (address, response.status_code) == (address, 200)
        assert read(response).h1 == heading
        assert internals(response) == []


@pytest.mark.parametrize("query", ["q=x&topic=y", "page=9", "%FF=%FF"])
def test_summary_reads_nothing_of_what_is_sent(catalog, db, client, query):
    summary = b"".join(client.get("/topics/area/summary.pdf"))

    assert b"".join(client.get(f"/topics/area/summary.pdf?{query}")) == summary


# Much of it means something, and stands in an order, as often, and with blanks, as nobody's form would send it.
sensible = st.lists(
    st.tuples(
        st.sampled_from(PARAMETERS),
        st.one_of(
            st.sampled_from(
                ["area", "expert", "NR", "1", "3", "high", "low", "safety", "7", "0-2"]
            ),
            st.sampled_from(
                ["school", "2020", "name", "rating", "match", "reviewed", "2", " ", ""]
            ),
            st.text("ab \u00a0\u0301®é'\"-", max_size=210),
            st.integers(195, 205).map(lambda size: ("ab " * 100)[-size:]),
        ),
    ),
    max_size=8,
).map(urlencode)


@given(st.one_of(queries, sensible))
# Cut to a length, these words end in a blank.
@example(f"q={'abc+' * 60}")
def test_no_address_of_the_program_list_leads_to_another_that_leads_on(catalog, db, query):
    client = Client()

    response = client.get(f"/programs/?{query}")

    if response.status_code == 302:
        assert client.get(response["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "found"),
    [
        # What holds no words asks for nothing.
        *(
            (f"q={quote_plus(signs)}", ["Program"])
            for signs in ("\0", "'", '"', "*", "( ) : ^", "-")
        ),
        *((f"page={number}", ["Program"]) for number in (-1, 0, "x", 10**30)),
        ("q=program", ["Program"]),
        ("q=PROGRAM%00", ["Program"]),
        ("q=pro*", ["Program"]),
        ("q=%22program", ["Program"]),
        ("q=program%22", ["Program"]),
        ("q=program+-", ["Program"]),
        ("q=-program", []),
        ("q=program+-program", []),
        # No operators: words like any others, which the program does not hold.
        ("q=program+NEAR+program", []),
        ("q=program+xyzzy+OR", []),
        # Words that nearly every text holds count where there are no others.
        ("q=program+AND+the", ["Program"]),
        ("q=the+and", []),
        ("&".join(["rating=3"] * 200), ["Program"]),
        ("&".join(f"topic=t{n}" for n in range(200)), ["Program"]),
        (f"q={'x' * 10_000}", []),
        (f"q=program{'+' * 10_000}", ["Program"]),
    ],
)
def test_strange_questions_have_sensible_answers(catalog, db, client, query, found):
    page = read(client.get(f"/programs/?{query}", follow=True))

    assert [name for name, _ in listed_programs(page)] == found


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=220))
def test_words_that_were_typed_stand_in_the_box_as_they_were(catalog, db, text):
    page = read(Client().get(f"/programs/?q={quote_plus(text)}", follow=True))

    typed = " ".join(text.replace("\0", " ").split())[:200].strip()
    box = page.one("input", name="q")
    assert box.attributes["value"] == typed


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Z"]), max_size=20))
def test_value_that_means_nothing_stands_in_the_notice_as_it_was(catalog, db, text):
    page = read(Client().get(f"/programs/?topic={quote_plus(text + '!')}"))

    # Cutting long values to a length composes their characters.
    shown = unicodedata.normalize("NFC", f"{text}!")
    assert page.one("p", class_="notice").text == (f"Unknown topic area “{shown}” was ignored.")


@pytest.mark.parametrize("prefix", ["/", "/topics/", "/programs/", "/experts/", "/sitemap-"])
@given(values)
def test_unknown_path_is_not_found(catalog, db, prefix, value):
    address = f"{prefix}x{value.replace('+', '%20')}/-/"

    response = StrictClient().get(address)

    assert response.status_code == 404
    assert read(response).h1 == "There is no such page"
    assert internals(response) == []


@pytest.mark.parametrize("prefix", ["/topics/", "/programs/", "/experts/"])
@given(
    st.from_regex(r"[-a-zA-Z0-9_]{1,300}", fullmatch=True).filter(lambda s: s not in SLUGS.values())
)
def test_unknown_slug_is_not_found(catalog, db, prefix, slug):
    response = StrictClient().get(f"{prefix}{slug}/")

    assert response.status_code == 404
    assert read(response).h1 == "There is no such page"


@pytest.mark.parametrize("tag", ["*", 'W/"x"', '"x", *'])
def test_unknown_page_is_not_found_whatever_the_visitor_has_of_it(catalog, db, client, tag):
    response = client.get("/programs/nothing/", headers={"if-none-match": tag})

    assert response.status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_pages_are_only_read(catalog, db, client, address):
    methods = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get;")

    statuses = {method: client.generic(method, address, "a=1").status_code for method in methods}

    assert statuses == dict.fromkeys(methods, 405)


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_answers_as_get_does_without_a_body(catalog, db, client, address):
    head, get = client.head(address), client.get(address)

    assert head.status_code == get.status_code == 200
    assert {**head.headers} == {**get.headers}
    assert b"".join(head) == b""


def test_many_parameters_are_read_up_to_a_limit(catalog, db, client, settings):
    many = "&".join(f"topic=t{n}" for n in range(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS))

    most = client.get(f"/programs/?{many}")
    too_many = client.get(f"/programs/?{many}&q=x")

    assert (most.status_code, read(most).h1) == (200, "Programs")
    assert too_many.status_code == 400
    assert internals(too_many) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": 'sessionid="aaaaaaaaaaaa\\000"'},
        {"cookie": "sessionid=aaaaaaaa' OR 1=1 --; csrftoken=\x01; messages=x"},
        {"cookie": "=;;; a" + "=" * 1000},
        {"if-none-match": 'W/"\\', "if-modified-since": "yesterday"},
        {"accept-language": "x" * 1000, "accept": "*/*;q=nan", "accept-encoding": "gzip;q=x"},
        {"range": "bytes=9-1", "x-forwarded-host": "elsewhere.example", "x-forwarded-for": "'"},
    ],
)
@pytest.mark.parametrize("address", ["/", "/programs/", "/programs/program/"])
def test_no_header_breaks_a_page(catalog, db, client, address, headers):
    response = client.get(address, headers=headers)

    assert response.status_code == 200
    assert title(response) == title(StrictClient().get(address))
    assert "elsewhere" not in response.content.decode()


@pytest.mark.parametrize("host", ["elsewhere.example", "testserver:x", "a b", "'", "testserver@x"])
def test_no_host_but_ours_is_answered(catalog, db, client, host):
    response = client.get("/programs/", headers={"host": host})

    assert response.status_code == 400
    assert internals(response) == []


# --- What is stored --------------------------------------------------------------------------------------------------

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
    kinds = (models.CharField, models.TextField, models.URLField, models.EmailField, ListField)
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
    program = ProgramFactory(slug="hostile-program", **texts[Program])
    RatingFactory(program=program, topic_area=area, **texts[Rating])
    StudyFactory(program=program, reference=reference, role="not-used", **texts[Study])
    retired = {"slug": "hostile-retired", "status": Status.RETIRED, "published_at": timezone.now()}
    ProgramFactory(**texts[Program] | retired)
    TopicAreaFactory(**texts[TopicArea] | retired | {"name": request.param.format("retired")})
    link_to(ProgramFactory(slug="hostile-draft", **texts[Program], status=Status.DRAFT))
    return {
        f"{model._meta.model_name}.{name}": text
        for model, fields in texts.items()
        for name, text in fields.items()
    }


PAGES = [
    *(address for address in QUICK_ADDRESSES if address.endswith("/")),
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
        return element.attributes["src"] == "/static/catalog/live.js" and element.children == []
    ours = {"1", "2", "3", "4", "5", "NR", "Topic area:", "Topic areas:", "Topic expert:"}
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
