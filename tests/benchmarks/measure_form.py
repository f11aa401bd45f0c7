"""Measure the form of a program on the database that DATABASE_URL names, which is filled first. Prints JSON.

Run by form.py, in a process of its own for each database.
"""

import gzip
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter, process_time, sleep

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

from django.conf import settings  # noqa: E402 - needs the application
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.admin.pages import BrowserForm  # noqa: E402
from tests.factories import (  # noqa: E402
    FindingFactory,
    ProgramFactory,
    RatingFactory,
    StudyFactory,
    TopicAreaFactory,
)

RATINGS = 21
CHROMIUMS = (os.environ.get("CHROMIUM"), "chromium-headless-shell", "chromium", "google-chrome")
WIDTHS = ("1280", "1024")


def main() -> None:
    runs, *studies = map(int, sys.argv[1:])
    call_command("migrate", verbosity=0)
    user = get_user_model().objects.create_superuser("benchmark", password="benchmark")
    client = Client()
    client.force_login(user)
    areas = [TopicAreaFactory(name=f"Area {number}") for number in range(RATINGS)]
    addresses = {number: form_of(number, areas) for number in studies}
    measured = {number: answer_of(client, address, runs) for number, address in addresses.items()}
    if chromium := next((p for name in CHROMIUMS if name and (p := shutil.which(name))), None):
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        with page_in(chromium) as (page, site):
            there = {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": site}
            page.context.add_cookies([there])
            for number, address in addresses.items():
                measured[number]["in_browser"] = look(page, site + address, runs)
    json.dump([{"studies": number, **each} for number, each in measured.items()], sys.stdout)


def form_of(studies: int, areas: list) -> str:
    """Return the address of the form of a program with so many studies, a finding of each, and its ratings."""
    program = ProgramFactory(name=f"With {studies} studies")
    for area in areas:
        RatingFactory(program=program, topic_area=area, rated_on="2026")
    for study in StudyFactory.create_batch(studies, program=program, location="Ohio"):
        FindingFactory(program=program, reference=study.reference, topic_area=areas[0])
    return reverse("admin:catalog_program_change", args=[program.pk])


def answer_of(client: Client, address: str, runs: int) -> dict[str, object]:
    """Return what an answer takes: the medians of seconds and CPU, queries, bytes, and what the form sends."""
    with CaptureQueriesContext(connection) as queries:
        response = client.get(address)
    # Here, because the next request empties the log.
    number = len(queries)
    seconds, of_the_processor = [], []
    for _ in range(runs):
        started = perf_counter(), process_time()
        client.get(address)
        seconds.append(perf_counter() - started[0])
        of_the_processor.append(process_time() - started[1])
    return {
        "seconds": median(seconds),
        "cpu": median(of_the_processor),
        "queries": number,
        "bytes": len(response.content),
        "compressed": len(gzip.compress(response.content, 6)),
        "fields": len(BrowserForm(response).data),
    }


@contextmanager
def page_in(chromium: str) -> Iterator[tuple[Page, str]]:
    """Give a page of a browser, and the address of a server that answers it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    command = [sys.executable, "manage.py", "runserver", "--noreload", "--insecure", host]
    environment = {**os.environ, "DEBUG": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment["ALLOWED_HOSTS"] = "127.0.0.1"
    server = subprocess.Popen(command, env=environment, stdout=sys.stderr)
    try:
        wait_for(host)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            yield browser.new_page(), f"http://{host}"
            browser.close()
    finally:
        server.terminate()
        server.wait()


def wait_for(host: str) -> None:
    """Wait until a server listens, half a minute at most. Raises OSError."""
    name, _, port = host.partition(":")
    for attempt in range(60):
        try:
            socket.create_connection((name, int(port))).close()
        except OSError:
            if attempt == 59:
                raise
            sleep(0.5)
        else:
            return


def look(page: Page, address: str, runs: int) -> dict[str, float]:
    """Return after how many seconds a page is there, the median, and its height in pixels at each width."""
    seconds = []
    for _ in range(runs):
        page.goto(address)
        seconds.append(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
    found: dict[str, float] = {"seconds": median(seconds) / 1000}
    for width in WIDTHS:
        page.set_viewport_size({"width": int(width), "height": 900})
        found[width] = page.evaluate("document.documentElement.scrollHeight")
    return found


if __name__ == "__main__":
    main()
