"""What browsers and caches are told about a page."""

import pytest

from catalog.models import Program

from ..conftest import StrictClient, catalog_permissions, load_seed
from ..factories import (
    ProgramFactory,
    UserFactory,
)
from ..transactions import stored_once
from .entries import rename

pytestmark = [pytest.mark.once, pytest.mark.django_db]

seed = stored_once(load_seed)


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/", 200),
        ("/programs/?q=x", 200),
        ("/topics/secondary-traumatic-stress/summary.pdf", 200),
        ("/programs/once/", 301),
        ("/nothing/", 404),
        ("/robots.txt", 200),
        ("/sitemap.xml", 200),
        ("/healthz", 200),
    ],
)
def test_every_response_tells_browsers_what_not_to_do(client, seed, address, status):
    rename(ProgramFactory(slug="once"), "now")

    response = client.get(address)

    names = (
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "X-Frame-Options",
        "Cross-Origin-Opener-Policy",
        "Permissions-Policy",
    )
    assert response.status_code == status
    assert {name: response.get(name) for name in names} == {
        "Content-Security-Policy": "default-src 'self'; script-src 'self'; style-src 'self'; "
        "img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/programs/",
        "/programs/ce-cert/",
        "/compare/",
        "/robots.txt",
        "/sitemap.xml",
        "/healthz",
    ],
)
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_public_address_that_is_sent_something_says_that_it_takes_nothing(seed, address, method):
    client = StrictClient(enforce_csrf_checks=True)

    response = getattr(client, method)(address, {"a": "b"}, content_type="application/json")

    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def viewer():
    """Return someone who may see drafts."""
    staff = UserFactory(is_staff=True)
    staff.user_permissions.set(catalog_permissions("view"))
    return staff


PAGES = [
    *("/", "/topics/", "/topics/secondary-traumatic-stress/", "/evidence-map/", "/programs/"),
    *("/programs/?q=stress&rating=3", "/programs/ce-cert/", "/compare/?program=ce-cert"),
    *("/experts/ginny-sprang/", "/references/", "/rating-scale/", "/glossary/", "/accessibility/"),
]


@pytest.mark.parametrize("address", PAGES)
def test_public_page_is_the_same_for_staff_and_kept_for_nobody_else(client, seed, address):
    as_public = client.get(address)
    client.force_login(viewer())

    as_staff = client.get(address)

    assert as_staff.content == as_public.content
    assert as_public["Cache-Control"] == "public, max-age=0, s-maxage=60"
    assert as_staff["Cache-Control"] == "private, no-cache"
    assert "X-Robots-Tag" not in as_staff.headers


# That page shows nothing of the catalog.
SHOWING = [address for address in PAGES if address != "/accessibility/"]


@pytest.mark.parametrize("address", [*SHOWING, "/topics/secondary-traumatic-stress/summary.pdf"])
def test_page_is_sent_once_until_something_changes(
    client, seed, address, django_assert_num_queries
):
    first = client.get(address)

    # The version of the catalog.
    with django_assert_num_queries(1):
        again = client.get(address, headers={"if-none-match": first["ETag"]})
    Program.objects.filter(slug="ce-cert").update(description="Another text.")
    changed = client.get(address, headers={"if-none-match": first["ETag"]})

    assert (first.status_code, again.status_code, changed.status_code) == (200, 304, 200)
    assert again["ETag"] == first["ETag"] != changed["ETag"]
