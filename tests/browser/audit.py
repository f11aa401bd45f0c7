"""The checkers that `make audit` runs on each page beside axe: HTML_CodeSniffer, and the Nu checker on its HTML."""

import json
import subprocess
import time
from contextlib import closing, contextmanager
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

from ..databases import free_port
from .looks import AUDITED_LOOKS, show, violations

PACKAGES = Path(__file__).parent.parent / "audit" / "node_modules"
SNIFFER = PACKAGES / "html_codesniffer" / "build" / "HTMLCS.js"
NU = PACKAGES / "vnu-jar" / "build" / "dist" / "vnu.jar"
SECONDS_TO_START = 60
# That cells of tables with groups of rows name their heads: ours say by `scope` what they are the heads of, which is as
# good (technique H63), but knows it of rows and columns alone.
NOT_ASKED = "H43.HeadersRequired"
UNFOLD = """() => [...document.querySelectorAll("details:not([open])")].filter((part) => (part.open = true))"""
FOLD = """(folded) => folded.forEach((part) => (part.open = false))"""
SNIFF = """() => new Promise((resolve) => HTMLCS.process("WCAG2AA", document, () => resolve(
    HTMLCS.getMessages().filter((message) => message.type === HTMLCS.ERROR).map((message) =>
        `${message.code}: ${message.msg} ${message.element.outerHTML?.slice(0, 200) ?? ""}`))))"""


def audit(page, name, source, nu):
    """Return what axe with its best practices, HTML_CodeSniffer and the Nu checker find on a page in every look.

    Asked are the page as it stands and with all that is folded open, its HTML as it was sent and as it is shown.
    """
    found = violations(page, name, AUDITED_LOOKS)
    folded = page.evaluate_handle(UNFOLD)
    found += violations(page, f"{name}, unfolded", AUDITED_LOOKS)
    page.evaluate(SNIFFER.read_text())
    for look in AUDITED_LOOKS:
        show(page, look)
        lines = [line for line in page.evaluate(SNIFF) if NOT_ASKED not in line]
        found += [f"{name}, {look}: HTML_CodeSniffer: {line}" for line in lines]
    found += [f"{name}, as shown: Nu: {line}" for line in nu(page.content())]
    page.evaluate(FOLD, folded)
    return found + [f"{name}, as sent: Nu: {line}" for line in nu(source)]


@contextmanager
def nu_checker():
    """Give a function that returns the errors that the Nu checker finds in HTML, one line for each."""
    port = free_port()
    here = "-Dnu.validator.servlet.bind-address=127.0.0.1"
    command = ["java", here, "-cp", NU, "nu.validator.servlet.Main", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield lambda html: errors_in(html, port)
        finally:
            process.kill()


def wait_for(port):
    """Wait until the Nu checker answers. Raises ConnectionError where it does not within SECONDS_TO_START."""
    until = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            errors_in("<!doctype html>", port)
        except ConnectionError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


def errors_in(html, port):
    """Return the errors that the Nu checker at a port finds. Raises ConnectionError where it does not answer (yet)."""
    headers = {"Content-Type": "text/html; charset=utf-8", "User-Agent": "make audit"}
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request("POST", "/?out=json", html.encode(), headers)
        response = connection.getresponse()
        if response.status != HTTPStatus.OK:
            raise ConnectionError(response.reason)
        messages = json.load(response)["messages"]
    return [
        f"{message['message']} {message.get('extract', '').strip()}"
        for message in messages
        if message["type"] != "info"
    ]
