"""Every page in three looks against the rules of WCAG 2.2 AA that a machine can check.

A page is loaded once and then shown on a phone, in dark and in light: nothing but its style sheets knows of these.
"""

from axe_playwright_python.base import AXE_SCRIPT

RULES = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
COLORS = ["color-contrast", "link-in-text-block"]
# Dark pages are made of the same elements as light ones: only these rules can tell them apart.
COLOR_RULES = {"runOnly": {"type": "rule", "values": COLORS}}
# What both sizes show has the same colors, and to look at them takes most of the time.
SIZE_RULES = {"runOnly": RULES, "rules": {name: {"enabled": False} for name in COLORS}}
ALL_RULES = {"runOnly": RULES}
BEST_PRACTICES = {"runOnly": {**RULES, "values": [*RULES["values"], "best-practice"]}}
# Style sheets and media need not be fetched again: no rule of these reads them.
AXE_OPTIONS = {"resultTypes": ["violations"], "iframes": False, "preload": False}
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 800}
LOOKS = {
    "phone": ("light", PHONE, SIZE_RULES),
    "dark": ("dark", DESK, COLOR_RULES),
    "light": ("light", DESK, ALL_RULES),
    "phone, colors too": ("light", PHONE, ALL_RULES),
    "narrow": ("light", NARROW, BEST_PRACTICES),
    "dark, all rules": ("dark", DESK, BEST_PRACTICES),
    "light, all rules": ("light", DESK, BEST_PRACTICES),
}
# The last one is that of a new page.
THREE_LOOKS = ("phone", "dark", "light")
AUDITED_LOOKS = ("narrow", "dark, all rules", "light, all rules")


def show(page, look):
    """Show a page in a look; return the rules that can find something there."""
    scheme, viewport, rules = LOOKS[look]
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(viewport)
    # Colors fade from one scheme to the other.
    page.evaluate("document.getAnimations().forEach((animation) => animation.finish())")
    return rules


def violations(page, name, looks=THREE_LOOKS):
    """Return what axe finds on a page in each look, one line for each element."""
    page.evaluate(AXE_SCRIPT)
    found = []
    for look in looks:
        options = AXE_OPTIONS | show(page, look)
        results = page.evaluate("(options) => axe.run(document, options)", options)
        found += [
            f"{name}, {look}: {rule['id']} ({rule['help']}): {' '.join(map(str, node['target']))}: "
            f"{node['failureSummary'].splitlines()[-1].strip()}"
            for rule in results["violations"]
            for node in rule["nodes"]
        ]
    return found


def sideways(page, name):
    """Return the looks in which a page has to be scrolled sideways."""
    wide = []
    for look in ("phone", "light"):
        show(page, look)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(f"{name}, {look}")
    return wide
