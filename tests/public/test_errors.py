"""Whatever goes wrong is said in a sentence, and gives nothing away."""

import pytest

from catalog.models.status import PublishableQuerySet

from ..conftest import StrictClient
from ..pages import (
    internals,
    read,
)

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "address",
    [
        "/nothing/",
        "/topics/nothing/",
        "/topics/nothing/summary.pdf",
        "/programs/nothing/",
        "/experts/nothing/",
        "/sitemap-nothing.xml",
        "/.env",
        "/static/../config/settings.py",
        "/programs/not%20a%20slug/",
    ],
)
def test_unknown_address_says_so_and_no_more(client, db, address):
    response = client.get(address)

    page = read(response)
    assert response.status_code == 404
    assert page.h1 == "There is no such page"
    assert [link for _, link in page.main.links] == ["/programs/", "/topics/"]
    assert internals(response) == []


@pytest.mark.parametrize(
    ("method", "address", "title"),
    [
        ("post", "/programs/", "This page takes nothing that is sent to it"),
        ("post", "/", "This page takes nothing that is sent to it"),
        ("get", "/admin/markdown/", "There is nothing to see at this address"),
        ("get", "/admin/logout/", "There is nothing to see at this address"),
        ("delete", "/fact-check/x/", "This page takes nothing that is sent to it"),
        # What answered it would be kept as the page.
        ("options", "/programs/", "This page takes nothing that is sent to it"),
    ],
)
def test_address_that_is_asked_in_another_way_says_so(client, admin_user, method, address, title):
    client.force_login(admin_user)

    response = getattr(client, method)(address)

    assert (response.status_code, read(response).h1) == (405, title)
    assert response["Allow"]
    assert internals(response) == []


def test_fault_of_the_site_says_so_and_no_more(db, monkeypatch):
    def fail(_):
        raise RuntimeError("a secret from /srv/clearinghouse/views.py")

    monkeypatch.setattr(PublishableQuerySet, "published", fail)
    client = StrictClient(raise_request_exception=False)

    response = client.get("/programs/")

    assert response.status_code == 500
    assert read(response).h1 == "Something went wrong on our side"
    assert internals(response) == []
    assert "secret" not in response.content.decode()


def test_request_that_cannot_be_read_says_so_and_no_more(client, db, settings):
    too_many = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1
    response = client.get("/programs/", query_params={f"p{n}": "1" for n in range(too_many)})

    assert response.status_code == 400
    assert read(response).h1 == "This request makes no sense to the site"
    assert internals(response) == []


def test_unknown_host_is_refused(client, db):
    response = client.get("/", headers={"host": "elsewhere.example"})

    assert response.status_code == 400
    assert read(response).h1 == "This request makes no sense to the site"
    assert "elsewhere" not in response.content.decode()
