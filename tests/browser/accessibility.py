"""The rules of axe-core, the looks in which pages are held to them, and what a page breaks of them."""

import pytest
from axe_playwright_python.sync_playwright import Axe

AXE = Axe()
RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
# Dark pages are made of the same elements as light ones: only these rules can tell them apart.
COLOR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
LOOKS = {
    "light": ({"color_scheme": "light"}, RULES),
    "dark": ({"color_scheme": "dark"}, COLOR_RULES),
    "phone": ({"viewport": {"width": 390, "height": 844}, "has_touch": True}, RULES),
}
each_look = pytest.mark.parametrize("look", LOOKS)


def violations(page, rules, name):
    """Return what axe finds on a page, one line for each element."""
    axe_options = {"runOnly": rules, "resultTypes": ["violations"], "iframes": False}
    return [
        f"{name}: {found['id']} ({found['help']}): {' '.join(map(str, node['target']))}: "
        f"{node['failureSummary'].splitlines()[-1].strip()}"
        for found in AXE.run(page, options=axe_options).response["violations"]
        for node in found["nodes"]
    ]
