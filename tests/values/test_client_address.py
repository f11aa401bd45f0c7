"""Whom a request comes from is what our own proxies say, and nobody else."""

import pytest
from django.test import RequestFactory

from catalog.values.client_address import client_address

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("proxies", "forwarded", "connection", "address"),
    [
        (0, "192.0.2.1", "198.51.100.7", "198.51.100.7"),
        (1, "192.0.2.1", "127.0.0.1", "192.0.2.1"),
        (1, "made-up, 203.0.113.9, 192.0.2.1", "127.0.0.1", "192.0.2.1"),
        (2, "203.0.113.9, 192.0.2.1, 10.0.0.2", "127.0.0.1", "192.0.2.1"),
        (2, "10.0.0.2", "127.0.0.1", "10.0.0.2"),
        (1, "2001:db8::5", "127.0.0.1", "2001:db8::5"),
        (1, "::ffff:192.0.2.1", "127.0.0.1", "192.0.2.1"),
        (1, "unknown", "127.0.0.1", "127.0.0.1"),
        (1, None, "127.0.0.1", "127.0.0.1"),
        (1, None, "", "0.0.0.0"),  # noqa: S104
    ],
)
def test_address_is_the_one_that_the_outermost_proxy_saw(
    settings, proxies, forwarded, connection, address
):
    settings.PROXY_COUNT = proxies
    headers = {"x-forwarded-for": forwarded} if forwarded else {}

    request = RequestFactory(headers=headers).get("/", REMOTE_ADDR=connection)

    assert str(client_address(request)) == address
