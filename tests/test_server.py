"""The site behind a real gunicorn: what it makes of what a visitor sends, and what every answer says."""

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .databases import free_port
from .test_settings import read as read_settings

pytestmark = pytest.mark.once

ROOT = Path(__file__).parent.parent
HEADERS = (
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
)


@pytest.fixture(scope="module")
def port():
    """The port of a site that runs with the project's settings of gunicorn."""
    port = free_port()
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {
        # As in production, but for the hashed names of static files, which collectstatic would have to make.
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.settings",
        "SECRET_KEY": "x" * 50,
        "ALLOWED_HOSTS": "clearinghouse.example",
        "DATABASE_URL": "sqlite://:memory:",
        "WEB_CONCURRENCY": "1",
        "BIND": f"127.0.0.1:{port}",
    }
    command = [sys.executable, "-m", "gunicorn", "config.wsgi"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def wait_for(port):
    """Wait until the site answers."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return get(port, "/healthz")
        except ConnectionRefusedError:
            assert time.monotonic() < deadline
            time.sleep(0.1)


def get(port, path, host="clearinghouse.example", proto="https", **headers):
    """Return the status, the headers and the text of an answer to a proxy that ends TLS."""
    headers |= {"Host": host, "X-Forwarded-Proto": proto}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path, headers=headers)
        response = connection.getresponse()
        return response.status, response.headers, response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize("name", ["SCRIPT_NAME", "Script-Name", "PATH_INFO"])
@pytest.mark.parametrize("value", ["/elsewhere", "/robots.txt"])
def test_visitor_cannot_say_where_the_site_lies(port, name, value):
    status, _, text = get(port, "/robots.txt")

    told_status, _, told = get(port, "/robots.txt", **{name: value})

    assert (status, told_status) == (200, 200)
    assert told == text
    assert "Sitemap: https://clearinghouse.example/sitemap.xml\n" in text


@pytest.mark.parametrize("proto", ["http", "https"])
@pytest.mark.parametrize("host", ["clearinghouse.example", "10.0.0.7", "10.0.0.7:8001"])
def test_health_check_is_answered_at_any_host(port, host, proto):
    answers = [get(port, path, host, proto) for path in ("/healthz", "/readyz", "/healthz/x/")]

    is_known = host == "clearinghouse.example"
    elsewhere = (301 if proto == "http" else 404) if is_known else 400
    assert [status for status, *_ in answers] == [200, 503, elsewhere]


@pytest.mark.parametrize(
    ("path", "host", "proto", "status"),
    [
        ("/robots.txt", "clearinghouse.example", "https", 200),
        ("/robots.txt", "clearinghouse.example", "http", 301),
        ("/nothing/at/all/", "clearinghouse.example", "https", 404),
        ("/robots.txt", "elsewhere.example", "https", 400),
        ("/robots.txt", "elsewhere.example", "http", 400),
        ("/topics/", "clearinghouse.example", "https", 500),
        ("/healthz", "10.0.0.7", "http", 200),
    ],
)
def test_every_answer_tells_browsers_what_not_to_do(port, path, host, proto, status):
    given, headers, _ = get(port, path, host, proto)

    assert given == status
    assert [name for name in HEADERS if name not in headers] == []


STATIC = """
import json
import django
django.setup()
from django.test import Client
answer = Client().get("/static/catalog/site.css")
print(json.dumps([answer.status_code, sorted(answer.headers)]))
"""


def test_static_file_tells_browsers_what_not_to_do():
    status, names = read_settings(STATIC, DEBUG="1")

    assert status == 200
    assert [name for name in HEADERS if name not in names] == []
