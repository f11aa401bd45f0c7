"""What nobody's form would send, the addresses that it is sent to, and one of each thing to answer with."""

from datetime import timedelta
from pathlib import PurePath
from urllib.parse import quote, quote_plus

from django.urls import get_resolver
from django.utils import timezone
from hypothesis import strategies as st

from catalog.models import FactCheck, PreviewLink, Status

from .factories import (
    PageFactory,
    ProgramFactory,
    RatingFactory,
    ReferenceFactory,
    SiteSettingsFactory,
    TopicExpertFactory,
)
from .routes import public_routes

# What stands in the address for a route's variable part; a route of a new kind needs a new line here.
SLUGS = {"topics": "area", "programs": "program", "experts": "expert", "news": "hello"}
SLUGS["<slug:slug>"] = "about"

# The number of the link of a preview and of a fact check, and the token that leads to each.
LINK = 999

TOKENS = {
    "preview": PreviewLink.signer.sign(str(LINK)),
    "fact-check": FactCheck.signer.sign(str(LINK)),
}


# The logo and the sharing image; whoever asks for them puts them there.
PICTURE = PurePath("site/look.png")


def address_of(route):
    if "<slug:slug>" in route:
        route = route.replace("<slug:slug>", SLUGS[route.partition("/")[0]])
    filled = {
        "<section>": "topics",
        "<str:token>": TOKENS.get(route.partition("/")[0], ""),
        "<str:name>": PICTURE.name,
        "<str:version>": "0",
        "<str:receipt>": "K7Q2-M4XD",
    }
    for variable, value in filled.items():
        route = route.replace(variable, value)
    return f"/{route}"


ADDRESSES = sorted(address_of(route) for route in public_routes(get_resolver().url_patterns))

# A summary and a picture take a tenth of a second to make, and read nothing of what is sent.
MADE = (".pdf", "preview.png")
QUICK_ADDRESSES = [address for address in ADDRESSES if not address.endswith(MADE)]

PARAMETERS = [
    *("q", "topic", "rating", "relevance", "outcome", "age", "setting", "expert"),
    *("reviewed_since", "sort", "program", "add", "differences", "as_of"),
    *("type", "since", "until"),
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


def link_to(program):
    """Make the links of the addresses above lead to a program."""
    fields = {"program": program, "expires_at": timezone.now() + timedelta(days=1)}
    PreviewLink.objects.update_or_create(pk=LINK, defaults=fields)
    FactCheck.objects.update_or_create(pk=LINK, defaults={"sent_to": "Ada", **fields})


# The file of the one program; whoever asks for it puts it there.
LOGIC_MODEL = "logic-models/model.pdf"


def store_one_of_each():
    """Store one of each thing, that requests only read."""
    rating = RatingFactory(
        program__name="Program",
        program__slug="program",
        program__logic_model="yes",
        program__logic_model_file=LOGIC_MODEL,
        topic_area__slug="area",
    )
    rating.topic_area.experts.add(TopicExpertFactory(slug="expert"))
    rating.topic_area.further_reading.add(ReferenceFactory())
    SiteSettingsFactory(logo=str(PICTURE), sharing_image=str(PICTURE), accent="#005500")
    PageFactory(slug="about")
    PageFactory(slug="hello", news_on="2026-03-01")
    link_to(ProgramFactory(name="Draft", status=Status.DRAFT))
