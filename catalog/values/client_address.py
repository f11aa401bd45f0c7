"""Where a request comes from."""

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

# What a socket that is a file says of its other end: nothing.
UNKNOWN = IPv4Address(0)


def client_address(request: HttpRequest) -> IPv4Address | IPv6Address:
    """Return the address that the outermost of our proxies was called from; without proxies, the connection's.

    Each proxy adds to the right of ``X-Forwarded-For`` whom it was called by. What stands left of what ours have added
    (``PROXY_COUNT``) was sent by the visitor, and is not believed.
    """
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    added = forwarded[-settings.PROXY_COUNT :][:1] if settings.PROXY_COUNT else []
    for text in [*added, request.META.get("REMOTE_ADDR", "")]:
        with suppress(ValueError):
            address = ip_address(text.strip())
            return getattr(address, "ipv4_mapped", None) or address
    return UNKNOWN
