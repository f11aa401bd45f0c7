"""How often something may be done: which address it is counted under, and how long somebody has to wait."""

from datetime import timedelta
from ipaddress import IPv6Address, ip_network
from math import ceil
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import pluralize
from django.utils import timezone

from .client_address import client_address

# An IPv6 provider gives each customer at least so many addresses.
IPV6_PREFIX = 64


class TooOften(Exception):
    """Says in ``sentence`` that something was sent too often, and for how many ``seconds`` that is so."""

    def __init__(self, sentence: str, seconds: int) -> None:
        minutes = ceil(timedelta(seconds=seconds) / timedelta(minutes=1))
        self.seconds = seconds
        self.sentence = sentence.format(f"{minutes} minute{pluralize(minutes)}")
        super().__init__(self.sentence)


def counted_address(request: HttpRequest) -> str:
    """Return the address that a visitor is counted under: for IPv6 the network, within which one has any number."""
    address = client_address(request)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False).network_address)
    return str(address)


def seconds_to_wait(moments: QuerySet[Any, Any], limit: int, window: timedelta) -> int:
    """Return in how many seconds there will be fewer moments in the window than the limit; 0 for now, or no limit.

    ``moments`` are datetimes, the latest first.
    """
    if not limit:
        return 0
    since = timezone.now() - window
    moment = next(iter(moments[limit - 1 : limit]), None)
    return max(0, ceil((moment - since).total_seconds())) if moment else 0
