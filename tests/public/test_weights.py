"""Pages stay light: what is sent of each, and the styles and scripts that it asks for."""

import gzip
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command

pytestmark = pytest.mark.once

# The most bytes of HTML, and as sent.
PAGES = {
    "/": (40_000, 8_000),
    "/programs/": (60_000, 12_000),
    "/programs/?rating=3&age=3&sort=name": (60_000, 12_000),
    "/topics/": (40_000, 8_000),
    "/evidence-map/": (60_000, 8_000),
}
STYLES_AND_SCRIPTS = 40_000


@pytest.fixture
def generated(db):
    call_command("generate_catalog", "120", verbosity=0)


def test_pages_and_what_they_ask_for_are_light(client, generated):
    too_heavy = {}
    for address, most in PAGES.items():
        packed = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert packed.status_code == 200
        html = gzip.decompress(packed.content)
        assets = set(re.findall(rb'"/?static/(catalog/[\w.]+\.(?:css|js))"', html))
        files = [Path(finders.find(name.decode())).stat().st_size for name in assets]
        weight = len(html), len(packed.content), sum(files)
        if any(w > m for w, m in zip(weight, (*most, STYLES_AND_SCRIPTS), strict=True)):
            too_heavy[address] = weight

    assert too_heavy == {}
