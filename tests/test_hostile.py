"""Whatever is sent, no page breaks, or tells how the site is built."""

import re
import unicodedata
from urllib.parse import parse_qs, quote_plus

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from catalog.importing.worker import KEY
from catalog.values.signs import leave_sign

from .conftest import StrictClient
from .hostile_inputs import (
    ADDRESSES,
    LOGIC_MODEL,
    PICTURE,
    QUICK_ADDRESSES,
    SLUGS,
    queries,
    store_one_of_each,
    values,
)
from .pages import html_of, internals, read
from .transactions import stored_once

pytestmark = pytest.mark.once

# The strict client takes what a page repeats for its own markup ("{{"); ours reads pages closely enough.


catalog = stored_once(store_one_of_each)


@pytest.fixture(autouse=True)
def _is_ready(_private_files, settings):
    """Files can be written, and a worker lives, as `/readyz` asks."""
    for name in (LOGIC_MODEL, PICTURE):
        file = settings.MEDIA_ROOT / name
        file.parent.mkdir(parents=True)
        file.write_bytes(b"x")
    leave_sign(KEY, 1)


# The page of a program, and its citation.
OF_A_DAY = ("/programs/program/", "/programs/program.ris", "/programs/program.bib")


def title(response):
    return read(response).h1 if response["Content-Type"].startswith("text/html") else ""


@pytest.mark.alike(6)
@pytest.mark.parametrize("address", QUICK_ADDRESSES)
@given(queries)
def test_no_parameter_breaks_a_page(catalog, db, address, query):
    client = Client()

    response = client.get(f"{address}?{query}", follow=True)

    # Django's sitemap knows its own pages; there is no nearest one to show. A date that is none says so.
    allowed = {200, 404} if address.startswith("/sitemap-") else {200}
    if address in OF_A_DAY and "as_of" in parse_qs(query):
        allowed = {400, 404}
    assert response.status_code in allowed
    if response.status_code == 200:
        assert title(response) == title(client.get(address))
    assert internals(response) == []


@pytest.mark.parametrize("query", ["q=x&topic=y", "page=9", "%FF=%FF"])
def test_summary_has_one_address(catalog, db, client, query):
    response = client.get(f"/topics/area/summary.pdf?{query}")

    assert (response.status_code, response["Location"]) == (302, "/topics/area/summary.pdf")


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


# The public forms; what they are sent: tests/public/test_fact_checks.py, tests/public/test_submissions.py.
FORMS = re.compile(r"/fact-check/.*|/write/([a-z-]+/)?|/programs/[a-z]+/correction/")
READ_ONLY = [address for address in ADDRESSES if not FORMS.fullmatch(address)]


@pytest.mark.parametrize("address", READ_ONLY)
def test_pages_are_only_read(catalog, db, client, address):
    methods = ("POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "get;")

    statuses = {method: client.generic(method, address, "a=1").status_code for method in methods}

    assert statuses == dict.fromkeys(methods, 405)


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_answers_as_get_does_without_a_body(catalog, db, client, address):
    head, get = client.head(address), client.get(address)

    assert head.status_code == get.status_code == 200
    # A second may begin between the two.
    moments = {"Expires": None} if "Expires" in get else {}
    assert {**head.headers, **moments} == {**get.headers, **moments}
    assert ("Expires" in head) == ("Expires" in get)
    assert b"".join(head) == b""
    head.close()
    get.close()


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
    assert "elsewhere" not in html_of(response)


@pytest.mark.parametrize("host", ["elsewhere.example", "testserver:x", "a b", "'", "testserver@x"])
def test_no_host_but_ours_is_answered(catalog, db, client, host):
    response = client.get("/programs/", headers={"host": host})

    assert response.status_code == 400
    assert internals(response) == []
