"""The settings of a production site: safe with nothing but a key and a host name given."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PRODUCTION = {
    "SECRET_KEY": "x8Jq2mZ7Wc4Vb1Nn6Lk3Hg5Fd9Sa0Pq-8Yt2Re7Uw4Io1Mz6Xc3Vb5Nm9Lk0Jh",
    "ALLOWED_HOSTS": "example.org",
    "DATABASE_URL": "sqlite://:memory:",
}
NAMES = [
    *("DEBUG", "ALLOWED_HOSTS", "DATABASES", "SECURE_CSP", "X_FRAME_OPTIONS"),
    *("SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "SECURE_PROXY_SSL_HEADER"),
    *("SESSION_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_SECURE"),
]
SHOW_SETTINGS = f"""
import json
from django.conf import settings
print(json.dumps({{name: getattr(settings, name) for name in {NAMES}}}, default=str))
"""
SHOW_ANSWERS = """
import json
import django
django.setup()
from django.test import Client
client = Client(headers={"host": "example.org"})
answers = {
    "https": client.get("/robots.txt", secure=True),
    "http": client.get("/robots.txt"),
    "health": client.get("/healthz"),
    "readiness": client.get("/readyz"),
    "proxied": client.get("/robots.txt", headers={"x-forwarded-proto": "https"}),
}
print(json.dumps({name: [a.status_code, dict(a.headers)] for name, a in answers.items()}))
"""


def run(*arguments, **environment):
    """Run Python with these arguments and no other settings in its environment than these."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | {"DJANGO_SETTINGS_MODULE": "config.settings", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def read(script, **environment):
    done = run("-c", script, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def production():
    """The settings of a site that is told no more than it has to be."""
    return read(SHOW_SETTINGS, **PRODUCTION)


@pytest.fixture(scope="module")
def answers():
    """What such a site answers."""
    return read(SHOW_ANSWERS, **PRODUCTION)


def test_production_passes_every_deployment_check():
    done = run("manage.py", "check", "--deploy", "--fail-level", "WARNING", DEBUG="0", **PRODUCTION)

    assert (done.returncode, done.stdout + done.stderr) == (
        0,
        "System check identified no issues (3 silenced).\n",
    )


@pytest.mark.parametrize("key", [{}, {"SECRET_KEY": ""}], ids=["none", "blank"])
@pytest.mark.parametrize("start", [["manage.py", "check"], ["-c", "import config.wsgi"]])
def test_production_does_not_start_without_secret_key(start, key):
    environment = {name: value for name, value in PRODUCTION.items() if name != "SECRET_KEY"}

    done = run(*start, **environment | key)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "django.core.exceptions.ImproperlyConfigured: SECRET_KEY is not set. "
        "Set it to a long random text, or DEBUG=1 to develop (`make run` does)."
    )


@pytest.mark.parametrize(
    "url", ["clearinghouse.example", "https:", "ftp://a.example", "https://a.example/path"]
)
def test_site_does_not_start_with_an_address_that_is_none(url):
    done = run("manage.py", "check", **PRODUCTION, SITE_URL=url)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: SITE_URL is “{url}”. "
        "It is a scheme and a host, such as https://clearinghouse.example."
    )


def test_debug_is_off_unless_it_is_asked_for(production):
    assert production["DEBUG"] is False


@pytest.mark.parametrize(
    ("value", "debug"), [("1", True), ("true", True), ("0", False), ("false", False), ("", False)]
)
def test_debug_understands_its_values(value, debug):
    assert read(SHOW_SETTINGS, DEBUG=value, **PRODUCTION)["DEBUG"] is debug


def test_development_needs_no_secret_key():
    assert read(SHOW_SETTINGS, DEBUG="1")["DEBUG"] is True


def test_no_host_is_allowed_that_is_not_named():
    environment = {name: value for name, value in PRODUCTION.items() if name != "ALLOWED_HOSTS"}

    assert read(SHOW_SETTINGS, **environment)["ALLOWED_HOSTS"] == []


def test_database_url_chooses_postgresql():
    url = "postgres://clearing:s3cret@db.example.org:5433/house"

    database = read(SHOW_SETTINGS, **PRODUCTION | {"DATABASE_URL": url})["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert [database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")] == [
        *("clearing", "s3cret", "db.example.org", 5433, "house")
    ]


@pytest.mark.parametrize("url", [{}, {"DATABASE_URL": ""}], ids=["none", "blank"])
def test_database_is_a_file_of_sqlite_by_default(url):
    environment = {name: value for name, value in PRODUCTION.items() if name != "DATABASE_URL"}

    database = read(SHOW_SETTINGS, **environment | url)["DATABASES"]["default"]

    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert database["NAME"] == str(ROOT / "db.sqlite3")
    # A writer waits its turn when it begins; else two of them fail in the middle.
    assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_cookies_are_sent_over_https_only(production):
    cookies = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SESSION_COOKIE_HTTPONLY")

    assert [production[name] for name in cookies] == [True, True, True]


def test_content_security_policy_allows_nothing_inline_and_nothing_foreign(answers):
    _, headers = answers["https"]

    policy = headers["Content-Security-Policy"]

    directives = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    sources = {source for value in directives.values() for source in value.split()}
    assert {source for source in sources if not re.match(r"'nonce-", source)} == {
        *("'self'", "'none'", "data:")
    }
    assert directives["default-src"] == "'self'"
    assert directives["img-src"] == "'self' data:"
    assert [name for name, value in directives.items() if value == "'none'"] == [
        *("object-src", "base-uri", "frame-ancestors")
    ]
    assert "Content-Security-Policy-Report-Only" not in headers


def test_responses_carry_the_security_headers(answers):
    status, headers = answers["https"]

    assert status == 200
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains; preload"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_http_leads_to_https(answers):
    status, headers = answers["http"]

    assert (status, headers["Location"]) == (301, "https://example.org/robots.txt")


def test_health_checks_answer_without_https(answers):
    found = {name: answers[name] for name in ("health", "readiness")}

    # This site's database has no tables.
    assert {name: status for name, (status, _) in found.items()} == {
        "health": 200,
        "readiness": 503,
    }
    assert all("Location" not in headers for _, headers in found.values())


def test_forwarded_protocol_is_believed_only_behind_a_proxy(answers):
    behind_proxy = read(SHOW_ANSWERS, **PRODUCTION, BEHIND_TLS_PROXY="1")

    assert [answers["proxied"][0], behind_proxy["proxied"][0]] == [301, 200]


def test_mail_needs_a_server_an_address_of_the_site_and_a_sender():
    server = {"EMAIL_URL": "smtp+tls://ann:p%40ss@mail.example:587"}
    whole = {**server, "SITE_URL": "https://example.org", "EMAIL_FROM": "site@example.org"}
    show = "from django.conf import settings; import json; print(json.dumps(settings.MAILERS))"

    assert read(show, **PRODUCTION) == {}
    assert read(show, **PRODUCTION, **whole)["default"]["OPTIONS"] == {
        "host": "mail.example",
        "port": 587,
        "username": "ann",
        "password": "p@ss",
        "timeout": 10,
        "use_tls": True,
    }
    for lacking in ("SITE_URL", "EMAIL_FROM"):
        given = {name: value for name, value in whole.items() if name != lacking}
        refused = run("-c", show, **PRODUCTION, **given)
        assert "Set SITE_URL too, to which mail leads, and EMAIL_FROM" in refused.stderr
    wrong = run("-c", show, **PRODUCTION, **whole | {"EMAIL_URL": "ftp://ann:secret@mail"})
    assert "EMAIL_URL is not understood. It is such as smtp+tls://" in wrong.stderr
    assert "secret" not in wrong.stderr
